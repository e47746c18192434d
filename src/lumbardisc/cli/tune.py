"""`lumbardisc tune`: versions of a recipe, each trained again and again, and what tells them apart."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

import typer

from lumbardisc.cli.console import Voice, complain
from lumbardisc.cli.options import Cluster, Config, Jobs, Quiet
from lumbardisc.errors import UsageError

if TYPE_CHECKING:
    from lumbardisc.jobs import Outcome
    from lumbardisc.tuning import Study
    from lumbardisc.tuning.analysis import Analysis

_NEEDS = {"torch": "PyTorch", "matplotlib": "matplotlib", "statsmodels": "statsmodels"}


def tune(
    config: Config,
    jobs: Jobs = 1,
    cluster: Cluster = None,
    quiet: Quiet = False,
) -> None:
    """Train every version of a recipe from several seeds, and tell which is best and whether that is chance.

    CONFIG names the recipe, its configuration, the versions and the seeds; its output folder gets leaderboard.csv,
    renewed after every run, then analysis.json, report.html and figures as PNG and SVG: Dice (0-1) by version and run,
    a linear mixed model with Holm's correction, letters, box plots, and the best run by grade and level. Finished runs
    are never repeated; a run that died goes on from its checkpoint. Needs pip install "lumbardisc[train,evaluate]".

    Exit code: 0 done, 1 some runs failed, 2 nothing could be done.

    Example: lumbardisc tune tune.toml --jobs 2
    """
    _check_installed()
    from lumbardisc.jobs import engine_for
    from lumbardisc.report.tuning import write_tuning
    from lumbardisc.tuning import tune as run_study

    voice = Voice(quiet)
    with voice.progress(1.0) as advance:

        def tell(outcome: Outcome, so_far: Study, total: int) -> None:
            done = len(so_far.runs) + len(so_far.failed)
            advance(f"{done} of {total} runs", done / total)
            _tell_run(outcome, so_far, total, voice)

        advance("first runs", 0.0)
        study = run_study(config, engine_for(jobs, cluster), tell)
    if not study.runs:
        raise typer.Exit(2)
    _tell(write_tuning(study), study, voice)
    if study.failed:
        raise typer.Exit(1)


def _check_installed() -> None:
    if missing := [name for package, name in _NEEDS.items() if find_spec(package) is None]:
        names = " and ".join(missing)
        raise UsageError(f'tune needs {names}, not installed here; pip install "lumbardisc[train,evaluate]"')


def _tell_run(outcome: Outcome, study: Study, total: int, voice: Voice) -> None:
    """A line per run: its score, and how far the study is."""
    if outcome.result is None:
        complain(f"{outcome.job.name}: {outcome.error}")
        return
    done = len(study.runs) + len(study.failed)
    how = "kept from an earlier run" if outcome.kept else f"{outcome.seconds:.0f} s"
    run = next(one for one in study.runs if outcome.job.name == one.job)
    voice.say(f"{run.name}: {run.score_text} ({how}; {done} of {total} runs)")


def _tell(analysis: Analysis, study: Study, voice: Voice) -> None:
    """The best run, whether versions differ, what could not be compared, and where the rest is."""
    from lumbardisc.report.tuning import headlines

    for line in headlines(analysis, study):
        voice.say(line)
    for note in analysis.notes:
        voice.say(f"  {note}")
    voice.say(f"  report: {study.config.out / 'report.html'}")
