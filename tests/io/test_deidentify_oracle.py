"""What an independent program takes out of an object goes with us too: Orthanc's anonymisation, of its own table."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import making_dicom
import orthanc_server
import requests
from making_dicom import Series
from pydicom import Dataset, datadict, dcmread
from pydicom.tag import Tag

from lumbardisc.io.deidentify import deidentify
from lumbardisc.io.deidentify.safe import SAFE
from lumbardisc.io.dicom_values import quietly

MARK = "ZQXMARK"
NUMBERED = {
    "PN": "Zqx^Person",
    "DA": "19610312",
    "DT": "19610312040506",
    "TM": "040506",
    "AS": "077Y",
    "DS": "77",
    "IS": "77",
}
TEXTS = ("AE", "CS", "LO", "LT", "SH", "ST", "UT")

BLANKED = {"CodeValue", "CodeMeaning", "CodingSchemeDesignator", "CodingSchemeVersion"}
"""Safe by themselves, but here of a coding scheme that nobody knows."""


def filled() -> Dataset:
    """An image with every attribute of the standard's text, date and number types, in the root and in a sequence."""
    dataset = making_dicom.image(Series(), 0)
    with quietly():
        for tag, row in datadict.DicomDictionary.items():
            group, vr = Tag(tag).group, row[0]
            fits = vr in TEXTS or vr in NUMBERED
            if fits and tag not in dataset and 0x0008 <= group < 0x5000 and group != 0x0028:
                dataset.add_new(tag, vr, NUMBERED.get(vr, MARK))
        dataset.AccessionNumber = "A-4712"  # a text with the number or a name of the patient would go
    return dataset


def values(dataset: Dataset) -> dict[str, str]:
    """What stands in the attributes of the root, but UIDs and pixels."""
    return {element.keyword: str(element.value or "") for element in dataset if element.VR not in ("SQ", "UI", "OW")}


def test_orthanc_removes_nothing_that_we_keep(orthanc: orthanc_server.Orthanc, tmp_path: Path) -> None:
    path = tmp_path / "in.dcm"
    with quietly():
        making_dicom.save(filled(), path)
        before = values(dcmread(path))
        account = deidentify([path], tmp_path / "out", keep_doubtful=True)
        assert account.objects == 1
        ours = values(dcmread(next((tmp_path / "out").rglob("*.dcm"))))
        theirs = values(dcmread(BytesIO(anonymised(orthanc, path))))
    gone = {keyword for keyword, value in before.items() if theirs.get(keyword) != value}
    kept = {keyword for keyword, value in before.items() if ours.get(keyword) == value}
    assert len(gone) > 300  # of its table of 2021; the standard has named many since
    assert gone & kept == set()
    # what goes with us alone is not on our list of what is safe, or of a coding scheme that nobody knows
    beyond = set(before) - kept - gone
    assert beyond & SAFE == BLANKED


def anonymised(orthanc: orthanc_server.Orthanc, path: Path) -> bytes:
    """The file as Orthanc's `anonymize` leaves it."""
    instance = orthanc.ask("POST", "/instances", data=path.read_bytes())["ID"]
    address = orthanc.dicomweb.replace("/dicom-web", f"/instances/{instance}/anonymize")
    try:
        login = (orthanc.user.encode(), orthanc.password.encode())
        answer = requests.post(address, json={"Force": True}, auth=login, timeout=30)
        answer.raise_for_status()
        return answer.content
    finally:
        orthanc.ask("DELETE", f"/instances/{instance}")
