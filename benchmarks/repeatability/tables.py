"""The tables, as Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import isfinite, isnan, nan

import numpy as np
from images import CONTRAST, PHANTOMS, T2_LIKE, Twice
from numpy.typing import NDArray

from lumbardisc.anatomy.same_spine import APART_MM, FITS_MM, lay_on
from lumbardisc.evaluation.bootstrap import clustered_interval
from lumbardisc.pipeline.follow_up import change_of
from lumbardisc.pipeline.pair import Pair
from lumbardisc.pipeline.unfit import SIZE_TOLERANCE
from lumbardisc.quantify.compare import SIGNALS
from lumbardisc.quantify.repeatability import REPEATABILITY, Z

Values = NDArray[np.float64]
Pairs = Mapping[str, Sequence[Twice]]


def fit_table(pairs: Pairs) -> str:
    """How far the bones of the two images lie from each other: as named, one level off, of another patient."""
    rows = []
    for name, found in pairs.items():
        shuffled = [
            Pair(one.pair.now, other.pair.before) for one, other in zip(found, [*found[1:], found[0]], strict=True)
        ]
        rows += [
            [name, "as named", *_distances([_distance(one.pair) for one in found])],
            [name, "named one level off", *_distances([_shifted(one.pair) for one in found])],
            [name, "of another patient", *_distances([_distance(one) for one in shuffled])],
        ]
    head = [
        "images",
        "laid on each other",
        "n",
        "5 %",
        "median",
        "95 %",
        f"within {FITS_MM} mm",
        f"within {APART_MM} mm",
    ]
    return _table(head, rows)


def measure_table(found: Sequence[Twice]) -> str:
    """Within-subject standard deviation of each measure and what comes of it; of pairs that would be compared."""
    rows = []
    for measure in REPEATABILITY:
        patients, before, now = _values(found, measure)
        if len(before):
            error = clustered_interval(within_subject, patients, before, now)
            least = Z * np.sqrt(2) * error.value
            beyond = float(np.mean(np.abs(now - before) > least))
            unseen = _values([one for one in found if one.validation], measure)[1:]
            rows.append(
                [
                    f"`{measure}`",
                    f"{len(before)} of {len(set(patients))}",
                    f"{before.mean():.3g}",
                    f"{(now - before).mean():+.2g}",
                    f"{error.value:.3g} ({error.low:.3g}, {error.high:.3g})",
                    f"{within_subject(*unseen):.3g}" if len(unseen[0]) else "",
                    f"{least:.3g}",
                    f"{beyond:.1%}",
                ]
            )
    head = ["measure", "discs of patients", "mean", "bias", "within-subject SD (95 % interval)", "validation alone"]
    return _table([*head, "1.96 √2 SD", "beyond it"], rows)


def kept_table(pairs: Pairs) -> str:
    """The rows of the package, and what was measured now."""
    rows = []
    for measure, kept in REPEATABILITY.items():
        in_patients, discs, patients, how = of_patients(pairs, measure)
        by_position = within_subject(*_values(pairs[PHANTOMS], measure)[1:])
        now = f"{in_patients:.3g} and {by_position:.3g}"
        then = f"{kept.in_patients:g} and {kept.by_position:g}"
        rows.append([f"`{measure}`", how, f"{discs} of {patients}", now, then, f"{kept.least_detectable:.3g}"])
    return _table(["measure", "in patients", "discs of patients", "SD now", "SD kept", "least detectable"], rows)


def of_patients(pairs: Pairs, measure: str) -> tuple[float, int, int, str]:
    """SD in patients, discs, patients, and by what. Signals by two T2-weighted sequences, sizes by T1 and T2.

    No data hold whole discs twice, so a volume is taken to err as the area of one slice does, relative to its size.
    """
    if measure == "volume_mm3":
        patients, before, now = _values(pairs[CONTRAST], "area_mm2")
        volume = float(np.mean(_values(pairs[PHANTOMS], measure)[1]))
        relative = within_subject(before, now) / float(np.mean([before, now]))
        return volume * relative, len(before), len(set(patients)), f"as the area, {CONTRAST}"
    how = T2_LIKE if measure in SIGNALS else CONTRAST
    patients, before, now = _values(pairs[how], measure)
    return within_subject(before, now), len(before), len(set(patients)), how


def told_table(pairs: Pairs) -> str:
    """Of the measures that were compared, how many were told to have changed."""
    rows = []
    for name, found in pairs.items():
        told = [row for one in found for row in change_of(one.pair).rows]
        for measure in dict.fromkeys(row.measure for row in told):
            own = [row for row in told if row.measure == measure and row.verdict != "not compared"]
            if own:
                changed = sum(row.beyond_error for row in own)
                rows.append([name, f"`{measure}`", len(own), changed, f"{changed / len(own):.1%}"])
    return _table(["images", "measure", "discs", "told as changed", "share"], rows)


def within_subject(before: Values, now: Values) -> float:
    """Root of the mean square within subjects of pairs (Bland and Altman 1996, BMJ 313:744)."""
    return float(np.sqrt(np.mean((now - before) ** 2) / 2)) if len(before) else nan


def _values(found: Sequence[Twice], measure: str) -> tuple[list[str], Values, Values]:
    """Patient, value before and value now of every disc that is compared."""
    rows = [row for one in found if _comparable(one.pair) for row in _of(one, measure)]
    patients, before, now = zip(*rows, strict=True) if rows else ((), (), ())
    return list(patients), np.array(before, dtype=np.float64), np.array(now, dtype=np.float64)


def _comparable(pair: Pair) -> bool:
    return pair.fits and pair.whole is not None and abs(pair.whole.size - 1.0) <= SIZE_TOLERANCE


def _of(one: Twice, measure: str) -> Iterator[tuple[str, float, float]]:
    for level in one.pair.compared:
        discs = [study.discs[level] for study in (one.pair.before, one.pair.now)]
        before, now = (float(disc.get(measure, nan)) for disc in discs)
        whole = measure != "volume_mm3" or all(disc["volume_complete"] for disc in discs)
        if isfinite(before) and isfinite(now) and whole:
            yield one.patient, before, now


def _distance(pair: Pair) -> float:
    return pair.whole.distance_mm if pair.whole else nan


def _shifted(pair: Pair) -> float:
    """Of the better of the two numberings that are one level off."""
    others = [fit.distance_mm for shift in (-1, 1) if (fit := lay_on(*pair.bones, shift=shift))]
    return min(others, default=nan)


def _distances(values: Sequence[float]) -> list[object]:
    known = np.array([value for value in values if not isnan(value)])
    if not len(known):
        return [0, *[""] * 5]
    shares = [f"{np.mean(known <= limit):.0%}" for limit in (FITS_MM, APART_MM)]
    return [len(known), *(f"{value:.2f} mm" for value in np.percentile(known, [5, 50, 95])), *shares]


def _table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)
