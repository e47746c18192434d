"""Segmentation and naming on real patients: overlaps, and whether every disc was found and named right.

A structure that was not found counts as zero; a patient is right only if every disc is found and named right.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np
from measures import (
    PIPELINE,
    Overlap,
    Verdict,
    bodies_named,
    boxes_named,
    count_named,
    space_overlaps,
    vertebra_overlaps,
)
from tables import overlap_table, verdict_table

from lumbardisc import __version__
from lumbardisc.training.sources import sudirman
from lumbardisc.training.sources.spider_boxes import read_boxes, read_series
from lumbardisc.training.splits import part_of


def structures_section(options: argparse.Namespace) -> tuple[str, int]:
    """The tables, and how many images made the program fail."""
    overlaps = [*_space(options), *_vertebrae(options, "vertebrae_t2"), *_vertebrae(options, "vertebrae_water")]
    verdicts = [*_spider(options), *_bodies(options), *_sudirman(options)]
    crashes = [verdict for verdict in verdicts if verdict.reason.startswith("crash")]
    checksum = PIPELINE.segmenter.weights.sha256[:12]
    text = "\n\n".join(
        [
            f"Version {__version__}, segmentation weights {checksum}, {options.part} patients, {date.today()}.",
            "## Overlap",
            overlap_table(overlaps),
            "## Discs found and named",
            verdict_table(verdicts),
            f"Crashes: {len(crashes)} of {len(verdicts)} images.",
            "\n".join(f"- {v.group} {v.case}: {v.reason}" for v in verdicts if not v.right),
        ]
    )
    return text, len(crashes)


def _wanted(options: argparse.Namespace, source: str, patient: str, case: str) -> bool:
    wanted = options.part in ("all", part_of(source, patient))
    if wanted and options.verbose:
        print(source, case, file=sys.stderr, flush=True)
    return wanted


def _space(options: argparse.Namespace) -> Iterator[Overlap]:
    folder = options.data / "spider" / "space"
    for path in sorted(folder.glob("*_mask.nii.gz")):
        case = path.name.removesuffix("_mask.nii.gz")
        if _wanted(options, "spider_space", case.split("_")[0], case):
            yield from space_overlaps(folder / f"{case}.nii.gz", path)


def _vertebrae(options: argparse.Namespace, source: str) -> Iterator[Overlap]:
    for image, bodies in _vertebra_files(options, source):
        yield from vertebra_overlaps(source, image, bodies)


def _bodies(options: argparse.Namespace) -> Iterator[Verdict]:
    for source in ("vertebrae_t2", "vertebrae_water"):
        for image, bodies in _vertebra_files(options, source):
            yield bodies_named(source, image, bodies)


def _vertebra_files(options: argparse.Namespace, source: str) -> Iterator[tuple[Path, Path]]:
    for path in sorted((options.data / source).glob("*_vertebrae.nii.gz")):
        case = path.name.removesuffix("_vertebrae.nii.gz")
        if _wanted(options, source, case, case):
            yield path.with_name(f"{case}.nii.gz"), path


def _sudirman(options: argparse.Namespace) -> Iterator[Verdict]:
    folder = options.data / "mendeley_t1"
    for case, bodies in sudirman.read_outlines(folder).items():
        if _wanted(options, "mendeley_t1", case, case):
            labels = np.zeros(next(iter(bodies.values())).shape, dtype=np.int16)
            for count, mask in bodies.items():
                labels[mask] = count + 1  # S1 is 1 here, so that background stays 0
            spacing = (4.0, sudirman.SPACING_MM, sudirman.SPACING_MM)
            yield bodies_named("mendeley_t1", folder / f"{case}.png", labels[None] - 1, spacing)


def _spider(options: argparse.Namespace) -> Iterator[Verdict]:
    folder = options.data / "spider"
    boxes = read_boxes(folder / "disc_boxes.csv")
    for series, facts in read_series(folder / "series.csv").items():
        if not _wanted(options, "spider_midsagittal", facts["patient"], series):
            continue
        path = folder / "midsagittal" / f"{series}.png"
        spacing = tuple(float(facts[key]) for key in ("slice_thickness_mm", "row_spacing_mm", "col_spacing_mm"))
        if boxes[series]:
            yield boxes_named(facts["sequence"], path, spacing, boxes[series])
        else:
            yield count_named(facts["sequence"], path, spacing, int(facts["num_discs"]))
