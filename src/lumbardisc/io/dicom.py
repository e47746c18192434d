"""DICOM studies: frames grouped by study, and one study's chosen series read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from lumbardisc.errors import SeriesError
from lumbardisc.io.dicom_geometry import grid_of
from lumbardisc.io.dicom_header import Frame
from lumbardisc.io.dicom_pixels import read_pixels, refuse_different
from lumbardisc.io.grid import Image, Spacing, to_volume
from lumbardisc.io.origin import Origin
from lumbardisc.io.patient import Patient, people
from lumbardisc.io.scan import Scan, Source
from lumbardisc.io.series import choose
from lumbardisc.io.stacks import Stack, stacks_of


def by_study(frames: Sequence[Frame]) -> list[list[Frame]]:
    """Frames by StudyInstanceUID and patient, in the order in which the studies were met.

    Anonymisers that give the same UID to several patients mix none of them up.
    """
    patients: dict[str, list[Patient]] = {}
    for frame in frames:
        patients.setdefault(frame.study, []).append(frame.patient)
    whose = {study: people(of_study) for study, of_study in patients.items()}
    studies: dict[tuple[str, int], list[Frame]] = {}
    for frame in frames:
        studies.setdefault((frame.study, whose[frame.study][frame.patient]), []).append(frame)
    return list(studies.values())


def load_study(
    frames: Sequence[Frame],
    series: str | None,
    spacing: Spacing | None,
    contrast: str | None,
    where: str,
    warnings: tuple[str, ...] = (),
) -> Scan:
    """Chooses the sagittal lumbar series of a study's frames and reads it. Raises InputError with one clear line.

    The volume's axes are (slice, row, column): slices toward the patient's right, rows and columns as stored.
    warnings: what there is to tell of the study already.
    """
    try:
        chosen = choose(stacks_of(frames), series)
    except SeriesError as error:
        raise SeriesError(f"{where}: {error}") from error
    scan = read_stack(chosen.stack, spacing, contrast, where, (*warnings, *chosen.warnings))
    return replace(scan, choice=chosen.record, companions=tuple(_source(stack, where) for stack in chosen.companions))


def read_stack(
    stack: Stack, spacing: Spacing | None, contrast: str | None, where: str, warnings: tuple[str, ...] = ()
) -> Scan:
    """One stack of a study as a volume; arguments and axes as for ``load_study``. Raises InputError."""
    grid = grid_of(stack.frames)
    refuse_different(grid.copies)
    array, sha256 = read_pixels(grid.frames)
    volume, told = to_volume(Image(array, grid.affine, (*warnings, *grid.warnings)), spacing, where)
    headers = stack.first.acquisition.headers()
    origin = Origin(grid.frames)
    return Scan(volume, contrast or stack.contrast, headers, warnings=told, sha256=sha256, origin=origin)


def _source(stack: Stack, where: str) -> Source:
    """A series of the same study that is read only where it is asked for."""
    return Source(str(stack), Path(where), partial(read_stack, stack, None, None, where))
