"""T1rho of the phantom's discs beside the literature: `python benchmarks/phantom [--write docs/phantom-t1rho.md]`.

Some hundred spines are drawn and the truth of their five lowest discs is taken: T1rho in the central 1 cm2 of the
nucleus, T2, proteoglycan, grade, age, and the signal of the same 1 cm2 on T1 and T2 images without noise. Then it is
asked how well the phase could be told from each of these alone: by the phases of the 31 nearest discs of other spines.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold, cross_val_predict
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from lumbardisc.phantom import SEQUENCES, draw_spine
from lumbardisc.phantom.nucleus import T1rhoMap
from lumbardisc.phantom.truth import REGION_MM, mid_plane
from lumbardisc.quantify.t1rho import phase_of

Array = NDArray[Any]
DISCS = 5
FIELD_T = 1.5
NEIGHBOURS = 31
LI_2024 = {1: 12, 2: 133, 3: 83, 4: 68, 5: 4}  # discs by grade; phases 144, 76, 80


@dataclass(frozen=True)
class Discs:
    """All discs, one value each. T1rho (ms): of the central 1 cm2. t1_signal, t2_signal: mean of the same place."""

    spine: Array
    age: Array
    label: Array
    grade: Array
    proteoglycan: Array
    t2: Array
    lowest: Array
    mean: Array
    highest: Array
    t1_signal: Array
    t2_signal: Array

    @property
    def phase(self) -> Array:
        """Phase by the mean T1rho."""
        return np.array([phase_of(value) for value in self.mean])


def main() -> int:
    """Draw, measure, print, and keep the tables where asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--spines", type=int, default=500, help="seeds 0, 1, ...")
    parser.add_argument("--write", type=Path, help="a page to keep the tables in, after its line <!-- measured -->")
    options = parser.parse_args()
    rows = [row for seed in range(options.spines) for row in _spine(seed)]
    discs = Discs(*np.array(rows).T)
    lines = [f"{options.spines} spines (seeds 0 to {options.spines - 1}), {len(rows)} discs, {FIELD_T} T.", ""]
    text = "\n".join([*lines, *_by_grade(discs), "", *_beside_literature(discs), "", *_ceilings(discs)])
    print(text)
    if options.write:
        head = options.write.read_text(encoding="utf-8").split("<!-- measured -->")[0] if options.write.exists() else ""
        options.write.write_text(f"{head}<!-- measured -->\n\n{text}\n", encoding="utf-8")
    return 0


def _spine(seed: int) -> Iterator[tuple[float, ...]]:
    """The discs of one spine, values in the order of ``Discs``."""
    spine = draw_spine(seed)
    t1rho = T1rhoMap.of(spine)
    images = [SEQUENCES[name].signals(t1rho.materials.palette, FIELD_T).real for name in ("t1", "t2")]
    for disc in spine.discs[:DISCS]:
        centre = t1rho.centre(disc, mid_plane(disc, REGION_MM), REGION_MM**2)
        state, times = disc.degeneration, t1rho.row_ms[centre]
        values = state.grade, state.proteoglycan, state.nucleus_t2_ms, times.min(), times.mean(), times.max()
        yield (seed, spine.age_years, disc.label, *values, *(signal[centre].mean() for signal in images))


def _by_grade(discs: Discs) -> Iterator[str]:
    """Means and standard deviations of every grade, and its phases."""
    yield "| grade | discs | T1rho mean (ms) | T1rho min | T1rho max | T2 (ms) | proteoglycan | phase 1 / 2 / 3 |"
    yield "|---|---:|---:|---:|---:|---:|---:|---:|"
    for grade, name in enumerate(("I", "II", "III", "IV", "V"), start=1):
        here = discs.grade == grade
        values = [_spread(each[here]) for each in (discs.mean, discs.lowest, discs.highest, discs.t2)]
        shares = " / ".join(f"{share:.0%}" for share in _shares(discs.phase[here]))
        content = _spread(discs.proteoglycan[here], 2)
        yield f"| {name} | {here.sum()} | {' | '.join(values)} | {content} | {shares} |"


