"""Finds the studies in what a user names: files, folders, zips; one `Source` each, nothing read but headers."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path, PurePosixPath
from typing import NoReturn

from lumbardisc.errors import InputError, UnreadableError, UsageError
from lumbardisc.io.blobs import Blob, is_zip, members, unreadable, walk
from lumbardisc.io.dicom import by_study, load_study
from lumbardisc.io.dicom_header import Frame, scan
from lumbardisc.io.grid import Spacing
from lumbardisc.io.images import FORMATS, load_image, parts, suffix_of
from lumbardisc.io.names import unique
from lumbardisc.io.no_image import not_an_image, nothing_in
from lumbardisc.io.paths import common_folder, inside, name_of, real_path, stem_of
from lumbardisc.io.scan import Scan, Source
from lumbardisc.io.wishes import Wishes, checked_contrast, checked_spacing

DICOM_SUFFIXES = (".dcm", ".ima")
TRUTH = "truth.csv"
"""A folder that holds this table holds masks and not images."""
_MOST_TOLD = 5  # files that could not be read, one warning each


@dataclass(frozen=True)
class _Found:
    """A study before its name is settled: the short name that it would like, and a longer one where that is taken."""

    short: str
    long: str
    path: Path
    load: Callable[[], Scan]
    files: tuple[Blob, ...] = ()


def find(
    inputs: Sequence[Path],
    *,
    companion: Path | None = None,
    series: str | None = None,
    spacing: tuple[float, float, float] | None = None,
    contrast: str | None = None,
) -> list[Source]:
    """One Source per study in files, folders (any nesting) and zips. Cheap: DICOM headers are read, nothing else.

    Whatever cannot be read becomes a Source whose ``load`` says so, so that one bad input does not stop the others.
    DICOM files named one by one are put together by study; a folder or zip gives one Source per DICOM study in it and
    one per image file, and where these are several, one per folder in it whose DICOM files show no image. Pictures
    (PNG, TIFF) in a folder count only with ``spacing`` or where there is nothing else.

    companion: an image of the same spine with another contrast, for the companions of the one study that there is then.
    series: DICOM series to read: its UID, its number, or a part of its description. spacing: (slice, row, column) in
    mm, for formats without one and in place of a file's own. contrast: one of ``CONTRASTS``, in place of the header's.
    Raises UsageError for a spacing or a contrast that cannot be, and for a companion beside several studies.
    """
    wishes = Wishes(series, checked_spacing(spacing), checked_contrast(contrast))
    found: list[_Found] = []
    single: list[Path] = []
    for path in map(Path, inputs):
        if refusal := _refusal(path):
            found.append(_failing(path, refusal))
        elif _may_be_dicom_file(path):
            single.append(path)
        else:
            found.extend(_guarded(path, wishes))
    found.extend(_dicom_files(single, wishes))
    names = unique([(study.short, study.long) for study in found])
    sources = [Source(name, one.path, one.load, one.files) for name, one in zip(names, found, strict=True)]
    return sources if companion is None else [_accompanied(sources, companion, spacing)]


def _accompanied(sources: Sequence[Source], companion: Path, spacing: Spacing | None) -> Source:
    """The one study, whose scan will have what is found in ``companion`` for its companions."""
    if len(sources) != 1:
        raise UsageError(f"--with {companion}: goes with one study, not with {len(sources)}; give them one by one")
    main, companions = sources[0], tuple(find([companion], spacing=spacing))
    files = tuple(blob for source in (main, *companions) for blob in source.files)
    return replace(main, load=partial(_load_accompanied, main, companions), files=files)


def _load_accompanied(main: Source, companions: tuple[Source, ...]) -> Scan:
    return replace(main.load(), companions=companions)


def _refusal(path: Path) -> UnreadableError | None:
    """What keeps from even looking at a path, such as a folder above it that may not be entered."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):  # told with the other inputs that are not there
        return None
    except OSError as error:
        return unreadable(path, error)
    return None


def _may_be_dicom_file(path: Path) -> bool:
    """Whether a path is a file that no suffix speaks for."""
    return path.is_file() and suffix_of(path.name) is None and not is_zip(path.name)


def _guarded(path: Path, wishes: Wishes) -> list[_Found]:
    """The studies of one input; what keeps it from being read becomes a study that says so."""
    try:
        return _studies(path, wishes)
    except InputError as error:
        return [_failing(path, error)]


def _studies(path: Path, wishes: Wishes) -> list[_Found]:
    if path.is_dir():
        refused: dict[Path, UnreadableError] = {}
        return _collection(path, walk(path, refused), wishes, refused)
    if is_zip(path.name):
        return _collection(path, members(path), wishes, {})
    if not path.exists():
        raise UnreadableError(f"{path}: there is no such file or folder; check the path")
    return [_image(Blob(path), path, wishes)]


def _dicom_files(paths: Sequence[Path], wishes: Wishes) -> list[_Found]:
    """DICOM files that were named one by one, by study; one failing study for each file that is none."""
    frames, problems = scan(Blob(path) for path in paths)
    studies = []
    of_all = by_study(frames)
    for of_study in of_all:
        files = sorted({frame.blob.path for frame in of_study})
        stem, folder = stem_of(files[0].name), real_path(files[0]).parent.name
        short, long = (stem if len(files) == 1 else folder), f"{folder}_{stem}"
        studies.append(_dicom(short, long, files[0], of_study, wishes, _shared(of_study, of_all)))
    read = {frame.blob.path for frame in frames}
    other = [path for path in paths if path not in read]
    return [*studies, *(_failing(path, problems.get(Blob(path)) or not_an_image(path)) for path in other)]


