"""How well a version of `markhali2024` outlines discs: the four measures of its Appendix A, over whole stacks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isnan
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lumbardisc.anatomy.orphans import without_orphans
from lumbardisc.conventions import number_upward
from lumbardisc.evaluation.overlap import dice, precision, recall, volume_ratio
from lumbardisc.evaluation.per_disc import nearest_discs
from lumbardisc.levels import disc_name
from lumbardisc.networks.unpadded_unet import UnpaddedUNet
from lumbardisc.recipes.markhali2024_config import Markhali2024Config
from lumbardisc.recipes.markhali2024_data import Cohort
from lumbardisc.recipes.markhali2024_parts import shown
from lumbardisc.recipes.markhali2024_versions import Version
from lumbardisc.training.masked_slices import MaskedSlices
from lumbardisc.training.splits import Part
from lumbardisc.training.stack_masks import segment_stack

Mask = NDArray[np.bool_]
Row = dict[str, Any]
"""A subject or disc by name, its grade and its measures, NaN where undefined."""

MEASURES = {"dice": dice, "precision": precision, "recall": recall, "volume_ratio": volume_ratio}
WITHOUT = "_without_orphans"
"""Behind a measure's name: after orphan removal."""


@dataclass(frozen=True)
class Measured:
    """A row per subject, by its first scan, and one per disc of it, lowest first."""

    subjects: Sequence[Row]
    discs: Sequence[Row]

    def to_json(self) -> dict[str, Any]:
        """With the mean Dice over subjects, before and after orphan removal; None where undefined."""
        means = {name: float(np.nanmean([row[name] for row in self.subjects])) for name in ("dice", f"dice{WITHOUT}")}
        rows = {"subjects": self.subjects, "discs": self.discs}
        return _known(means) | {name: [_known(row) for row in of] for name, of in rows.items()}


def segment(network: UnpaddedUNet, stack: NDArray[np.generic], config: Markhali2024Config, version: Version) -> Mask:
    """Mask (slice, row, column) of the discs of a stack, orphans included."""
    return segment_stack(network, [shown(image, version) for image in stack], config.square)


def measure(
    network: UnpaddedUNet, subjects: Cohort, part: Part, config: Markhali2024Config, version: Version
) -> Measured:
    """The subjects of a part and their discs."""
    rows: list[Row] = []
    discs: list[Row] = []
    for scan in subjects.measured(part):
        found = segment(network, scan.image, config, version)
        kept = without_orphans(found)
        grade = subjects.worst(scan.patient)
        rows.append({"subject": scan.patient, "grade": grade, **measures(found, kept, scan.mask)})
        discs += disc_rows(found, kept, scan, subjects)
    return Measured(rows, discs)


def measures(found: Mask, kept: Mask, truth: Mask) -> dict[str, float]:
    """All measures, before orphan removal and after."""
    before = {name: of(found, truth) for name, of in MEASURES.items()}
    return before | {f"{name}{WITHOUT}": of(kept, truth) for name, of in MEASURES.items()}


def disc_rows(found: Mask, kept: Mask, scan: MaskedSlices, subjects: Cohort) -> Iterator[Row]:
    """The discs of a scan, named upward from the lowest; what was found counts for the nearest."""
    truth = number_upward(scan.mask)
    nearest = nearest_discs(found, truth)
    grades = subjects.grades.get(scan.patient, {})
    for disc in range(1, int(truth.max(initial=0)) + 1):
        of_disc = nearest == disc
        named = {"subject": scan.patient, "level": disc_name(disc), "grade": grades.get(disc)}
        yield named | measures(of_disc, of_disc & kept, truth == disc)


def _known(row: Row) -> Row:
    return {name: None if isinstance(value, float) and isnan(value) else value for name, value in row.items()}
