"""Several tools on the same truth: whether one is better than another."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from lumbardisc.errors import UsageError
from lumbardisc.evaluation.bootstrap import Interval
from lumbardisc.evaluation.comparison.letters import letters, told_apart
from lumbardisc.evaluation.comparison.tests import Pair, pairwise_wilcoxon
from lumbardisc.evaluation.segmentation.groups import spreads
from lumbardisc.scoring.cases import Row
from lumbardisc.scoring.evaluate import Evaluation

MEASURES: Mapping[str, Callable[[Row], float]] = {
    "dice": lambda row: row.scored.values["dice"],
    "volume_error": lambda row: abs(row.scored.values["volume_ratio"] - 1.0),
}
"""What tools are compared by, of each disc. volume_error: how far the volume ratio is from 1."""
HIGHER_IS_BETTER = {"dice"}


@dataclass(frozen=True)
class Versus:
    """One of ``MEASURES`` over the discs that all tools were compared on.

    means: tool -> its mean over discs, with its interval over patients. pairs: every two by Wilcoxon's signed-rank
    test, disc by disc, corrected by Holm. letters: tools that share one are not told apart; the best has an ``a``.
    """

    measure: str
    discs: int
    means: Mapping[str, Interval]
    pairs: tuple[Pair, ...]
    letters: Mapping[str, str]


def compare_tools(tools: Mapping[str, Evaluation]) -> tuple[Versus, ...]:
    """Tools side by side, disc by disc; discs of a case that failed with one of them are left out of all.

    tools: name -> its evaluation on the same truth, two or more. Raises UsageError where no disc is left.
    """
    rows = {name: {(row.case, row.level): row for row in one.rows} for name, one in tools.items()}
    common = sorted(set.intersection(*(set(own) for own in rows.values())))
    if not common:
        raise UsageError(f"{' and '.join(tools)}: no case could be compared with all of them; see each alone")
    return tuple(
        _versus(measure, {name: [own[key] for key in common] for name, own in rows.items()}) for measure in MEASURES
    )


def _versus(measure: str, tools: Mapping[str, list[Row]]) -> Versus:
    """tools: name -> the same discs in the same order."""
    scores = {name: np.array([MEASURES[measure](row) for row in rows]) for name, rows in tools.items()}
    patients = np.array([row.patient for row in next(iter(tools.values()))])
    means = {name: one.mean for name, one in spreads(scores, patients).items()}
    pairs = pairwise_wilcoxon(scores, paired=True)
    best_first = sorted(means, key=lambda name: means[name].value, reverse=measure in HIGHER_IS_BETTER)
    return Versus(measure, len(patients), means, pairs, letters(best_first, told_apart(pairs)))
