"""Files that were damaged in any way: each is a sound image or one clear line, soon, in little memory.

LUMBARDISC_FUZZ=5000 tries that many of each kind, other ones every time, instead of the few of the suite.
"""

from __future__ import annotations

import gzip
import json
import os
import re
import struct
import time
import zipfile
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from functools import lru_cache
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

import metaimageio
import nibabel
import nrrd
import numpy as np
import pytest
import tifffile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from making_dicom import Series, enhanced, put, save, write
from PIL import Image
from pydicom import dcmread, uid

from lumbardisc.cli.main import run
from lumbardisc.errors import InputError, LumbardiscError
from lumbardisc.io import find, load_labels
from lumbardisc.io.dicom_values import quietly
from lumbardisc.io.segments import load_segments
from lumbardisc.io.spin_lock import load_spin_lock

USUAL = 10
EXAMPLES = int(os.environ.get("LUMBARDISC_FUZZ", USUAL))
LONGEST_S = 2.0  # of this process; a few hundredths as a rule
fuzz = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=EXAMPLES == USUAL,
    database=None,
    suppress_health_check=list(HealthCheck),
)
VOXELS = (np.arange(5 * 26 * 27) % 977).astype(np.int16).reshape(5, 26, 27)
PLACED = {"space": "RAS", "space directions": np.eye(3) * [4, 0.6, 0.6], "space origin": [0, 0, 0]}
SEGMENTS = {"Segment0_ID": "a", "Segment0_Name": "disc", "Segment0_LabelValue": "1", "Segment0_Layer": "0"}

Make = Callable[[Path], object]


def dicom(path: Path, syntax: str = uid.ExplicitVRLittleEndian) -> None:
    (one,) = write(path.parent / "made", Series(slices=1, rows=32, columns=32))
    dataset = dcmread(one)
    if syntax == uid.RLELossless:
        dataset.compress(syntax)
    dataset.file_meta.TransferSyntaxUID = syntax
    save(dataset, path)


def zipped(path: Path, make: Make, name: str) -> None:
    make(path.with_name(name))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(path.with_name(name), name)
        archive.write(path.with_name(name), f"again/{name}")


def nifti(path: Path, kind: type = nibabel.Nifti1Image) -> None:
    image = kind(VOXELS, np.diag([4.0, 0.6, 0.6, 1.0]))
    image.header.set_slope_inter(0.5, 3)
    path.write_bytes(gzip.compress(image.to_bytes()) if path.suffix == ".gz" else image.to_bytes())


MAKERS: dict[str, Make] = {
    "classic.dcm": dicom,
    "implicit.dcm": lambda path: dicom(path, uid.ImplicitVRLittleEndian),
    "deflated.dcm": lambda path: dicom(path, uid.DeflatedExplicitVRLittleEndian),
    "runs.dcm": lambda path: dicom(path, uid.RLELossless),
    "enhanced.dcm": lambda path: enhanced(Series(slices=3), path),
    "a.nii": nifti,
    "b.nii.gz": nifti,
    "c.nii": lambda path: nifti(path, nibabel.Nifti2Image),
    "a.mha": lambda path: metaimageio.write(path, VOXELS, ElementSpacing=[1, 1, 1.0]),
    "b.mha": lambda path: metaimageio.write(path, VOXELS, ElementSpacing=[1, 1, 1.0], CompressedData=True),
    "a.nrrd": lambda path: nrrd.write(str(path), VOXELS, {**PLACED, "encoding": "raw"}),
    "b.nrrd": lambda path: nrrd.write(str(path), VOXELS, {**PLACED, "encoding": "gzip"}),
    "c.nrrd": lambda path: nrrd.write(str(path), VOXELS, {**PLACED, "encoding": "text"}),
    "a.seg.nrrd": lambda path: nrrd.write(str(path), (VOXELS % 2).astype(np.uint8), {**PLACED, **SEGMENTS}),
    "a.png": lambda path: Image.fromarray(VOXELS[0].astype(np.uint8)).save(path),
    "a.tif": lambda path: tifffile.imwrite(path, VOXELS, photometric="minisblack"),
    "b.tif": lambda path: tifffile.imwrite(path, VOXELS, photometric="minisblack", compression="zlib"),
    "dicom.zip": lambda path: zipped(path, dicom, "x.dcm"),
    "nifti.zip": lambda path: zipped(path, nifti, "x.nii"),
}


