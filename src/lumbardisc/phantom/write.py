"""Write phantom studies to disk: images as DICOM or NIfTI, masks as NIfTI, truth as a table."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import astuple
from pathlib import Path
from typing import Literal

import numpy as np

from lumbardisc.errors import OutputError, UsageError
from lumbardisc.io.dicom_write import Acquisition, Subject, save_dicom
from lumbardisc.io.nifti import save_nifti
from lumbardisc.phantom.acquire import Geometry, examine
from lumbardisc.phantom.anatomy import SpineShape, draw_spine
from lumbardisc.phantom.make import Phantom, image_of, lumbar_stack
from lumbardisc.phantom.sequence import SEQUENCES, PulseSequence, sequences_of
from lumbardisc.phantom.truth import DiscTruth
from lumbardisc.volume import Volume

Format = Literal["dicom", "nifti"]
FORMATS = ("dicom", "nifti")
_WHITE = 1600.0  # stored value of the 99.5th percentile of an image
_MAX_STORED = 4095  # 12 bits, as scanners store


def write_phantom(
    out: Path,
    *,
    seed: int = 0,
    count: int = 1,
    sequence: str = "t2",
    format: Format = "dicom",
    matrix: int = 448,
    slices: int = 15,
) -> tuple[Path, ...]:
    """Write ``count`` studies, seeds ``seed``, ``seed + 1``, ...; returns the study folders (DICOM) or images (NIfTI).

    DICOM: ``out/seed-0000/01-t2/0001.dcm`` ...; NIfTI: ``out/seed-0000_t2.nii.gz``. ``out/truth``: masks
    (``seed-0000_t2.nii.gz``, numbered as in ``levels``) and ``truth.csv``, one row per study and disc. ``all`` is a
    study of sagittal T1, T2 and STIR series; as DICOM with a three-plane localizer and an axial T2 series besides.
    ``t1rho`` is a study of T1, T2 and the four spin-lock images, each a series; these are stored with one gain.
    ``truth`` appears last, whole. Raises UsageError for bad arguments, OutputError where writing fails.
    """
    chosen = sequences_of(sequence)
    if format not in FORMATS or count < 1 or matrix < 16:
        raise UsageError(
            f"format is dicom or nifti, count at least 1, matrix at least 16; not {format}, {count}, {matrix}"
        )
    part = out / ".truth.part"
    try:
        part.mkdir(parents=True, exist_ok=True)
        written, rows = [], []
        for each in range(seed, seed + count):
            images = list(
                _study(
                    draw_spine(each),
                    chosen,
                    lumbar_stack(matrix, slices=slices),
                    more=sequence == "all" and format == "dicom",
                )
            )
            written += _write_images(out, each, images, format)
            _write_masks(part, each, images)
            rows += [(images[0].spine, disc) for disc in images[0].truth]
        _write_truth(part / "truth.csv", rows)
        shutil.rmtree(out / "truth", ignore_errors=True)
        part.rename(out / "truth")
    except OSError as error:
        raise OutputError(f"{out}: cannot be written ({error.strerror}); check the folder and the disk") from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return tuple(written)


def _study(spine: SpineShape, chosen: Sequence[PulseSequence], geometry: Geometry, more: bool) -> Iterator[Phantom]:
    """Sagittal images of one spine, then, where asked for, what a study holds besides."""
    exam = examine(spine, geometry)
    for sequence in chosen:
        yield image_of(exam, sequence)
    if more:
        yield from _besides(spine)


def _besides(spine: SpineShape) -> Iterator[Phantom]:
    """A localizer of one thick slice in each plane, and axial T2 slices through the lowest discs."""
    for plane in ("sagittal", "coronal", "axial"):
        stack = Geometry.plan(plane, slices=1, matrix=(192, 192), pixel_mm=(2.0, 2.0), thickness_mm=8.0, gap_mm=2.0)
        yield image_of(examine(spine, stack, samples=4), SEQUENCES["localizer"])
    low = spine.discs[1].slab.frame
    stack = Geometry.plan("axial", slices=13, matrix=(256, 256), pixel_mm=(0.75, 0.75), centre=low.origin)
    yield image_of(examine(spine, stack, samples=4), SEQUENCES["t2_axial"])


def _write_images(out: Path, seed: int, images: Sequence[Phantom], format: Format) -> list[Path]:
    """Write a study's images; returns the study folder, or each NIfTI file."""
    volumes = _stored_volumes(images)
    if format == "nifti":
        paths = [out / f"{_name(seed)}_{image.sequence.name}.nii.gz" for image in images]
        for path, volume in zip(paths, volumes, strict=True):
            save_nifti(volume, path)
        return paths
    study = out / _name(seed)
    shutil.rmtree(study, ignore_errors=True)
    for number, (image, volume) in enumerate(zip(images, volumes, strict=True), start=1):
        folder = study / f"{number:02d}-{image.sequence.name}"
        save_dicom(volume, folder, subject_of(seed), acquisition_of(image, number))
    return [study]


