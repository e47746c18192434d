"""Damaged files of every format: each is read or refused in one line that names it, whatever bytes have changed."""

from __future__ import annotations

import random
from pathlib import Path

import metaimageio
import nibabel
import nrrd
import numpy as np
import pytest
import tifffile
from making_dicom import Series, enhanced, write
from PIL import Image

from lumbardisc.errors import InputError
from lumbardisc.io import find

VOXELS = np.arange(5 * 6 * 7, dtype=np.int16).reshape(5, 6, 7)
ROUNDS = 25


def make(path: Path) -> None:
    """A whole file of the format its name says."""
    if path.name.endswith((".nii", ".nii.gz")):
        nibabel.save(nibabel.Nifti1Image(VOXELS, np.diag([4, 0.6, 0.6, 1.0])), path)
    elif path.suffix == ".mha":
        metaimageio.write(path, VOXELS, ElementSpacing=[1, 1, 1.0], CompressedData="deflated" in path.name)
    elif path.suffix == ".nrrd":
        nrrd.write(str(path), VOXELS, {"space": "RAS", "space directions": np.eye(3), "space origin": [0, 0, 0]})
    elif path.suffix == ".png":
        Image.fromarray(VOXELS[0].astype(np.uint8)).save(path)
    elif path.suffix == ".tif":
        tifffile.imwrite(path, VOXELS, photometric="minisblack")
    elif path.name == "enhanced.dcm":
        enhanced(Series(slices=3), path)
    else:
        write(path.parent / "classic", Series(slices=1))[0].rename(path)


def damaged(whole: bytes, chance: random.Random) -> bytes:
    """Some bytes changed, in the header more often than after it, and sometimes the end cut off."""
    content = bytearray(whole)
    for _ in range(chance.choice((1, 2, 5, 20))):
        content[chance.randrange(min(len(content), chance.choice((400, len(content)))))] = chance.randrange(256)
    return bytes(content[: chance.randrange(len(content))] if chance.random() < 0.2 else content)


def refusals(path: Path, spacing: tuple[float, float, float] | None) -> list[str]:
    """What the studies that cannot be read say; any error but InputError goes through."""
    lines = []
    for source in find([path], spacing=spacing):
        try:
            source.load()
        except InputError as error:
            lines.append(str(error))
    return lines


@pytest.mark.parametrize(
    "name",
    ["a.nii", "a.nii.gz", "a.mha", "deflated.mha", "a.nrrd", "a.png", "a.tif", "classic.dcm", "enhanced.dcm"],
)
def test_damage_is_read_or_refused_in_one_line(tmp_path, name, capfd, recwarn):
    path = tmp_path / name
    make(path)
    whole = path.read_bytes()
    recwarn.clear()
    chance = random.Random(name)
    for _ in range(ROUNDS):
        path.write_bytes(damaged(whole, chance))
        refused = refusals(path, chance.choice((None, (4, 0.6, 0.6))))
        assert all(line.startswith(str(path)) and "\n" not in line for line in refused)
    assert capfd.readouterr().err == ""
    assert [str(warning.message) for warning in recwarn] == []
