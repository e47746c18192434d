"""DICOM studies: frames grouped by study, and one study's chosen series read."""

from __future__ import annotations

from collections.abc import Sequence

from lumbardisc.errors import SeriesError
from lumbardisc.io.contrast import contrast_of
from lumbardisc.io.dicom_geometry import grid_of
from lumbardisc.io.dicom_header import Frame
from lumbardisc.io.dicom_pixels import read_pixels
from lumbardisc.io.grid import Image, Spacing, to_volume
from lumbardisc.io.scan import Scan
from lumbardisc.io.series import choose, stacks_of


def by_study(frames: Sequence[Frame]) -> dict[str, list[Frame]]:
    """Frames by StudyInstanceUID, in the order in which the studies were met."""
    studies: dict[str, list[Frame]] = {}
    for frame in frames:
        studies.setdefault(frame.study, []).append(frame)
    return studies


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
    grid = grid_of(chosen.stack.frames)
    array, sha256 = read_pixels(grid.frames)
    image = Image(array, grid.affine, (*warnings, *chosen.warnings, *grid.warnings))
    volume, told = to_volume(image, spacing, where)
    acquisition = chosen.stack.first.acquisition
    return Scan(volume, contrast or contrast_of(acquisition), acquisition.headers(), chosen.record, told, sha256)