@lru_cache
def whole(name: str) -> bytes:
    """A file of a kind as it should be."""
    with TemporaryDirectory() as folder:
        path = Path(folder, name)
        MAKERS[name](path)
        return path.read_bytes()


NUMBERS = [b"\0", b"\xff", b"\xff\xff", b"\0\x80", b"\xff\xff\xff\x7f", b"\xff" * 4, struct.pack("<f", np.nan)]
WORDS = [b"0", b"-1", b"9" * 9, b"e300", b"nan", b"", b" ", b",", b"\\", b"\n", struct.pack("<d", 1e300)]
DAMAGE = {
    "flip": lambda old, new: bytes([old[0] ^ new[0]]) + old[1:] if old and new else old,
    "overwrite": lambda old, new: new + old[len(new) :],
    "insert": lambda old, new: new + old,
    "cut": lambda old, new: old[len(new) :],
    "double": lambda old, new: old[: len(new)] + old,
    "end": lambda _old, _new: b"",
}
damages = st.lists(
    st.tuples(
        st.sampled_from([*DAMAGE, *["overwrite"] * 3, "flip", "insert"]),
        st.one_of(st.integers(0, 400), st.integers(0, 8000)),
        st.one_of(st.sampled_from(NUMBERS + WORDS), st.binary(min_size=1, max_size=8)),
    ),
    min_size=1,
    max_size=5,
)


def damaged(content: bytes, how: list[tuple[str, int, bytes]]) -> bytes:
    for name, at, new in how:
        at %= len(content) + 1
        content = content[:at] + DAMAGE[name](content[at:], new)
    return content


def check(path: Path) -> None:
    """What is asked of every file that ``find`` meets."""
    begin = time.process_time()
    for source in find([path], spacing=(4, 0.6, 0.6) if path.suffix in (".png", ".tif") else None):
        try:
            scan = source.load()
        except InputError as error:
            line = str(error)
            assert line.startswith(str(path))
            assert line.isprintable()
            assert len(line) < 600
            assert not re.search("MemoryError|unable to allocate", line, re.I)
            continue
        assert np.isfinite(scan.volume.affine).all()
        assert np.isfinite(scan.volume.array).all()
        assert all(size > 0 for size in scan.volume.spacing)
        assert all(warning.isprintable() for warning in scan.warnings)
        json.dumps([dict(scan.choice), dict(scan.headers)])
    assert time.process_time() - begin < LONGEST_S


def refused_or_read(call: Callable[[], object]) -> None:
    """What is asked of other ways in."""
    said = ""
    try:
        call()
    except LumbardiscError as error:
        said = str(error)
    assert said.isprintable()


@pytest.mark.parametrize("name", MAKERS)
@fuzz
@given(how=damages)
def test_damaged_files_are_sound_or_one_line(tmp_path_factory, name, how):
    path = tmp_path_factory.getbasetemp() / name
    path.write_bytes(damaged(whole(name), how))
    check(path)
    if path.suffix not in (".dcm", ".zip"):
        refused_or_read(lambda: load_labels(path))
    if name == "a.seg.nrrd":
        refused_or_read(lambda: load_segments(path))
    refused_or_read(lambda: load_spin_lock([path]))
    refused_or_read(lambda: load_spin_lock([path, path], times=(1.0, 20.0)))


KEYWORDS = re.findall(
    r"\w+",
    """
    SpecificCharacterSet ImageType SOPClassUID SOPInstanceUID Modality SeriesDescription ScanningSequence
    MRAcquisitionType SliceThickness RepetitionTime EchoTime SpacingBetweenSlices PatientName PatientID PatientBirthDate
    StudyInstanceUID SeriesInstanceUID SeriesNumber InstanceNumber ImagePositionPatient ImageOrientationPatient
    FrameOfReferenceUID SamplesPerPixel PhotometricInterpretation NumberOfFrames Rows Columns PixelSpacing BitsAllocated
    BitsStored HighBit PixelRepresentation RescaleSlope RescaleIntercept PerFrameFunctionalGroupsSequence
    SharedFunctionalGroupsSequence TemporalPositionIdentifier ImageComments TriggerTime
    """,
)
TYPES = re.findall(r"\w*", "AE AS AT CS DA DS FD FL IS LO LT OB OF OW PN SH SL SQ SS ST SV TM UC UI UL UN US UT")
texts = st.sampled_from([b"0", b"-1", b"1\\1", b"nan\\nan", b"1e300\\1e300", b"0,6\\0,6", b"5.5 ", b"\\\\", b"x" * 999])
elements = st.tuples(
    st.sampled_from(KEYWORDS), st.sampled_from(TYPES), st.one_of(texts, st.binary(max_size=12), st.none())
)


