"""The section on detection: boxes with level names, by the detector and round the discs of the segmentation."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from datetime import date
from functools import cache

import numpy as np
from boxed import DETECTOR, REFINED, SEGMENTATION, BoxedImage, as_published, boxed_cases, read_image, the_detector
from grading_tables import table
from measures import PIPELINE
from numpy.typing import NDArray

from lumbardisc import __version__
from lumbardisc.errors import InputError
from lumbardisc.evaluation.bootstrap import Interval, clustered_interval
from lumbardisc.evaluation.detection import LUMBAR, LevelScore, all_named_right, coco_average_precision, overall
from lumbardisc.levels import disc_name

SOURCES = ("spider_midsagittal", "mendeley_t1")
PUBLISHED = {5: 0.996, 4: 0.996, 3: 0.996, 2: 0.995, 1: 0.995}
"""Average precision at an IoU of 0.5 by label; Li 2024, Table 2 (10 patients, T1, one scanner)."""
PUBLISHED_MEAN = 0.996
SAMPLES = 1000
"""Resamples of the patients behind each interval."""


def detection_section(options: argparse.Namespace) -> tuple[str, int]:
    """The tables; nothing is caught here, so no image fails silently."""
    detector = the_detector(options)
    images = [read_image(case, detector) for case in boxed_cases(options, SOURCES)]
    if not images:
        raise InputError(
            f"{options.data}: holds no {options.part} patient with boxes; give the folder of all data sets"
        )
    images += [as_published(one) for one in images if one.group.startswith(SOURCES[0])]
    groups = {one.group: [image for image in images if image.group == one.group] for one in images}
    sums = {"detection": detector.weights, "segmentation": PIPELINE.segmenter.weights}
    parts = [
        "## Detection",
        f"Version {__version__}, {', '.join(f'{name} weights {one.sha256[:12]}' for name, one in sums.items())}, "
        f"{options.part} patients, {date.today()}.",
        "SPIDER's published boxes exceed the discs by 10 pixels on every side. They are drawn in by as much, which is "
        "what counts here; then all boxes are compared once more with that margin on them, as they were published "
        "(added after the first had been measured on the test patients).",
        table(
            ["images", "patients", "by", "mAP@0.5", "mAP@0.5:0.95", "patients with every disc named right"],
            [row for name, group in groups.items() for row in _summary(name, group)],
        ),
        *(f"### {name}\n\n{_levels(group)}" for name, group in groups.items()),
        "\n".join(_wrong(images)),
    ]
    return "\n\n".join(filter(None, parts)), 0


def _summary(name: str, group: Sequence[BoxedImage]) -> list[list[object]]:
    patients = len({one.patient for one in group})
    return [
        [f"{name}: {len(group)}", patients, reader, *_precisions(group, reader), _share_right(group, reader)]
        for reader in (DETECTOR, SEGMENTATION, REFINED)
    ]


def _precisions(group: Sequence[BoxedImage], reader: str) -> list[Interval]:
    """mAP@0.5 and mAP@0.5:0.95."""

    @cache
    def score(drawn: bytes) -> LevelScore:
        return overall(_scores([group[index] for index in np.frombuffer(drawn, dtype=np.int64)], reader))

    def interval(metric: Callable[[LevelScore], float]) -> Interval:
        every = np.arange(len(group), dtype=np.int64)
        patients = [one.patient for one in group]
        return clustered_interval(lambda drawn: metric(score(drawn.tobytes())), patients, every, samples=SAMPLES)

    return [interval(lambda one: one.ap50), interval(lambda one: one.ap50_95)]


def _share_right(group: Sequence[BoxedImage], reader: str) -> str:
    """Patients all of whose images of the group are wholly right."""
    wrong = {one.patient for one in group if not all_named_right(one.truth, one.found[reader])}
    patients = sorted({one.patient for one in group})
    right: NDArray[np.float64] = np.array([float(patient not in wrong) for patient in patients])
    share = clustered_interval(lambda values: float(np.mean(values)), patients, right, samples=SAMPLES)
    return f"{int(right.sum())} of {len(patients)}: {share}"


def _scores(group: Sequence[BoxedImage], reader: str) -> dict[int, LevelScore]:
    return coco_average_precision([one.truth for one in group], [one.found[reader] for one in group])


def _levels(group: Sequence[BoxedImage]) -> str:
    """Per level from the top down, as in Table 2 of the paper; the detector, then the segmentation."""
    ours, theirs = _scores(group, DETECTOR), _scores(group, SEGMENTATION)
    names = ("precision", "recall", "AP@0.5", "AP@0.5:0.95")
    head = ["level", "boxes", *names, "AP@0.5, Li 2024", *(f"segmentation: {name}" for name in names)]
    rows = [["all levels", overall(ours).truths, *_cells(overall(ours)), PUBLISHED_MEAN, *_cells(overall(theirs))]]
    for label in reversed(LUMBAR):
        one = ours[label]
        rows.append([disc_name(label), one.truths, *_cells(one), PUBLISHED[label], *_cells(theirs[label])])
    return table(head, rows)


def _cells(score: LevelScore) -> list[str]:
    values = (score.precision, score.recall, score.ap50, score.ap50_95)
    return ["" if np.isnan(value) else f"{value:.3f}" for value in values]


def _wrong(images: Sequence[BoxedImage]) -> list[str]:
    """A line for every image on which the detector is not wholly right."""
    lines = []
    for one in images:
        if not all_named_right(one.truth, one.found[DETECTOR]):
            seen = ", ".join(disc_name(disc.label) for disc in one.found[DETECTOR]) or "nothing"
            lines.append(f"- {one.group} {one.case}: the detector is not right on every disc; it names {seen}")
    return lines
