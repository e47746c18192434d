"""`lumbardisc bids`: the main job over a BIDS data set, called as BIDS-Apps are."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from lumbardisc.cli.console import Voice, complain
from lumbardisc.cli.options import Cluster, Jobs, Quiet, T1rho, Verbose, Weights
from lumbardisc.cli.studies import check_writable, run_tasks, tell_cohort
from lumbardisc.errors import UsageError
from lumbardisc.jobs import Engine, engine_for

if TYPE_CHECKING:
    from lumbardisc.cohort import Task
    from lumbardisc.cohort.bids import BidsImage

Level = Literal["participant", "group"]


def bids(
    bids_dir: Annotated[Path, typer.Argument(metavar="BIDS_DIR", help="The data set, with dataset_description.json.")],
    output_dir: Annotated[Path, typer.Argument(metavar="OUTPUT_DIR", help="Folder of the derivatives.")],
    level: Annotated[Level, typer.Argument(metavar="LEVEL", help="participant: each image; group: all tables in one.")],
    more: Annotated[list[str] | None, typer.Argument(metavar="LABEL", help="More participant labels.")] = None,
    participant_label: Annotated[
        list[str] | None,
        typer.Option(
            "--participant-label", "--participant_label", metavar="LABEL", help="Only these, with or without sub-."
        ),
    ] = None,
    t1rho: T1rho = False,
    weights: Weights = None,
    jobs: Jobs = 1,
    cluster: Cluster = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Analyse the T1w and T2w images of a BIDS data set, as a BIDS-App.

    Level participant writes BIDS derivatives for each image: the label map (dseg), its look-up table, discs.tsv in mm,
    mm2, mm3 and degrees with the meaning of each column, and the report. Run again, finished images are not repeated.
    Level group then writes cohort.csv of all discs, failures.csv and qc.html to look through.

    Exit code: 0 done, 1 some images failed and the others are complete, 2 nothing could be done.

    Example: lumbardisc bids data derivatives/lumbardisc participant --participant-label 01 02
    """
    labels = [*(participant_label or ()), *(more or ())]
    voice = Voice(quiet, verbose)
    check_writable(output_dir)
    if level == "group":
        raise typer.Exit(_group(bids_dir, output_dir, labels, voice))
    how = {"t1rho": t1rho, "weights": tuple(weights or ())}
    raise typer.Exit(_participants(bids_dir, output_dir, labels, voice, engine_for(jobs, cluster), how))


def _participants(root: Path, out: Path, labels: list[str], voice: Voice, engine: Engine, how: dict[str, Any]) -> int:
    """Analyse every image of these participants; the exit code."""
    from lumbardisc.cohort.bids import images
    from lumbardisc.cohort.derivatives import describe

    if engine.cluster:  # whose workers may begin in other folders
        root, out = root.absolute(), out.absolute()
    found, wrong = images(root, labels)
    for reason in wrong.values():
        complain(reason)
    describe(out, root)
    results, failures = run_tasks([_task(image, out) for image in found], out, voice, engine, how)
    voice.say(f"{len(results)} images done: {out}")
    return 0 if not (failures or wrong) else 1 if results else 2


def _task(image: BidsImage, out: Path) -> Task:
    """One image, its contrast told by its name."""
    from lumbardisc import io
    from lumbardisc.cohort import Task
    from lumbardisc.cohort.bids import CONTRASTS
    from lumbardisc.cohort.derivatives import Derivative

    contrast = CONTRASTS[image.suffix]
    (source,) = io.find([image.root / image.path], contrast=contrast)
    return Task(replace(source, name=image.stem), Derivative(out, image), {"contrast": contrast})


def _group(root: Path, out: Path, labels: list[str], voice: Voice) -> int:
    """Put together what runs of level participant have done; the exit code."""
    from lumbardisc.cohort import Failure, finished, write_cohort
    from lumbardisc.cohort.bids import images

    found, wrong = images(root, labels)
    results = finished([image.stem for image in found], out)
    absent = [image for image in found if image.stem not in results]
    if not results:
        raise UsageError(f"{out}: holds no results of these images; run level participant first")
    failures = [Failure(Path(path).name, path, reason) for path, reason in wrong.items()]
    reason = "{}: has no results; run level participant"
    failures += [Failure(one.stem, one.path, reason.format(one.path)) for one in absent]
    for one in failures:
        complain(one.reason)
    write_cohort(results, failures, out)
    tell_cohort(out, len(results), 0, voice)
    return 1 if failures else 0