@settings(fuzz, max_examples=4 * EXAMPLES)
@given(changes=st.lists(elements, min_size=1, max_size=4))
def test_elements_of_any_type_and_value_are_sound_or_one_line(tmp_path_factory, changes):
    path = tmp_path_factory.getbasetemp() / "elements.dcm"
    path.write_bytes(whole("enhanced.dcm" if len(changes) % 2 else "classic.dcm"))
    dataset = dcmread(path)
    for keyword, vr, value in changes:
        if value is not None:
            put(dataset, keyword, value, vr)
        elif keyword in dataset:
            del dataset[keyword]
    with quietly():
        try:
            dataset.save_as(path)
        except Exception:  # pydicom cannot write everything that files hold
            return
    check(path)
    refused_or_read(lambda: load_spin_lock([path]))


@pytest.mark.parametrize("command", ["evaluate", "fit-t1rho", "data check", "analyze"])
@pytest.mark.parametrize("name", ["a.nii", "b.nrrd", "classic.dcm", "dicom.zip"])
@settings(fuzz, max_examples=max(EXAMPLES // 5, 1))
@given(how=damages)
def test_commands_say_one_line_of_a_damaged_file(tmp_path_factory, command, name, how):
    folder = tmp_path_factory.mktemp("damaged")
    (folder / name).write_bytes(damaged(whole(name)[:3000], how))
    (folder / "truth.nii").write_bytes(whole("a.nii"))
    inputs = {"evaluate": [name, "truth.nii"], "data check": ["."]}.get(command, [name])
    said = told(command.split() + [str(folder / one) for one in inputs] + ["-o", str(folder / "out")])
    assert "unexpected" not in said
    assert "Traceback" not in said


def told(arguments: list[str]) -> str:
    """What a command that cannot succeed says."""
    with redirect_stderr(StringIO()) as err, redirect_stdout(StringIO()) as out:
        assert run(arguments) in (0, 1, 2)
    return err.getvalue() + out.getvalue()


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("a.nrrd", b"sizes: 5 26 27", b"sizes: 99999 99999 99999"),
        ("a.nrrd", b"encoding: raw", b"encoding: raw\nline skip: 1000000000"),
        ("a.nrrd", b"encoding: raw", b"encoding: raw\ndata file: x\ndatafile: /etc/hostname"),
        ("a.nrrd", b"space: RAS", b"space: R\x1b[2JS"),
        ("a.mha", b"ElementDataFile = LOCAL", b"ElementDataFile = \x1b[2J"),
        ("a.mha", b"DimSize = 27 26 5", b"DimSize = 99999 99999 999"),
        ("a.nii", struct.pack("<4h", 3, 5, 26, 27), struct.pack("<4h", 3, 32767, 32767, 27)),
        ("c.nii", struct.pack("<4q", 3, 5, 26, 27), struct.pack("<4q", 3, 2**40, 26, 27)),
        ("a.tif", struct.pack("<HHII", 256, 4, 1, 27), struct.pack("<HHII", 256, 4, 1, 2**30)),
        ("classic.dcm", b"UI\x14\x001.2.840.10008.1.2.1\0", b"UI\x14\x001.2.840\\10008.1.2.1\0"),
    ],
)
def test_found_by_this_and_mended(tmp_path, name, old, new):
    """Headers that promise gigabytes, a thousand million lines to skip, or files elsewhere; words a terminal obeys."""
    assert old in whole(name)
    (tmp_path / name).write_bytes(whole(name).replace(old, new, 1))
    check(tmp_path / name)
    with pytest.raises(InputError):
        find([tmp_path / name], spacing=(4, 0.6, 0.6))[0].load()


def test_affines_beyond_all_numbers_are_refused_without_a_word_of_numpy(tmp_path, recwarn, capfd):
    image = nibabel.Nifti2Image(VOXELS, None)
    image.header["sform_code"] = 1
    image.header["srow_x"], image.header["srow_y"], image.header["srow_z"] = np.eye(3, 4) * 1e200
    (tmp_path / "a.nii").write_bytes(image.to_bytes())
    recwarn.clear()
    with pytest.raises(InputError):
        load_labels(tmp_path / "a.nii")
    check(tmp_path / "a.nii")
    assert [str(warning.message) for warning in recwarn] == []
    assert capfd.readouterr() == ("", "")
