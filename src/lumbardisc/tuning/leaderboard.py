"""leaderboard.csv: every finished run, the best first."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from math import isnan
from pathlib import Path

from lumbardisc.errors import OutputError
from lumbardisc.tuning.study import MAIN, Run

FILE = "leaderboard.csv"


def leaderboard_csv(runs: Sequence[Run]) -> str:
    """A row per run, in the order given: means over the validation subjects; what is undefined is empty."""
    scores = list(dict.fromkeys([MAIN, *(name for run in runs for name in run.scores)]))
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["version", "run", *scores, "seed", "subjects", "seconds"])
    for run in runs:
        own = run.scores
        shown = ["" if isnan(value := own.get(name, float("nan"))) else f"{value:.6g}" for name in scores]
        writer.writerow([run.version, run.number, *shown, run.seed, len(run.subjects), f"{run.seconds:.1f}"])
    return out.getvalue()


def write_leaderboard(runs: Sequence[Run], out: Path) -> None:
    """Beside, then renamed: whoever looks while the study runs finds a whole table. Raises OutputError."""
    beside = out / f".{FILE}"
    try:
        beside.write_text(leaderboard_csv(runs), encoding="utf-8", newline="\n")
        beside.replace(out / FILE)
    except OSError as error:
        raise OutputError(f"{out / FILE}: cannot be written ({error.strerror}); free it or name another out") from error
