"""Folders and archives as they are sent: nested, locked, damaged, full of other things, named in any alphabet."""

from __future__ import annotations

import os
import shutil
import struct
import zipfile
from pathlib import Path

import nibabel
import numpy as np
import pytest
from making_dicom import Series, write
from pydicom.data import get_testdata_file

from lumbardisc.cli.main import run
from lumbardisc.errors import InputError
from lumbardisc.io import find


def refusals(path: Path) -> list[str]:
    """What the studies of a path that cannot be read say, one line each."""
    lines = []
    for source in find([path]):
        try:
            source.load()
        except InputError as error:
            lines.append(str(error))
    assert not any("\n" in line for line in lines)
    return lines


def refusal(path: Path) -> str:
    (line,) = refusals(path)
    return line


def packed(target: Path, *paths: Path, how: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(target, "w", how) as archive:
        for path in paths:
            archive.write(path, path.name)
    return target


def nifti(path: Path) -> Path:
    voxels = np.random.default_rng(0).integers(0, 900, (5, 12, 10)).astype(np.int16)
    nibabel.save(nibabel.Nifti1Image(voxels, np.diag([4.0, 0.6, 0.6, 1.0])), path)
    return path


def test_a_zip_in_a_zip_is_named(tmp_path):
    inner = packed(tmp_path / "inner.zip", *write(tmp_path / "study", Series()))
    outer = packed(tmp_path / "outer.zip", inner)
    assert refusal(outer) == f"{outer}/inner.zip: is a zip in a zip, which is not opened; unpack it and pass the folder"


def test_a_zip_beside_the_images_of_a_zip_is_told(tmp_path):
    paths = write(tmp_path / "study", Series())
    outer = packed(tmp_path / "cd.zip", *paths, packed(tmp_path / "viewer.zip", paths[0]))
    (source,) = find([outer])
    scan = source.load()
    assert scan.volume.shape[0] == 5
    assert any("viewer.zip: is a zip in a zip" in warning for warning in scan.warnings)


def test_a_damaged_zip_among_studies_stops_none_of_them(tmp_path):
    write(tmp_path / "all" / "P1", Series())
    nifti(tmp_path / "all" / "P2.nii")
    (tmp_path / "all" / "P3.zip").write_bytes(b"PK\3\4 and no more")
    assert [source.name for source in find([tmp_path / "all"])] == ["all", "P2", "P3"]
    assert refusal(tmp_path / "all").startswith(f"{tmp_path}/all/P3.zip: is not a whole zip archive")


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may enter every folder")
def test_a_closed_folder_among_studies_stops_none_of_them(tmp_path):
    write(tmp_path / "all" / "P1", Series())
    (tmp_path / "all" / "P2").mkdir(mode=0)
    assert "permission denied" in refusal(tmp_path / "all")


@pytest.mark.parametrize("flag", [1, 1 | 64], ids=["locked", "locked strongly"])
def test_locked_zips_of_dicom_are_told(tmp_path, flag):
    path = packed(tmp_path / "study.zip", *write(tmp_path / "study", Series(slices=1)))
    whole = bytearray(path.read_bytes())
    for mark, offset in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        whole[whole.index(mark) + offset] |= flag
    path.write_bytes(whole)
    assert "unpack the archive and pass the folder" in refusal(path)


def test_a_compression_of_zips_that_python_has_not_is_told(tmp_path):
    """Deflate64, as Windows packs large folders."""
    path = packed(tmp_path / "study.zip", *write(tmp_path / "study", Series(slices=1)))
    whole = bytearray(path.read_bytes())
    for mark, offset in ((b"PK\3\4", 8), (b"PK\1\2", 10)):
        at = whole.index(mark) + offset
        whole[at : at + 2] = struct.pack("<H", 9)
    path.write_bytes(whole)
    assert "is packed in a way that is not read here" in refusal(path)


def test_a_member_without_a_name_is_left_out(tmp_path):
    path = packed(tmp_path / "study.zip", nifti(tmp_path / "a.nii"), how=zipfile.ZIP_STORED)
    whole = path.read_bytes()
    at = whole.index(b"PK\1\2")
    nameless = whole[: at + 28] + b"\0\0" + whole[at + 30 : at + 46] + whole[at + 46 + len("a.nii") :]
    path.write_bytes(nameless)
    assert len(refusals(path)) == 1


def test_a_name_that_contradicts_the_directory_is_printable(tmp_path):
    path = packed(tmp_path / "study.zip", nifti(tmp_path / "a.nii"), how=zipfile.ZIP_STORED)
    whole = bytearray(path.read_bytes())
    whole[30:35] = b"\x1b[2J\n"
    path.write_bytes(whole)
    line = refusal(path)
    assert "is damaged inside the archive" in line
    assert line.isprintable()


def test_links_that_lead_round_are_not_followed(tmp_path):
    write(tmp_path / "study", Series())
    (tmp_path / "study" / "again").symlink_to(tmp_path / "study", target_is_directory=True)
    (tmp_path / "study" / "myself").symlink_to("myself")
    (tmp_path / "study" / "gone").symlink_to("nowhere")
    (source,) = find([tmp_path / "study"])
    assert source.load().warnings == ()
    assert "Too many levels of symbolic links" in refusal(tmp_path / "study" / "myself")


def test_pipes_are_not_waited_for(tmp_path):
    write(tmp_path / "study", Series())
    os.mkfifo(tmp_path / "study" / "pipe.dcm")
    (source,) = find([tmp_path / "study"])
    assert source.load().volume.shape[0] == 5


def test_a_directory_of_dicom_alone_is_no_image(tmp_path):
    shutil.copy(Path(get_testdata_file("DICOMDIR", download=False)), tmp_path / "DICOMDIR")
    for path in (tmp_path, tmp_path / "DICOMDIR"):
        assert "is a list of DICOM files, without an image of its own; pass the folder with the files" in refusal(path)


@pytest.mark.parametrize("name", ["a.dcm", "a", "a.IMA"])
def test_empty_files_are_empty(tmp_path, name):
    (tmp_path / name).touch()
    assert refusal(tmp_path / name) == f"{tmp_path / name}: is empty; copy or download it again"


@pytest.mark.parametrize(
    "content",
    [b"%PDF-1.7 ...", b"\x89PNG\r\n\x1a\n", b"PK\3\4", b"\x1f\x8b\x08", b"<html>", bytes(4096), b"\x08\0" * 999],
)
def test_other_things_called_dcm_are_no_images(tmp_path, content):
    (tmp_path / "a.dcm").write_bytes(content)
    assert "is not an image that is read here" in refusal(tmp_path / "a.dcm")


def test_names_in_other_alphabets_and_in_none(tmp_path, capfd):
    """A name that is no UTF-8 reaches tables, pages and messages as text that can be written."""
    folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/Sch\xf6n \xff"))
    try:
        folder.mkdir()
    except OSError:
        pytest.skip("this file system takes names in UTF-8 only")
    path = nifti(folder / "scan.nii")
    assert run(["analyze", str(path), "-o", str(tmp_path / "out")]) == 2
    said = capfd.readouterr().err
    assert "no lumbar spine" in said
    assert said.count("\n") == 1
    write(folder / "study", Series())
    (source,) = find([folder])[:1]
    assert source.name.isascii()
