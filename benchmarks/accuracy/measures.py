"""One image against its truth: overlaps, and whether every disc was found and named right."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from lumbardisc import io
from lumbardisc.errors import LumbardiscError
from lumbardisc.evaluation.overlap import dice, iou
from lumbardisc.inference.segmentation import Segmenter
from lumbardisc.io import load_labels
from lumbardisc.levels import CANAL, SACRUM, disc_name, is_body, is_disc
from lumbardisc.pipeline import Study, default_pipeline
from lumbardisc.training.sources.spider_boxes import Box
from lumbardisc.training.sources.spider_space import bodies_only

Spacing = tuple[float, float, float]
Labels = NDArray[np.integer]


WEIGHTS = os.environ.get("LUMBARDISC_WEIGHTS")
"""An exported segmentation to measure in place of the one that ships with the package."""
PIPELINE = replace(default_pipeline(), segmenter=Segmenter(Path(WEIGHTS))) if WEIGHTS else default_pipeline()


@dataclass(frozen=True)
class Overlap:
    """Dice and IoU of one structure of one case."""

    group: str
    case: str
    structure: str
    dice: float
    iou: float


@dataclass(frozen=True)
class Verdict:
    """Whether every disc of one image was found and named right; if not, why."""

    group: str
    case: str
    right: bool
    reason: str = ""
    ambiguous: bool = False


def space_overlaps(image: Path, mask: Path) -> Iterator[Overlap]:
    """Discs together, each disc, bodies (arches cut off at the canal's front) and canal of a T2-SPACE volume."""
    case, truth = image.name.split("_")[0], load_labels(mask).sagittal().array
    found = _labels(image, truth.shape)
    pairs = {
        "discs": (_discs(found), truth == 1),
        "bodies": (_bodies(found), bodies_only(truth == 2, truth == 3)),
        "canal": (found == CANAL, truth == 3),
    }
    for count, disc in enumerate(_separate_discs(truth == 1), start=1):
        pairs[f"disc {disc_name(count)}"] = (found == count, disc)
    for structure, (ours, theirs) in pairs.items():
        yield Overlap("spider_space", case, structure, dice(ours, theirs), iou(ours, theirs))


def vertebra_overlaps(group: str, image: Path, bodies: Path) -> Iterator[Overlap]:
    """The labelled bodies together, each under its own name: a body with the wrong name counts as missed."""
    truth = load_labels(bodies).sagittal().array
    found = _labels(image, truth.shape)
    ours = np.where(np.isin(found - SACRUM, np.unique(truth[truth > 0])), found - SACRUM, 0)
    same, total = ((ours == truth) & (truth > 0)).sum(), (ours > 0).sum() + (truth > 0).sum()
    yield Overlap(group, image.name.split(".")[0], "bodies by name", 2 * same / total, same / (total - same))
    yield Overlap(group, image.name.split(".")[0], "bodies", dice(ours > 0, truth > 0), iou(ours > 0, truth > 0))


def boxes_named(group: str, image: Path, spacing: Spacing, boxes: Sequence[Box]) -> Verdict:
    """Right if each box holds the centre of the disc of its own number, and no disc below the highest lacks a box."""
    study = _try(image, spacing)
    if isinstance(study, str):
        return Verdict(group, image.stem, False, study)
    centres = _centres(study)
    wrong = [
        disc_name(count)
        for count, x, y, width, height in boxes
        if count not in centres or not (y <= centres[count][0] < y + height and x <= centres[count][1] < x + width)
    ]
    extra = [disc_name(count) for count in centres if count not in {box[0] for box in boxes} and count < max(boxes)[0]]
    reason = "; ".join([f"not found or misnamed: {', '.join(wrong)}"] * bool(wrong) + [f"extra: {extra}"] * bool(extra))
    return Verdict(f"{group} (boxes)", image.stem, not reason, reason, bool(study.flags))


def count_named(group: str, image: Path, spacing: Spacing, number: int) -> Verdict:
    """Without boxes: right if the discs are numbered 1 to ``number`` without a gap; one more or less at the top may be.

    (The count was made on the whole volume, where the uppermost disc may show on other slices only.)
    """
    study = _try(image, spacing)
    if isinstance(study, str):
        return Verdict(group, image.stem, False, study)
    counts = sorted(_centres(study))
    right = counts == list(range(1, len(counts) + 1)) and abs(len(counts) - number) <= 1
    reason = "" if right else f"found {counts}, the volume has {number}"
    return Verdict(f"{group} (count)", image.stem, right, reason, bool(study.flags))


def bodies_named(group: str, image: Path, truth: Path | Labels, spacing: Spacing | None = None) -> Verdict:
    """Right if every labelled body has its own name and every disc between two of them lies between them.

    truth: bodies numbered from the sacrum, 1 = L5, as a file, or as an array (slice, row, column) in which -1 is
    background and 0 is S1.
    """
    study = _try(image, spacing)
    if isinstance(study, str):
        return Verdict(group, image.stem, False, study)
    if isinstance(truth, Path):
        labels = load_labels(truth).sagittal().array.astype(int)
        labels[labels == 0] = -1
    else:
        labels = truth.astype(int)
    found = study.labels.sagittal().array
    counts = [int(count) for count in np.unique(labels) if count >= 0]
    misnamed = [count for count in counts if _commonest(found[labels == count]) != SACRUM + count]
    middles = {count: np.argwhere(labels == count).mean(axis=0)[1] for count in counts}
    lost = [c for c in counts if c + 1 in middles and not _between(found == c + 1, middles[c + 1], middles[c])]
    if counts[0] == 1 and not _between(found == 1, middles[1], np.inf):
        lost.insert(0, 0)
    parts = [f"body {count} misnamed" for count in misnamed] + [f"{disc_name(c + 1)} not in place" for c in lost]
    return Verdict(group, image.name.split(".")[0], not parts, "; ".join(parts), bool(study.flags))


def _try(image: Path, spacing: Spacing | None = None) -> Study | str:
    """The study, or in words why there is none."""
    try:
        (source,) = io.find([image], spacing=spacing)
        return PIPELINE.run(source.load(), source.name)
    except LumbardiscError as error:
        return f"refused: {error}"
    except Exception as error:
        return f"crash: {error!r}"


def _labels(image: Path, shape: tuple[int, ...]) -> Labels:
    """The label map in the working order; nothing at all where the image was refused."""
    study = _try(image)
    return np.zeros(shape, dtype=np.int16) if isinstance(study, str) else study.labels.sagittal().array


def _centres(study: Study) -> dict[int, tuple[float, float]]:
    """Disc number -> centre (row, column) on the single slice."""
    labels = study.labels.sagittal().array
    return {
        label: tuple(np.argwhere(labels == label).mean(axis=0)[1:]) for label in study.labels.present if is_disc(label)
    }


def _separate_discs(discs: NDArray[np.bool_]) -> list[NDArray[np.bool_]]:
    """Components of a merged disc mask, lowest first; specks are left out."""
    components, count = ndimage.label(discs, structure=np.ones((3, 3, 3)))
    masks = [components == index for index in range(1, count + 1)]
    large = [mask for mask in masks if mask.sum() >= 150]
    return sorted(large, key=lambda mask: -np.argwhere(mask).mean(axis=0)[1])


def _discs(labels: Labels) -> NDArray[np.bool_]:
    return np.isin(labels, [label for label in np.unique(labels) if is_disc(int(label))])


def _bodies(labels: Labels) -> NDArray[np.bool_]:
    return np.isin(labels, [label for label in np.unique(labels) if is_body(int(label))])


def _commonest(values: Labels) -> int:
    """The label that most voxels have, background left out; 0 where there is only background."""
    kinds, sizes = np.unique(values[values > 0], return_counts=True)
    return int(kinds[sizes.argmax()]) if len(kinds) else 0


def _between(mask: NDArray[np.bool_], upper: float, lower: float) -> bool:
    return bool(mask.any() and upper < np.argwhere(mask).mean(axis=0)[1] < lower)
