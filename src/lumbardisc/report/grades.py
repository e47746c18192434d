"""Grades in words: what each means, how sure it is, and what else is likely.

The grades are those of Pfirrmann et al., Spine 2001;26:1873-1878, who read structure, the border of nucleus and
annulus, signal and height on T2-weighted sagittal slices.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lumbardisc.inference.grading import Grading
from lumbardisc.pipeline.study import Disc, Study
from lumbardisc.report.columns import meaning

ROMAN = ("I", "II", "III", "IV", "V")
MEANINGS = (
    "A grade I disc is even and bright, nucleus and annulus are clearly apart and its height is full: it is healthy.",
    "A grade II disc is bright but uneven, often with a darker band across; nucleus and annulus are clearly apart, "
    "its height is full.",
    "A grade III disc is grey and uneven; nucleus and annulus can hardly be told apart, its height is full or slightly "
    "reduced.",
    "A grade IV disc is uneven, grey to black; nucleus and annulus cannot be told apart, its height is normal or "
    "moderately reduced.",
    "A grade V disc is black; nothing of its inner structure is left and the disc space has collapsed.",
)
WORTH_TELLING = 0.05
"""Of the second grade: what is less likely is not told."""
LIKELY = 0.5
"""Findings from this probability on are told."""


def percent(probability: float) -> str:
    """A probability as whole percent, never as certainty: ``73 %``, ``over 99 %``, ``under 1 %``."""
    share = min(max(probability, 0.01), 0.99)
    beyond = "over " if probability > 0.995 else "under " if probability < 0.005 else ""
    return f"{beyond}{share * 100:.0f}\N{NO-BREAK SPACE}%"


def grade_text(disc: Disc) -> str:
    """``IV, 73 %``; empty where the disc is not graded."""
    return f"{roman(disc.grading)}, {percent(disc.grading.confidence)}" if disc.grading else ""


def roman(grading: Grading) -> str:
    """The grade as it is written: I to V."""
    return ROMAN[grading.grade - 1]


def how_sure(grading: Grading) -> str:
    """``73 % sure; next III, 24 %``, said to be in doubt where it is."""
    others = {name: share for name, share in _shares(grading) if name != roman(grading)}
    second = max(others, key=lambda name: others[name])
    told = f"{percent(grading.confidence)} sure" if grading.certain else f"in doubt: {percent(grading.confidence)} sure"
    return f"{told}; next {second}, {percent(others[second])}" if others[second] >= WORTH_TELLING else told


def likely_findings(findings: Mapping[str, float]) -> str:
    """``herniation (83 %), narrowing (61 %)``, the likeliest first; empty where none is likely."""
    likely = sorted((item for item in findings.items() if item[1] >= LIKELY), key=lambda item: -item[1])
    return ", ".join(f"{meaning(f'{name}_probability').title} ({percent(share)})" for name, share in likely)


def by_grade(study: Study) -> list[str]:
    """The levels of each grade, the worst first: ``V: L5/S1``, ``II: L3/L4, L4/L5``; empty where none is graded."""
    levels: dict[str, list[str]] = {name: [] for name in reversed(ROMAN)}
    for disc in reversed(list(study.discs.values())):
        if disc.grading:
            levels[roman(disc.grading)].append(disc.level)
    return [f"{name}: {', '.join(discs)}" for name, discs in levels.items() if discs]


def grade_card(grading: Grading) -> dict[str, Any]:
    """What the page says of a grade."""
    return {
        "grade": roman(grading),
        "how_sure": how_sure(grading),
        "meaning": MEANINGS[grading.grade - 1],
        "findings": likely_findings(grading.findings),
        "shares": [
            {"grade": name, "percent": percent(share), "height": round(100 * share, 1), "given": name == roman(grading)}
            for name, share in _shares(grading)
        ],
    }


def _shares(grading: Grading) -> list[tuple[str, float]]:
    return list(zip(ROMAN, grading.probabilities, strict=True))
