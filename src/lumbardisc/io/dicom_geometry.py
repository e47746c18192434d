"""Orders the planes of a DICOM stack by where they lie and makes their affine.

Slices are sorted along the normal of the planes, never by file name or instance number, toward the patient's right.
The affine is that of PS3.3 C.7.6.2.1.1, turned from LPS to RAS, with the step between slices taken from their
positions.

Where the distances between slices differ, the grid stays honest: differences up to 10 % are fitted by one even distance
without a word, up to 25 % with a warning; beyond that (a slice is missing) no slice is invented and the longest evenly
spaced run is kept, with a warning that says which places are empty.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from lumbardisc.io.dicom_header import Frame, Plane
from lumbardisc.io.grid import ASSUMED_THICKNESS_MM, LPS_TO_RAS
from lumbardisc.volume import Affine

Points = NDArray[np.float64]

SAME_PLACE_MM = 0.05
EVEN = 0.10
NEARLY_EVEN = 0.25
SHEAR_DEG = 2.0


@dataclass(frozen=True, eq=False)
class Grid:
    """The frames to read, in order, and the affine (slice, row, column) -> RAS mm of their voxel centres.

    copies: pairs of one that is read and another that claims to be the same image.
    """

    frames: tuple[Frame, ...]
    affine: Affine
    warnings: tuple[str, ...]
    copies: tuple[tuple[Frame, Frame], ...] = ()


def grid_of(frames: Sequence[Frame]) -> Grid:
    """The grid of a stack: frames of one size and orientation, all with a plane."""
    ordered, others, repeated = _one_per_place(frames)
    kept, uneven = _evenly_spaced(ordered)
    step, stepping = _step(kept)
    affine = np.eye(4)
    first = plane_of(kept[0])
    affine[:3, 0] = step
    affine[:3, 1] = np.asarray(first.along_column) * first.pixel[0]
    affine[:3, 2] = np.asarray(first.along_row) * first.pixel[1]
    affine[:3, 3] = first.position
    copies = tuple(pair for pair in others if _named_alike(*pair))
    return Grid(tuple(kept), LPS_TO_RAS @ affine, (*repeated, *_one_name(kept), *uneven, *stepping), copies)


def plane_of(frame: Frame) -> Plane:
    """The plane of a frame that has one."""
    assert frame.plane is not None
    return frame.plane


def normal_of(frame: Frame) -> Points:
    """Unit normal of a frame's plane in LPS, toward the patient's right (-x)."""
    plane = plane_of(frame)
    normal = np.cross(plane.along_row, plane.along_column)
    return np.asarray(-normal if normal[0] > 0 else normal)


def positions(frames: Sequence[Frame]) -> Points:
    """First-pixel centres (n, 3), LPS mm."""
    return np.array([plane_of(frame).position for frame in frames])


def _heights(frames: Sequence[Frame]) -> Points:
    """Places of the frames along the normal of the first one, mm."""
    return np.asarray(positions(frames) @ normal_of(frames[0]))


def _one_per_place(frames: Sequence[Frame]) -> tuple[list[Frame], list[tuple[Frame, Frame]], tuple[str, ...]]:
    """Frames by place; where several lie at one place, the first acquired. Then each other one, behind the one kept."""
    heights = _heights(frames).tolist()
    places: list[list[int]] = []
    for i in sorted(range(len(frames)), key=lambda i: (round(heights[i], 2), frames[i].order)):
        if not places or heights[i] - heights[places[-1][0]] > SAME_PLACE_MM:
            places.append([])
        places[-1].append(i)
    first = [min((frames[i] for i in place), key=lambda frame: frame.order) for place in places]
    others = [
        (kept, frames[i]) for kept, place in zip(first, places, strict=True) for i in place if frames[i] is not kept
    ]
    return first, others, _repeated(others, len(frames))


def _repeated(others: Sequence[tuple[Frame, Frame]], count: int) -> tuple[str, ...]:
    """What there is to tell of frames that were left out for others at their places."""
    copies = sum(_named_alike(*pair) for pair in others)
    told = {
        f"{copies} of {count} images are copies of others": copies,
        f"{len(others) - copies} of {count} images lie where another one does; the first of each place was kept": (
            len(others) - copies
        ),
    }
    return tuple(warning for warning, number in told.items() if number)


def _named_alike(one: Frame, other: Frame) -> bool:
    """Whether two frames have one SOPInstanceUID, and one index in it."""
    return (one.instance, one.index) == (other.instance, other.index) and one.instance != ""


def _one_name(frames: Sequence[Frame]) -> tuple[str, ...]:
    """A warning where images of different places have one SOPInstanceUID."""
    names = [(frame.instance, frame.index) for frame in frames if frame.instance]
    if len(set(names)) == len(names):
        return ()
    return ("images of different places have the same SOPInstanceUID; they were read by where they lie",)


def _evenly_spaced(frames: list[Frame]) -> tuple[list[Frame], tuple[str, ...]]:
    """The frames themselves where their distances are about the same, else the longest run of which that is true."""
    if len(frames) < 3:
        return frames, ()
    distances = np.diff(_heights(frames))
    usual = float(np.median(distances))
    worst = float(abs(distances / usual - 1.0).max())
    if worst <= EVEN:
        return frames, ()
    told = f"slices are {distances.min():.2f} to {distances.max():.2f} mm apart"
    if worst <= NEARLY_EVEN:
        return frames, (f"{told}; they were read as evenly spaced",)
    start, stop = _longest_run(abs(distances / usual - 1.0) <= NEARLY_EVEN)
    places = ", ".join(f"{i + 1} and {i + 2}" for i in np.flatnonzero(distances / usual > 1.0 + NEARLY_EVEN))
    where = f" (missing between slices {places}, counted from the left)" if places else ""
    warning = f"{told}{where}; only the longest even run was read, slices {start + 1} to {stop + 1} of {len(frames)}"
    return frames[start : stop + 1], (warning,)


def _longest_run(even: NDArray[np.bool_]) -> tuple[int, int]:
    """First and last slice of the longest run of even distances."""
    breaks = [-1, *np.flatnonzero(~even).tolist(), len(even)]
    start, stop = max(pairwise(breaks), key=lambda run: run[1] - run[0])
    return start + 1, stop


def _step(frames: Sequence[Frame]) -> tuple[Points, tuple[str, ...]]:
    """From one slice to the next, LPS mm: the mean step, or along the normal by the header's distance for one slice."""
    normal = normal_of(frames[0])
    if len(frames) == 1:
        known = plane_of(frames[0]).slice_mm
        warning = f"the header has no slice thickness; {ASSUMED_THICKNESS_MM:g} mm was assumed"
        return (normal * known, ()) if known == known else (normal * ASSUMED_THICKNESS_MM, (warning,))
    places = positions(frames)
    step = (places[-1] - places[0]) / (len(frames) - 1)
    angle = float(np.degrees(np.arccos(np.clip(step @ normal / np.linalg.norm(step), -1.0, 1.0))))
    return step, (f"the slices are shifted against each other ({angle:.0f} degrees)",) if angle > SHEAR_DEG else ()