def _stored_volumes(images: Sequence[Phantom]) -> list[Volume]:
    """What the files hold. The images of a spin-lock series share the gain of their brightest, so that they decay."""
    own = [white_of(image.image.array) for image in images]
    locked = [image.sequence.spin_lock_ms is not None for image in images]
    shared = max((white for white, lock in zip(own, locked, strict=True) if lock), default=1.0)
    whites = [shared if lock else white for white, lock in zip(own, locked, strict=True)]
    return [
        Volume(stored(image.image.array, white), image.image.affine)
        for image, white in zip(images, whites, strict=True)
    ]


def _write_masks(folder: Path, seed: int, images: Sequence[Phantom]) -> None:
    """One mask per series that is a stack of sagittal slices."""
    for image in images:
        if image.geometry.shape == images[0].geometry.shape:
            save_nifti(image.labels, folder / f"{_name(seed)}_{image.sequence.name}.nii.gz")


def _write_truth(path: Path, rows: Sequence[tuple[SpineShape, DiscTruth]]) -> None:
    """The table: study, seed, lordosis, age and every value of every disc; empty where undefined."""
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(("study", "seed", "lordosis_l1_s1_deg", "age_years", *DiscTruth.columns()))
        for spine, disc in rows:
            whole = f"{spine.lordosis_deg:.2f}", f"{spine.age_years:.1f}"
            table.writerow((_name(spine.seed), spine.seed, *whole, *map(_cell, astuple(disc))))


def _cell(value: object) -> str:
    """A value as text: floats with three decimals, undefined empty, truth values in small letters."""
    if isinstance(value, float):
        return "" if np.isnan(value) else f"{value:.3f}"
    return str(value).lower() if isinstance(value, bool) else str(value)


def white_of(image: np.ndarray) -> float:
    """The value that is stored as white: the 99.5th percentile."""
    return float(np.percentile(image, 99.5)) or 1.0


def stored(image: np.ndarray, white: float) -> np.ndarray:
    """Float image -> what a scanner stores: 12-bit values in uint16, ``white`` at 1600."""
    return np.clip(np.rint(image * (_WHITE / white)), 0, _MAX_STORED).astype(np.uint16)


def subject_of(seed: int) -> Subject:
    """Whom the headers name."""
    return Subject(name=f"Phantom^Seed{seed}", identifier=f"PHANTOM-{seed:04d}", key=f"lumbardisc phantom {seed}")


def acquisition_of(phantom: Phantom, number: int) -> Acquisition:
    """The header's facts of one image."""
    sequence = phantom.sequence
    return Acquisition(
        number=number,
        description=sequence.description,
        protocol=sequence.name,
        scanning=sequence.scanning,
        dimensions="3D" if sequence.three_d else "2D",
        repetition_time_ms=sequence.tr_ms,
        echo_time_ms=sequence.te_ms,
        inversion_time_ms=sequence.ti_ms,
        flip_angle_deg=sequence.flip_deg,
        echo_train=sequence.echo_train,
        field_t=phantom.field_t,
        thickness_mm=phantom.geometry.thickness_mm,
        spin_lock_ms=sequence.spin_lock_ms,
        image_type=("ORIGINAL", "PRIMARY", sequence.image_kind),
    )


def _name(seed: int) -> str:
    """Name of a study's folder and files."""
    return f"seed-{seed:04d}"
