"""What each step adds: `python benchmarks/t1rho examples/t1rho.toml [--write docs/t1rho-ideas.md]`.

CONFIG is that of `lumbardisc train t1rho`, trained already; its phantoms serve every step, and all are judged on the
phantoms of `training.t1rho.phantoms.TEST_SEEDS`. A step is one network that learnt from four fifths of the exams. What
is done is kept under `steps` in the configuration's `out`, and not done again.
"""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path

import numpy as np
from boxes import planes_and_boxes
from steps import BASELINES, STEPS, Found, baseline, shipped

from lumbardisc.evaluation.bootstrap import clustered_interval
from lumbardisc.evaluation.grading import accuracy
from lumbardisc.training.config import T1rhoConfig, read_config
from lumbardisc.training.patients import deal_folds
from lumbardisc.training.t1rho.answers import GROUPS, WITHIN, mean_auc, phases_of
from lumbardisc.training.t1rho.crops import T1rhoCrops, load_crops
from lumbardisc.training.t1rho.loop import read_exams
from lumbardisc.training.t1rho.phantoms import held_out_exams

HEAD = (
    "| step | accuracy of the phase (95 % interval) | mean AUC (95 % interval) | error of the mean, ms "
    "| truths within the 90 % interval |\n|---|---:|---:|---:|---:|"
)


def main() -> None:
    """Train what is not trained yet, print the table, and keep it where asked."""
    options = _options()
    settings = read_config(options.config, T1rhoConfig)
    kept = settings.out / "steps"
    kept.mkdir(parents=True, exist_ok=True)
    exams, _ = read_exams(settings)
    crops, _ = load_crops(exams, settings.segmentation, kept / "crops.npz", _tell, planes_and_boxes)
    test, _ = load_crops(held_out_exams(), settings.segmentation, kept / "test.npz", _tell, planes_and_boxes)
    folds = deal_folds(crops.patient, settings.folds, settings.seed)
    rows = [_row(name, baseline(features, crops, test), test) for name, features in BASELINES.items()]
    for number, (name, step) in enumerate(STEPS.items()):
        rows.append(_row(name, step.run(settings, crops, folds, test, kept / f"step_{number}.pt"), test))
    for group in GROUPS:
        rows.append(_row(f"shipped, shown {group.upper()}", shipped(settings.out / "t1rho.onnx", test, group), test))
    counts = np.bincount(phases_of(test.values[:, 0]), minlength=4)[1:]
    told = (
        f"{date.today()}; {len(np.unique(crops.patient))} exams to learn from, {len(np.unique(test.patient))} to judge "
    )
    told += f"by, with {len(test)} discs: {counts[0]}, {counts[1]} and {counts[2]} of phases 1, 2 and 3.\n"
    text = "\n".join([told, HEAD, *rows])
    print(text)
    if options.write:
        head = options.write.read_text(encoding="utf-8").split("<!-- measured -->")[0]
        options.write.write_text(f"{head}<!-- measured -->\n\n{text}\n", encoding="utf-8")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("config", type=Path)
    parser.add_argument("--write", type=Path, help="a page to keep the table in, after its line <!-- measured -->")
    return parser.parse_args()


def _tell(text: str, done: float) -> None:
    print(f"{text} ({done:.0%})", flush=True)


def _row(name: str, found: Found, test: T1rhoCrops) -> str:
    truth, error = phases_of(test.values[:, 0]), np.abs(found.mean_ms - test.values[:, 0])
    right = clustered_interval(accuracy, test.patient, truth, found.shares.argmax(axis=1) + 1)
    areas = clustered_interval(mean_auc, test.patient, truth, found.shares)
    within = np.mean(error <= WITHIN * found.sd_ms)
    parts = (
        "" if np.isnan(error).all() else f"{error.mean():.1f}",
        "" if np.isnan(found.sd_ms).all() else f"{within:.1%}",
    )
    return f"| {name} | {right} | {areas} | {' | '.join(parts)} |"


if __name__ == "__main__":
    main()
