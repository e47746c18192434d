"""Estimated T1rho as the page shows it; what was fitted to spin-lock images is no estimate."""

from __future__ import annotations

from collections.abc import Sequence

from lumbardisc.inference.t1rho import PHASES
from lumbardisc.pipeline.estimate import PHANTOM_TRAINED
from lumbardisc.pipeline.study import Disc
from lumbardisc.report import numbers
from lumbardisc.report.grades import percent
from lumbardisc.report.structures import color_of


def estimates(discs: Sequence[Disc]) -> list[dict[str, str | bool]]:
    """A row for each disc with an estimate, in the order given; none where nothing was estimated."""
    return [_row(disc) for disc in discs if mean_text(disc)]


def _row(disc: Disc) -> dict[str, str | bool]:
    shares = [float(disc.values[f"phase_p{phase}"]) for phase in range(1, PHASES + 1)]
    return {
        "level": disc.level,
        "color": color_of(disc.label),
        "mean": mean_text(disc),
        "range": f"{_text(disc, 't1rho_min_ms')} to {_text(disc, 't1rho_max_ms')}",
        "phase": f"{disc.values['phase']}, {percent(max(shares))}",
        "shares": ", ".join(map(percent, shares)),
        "untried": PHANTOM_TRAINED in disc.flags,
    }


def mean_text(disc: Disc) -> str:
    """``96 ± 9``, ms; empty where nothing was estimated."""
    deviation = _text(disc, "t1rho_mean_sd_ms")
    return f"{_text(disc, 't1rho_mean_ms')} ± {deviation}" if deviation else ""


def _text(disc: Disc, name: str) -> str:
    """In whole ms: no estimate is finer."""
    return numbers.text(name, disc.values.get(name), fewer=2)
