"""The tables, as Markdown."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from measures import Overlap, Verdict


def overlap_table(overlaps: Sequence[Overlap]) -> str:
    """Mean, standard deviation and median over cases; the single discs pooled as well."""
    rows = [
        "| data | structure | n | Dice mean ± SD | Dice median | Dice lowest | IoU mean | IoU median |",
        "|---|---|" + "---:|" * 6,
    ]
    singles = [o for o in overlaps if o.structure.startswith("disc ")]
    groups = {(o.group, o.structure) for o in overlaps}
    for group, structure in sorted(groups):
        rows.append(_row(group, structure, [o for o in overlaps if (o.group, o.structure) == (group, structure)]))
    if singles:
        rows.append(_row("spider_space", "every single disc", singles))
    return "\n".join(rows)


def _row(group: str, structure: str, overlaps: Sequence[Overlap]) -> str:
    dices, ious = np.array([[o.dice, o.iou] for o in overlaps]).T
    return (
        f"| {group} | {structure} | {len(overlaps)} | {dices.mean():.3f} ± {dices.std():.3f} | {np.median(dices):.3f} "
        f"| {dices.min():.3f} | {ious.mean():.3f} | {np.median(ious):.3f} |"
    )


def verdict_table(verdicts: Sequence[Verdict]) -> str:
    """Images wholly right per group, and how many of the right and the wrong ones were flagged ``level_ambiguous``."""
    rows = ["| images | n | wholly right | share | right but flagged | wrong and flagged |", "|---|" + "---:|" * 5]
    for group in [*dict.fromkeys(verdict.group for verdict in verdicts), "all"]:
        members = [verdict for verdict in verdicts if group in (verdict.group, "all")]
        right = [verdict for verdict in members if verdict.right]
        flagged = sum(verdict.ambiguous for verdict in right)
        caught = sum(verdict.ambiguous for verdict in members if not verdict.right)
        share = len(right) / len(members)
        rows.append(
            f"| {group} | {len(members)} | {len(right)} | {share:.1%} | {flagged} "
            f"| {caught} of {len(members) - len(right)} |"
        )
    return "\n".join(rows)