def _collection(
    root: Path, blobs: Sequence[Blob], wishes: Wishes, refused: Mapping[Path, UnreadableError]
) -> list[_Found]:
    """The studies of a folder or a zip: DICOM ones, then image files, then what was refused already."""
    blobs = _without_truth(root, blobs)
    frames, problems = scan(blob for blob in blobs if suffix_of(blob.name) is None)
    studies = by_study(frames)
    images = _images_among(blobs, wishes.spacing is not None, not studies)
    failing = [_failing(path, error) for path, error in refused.items()]
    if not studies and not images:
        if failing:
            return failing
        raise next(iter(problems.values()), None) or nothing_in(root, blobs)
    found = [*_dicom_studies(root, studies, wishes, problems), *(_image(blob, root, wishes) for blob in images)]
    if len(found) + len(failing) == 1:
        return found
    return [*found, *failing, *_without_image(root, blobs, [*(frame.blob for frame in frames), *images])]


def _dicom_studies(
    root: Path, studies: Sequence[list[Frame]], wishes: Wishes, problems: Mapping[Blob, UnreadableError]
) -> Iterator[_Found]:
    """The DICOM studies of a folder or a zip, named by it where there is one, else by their own folders."""
    name, folders = name_of(root), [common_folder(frames, root) for frames in studies]
    for of_study, folder in zip(studies, folders, strict=True):
        digest = hashlib.sha256(of_study[0].study.encode()).hexdigest()[:6]
        long = "_".join(folder) if folder and folders.count(folder) == 1 else f"{name}_{digest}"
        places = None if len(studies) == 1 else {frame.blob.inner.parent for frame in of_study}
        warnings = (*_shared(of_study, studies), *_told(problems, places))
        yield _dicom(name if len(studies) == 1 else long, long, root, of_study, wishes, warnings)


def _shared(of_study: Sequence[Frame], studies: Sequence[list[Frame]]) -> tuple[str, ...]:
    """A warning where the images of another patient have the same StudyInstanceUID."""
    if sum(other[0].study == of_study[0].study for other in studies) == 1:
        return ()
    return ("images of several patients have the same StudyInstanceUID, or none; each patient was read alone",)


def _told(problems: Mapping[Blob, UnreadableError], places: Set[PurePosixPath] | None) -> list[str]:
    """What a study is told of the files that could not be read: of those in its folders, or of all."""
    told = [str(error) for blob, error in problems.items() if places is None or blob.inner.parent in places]
    more = len(told) - _MOST_TOLD
    return told if more < 1 else [*told[:_MOST_TOLD], f"{more} more files could not be read"]


def _without_truth(root: Path, blobs: Sequence[Blob]) -> list[Blob]:
    """Without what ``data phantom`` writes beside its images: masks, which are no scans."""
    truth = {inside(blob, root).parent for blob in blobs if inside(blob, root).name == TRUTH}
    return [blob for blob in blobs if inside(blob, root).parent not in truth]


def _without_image(root: Path, blobs: Sequence[Blob], readable: Sequence[Blob]) -> Iterator[_Found]:
    """Of many studies, a failing one for each folder right below ``root`` that holds DICOM files by name but no image,
    such as files that were cut off; a study by itself may well have a folder of reports."""
    used = {inside(blob, root).parts[0] for blob in readable}
    named = [inside(blob, root) for blob in blobs if blob.name.lower().endswith(DICOM_SUFFIXES)]
    counts = Counter(path.parts[0] for path in named if len(path.parts) > 1)
    for folder in sorted(set(counts) - used):
        place = root / folder
        reason = f"{place}: holds no image that can be read among {counts[folder]} DICOM files; copy or export it again"
        yield _failing(place, UnreadableError(reason))


def _images_among(blobs: Sequence[Blob], with_spacing: bool, alone: bool) -> list[Blob]:
    """Files of a known image format; pictures only where meant, as folders hold screenshots too."""
    formats = {blob: FORMATS[suffix] for blob in blobs if (suffix := suffix_of(blob.name))}
    placed = [blob for blob, kind in formats.items() if kind.placed]
    return list(formats) if with_spacing or (alone and not placed) else placed


def _dicom(
    short: str, long: str, path: Path, frames: Sequence[Frame], wishes: Wishes, warnings: tuple[str, ...] = ()
) -> _Found:
    load = partial(load_study, frames, wishes.series, wishes.spacing, wishes.contrast, str(path), warnings)
    return _Found(short, long, path, load, tuple(sorted({frame.blob for frame in frames})))


def _image(blob: Blob, root: Path, wishes: Wishes) -> _Found:
    """An image file, named by its stem, or where another has the same stem by its folders too."""
    stem = stem_of(blob.name)
    long = (
        "_".join([*inside(blob, root).parent.parts, stem])
        if blob.path != root
        else f"{real_path(root).parent.name}_{stem}"
    )
    return _Found(stem, long, root, partial(load_image, blob, wishes.spacing, wishes.contrast), parts(blob))


def _failing(path: Path, error: InputError) -> _Found:
    """A study that cannot be read."""
    name = stem_of(real_path(path).name)
    return _Found(name, f"{real_path(path).parent.name}_{name}", path, partial(_fail, error))


def _fail(error: InputError) -> NoReturn:
    raise error
