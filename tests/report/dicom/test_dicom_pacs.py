"""What we write, sent to a real PACS and retrieved again: the same objects, by either protocol."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from dicom_study import read_study
from orthanc_server import CALLER, Orthanc
from pacs_files import assert_same, known_to
from PIL import Image
from pydicom import dcmread
from real_tools import told, tool

from lumbardisc.io.pacs import open_pacs
from lumbardisc.io.pacs.inbox import Inbox
from lumbardisc.report.dicom import write_objects

NAMES = {"segmentation.dcm", "measurements.dcm", "report.dcm", "overlay.dcm"}


@pytest.fixture(scope="module")
def objects(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder, picture = tmp_path_factory.mktemp("objects"), BytesIO()
    Image.new("RGB", (64, 48), (20, 90, 200)).save(picture, "png")
    study = read_study(tmp_path_factory.mktemp("study") / "series")
    write_objects(study, folder, picture.getvalue(), b"%PDF-1.4\n%%EOF\n", identified=True)
    assert {path.name for path in folder.iterdir()} == NAMES
    return folder


@pytest.mark.parametrize("protocol", ["dicomweb", "address"])
def test_objects_come_back_as_they_were_sent(protocol: str, objects: Path, orthanc: Orthanc, tmp_path: Path) -> None:
    files, web = sorted(objects.iterdir()), open_pacs(orthanc.dicomweb, known_to(orthanc))
    for patient in orthanc.ask("POST", "/tools/find", json={"Level": "Patient", "Query": {"PatientID": "4711"}}):
        orthanc.ask("DELETE", f"/patients/{patient}")
    assert open_pacs(getattr(orthanc, protocol), known_to(orthanc)).send(files) == []
    for file in files:
        header = dcmread(file)
        study, series = header.StudyInstanceUID, header.SeriesInstanceUID
        (tmp_path / series).mkdir()
        web.retrieve(Inbox(tmp_path / series, study, series, web.address))
    assert_same(objects, tmp_path)


def test_dcmtk_retrieves_what_was_sent(objects: Path, orthanc: Orthanc, tmp_path: Path) -> None:
    files = sorted(objects.iterdir())
    open_pacs(orthanc.address, {}).send(files)
    host, port, title = orthanc.dimse
    for file in files:
        header = dcmread(file)
        keys = ("QueryRetrieveLevel=SERIES", f"StudyInstanceUID={header.StudyInstanceUID}")
        asked = [word for key in (*keys, f"SeriesInstanceUID={header.SeriesInstanceUID}") for word in ("-k", key)]
        told(tool("getscu"), "-S", "-aet", CALLER, "-aec", title, "-od", tmp_path, *asked, host, str(port))
    for path in tmp_path.iterdir():
        path.rename(path.with_name(f"{path.name}.dcm"))
    assert_same(objects, tmp_path)