def _beside_literature(discs: Discs) -> Iterator[str]:
    """What was published beside what the phantom has."""
    middle_aged, young = (discs.age >= 40) & (discs.age <= 60), (discs.age >= 20) & (discs.age <= 40)
    early, late = (discs.grade > 1)[discs.grade <= 3], discs.grade > 3
    reweighted = sum(count * _shares(discs.phase[discs.grade == grade]) for grade, count in LI_2024.items())
    yield "| what | literature | phantom |"
    yield "|---|---|---:|"
    rows = {
        "T1rho with grade, r": ("-0.84 (Blumenkrantz 2010, 77 discs, 3 T)", _r(discs.mean, discs.grade)),
        "the same, owners of 40 to 60": (
            "-0.51 (Auerbach 2006, 10 without symptoms, 1.5 T)",
            _r(discs.mean[middle_aged], discs.grade[middle_aged]),
        ),
        "T2 with grade, r": ("-0.61 (Blumenkrantz 2010, 44 discs)", _r(discs.t2, discs.grade)),
        "T1rho with T2, r": ("significant (Blumenkrantz 2010), strong (BMC 2022)", _r(discs.mean, discs.t2)),
        "T1rho with proteoglycan, r": (
            "0.85 (Mulligan 2015, 12 discs); 0.70 (Johannessen 2006, from memory)",
            _r(discs.mean, discs.proteoglycan),
        ),
        "T1rho with age 20 to 40, r by level": ("-0.01 to -0.27 (Menezes-Reis 2016)", _by_level(discs, "mean", young)),
        "T2 with age 20 to 40, r by level": ("-0.20 to -0.51 (Menezes-Reis 2016)", _by_level(discs, "t2", young)),
        "T1rho with age, all, r": ("no figure found", _r(discs.mean, discs.age)),
        "T1rho: AUC of I against II-III": ("0.70 (BMC 2022)", _auc(early, discs.mean[discs.grade <= 3])),
        "T1rho: AUC of I-III against IV-V": ("0.91 (BMC 2022)", _auc(late, discs.mean)),
        "T2: AUC of I against II-III": ("0.87 (BMC 2022)", _auc(early, discs.t2[discs.grade <= 3])),
        "T2: AUC of I-III against IV-V": ("0.95 (BMC 2022)", _auc(late, discs.t2)),
        "phases 1 / 2 / 3 of 300 discs": (
            "144 / 76 / 80 (Li 2024)",
            " / ".join(f"{300 * share:.0f}" for share in _shares(discs.phase)),
        ),
        "the same, grades in the shares of Li 2024": (
            "144 / 76 / 80 (Li 2024)",
            " / ".join(f"{count:.0f}" for count in np.atleast_1d(reweighted)),
        ),
        "T1rho with the signal on T1 images, r": ("no figure found", _r(discs.mean, discs.t1_signal)),
        "T1rho with the signal on T2 images, r": ("no figure found", _r(discs.mean, discs.t2_signal)),
    }
    yield from (f"| {what} | {published} | {measured} |" for what, (published, measured) in rows.items())


def _ceilings(discs: Discs) -> Iterator[str]:
    """How well the phase can be told from a few numbers that an image shows."""
    yield "| known of a disc | accuracy of the phase | mean AUC |"
    yield "|---|---:|---:|"
    often = _shares(discs.phase).max()
    yield f"| nothing: the most frequent phase | {often:.3f} | 0.500 |"
    grade, age, t1, t2 = discs.grade, discs.age, discs.t1_signal, discs.t2_signal
    known = {
        "age": [age],
        "grade": [grade],
        "T1 signal": [t1],
        "T1 signal and grade": [t1, grade],
        "T2 signal": [t2],
        "T2 signal and grade": [t2, grade],
        "T1 and T2 signal": [t1, t2],
    }
    for name, values in known.items():
        model = make_pipeline(StandardScaler(), KNeighborsClassifier(NEIGHBOURS))
        chances = cross_val_predict(
            model, np.stack(values, axis=1), discs.phase, groups=discs.spine, cv=GroupKFold(10), method="predict_proba"
        )
        accuracy = (chances.argmax(axis=1) + 1 == discs.phase).mean()
        yield f"| {name} | {accuracy:.3f} | {roc_auc_score(discs.phase, chances, multi_class='ovr'):.3f} |"


def _shares(phase: Array) -> Array:
    """Parts of the three phases."""
    return np.array([(phase == each).mean() for each in (1, 2, 3)])


def _spread(values: Array, digits: int = 0) -> str:
    return f"{values.mean():.{digits}f} +- {values.std(ddof=1):.{digits}f}"


def _r(one: Array, other: Array) -> str:
    """Pearson's and Spearman's correlation."""
    return f"{np.corrcoef(one, other)[0, 1]:.2f} (rank {spearmanr(one, other).statistic:.2f})"


def _by_level(discs: Discs, name: str, chosen: Array) -> str:
    """Smallest and largest correlation with age over the five levels."""
    found = []
    for label in range(1, DISCS + 1):
        here = chosen & (discs.label == label)
        found.append(np.corrcoef(getattr(discs, name)[here], discs.age[here])[0, 1])
    return f"{max(found):.2f} to {min(found):.2f}"


def _auc(worse: Array, values: Array) -> str:
    """Area under the curve where low values mean worse."""
    return f"{roc_auc_score(worse, -values):.2f}"


if __name__ == "__main__":
    raise SystemExit(main())
