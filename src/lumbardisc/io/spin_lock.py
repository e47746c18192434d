"""A spin-lock series: the same slices at several spin-lock times, from DICOM or from image files."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import combinations, pairwise
from pathlib import Path

import numpy as np

from lumbardisc.errors import GeometryError, SeriesError, UnreadableError, UsageError
from lumbardisc.io.blobs import Blob, gather
from lumbardisc.io.dicom import by_study, load_study, read_stack
from lumbardisc.io.dicom_geometry import SAME_PLACE_MM, normal_of, plane_of
from lumbardisc.io.dicom_header import Frame, scan
from lumbardisc.io.grid import Spacing, spacing_text
from lumbardisc.io.images import load_volumes, suffix_of
from lumbardisc.io.scan import Scan, Source
from lumbardisc.io.series import choose, refusal
from lumbardisc.io.spin_lock_times import LONGEST_MS, Element, Header, read_headers, spin_lock_times, times_in
from lumbardisc.io.stacks import Stack, stacks_of
from lumbardisc.volume import Volume

SAME_GRID_MM = 0.05
"""Headers round their positions; corners of the image that lie further apart are another place."""
SHORTEST_SERIES_MS = 1.0
"""No tissue decays to speak of before this; times that end earlier are in seconds."""
MANY_NEGATIVE = 0.25
"""Interpolation leaves some negative values around edges; with more of them it is no magnitude image."""


@dataclass(frozen=True, eq=False)
class SpinLockSeries:
    """Images of the same slices at several spin-lock times, shortest first, on one grid in the files' own index order.

    times_ms, names, volumes: one per image; names tell the user which image is meant. times_from: where the times were
    read. headers, warnings, sha256, placed: see ``Scan``. anatomy: another sagittal series of the same DICOM study and
    frame of reference that discs can be found on, None where there is none.
    """

    times_ms: tuple[float, ...]
    volumes: tuple[Volume, ...]
    names: tuple[str, ...]
    times_from: str
    headers: Mapping[str, float | str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    sha256: str = ""
    placed: bool = True
    anatomy: Source | None = None


@dataclass(frozen=True, eq=False)
class _Image:
    """One image of a series: its name, its scan, and its time where that is known already (else NaN)."""

    name: str
    scan: Scan
    time_ms: float = float("nan")


def load_spin_lock(
    inputs: Sequence[Path],
    *,
    times: Sequence[float] | None = None,
    tag: str | None = None,
    spacing: Spacing | None = None,
) -> SpinLockSeries:
    """Read one spin-lock series: DICOM files, folders or zips of one study, or image files, one of them 4D or one each.

    times: spin-lock times in ms, in the order of the images: as given, in a folder as people count. Files whose names
    all tell a time are timed by their names; other times beside them are refused. Without ``times``, where two names
    of a folder tell one, its other files are left out, and a warning says so.
    tag: the DICOM element that holds the time, ``0019,1001`` or ``0019,"CREATOR",01``. spacing: as for ``find``.
    Raises UsageError or InputError with one line: unreadable images; times that are missing, repeated or as many as the
    images are not; one image alone or given twice; images of different size or place, or with negative values all over.
    """
    if times is not None and tag is not None:
        raise UsageError(f"--tsl and --tsl-tag {tag}: each tells the spin-lock times; give one of the two")
    element = None if tag is None else Element.parse(tag)
    gathered = [sorted(gather(Path(path)), key=_numbered) for path in inputs]
    blobs = [blob for of_path in gathered for blob in of_path]
    frames, problems = scan(blob for blob in blobs if suffix_of(blob.name) is None)
    where = str(inputs[0]) if len(inputs) == 1 else f"{inputs[0]} and {len(inputs) - 1} more"
    if frames:
        return _from_dicom(frames, blobs, where, times, element, spacing)
    kept = [_of_folder(_uppermost(of_path)) if times is None else (_uppermost(of_path), []) for of_path in gathered]
    images = [blob for used, _ in kept for blob in used]
    if not images:
        raise next(iter(problems.values()), None) or UnreadableError(f"{where}: holds no image; check the path")
    if element is not None:
        raise UsageError(f"--tsl-tag {tag}: only DICOM has tags; give the times with --tsl")
    series = _from_files(images, where, times, spacing)
    return replace(series, warnings=(*_left_out([blob for _, rest in kept for blob in rest]), *series.warnings))


def _of_folder(blobs: Sequence[Blob]) -> tuple[Sequence[Blob], Sequence[Blob]]:
    """The image files of one path whose names tell a time, where two do at least, and the others; else all of them."""
    told = [blob for blob in blobs if _named_time(blob.name)]
    return (told, [blob for blob in blobs if blob not in told]) if len(told) > 1 else (blobs, [])


def _left_out(blobs: Sequence[Blob]) -> list[str]:
    names = ", ".join(blob.name for blob in blobs)
    return [f"left out, as their names tell no spin-lock time: {names:.300}"] if blobs else []


def _named_time(name: str) -> tuple[float, ...]:
    """The one spin-lock time that the name of an image file tells, or nothing."""
    times = times_in(name.removesuffix(suffix_of(name) or ""))
    return times if len(times) == 1 else ()


def _uppermost(blobs: Sequence[Blob]) -> list[Blob]:
    """The image files that lie least deep in what was given: masks and results often lie in folders beside them."""
    images = [blob for blob in blobs if suffix_of(blob.name)]
    depths = [len(blob.inner.parts) for blob in images]
    return [blob for blob, depth in zip(images, depths, strict=True) if depth == min(depths)]


def _from_files(
    blobs: Sequence[Blob], where: str, times: Sequence[float] | None, spacing: Spacing | None
) -> SpinLockSeries:
    """Image files, in order. Where every name tells a time, the names are believed before the order."""
    images = [_Image(name, scan) for blob in blobs for name, scan in _volumes(blob, spacing)]
    named = [time for image in images for time in _named_time(image.name)]
    if len(named) < len(images):
        if times is None:
            raise UsageError(
                f"{where}: image files tell no spin-lock times; give them in ms, one for each of the {len(images)} "
                "images in order, e.g. --tsl 2,15,30,45"
            )
        return _assembled(_timed(images, times, where), where, "--tsl")
    timed = [replace(image, time_ms=time) for image, time in zip(images, named, strict=True)]
    if times is not None and sorted(times) != sorted(named):
        wrong = ", ".join(f"{image.name} {image.time_ms:g}" for image in timed)
        raise UsageError(f"{where}: --tsl gives other times than the file names ({wrong} ms); correct one of them")
    return _assembled(timed, where, "the file names")


def _volumes(blob: Blob, spacing: Spacing | None) -> list[tuple[str, Scan]]:
    """The volumes of a file and what each is called."""
    scans = load_volumes(blob, spacing)
    several = len(scans) > 1
    return [(f"{blob.name}, volume {n}" if several else blob.name, scan) for n, scan in enumerate(scans, start=1)]


def _numbered(blob: Blob) -> list[tuple[int, str]]:
    """Sorts names as people count: ``sl2`` before ``sl15``."""
    parts = re.split(r"(\d+)", str(blob))
    return [(int(part), "") if part.isdigit() else (0, part) for part in parts]


def _timed(images: Sequence[_Image], times: Sequence[float], where: str) -> list[_Image]:
    """The images with the times that the user gave, in order."""
    if len(images) != len(times):
        found = f"{len(images)} image{'s' if len(images) > 1 else ''} ({', '.join(image.name for image in images)})"
        raise UsageError(
            f"{where}: --tsl gives {len(times)} times for {found:.300}; "
            "give one time for each, in order, and no other images"
        )
    return [replace(image, time_ms=time) for image, time in zip(images, times, strict=True)]


def _from_dicom(
    frames: Sequence[Frame],
    blobs: Sequence[Blob],
    where: str,
    times: Sequence[float] | None,
    asked: Element | None,
    spacing: Spacing | None,
) -> SpinLockSeries:
    """The spin-lock images among the frames of one study, and another series of it for the discs."""
    if len(by_study(frames)) > 1:
        raise UsageError(f"{where}: holds {len(by_study(frames))} DICOM studies; give the spin-lock series of one exam")
    headers = read_headers(frames, asked)
    try:
        told = spin_lock_times(frames, headers, asked) if times is None else None
        stacks = _by_time(frames, told.times) if told else _in_order(frames, blobs)
    except SeriesError as error:
        raise SeriesError(f"{where}: {error}") from error
    images = [_Image(name, _scaled(stack, headers, spacing, where), time) for name, stack, time in stacks]
    used = {id(frame) for _, stack, _ in stacks for frame in stack.frames}
    rest = [frame for frame in frames if id(frame) not in used and _same_space(frame, stacks[0][1].first)]
    images = images if times is None else _timed(images, times, where)
    series = _assembled(images, where, told.source if told else "--tsl")
    return replace(series, anatomy=_anatomy(rest, where))


def _by_time(frames: Sequence[Frame], times: Mapping[tuple[Blob, int], float]) -> list[tuple[str, Stack, float]]:
    """Name, stack and time of every image, by the time of its frames. Raises SeriesError for repeated times."""
    groups: dict[float, list[Frame]] = defaultdict(list)
    for frame in frames:
        if (time := times.get((frame.blob, frame.index))) is not None:
            groups[time].append(frame)
    found = [(time, _fit(stacks_of(groups[time]))) for time in sorted(groups)]
    for time, stacks in found:
        if len(stacks) > 1:
            told = " and ".join(map(str, stacks))
            raise SeriesError(
                f"the spin-lock time {time:g} ms is repeated ({told}); pass the series of one acquisition"
            )
    return [(f"{stacks[0]} at {time:g} ms", stacks[0], time) for time, stacks in found]


def _in_order(frames: Sequence[Frame], blobs: Sequence[Blob]) -> list[tuple[str, Stack, float]]:
    """The same without times: as the inputs were given, then by series number, then as acquired."""
    given = {blob: place for place, blob in enumerate(blobs)}
    stacks = _fit([part for stack in stacks_of(frames) for part in _repeats(stack)])
    first = {id(stack): min(given[frame.blob] for frame in stack.frames) for stack in stacks}
    folders = {id(stack): blobs[first[id(stack)]].inner.parent for stack in stacks}
    order = list(dict.fromkeys(folders[id(stack)] for stack in sorted(stacks, key=lambda one: first[id(one)])))
    ranked = sorted(stacks, key=lambda one: order.index(folders[id(one)]))
    return [(f"{stack} (image {n})", stack, float("nan")) for n, stack in enumerate(ranked, start=1)]


def _fit(stacks: Sequence[Stack]) -> list[Stack]:
    """Those that can be images of a lumbar spin-lock series. Raises SeriesError where none can."""
    reasons = {str(stack): refusal(stack, stacks) for stack in stacks}
    fit = [stack for stack in stacks if not refusal(stack, stacks)]
    if not fit:
        told = "; ".join(f"{name}: {reason}" for name, reason in reasons.items())
        raise SeriesError(f"no sagittal lumbar spin-lock image [{told}]; pass another series")
    return fit


def _repeats(stack: Stack) -> list[Stack]:
    """A stack that shows each place several times, taken apart: the first image of each place, the second, ..."""
    normal = normal_of(stack.first) if stack.first.plane else np.zeros(3)
    places: dict[int, list[Frame]] = defaultdict(list)
    for frame in sorted(stack.frames, key=lambda one: one.order):
        height = float(np.dot(plane_of(frame).position, normal)) if frame.plane else 0.0
        places[round(height / (2.0 * SAME_PLACE_MM))].append(frame)
    turns = max(map(len, places.values()))
    return [Stack(tuple(frames[turn] for frames in places.values() if turn < len(frames))) for turn in range(turns)]


def _scaled(stack: Stack, headers: Mapping[tuple[Blob, int], Header], spacing: Spacing | None, where: str) -> Scan:
    """The stack, read; what Philips scaled by a factor of its own for each series is brought back to one scale.

    Displayed values are the signal times rescale slope times scale slope (Chenevert et al. 2014, Transl Oncol 7:65-71).
    """
    found = read_stack(stack, spacing, None, where)
    scales = {headers[frame.blob, frame.index].scale for frame in stack.frames}
    if scales == {1.0}:
        return found
    if max(scales) > 1.001 * min(scales):
        raise UnreadableError(
            f"{where}: {stack} has slices scaled differently (Philips scale slope); export it unscaled"
        )
    array = (found.volume.array / max(scales)).astype(np.float32)
    return replace(found, volume=Volume(array, found.volume.affine))


def _same_space(frame: Frame, other: Frame) -> bool:
    return frame.frame_of_reference == other.frame_of_reference != ""


def _anatomy(frames: Sequence[Frame], where: str) -> Source | None:
    """The series among these frames that ``analyze`` would choose, None where none fits."""
    try:
        chosen = choose(stacks_of(frames), None)
    except SeriesError:
        return None
    return Source(str(chosen.stack), Path(where), partial(load_study, frames, None, None, None, where))


def _assembled(images: Iterable[_Image], where: str, source: str) -> SpinLockSeries:
    """The series, shortest time first, after all checks."""
    ordered = sorted(images, key=lambda image: image.time_ms)
    _check_times(ordered, where)
    _check_different(ordered, where)
    volumes = [image.scan.volume for image in ordered]
    for image in ordered[1:]:
        _check_grid(ordered[0], image, where)
    negative = [warning for image in ordered for warning in _negative(image)]
    warnings = dict.fromkeys([warning for image in ordered for warning in image.scan.warnings] + negative)
    digest = hashlib.sha256("".join(image.scan.sha256 for image in ordered).encode()).hexdigest()
    return SpinLockSeries(
        times_ms=tuple(image.time_ms for image in ordered),
        volumes=tuple(replace(volume, affine=volumes[0].affine) for volume in volumes),
        names=tuple(image.name for image in ordered),
        times_from=source,
        headers=ordered[0].scan.headers,
        warnings=tuple(warnings),
        sha256=digest,
        placed=ordered[0].scan.placed,
    )


def _check_times(images: Sequence[_Image], where: str) -> None:
    if len(images) < 2:
        raise UsageError(f"{where}: is one image; a decay needs two spin-lock times at least, better four")
    for image in images:
        if not 0.0 <= image.time_ms <= LONGEST_MS:
            raise UsageError(
                f"{where}: {image.time_ms:g} is no spin-lock time in ms (0 to {LONGEST_MS:g}); correct --tsl"
            )
    if images[-1].time_ms < SHORTEST_SERIES_MS:
        told = ", ".join(f"{image.time_ms:g}" for image in images)
        raise UsageError(f"{where}: the spin-lock times {told} look like seconds; give ms, e.g. --tsl 2,15,30,45")
    for one, other in pairwise(images):
        if one.time_ms == other.time_ms:
            raise UsageError(
                f"{where}: the spin-lock time {one.time_ms:g} ms is repeated ({one.name} and {other.name}); each image "
                "needs its own, pass one of the two or correct --tsl"
            )


def _check_different(images: Sequence[_Image], where: str) -> None:
    for one, other in combinations(images, 2):
        if np.array_equal(one.scan.volume.array, other.scan.volume.array):
            raise UsageError(
                f"{where}: {one.name} and {other.name} are the same image, given for {one.time_ms:g} and "
                f"{other.time_ms:g} ms; pass the image of each time"
            )


def _check_grid(first: _Image, image: _Image, where: str) -> None:
    """Raises GeometryError where two images do not show the same voxels; nothing is resampled."""
    one, other = first.scan.volume, image.scan.volume
    who = f"{where}: {first.name} and {image.name}"
    if one.shape != other.shape:
        sizes = " and ".join(" x ".join(map(str, shape)) for shape in (one.shape, other.shape))
        raise GeometryError(f"{who} differ in size ({sizes} voxels); pass images of one series")
    if not np.allclose(one.spacing, other.spacing, rtol=1e-3):
        sizes = " and ".join(map(spacing_text, (one.spacing, other.spacing)))
        raise GeometryError(f"{who} differ in voxel size ({sizes}); pass images of one series")
    corners = np.stack(np.meshgrid(*[(0, size - 1) for size in one.shape]), axis=-1)
    apart = float(np.linalg.norm(one.world(corners) - other.world(corners), axis=-1).max())
    if apart > SAME_GRID_MM:
        raise GeometryError(
            f"{who} lie in different places ({apart:.1f} mm apart); pass images of one series, "
            "or resample them to one grid"
        )


def _negative(image: _Image) -> list[str]:
    """A warning where some values are negative. Raises UnreadableError where many are."""
    share = float((image.scan.volume.array < 0).mean())
    if share >= MANY_NEGATIVE:
        raise UnreadableError(
            f"{image.name}: {share:.0%} of its values are negative; a decay is fitted to magnitude images, pass these"
        )
    return [f"{image.name}: {share:.2%} of its values are negative; these voxels are not fitted"] if share else []
