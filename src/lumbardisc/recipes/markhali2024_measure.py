"""How well a version of `markhali2024` outlines discs: the four measures of its Appendix A, over whole stacks."""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lumbardisc.anatomy.orphans import without_orphans
from lumbardisc.evaluation.overlap import dice, precision, recall, volume_ratio
from lumbardisc.networks.unpadded_unet import UnpaddedUNet
from lumbardisc.recipes.markhali2024_config import Markhali2024Config
from lumbardisc.recipes.markhali2024_data import Cohort
from lumbardisc.recipes.markhali2024_parts import shown
from lumbardisc.recipes.markhali2024_versions import Version
from lumbardisc.training.splits import Part
from lumbardisc.training.stack_masks import segment_stack

Mask = NDArray[np.bool_]
Row = dict[str, Any]
"""One subject: its name, its grade and its measures, NaN where undefined."""

MEASURES = {"dice": dice, "precision": precision, "recall": recall, "volume_ratio": volume_ratio}
WITHOUT = "_without_orphans"
"""Behind a measure's name: after orphan removal."""


def segment(network: UnpaddedUNet, stack: NDArray[np.generic], config: Markhali2024Config, version: Version) -> Mask:
    """Mask (slice, row, column) of the discs of a stack, orphans included."""
    return segment_stack(network, [shown(image, version) for image in stack], config.square)


def measure(
    network: UnpaddedUNet, subjects: Cohort, part: Part, config: Markhali2024Config, version: Version
) -> list[Row]:
    """A row for each subject of a part, by its first scan."""
    rows = []
    for scan in subjects.measured(part):
        found = segment(network, scan.image, config, version)
        rows.append({"subject": scan.patient, "grade": subjects.worst(scan.patient), **measures(found, scan.mask)})
    return rows


def measures(found: Mask, truth: Mask) -> dict[str, float]:
    """All measures, before and after orphan removal."""
    kept = without_orphans(found)
    before = {name: of(found, truth) for name, of in MEASURES.items()}
    return before | {f"{name}{WITHOUT}": of(kept, truth) for name, of in MEASURES.items()}


def summary(rows: Sequence[Row]) -> dict[str, Any]:
    """JSON-ready: the mean Dice over subjects, before and after orphan removal, and the rows; None where undefined."""
    means = {name: float(np.mean([row[name] for row in rows])) for name in ("dice", f"dice{WITHOUT}")}
    return {**_known(means), "subjects": [_known(row) for row in rows]}


def _known(row: Row) -> Row:
    return {name: None if isinstance(value, float) and isnan(value) else value for name, value in row.items()}
