"""One object, cleaned: read, de-identified, marked as such."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from lumbardisc.errors import UnreadableError
from lumbardisc.io.deidentify.actions import PIXELS, Cleaning
from lumbardisc.io.deidentify.codestream import images_in, without_comments
from lumbardisc.io.deidentify.names import Naming, naming
from lumbardisc.io.deidentify.options import BASIC_PROFILE
from lumbardisc.io.deidentify.profile import EDITION, Profile
from lumbardisc.io.dicom_header import parse
from lumbardisc.io.dicom_write import uid_of

if TYPE_CHECKING:
    from pydicom import Dataset
    from pydicom.uid import UID

_NEEDED = ("SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID")


def read(data: bytes) -> Dataset:
    """A whole DICOM object. Raises UnreadableError that says what is wrong with it."""
    try:
        dataset = parse(BytesIO(data))
        dataset.file_meta.TransferSyntaxUID = _syntax(dataset)
        missing = next((keyword for keyword in _NEEDED if not dataset.get(keyword)), "")
        whole = all(_whole(dataset, keyword) for keyword in PIXELS if keyword in dataset)
        more = _is_compressed(dataset) and images_in(dataset.PixelData) > int(dataset.get("NumberOfFrames") or 1)
    except UnreadableError:
        raise
    except Exception as error:  # pydicom raises many types for what is damaged
        raise UnreadableError(f"is damaged ({type(error).__name__}); copy or export it again") from error
    if not len(dataset):
        raise UnreadableError("holds nothing that can be read; copy or export it again")
    if missing and any(keyword in dataset for keyword in ("Rows", "PixelData")):
        raise UnreadableError(f"has no {missing}, so that nothing can refer to it; export it again")
    if not whole:
        raise UnreadableError("is cut off; copy or export it again")
    if more:
        raise UnreadableError("holds more images than its header says; export it again")
    return dataset


def _whole(dataset: Dataset, keyword: str) -> bool:
    """Whether all pixels are there; of compressed ones only that there are some."""
    from pydicom.pixels.utils import get_expected_length

    pixels = dataset.get_item(keyword).value or b""
    if _is_compressed(dataset):
        return bool(pixels)
    return len(pixels) >= get_expected_length(dataset)


def _is_compressed(dataset: Dataset) -> bool:
    return "PixelData" in dataset and bool(dataset.file_meta.TransferSyntaxUID.is_encapsulated)


def _bare_pixels(dataset: Dataset) -> None:
    """Nothing but the image in the pixels: what lies behind them goes, and comments in compressed ones."""
    from pydicom.pixels.utils import get_expected_length

    if _is_compressed(dataset):
        dataset["PixelData"].value = without_comments(dataset.PixelData)
        return
    for keyword in PIXELS:
        if keyword in dataset:
            length = get_expected_length(dataset)
            dataset[keyword].value = dataset[keyword].value[:length] + bytes(length % 2)


def _syntax(dataset: Dataset) -> UID:
    """The transfer syntax that an object was read with, also where its file does not say."""
    from pydicom import uid

    told = dataset.file_meta.get("TransferSyntaxUID")
    if told:
        return uid.UID(told)
    implicit, little = dataset.original_encoding
    plain = uid.ImplicitVRLittleEndian if implicit else uid.ExplicitVRLittleEndian
    return plain if little else uid.ExplicitVRBigEndian


def names_in(dataset: Dataset) -> Naming | None:
    """What finds, in a text, the patient's names and numbers and whoever else the root of a header names."""
    from pydicom.datadict import dictionary_has_tag, dictionary_VR

    people = [tag for tag in list(dataset.keys()) if dictionary_has_tag(tag) and dictionary_VR(tag) == "PN"]
    names = [str(dataset[tag].value or "") for tag in people]
    numbers = [str(dataset.get(keyword) or "").strip() for keyword in ("PatientID", "AccessionNumber")]
    return naming([*names, numbers[0]], numbers)  # many a number is a name


def is_loose(dataset: Dataset) -> bool:
    """Whether all attributes with a choice in the profile are of type 2 or 3 here: so it is in a classic MR image."""
    from pydicom.uid import MRImageStorage

    return bool(dataset.SOPClassUID == MRImageStorage)


def clean(dataset: Dataset, how: Cleaning) -> None:
    """De-identify an object in place and mark it; its pixels and how they are compressed stay."""
    from pydicom.dataset import FileMetaDataset

    earlier = _earlier_methods(dataset)
    _bare_pixels(dataset)
    how.clean(dataset)
    dataset.PatientName = dataset.PatientID = how.pseudonym
    _mark(dataset, how.profile, earlier)
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = dataset.SOPClassUID, dataset.SOPInstanceUID
    meta.TransferSyntaxUID, meta.ImplementationClassUID = dataset.file_meta.TransferSyntaxUID, uid_of("lumbardisc")
    dataset.file_meta, dataset.preamble = meta, b"\0" * 128


def _earlier_methods(dataset: Dataset) -> list[str]:
    """Codes of what was done before, by others."""
    items = dataset.get("DeidentificationMethodCodeSequence") or []
    return [str(item.get("CodeValue", "")) for item in items]


def _mark(dataset: Dataset, profile: Profile, earlier: list[str]) -> None:
    """What says that it is de-identified, and how (PS3.15 E.1.1, PS3.16 CID 7050)."""
    from pydicom import Dataset as Item

    dataset.PatientIdentityRemoved = "YES"
    dataset.DeidentificationMethod = f"lumbardisc: PS3.15 {EDITION} Basic Profile"
    dataset.LongitudinalTemporalInformationModified = "MODIFIED" if profile.shifts_dates else "REMOVED"
    codes = list(dataset.get("DeidentificationMethodCodeSequence") or [])
    for option in (BASIC_PROFILE, *profile.options):
        if option.code not in earlier:
            code = Item()
            code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = option.code, "DCM", option.meaning
            codes.append(code)
    dataset.DeidentificationMethodCodeSequence = codes
