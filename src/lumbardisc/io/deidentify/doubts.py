"""Whether an object may go along: what is no image stays behind, and so does, unless asked for, what may bear text."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from lumbardisc.io.deidentify.actions import PIXELS, standard_name

if TYPE_CHECKING:
    from pydicom import Dataset

_SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"
_GREY = {"MONOCHROME1", "MONOCHROME2"}
_LETTERED = {"US", "IVUS", "ES", "GM", "XC", "OP", "OT", "DOC", "ECG", "SC", "VF"}


def refusal(dataset: Dataset) -> str:
    """Why an object always stays behind; empty where it need not."""
    if not any(keyword in dataset for keyword in PIXELS) or not (dataset.get("Rows") and dataset.get("Columns")):
        told = str(dataset.get("SOPClassUID") or dataset.file_meta.get("MediaStorageSOPClassUID", ""))
        kind = standard_name(told) or "of a kind that the standard does not know"
        return f"no image ({kind}), and only images can be cleaned"
    return ""


def doubt(dataset: Dataset) -> str:
    """Why an image may bear text or show a face, by its header; empty where nothing speaks for it."""
    return next((reason for reason, applies in DOUBTS if applies(dataset)), "")


def _image_type(dataset: Dataset) -> str:
    value = dataset.get("ImageType") or ""
    return " ".join(str(one).upper() for one in ([value] if isinstance(value, str) else value))


def _overlay_in_pixels(dataset: Dataset) -> bool:
    """Whether a bit of the pixels is a drawing, as was done long ago (PS3.3-2004 C.9.2)."""
    planes = (dataset.get((group, 0x0102)) for group in range(0x6000, 0x6020, 2))
    return any(plane is not None and plane.value for plane in planes)


def _bits_beyond(dataset: Dataset) -> bool:
    """Whether bits are set above those that the image uses, other than by the sign of a number."""
    import numpy as np

    size = int(dataset.get("BitsAllocated") or 0)
    used = int(dataset.get("HighBit") or size - 1) + 1
    if "PixelData" not in dataset or dataset.file_meta.TransferSyntaxUID.is_encapsulated or size not in (8, 16, 32):
        return False
    order = "<" if dataset.original_encoding[1] else ">"
    whole = len(dataset.PixelData) // (size // 8) * (size // 8)
    above = np.frombuffer(dataset.PixelData[:whole], f"{order}u{size // 8}") >> used
    negative = (1 << max(size - used, 0)) - 1 if dataset.get("PixelRepresentation") else 0
    return bool(((above != 0) & (above != negative)).any())


DOUBTS: tuple[tuple[str, Callable[[Dataset], bool]], ...] = (
    ("says that text is burned in", lambda one: str(one.get("BurnedInAnnotation", "")).strip().upper() == "YES"),
    ("says that it shows a face", lambda one: str(one.get("RecognizableVisualFeatures", "")).strip().upper() == "YES"),
    ("a secondary capture", lambda one: str(one.get("SOPClassUID", "")).startswith(_SECONDARY_CAPTURE)),
    ("a secondary capture", lambda one: bool(one.get("ConversionType"))),
    ("a screen shot", lambda one: "SCREEN" in _image_type(one)),
    ("derived for a report", lambda one: "DERIVED SECONDARY" in _image_type(one)),
    ("in colour", lambda one: one.get("PhotometricInterpretation") not in _GREY),
    ("of a modality whose images bear text", lambda one: one.get("Modality") in _LETTERED),
    ("a drawing lies in its pixels", _overlay_in_pixels),
    ("bits are set beyond those of its pixels", _bits_beyond),
)  # fmt: skip
"""Reasons and what tells them."""
