"""Which file is whose: label maps in folders, paired by name."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lumbardisc.errors import InputError, UsageError
from lumbardisc.io.images import FORMATS, suffix_of
from lumbardisc.training.grades.words import counted, in_order, some

_WORDS = "mask|msk|seg|dseg|segmentation|labels?|labelmap|pred|prediction|truth|gt"
_ENDING = re.compile(rf"(?:^|[_\-. ])(?:{_WORDS})(?:-[a-z0-9]+)?$", re.IGNORECASE)


@dataclass(frozen=True)
class LabelFile:
    """A label map. name: of its case. plain: whether its file is called so without an ending such as ``_mask``."""

    name: str
    path: Path
    plain: bool


@dataclass(frozen=True)
class Pair:
    """A case: its truth, and what was predicted; None where nothing was."""

    name: str
    truth: Path
    predicted: Path | None


def find_maps(root: Path, marked: str = "") -> list[LabelFile]:
    """Every label map of a file or a folder (any nesting), hidden ones left out.

    In a folder, images that have their mask beside them are left out, pictures where there is anything else, and all
    else where there is a ``segmentation``, as `analyze` writes it, which is called as its folder. marked: only files
    with this in their names, where there are any. Raises InputError where there is none, or two of one name.
    """
    if root.is_file():
        return [_named(root)]
    if not root.is_dir():
        raise InputError(f"{root}: there is no such file or folder; check the path")
    paths = [path for path in sorted(root.rglob("*")) if suffix_of(path.name) and not _hidden(path.relative_to(root))]
    placed = [path for path in paths if FORMATS[suffix_of(path.name) or ""].placed] or paths
    chosen = [path for path in placed if marked in path.name] or placed
    maps = _without_images([_named(path) for path in chosen])
    if not maps:
        raise InputError(f"{root}: holds no label map ({', '.join(FORMATS)}); check the path")
    _refuse_twice(root, maps)
    return maps


def pair(predicted: Sequence[LabelFile], truth: Sequence[LabelFile]) -> tuple[list[Pair], tuple[str, ...]]:
    """A pair for each truth, and notes on what has no partner. One of each are a pair whatever their names.

    A name that has no partner goes with the only one that it begins, or that begins it: ``7`` with ``7_t2``. Raises
    UsageError where no prediction has a truth.
    """
    if len(predicted) == len(truth) == 1:
        return [Pair(truth[0].name, truth[0].path, predicted[0].path)], ()
    partners = _partners([one.name for one in predicted], [one.name for one in truth])
    if not partners:
        names = [some(in_order(one.name for one in side)) for side in (predicted, truth)]
        raise UsageError(f"no prediction has a truth of its name (predictions: {names[0]}; truth: {names[1]})")
    paths = {one.name: one.path for one in predicted}
    pairs = [Pair(one.name, one.path, paths.get(partners.get(one.name, ""))) for one in truth]
    missing = [one.name for one in pairs if one.predicted is None]
    unused = sorted(paths.keys() - partners.values())
    notes = (
        f"{counted(len(missing), 'truth')} without a prediction, each disc counted as missed: {some(missing)}",
        f"{counted(len(unused), 'prediction')} without a truth, left out: {some(unused)}",
    )
    return pairs, tuple(note for note, names in zip(notes, (missing, unused), strict=True) if names)


def _hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _named(path: Path) -> LabelFile:
    """``22_t2_mask.nii.gz`` is called 22_t2, ``22_t2/segmentation.nii.gz`` too."""
    stem = path.name[: -len(suffix_of(path.name) or path.suffix)]
    name = stem
    while name and (shorter := _ENDING.sub("", name)) != name:
        name = shorter
    return LabelFile(name or path.resolve().parent.name, path, plain=name == stem)


def _without_images(maps: Sequence[LabelFile]) -> list[LabelFile]:
    whole = {one.path.parent for one in maps if one.path.name.startswith("segmentation.")}
    masked = {(one.path.parent, one.name) for one in maps if not one.plain}
    own = [one for one in maps if one.path.parent not in whole or one.path.name.startswith("segmentation.")]
    return [one for one in own if not one.plain or (one.path.parent, one.name) not in masked]


def _refuse_twice(root: Path, maps: Sequence[LabelFile]) -> None:
    name, count = Counter(one.name for one in maps).most_common(1)[0]
    if count > 1:
        twice = " and ".join(str(one.path.relative_to(root)) for one in maps if one.name == name)
        raise InputError(f"{root}: several label maps are called {name} ({twice}); keep one of them, or rename them")


def _partners(predicted: Sequence[str], truth: Sequence[str]) -> dict[str, str]:
    """Name of a truth -> that of its prediction."""
    same = {name: name for name in truth if name in predicted}
    left = [name for name in predicted if name not in same]
    likely = {name: [one for one in left if _begins(one, name)] for name in truth if name not in same}
    wanted = Counter(one for names in likely.values() for one in names)
    return same | {name: ones[0] for name, ones in likely.items() if len(ones) == 1 and wanted[ones[0]] == 1}


def _begins(one: str, other: str) -> bool:
    shorter, longer = sorted((one, other), key=len)
    return longer.startswith((f"{shorter}_", f"{shorter}-"))
