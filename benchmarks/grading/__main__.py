"""Ideas for the default grader, side by side: `python benchmarks/grading CONFIG [--write docs/grading-ideas.md]`.

CONFIG is that of `lumbardisc train grading`; its crops, folds and patients serve every idea, and the fixed test
patients stay out. Each idea is trained once per fold and seed and judged on the discs, where they were found, of the
patients left out. What is done is kept under `ideas` in the configuration's `out`, and not done again.
"""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path

import numpy as np
from ideas import IDEAS, SHIPPED, measure_all, measured_scores, shipped_scores
from numpy.typing import NDArray

from lumbardisc.evaluation import grading as measures
from lumbardisc.evaluation.bootstrap import clustered_interval
from lumbardisc.evaluation.calibration import expected_calibration_error
from lumbardisc.inference.grading import GRADES, T2_LIKE
from lumbardisc.training.config import GradingConfig, read_config
from lumbardisc.training.grade_calibration import Readings, calibrate, probabilities, readings_of
from lumbardisc.training.grade_crops import GradedCrops, load_crops
from lumbardisc.training.grading import read_grades
from lumbardisc.training.patients import deal_folds

Scores = NDArray[np.float64]
TREES = "measurements, randomised trees, T2"
ALL = (TREES, *IDEAS, SHIPPED)
HEAD = (
    "| idea | seeds | discs | quadratic kappa (95 % interval) | over seeds | accuracy | within one | balanced accuracy "
    "| calibration error |\n|---|---:|---:|---:|---:|---:|---:|---:|---:|"
)


def main() -> None:
    """Train what is not trained yet, print the table, and keep it where asked."""
    options = _options()
    settings = read_config(options.config, GradingConfig)
    sets = read_grades(settings)
    crops, _ = load_crops(sets, settings.segmentation, settings.out / "crops.npz", lambda *_: None)
    folds = deal_folds(crops.patient, settings.folds, settings.seed)
    kept = settings.out / "ideas"
    kept.mkdir(exist_ok=True)
    if not (kept / "measured.csv").exists():
        measure_all(sets, kept / "measured.csv")
    rows = []
    for name in options.ideas or ALL:
        seeds = max(options.seeds, len(list(kept.glob(f"{_file_name(name)}_[0-9].npy"))))
        scores = [_scores(name, settings, crops, folds, seed, kept) for seed in range(seeds)]
        rows += _rows(name, scores, crops, folds)
    text = "\n".join([f"{date.today()}, {len(np.unique(crops.patient))} patients.\n", HEAD, *rows])
    print(text)
    if options.write:
        head = options.write.read_text(encoding="utf-8").split("<!-- measured -->")[0]
        options.write.write_text(f"{head}<!-- measured -->\n\n{text}\n", encoding="utf-8")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("config", type=Path)
    parser.add_argument("--seeds", type=int, default=1, help="networks per fold; at least those that are kept")
    parser.add_argument("--ideas", nargs="*", choices=ALL, help="only these")
    parser.add_argument("--write", type=Path, help="a page to keep the table in, after its line <!-- measured -->")
    return parser.parse_args()


def _scores(
    name: str, settings: GradingConfig, crops: GradedCrops, folds: NDArray[np.int64], seed: int, kept: Path
) -> Scores:
    path = kept / f"{_file_name(name)}_{seed}.npy"
    if not path.exists():
        if name == TREES:
            np.save(path, measured_scores(crops, folds, kept / "measured.csv", seed))
        elif name == SHIPPED:
            np.save(path, shipped_scores(settings, crops, folds, seed))
        else:
            np.save(path, IDEAS[name].scores(settings, crops, folds, seed))
    scores: Scores = np.load(path)
    return scores


def _file_name(idea: str) -> str:
    return "_".join(word.strip("(),") for word in idea.split())


def _rows(name: str, scores: list[Scores], crops: GradedCrops, folds: NDArray[np.int64]) -> list[str]:
    """The first network, the mean of all where there are several, and more of those that ship."""
    single = [_judged(one, crops, folds) for one in scores]
    kappas = [measures.quadratic_kappa(readings.grade, _taken(shares)) for readings, shares in single]
    rows = [_row(name, "1", *single[0], kappas)]
    together = np.mean(scores, axis=0)
    if len(scores) > 1:
        rows.append(_row(f"{name}: mean of the networks", str(len(scores)), *_judged(together, crops, folds), []))
    if name == SHIPPED:
        readings, shares = _judged(together, crops, folds)
        rows.append(_row(f"{name}: if the reader's leaning were known", "", readings, _leaning(readings, shares), []))
        rows.append(_row(f"{name}: both images", str(len(scores)), *_judged(together, crops, folds, both=True), []))
    return rows


def _judged(
    scores: Scores, crops: GradedCrops, folds: NDArray[np.int64], both: bool = False
) -> tuple[Readings, Scores]:
    """Readings of each patient's T2 (SPACE where there is no other) or of T1 and T2 fused, and their probabilities."""
    card, readings = calibrate(readings_of(crops, scores, folds))
    if both:
        chosen = readings.only(readings.group == "t1+t2")
        return chosen, probabilities(chosen, card["calibration"]["t1+t2"])
    plain_t2 = set(readings.patient[readings.contrast == "t2"].tolist())
    other = np.isin(readings.contrast, T2_LIKE) & ~np.isin(readings.patient, list(plain_t2))
    chosen = readings.only((readings.contrast == "t2") | other)
    return chosen, probabilities(chosen, card["calibration"]["t2"])


def _leaning(readings: Readings, shares: Scores) -> Scores:
    """No grader, a bound: expected grades moved by what the reader gave the patient's *other* discs above them.

    The mean difference of the n other discs is shrunk by n / (n + 2). Comes back as certain probabilities (n, 5).
    """
    expected = shares @ np.arange(1, GRADES + 1)
    above = readings.grade - expected
    same = readings.patient[:, None] == readings.patient[None]
    others = same.sum(axis=1) - 1
    moved = expected + (same @ above - above) / (others + 2)
    return np.eye(GRADES)[np.clip(np.rint(moved), 1, GRADES).astype(int) - 1]


def _taken(shares: Scores) -> NDArray[np.int64]:
    return shares.argmax(axis=1) + 1


def _row(name: str, seeds: str, readings: Readings, shares: Scores, kappas: list[float]) -> str:
    truth, taken = readings.grade, _taken(shares)
    kappa = clustered_interval(measures.quadratic_kappa, readings.patient, truth, taken)
    spread = f"{np.mean(kappas):.3f} ± {np.std(kappas, ddof=1):.3f}" if len(kappas) > 1 else ""
    parts = (
        measures.accuracy(truth, taken),
        measures.within_one(truth, taken),
        measures.balanced_accuracy(truth, taken),
        expected_calibration_error(shares.max(axis=1), taken == truth) if shares.max() < 1.0 else np.nan,
    )
    cells = [
        name,
        seeds,
        str(len(truth)),
        str(kappa),
        spread,
        *("" if np.isnan(one) else f"{one:.3f}" for one in parts),
    ]
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
