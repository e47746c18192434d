"""Series as scanners send them, in every geometry, and studies that were read from them."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import numpy as np
from making_dicom import Series, enhanced, image, save, write
from pydicom import dcmread
from pydicom.uid import generate_uid

from lumbardisc import levels
from lumbardisc.io import find
from lumbardisc.pipeline.study import Discs, Study
from lumbardisc.report.dicom.header import item
from lumbardisc.volume import LabelMap, Volume

LABELS = (0, 0, 0, 1, 2, 6, levels.SACRUM, 101, 102, 106, levels.CANAL)
PROVENANCE = {"version": "0.1.0", "weights": {"segmentation": "ab" * 32, "grading": "cd" * 32}}


def _turned(about_vertical: float, tilt: float) -> tuple[float, ...]:
    """Directions of rows and columns of a sagittal plane that is turned by two angles in degrees."""
    turn, lean = np.radians((about_vertical, tilt))
    along = np.array([-np.sin(turn), np.cos(turn), 0.0])
    down = np.cos(lean) * np.array([0.0, 0.0, -1.0]) + np.sin(lean) * np.cross(along, [0.0, 0.0, -1.0])
    return tuple(float(cosine) for cosine in (*along, *down))


def study_of(path: Path, seed: int = 0, **more: Any) -> Study:
    """The study of what is at a path, with any label in any voxel: no two frames and no two places are alike."""
    (source,) = find([path])
    scan = source.load()
    return labelled(scan.volume, seed, origin=scan.origin, **more)


def labelled(volume: Volume, seed: int = 0, **more: Any) -> Study:
    """A study of a volume; the first frame holds no structure."""
    labels = np.random.default_rng(seed).choice(np.array(LABELS, np.int16), volume.shape)
    if volume.shape[0] > 1:
        labels[0] = 0
    parts: dict[str, Any] = {"mid_slice": volume.shape[volume.axis_order.axes[0]] // 2, "provenance": PROVENANCE}
    return Study("case", volume, LabelMap(labels, volume.affine), Discs(()), spine={}, **(parts | more))


def _classic(**geometry: Any) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        write(folder / "series", Series(**geometry))
        return folder / "series"

    return make


def _gapped(folder: Path) -> Path:
    write(folder / "series", Series(slices=9), skip=(2,))
    return folder / "series"


def _repeated(folder: Path) -> Path:
    """Every place was imaged twice; the second time under a higher number of acquisition."""
    series = Series()
    write(folder / "series", series, AcquisitionNumber=1)
    for index in range(series.slices):
        save(image(series, index, AcquisitionNumber=2), folder / "series" / f"again{index}")
    return folder / "series"


def _zipped(folder: Path) -> Path:
    paths = write(folder / "series", Series())
    with ZipFile(folder / "study.zip", "w") as archive:
        for path in paths:
            archive.write(path, f"inner/{path.name}")
    return folder / "study.zip"


def _enhanced(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    enhanced(Series(), folder / "enhanced.dcm")
    return folder / "enhanced.dcm"


def _two_echoes(folder: Path) -> Path:
    """One enhanced object with another echo of each slice among the one that is read."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "echoes.dcm"
    enhanced(Series(), path)
    both = dcmread(path)
    late = both.PerFrameFunctionalGroupsSequence
    early = deepcopy(late)
    for group, echo in (*((group, 110.0) for group in late), *((group, 12.0) for group in early)):
        group.MREchoSequence = [item(EffectiveEchoTime=echo)]
    del both.SharedFunctionalGroupsSequence[0].MREchoSequence
    both.PerFrameFunctionalGroupsSequence = [group for pair in zip(early, late, strict=True) for group in pair]
    pixels = both.pixel_array
    both.NumberOfFrames = 2 * len(pixels)
    both.PixelData = np.stack([pixels + 5000, pixels], axis=1).astype("<u2").tobytes()
    save(both, path)
    return path


def _one_object_each(folder: Path) -> Path:
    """An enhanced object for each slice, all of one series."""
    folder.mkdir(parents=True, exist_ok=True)
    enhanced(Series(), folder / "all.dcm")
    whole = dcmread(folder / "all.dcm")
    (folder / "all.dcm").unlink()
    for index, (group, pixels) in enumerate(
        zip(whole.PerFrameFunctionalGroupsSequence, whole.pixel_array, strict=True)
    ):
        one = deepcopy(whole)
        one.PerFrameFunctionalGroupsSequence, one.NumberOfFrames = [group], 1
        one.PixelData = pixels.tobytes()
        one.SOPInstanceUID = one.file_meta.MediaStorageSOPInstanceUID = generate_uid()
        save(one, folder / f"{index}.dcm")
    return folder


CLASSIC: dict[str, Callable[[Path], Path]] = {
    "sagittal": _classic(),
    "oblique": _classic(orientation=_turned(20.0, 12.0)),
    "reversed": _classic(step=-4.0, origin=(-4.0, -30.0, 40.0)),
    "flipped": _classic(orientation=(0.0, -1.0, 0.0, 0.0, 0.0, 1.0), origin=(12.0, 90.0, -140.0)),
    "non-square": _classic(rows=31, columns=17, pixel=(5.0, 9.25), step=3.3),
    "single": _classic(slices=1),
    "repeated": _repeated,
    "gapped": _gapped,
    "zipped": _zipped,
}
ENHANCED: dict[str, Callable[[Path], Path]] = {
    "enhanced": _enhanced,
    "two echoes": _two_echoes,
    "one object each": _one_object_each,
}
