"""Inputs -> reports: every study is read, analysed and written by itself, so that one failure stops no other."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lumbardisc.cli.console import Advance, Voice, complain, explain
from lumbardisc.cli.pacs import opened, retrieved, unsent
from lumbardisc.errors import OutputError, UsageError
from lumbardisc.jobs import Engine, Outcome

if TYPE_CHECKING:
    from lumbardisc.cohort import Failure, Task
    from lumbardisc.io import Source
    from lumbardisc.io.pacs import Pacs
    from lumbardisc.pipeline import Pipeline, Prior
    from lumbardisc.report import Wanted


def analyze_studies(
    inputs: Sequence[Path],
    out: Path,
    voice: Voice,
    *,
    engine: Engine | None = None,
    companion: Path | None = None,
    prior: Path | None = None,
    series: str | None = None,
    spacing: tuple[float, float, float] | None = None,
    contrast: str | None = None,
    wanted: Wanted | None = None,
    from_pacs: str | None = None,
    to_pacs: str | None = None,
    **how: Any,
) -> int:
    """Analyse every study of ``inputs`` into ``out`` (one study) or ``out/<study>`` (many); the exit code.

    Of many, those that an earlier run finished are not repeated, and ``out`` gets the cohort's own files. engine: what
    does many, this process where none is given. prior: what the one study is compared with, see ``find_prior``.
    spacing: slice, row, column in mm. wanted: files beside the usual ones. from_pacs: address of a PACS that ``inputs``
    are asked of. to_pacs: of one that DICOM results are sent to. how: options of ``pipeline.pipeline_for``. Raises
    OutputError, UsageError or WeightsError before any work where ``out`` cannot be written or no study could be
    analysed so, InputError where the prior study cannot be read, PacsError where studies cannot be asked for.
    """
    from lumbardisc import io
    from lumbardisc.cohort import StudyFolder, Task, parts_for, write_cohort
    from lumbardisc.pipeline import find_prior
    from lumbardisc.report import Wanted

    wanted = wanted or Wanted()
    check_writable(out)
    parts = parts_for(how)
    earlier = None if prior is None else find_prior(prior, spacing)
    engine = engine or Engine()
    if engine.cluster:  # whose workers may begin in other folders
        inputs, out = [path.absolute() for path in inputs], out.absolute()
    archive, target = (opened(address) for address in (from_pacs, to_pacs))
    if archive and engine.cluster:
        raise UsageError("--from-pacs and --cluster exclude each other; what is retrieved lies on this machine alone")
    find = partial(io.find, companion=companion, series=series, spacing=spacing, contrast=contrast)
    asked = {"series": series, "spacing": spacing, "contrast": contrast, **asdict(wanted)}
    with retrieved(archive, inputs, find, voice) if archive else nullcontext(find(inputs)) as found:
        sources = [source for source in found if not _is_result(source)]
        if len(sources) == 1:
            return _analyze_one(sources[0], out, wanted, voice, parts, target, earlier)
        if prior is not None:
            raise UsageError(f"--prior {prior}: goes with one study, not with {len(sources)}; give them one by one")
        tasks = [Task(source, StudyFolder(out, source.name, wanted), asked) for source in sources]
        done, failures = run_tasks(tasks, out, voice, engine, how, target)
    write_cohort({name: outcome.result or {} for name, outcome in done.items()}, failures, out)
    tell_cohort(out, len(done), sum(outcome.kept for outcome in done.values()), voice)
    return 0 if not failures else 1 if done else 2


def run_tasks(
    tasks: Sequence[Task],
    out: Path,
    voice: Voice,
    engine: Engine,
    how: Mapping[str, Any],
    target: Pacs | None = None,
) -> tuple[dict[str, Outcome], list[Failure]]:
    """Analyse a cohort, saying what comes of each study: the outcomes by study, and the failures.

    See ``cohort.analyze_cohort``. target: where the DICOM objects of each are sent; one that is done and could not be
    sent is among both.
    """
    from lumbardisc.cohort import Failure, analyze_cohort

    sources = {task.source.name: task.source for task in tasks}
    done: dict[str, Outcome] = {}
    failures: list[Failure] = []
    with voice.progress(len(tasks)) as advance:

        def tell(outcome: Outcome) -> None:
            name, reason = outcome.job.name, outcome.error
            if reason is None:
                done[name] = outcome
                _tell(outcome, out, voice)
                reason = unsent(target, out / name, voice)
            if reason is not None:
                complain(_named(sources[name], reason))
                failures.append(Failure(name, str(sources[name].path), reason))
            advance(f"{len(done)} done, {len(failures)} failed", len({*done, *(failure.study for failure in failures)}))

        analyze_cohort(tasks, out, how, engine, tell)
    return {name: done[name] for name in sources if name in done}, failures


def tell_cohort(out: Path, studies: int, kept: int, voice: Voice) -> None:
    """Say how much was done and where the cohort's own files are."""
    from lumbardisc.cohort import can_write_parquet

    earlier = f", {kept} of them by an earlier run and not repeated" if kept else ""
    voice.say(f"{studies} studies done{earlier}")
    voice.say(f"  all discs: {out / 'cohort.csv'}")
    voice.say(f"  look through: {out / 'qc.html'}")
    if not can_write_parquet():
        voice.detail('  no cohort.parquet, as pyarrow is not installed here; pip install "lumbardisc[cohort]"')


def check_writable(out: Path) -> None:
    """Raise OutputError where no folder ``out`` can be written: said now, not after minutes of work."""
    try:
        parent = next(folder for folder in (out, *out.absolute().parents) if folder.exists())
        if not parent.is_dir():
            raise OutputError(f"{parent} is a file, so {out} cannot be a folder; give another folder with -o")
        tempfile.TemporaryFile(dir=parent).close()
    except OSError as error:
        raise OutputError(f"{out} cannot be written ({error.strerror}); give another folder with -o") from error


def _is_result(source: Source) -> bool:
    """Whether a study found in a folder is what an earlier run wrote there, so that a run may write below its input."""
    from lumbardisc.report import FILES

    paths = [blob.path for blob in source.files if not blob.member and blob.path != source.path]
    return any(path.name in FILES and path.with_name("result.json").exists() for path in paths)


def _analyze_one(
    source: Source, out: Path, wanted: Wanted, voice: Voice, parts: Pipeline, target: Pacs | None, prior: Prior | None
) -> int:
    """Analyse the one study there is, and send what comes of it; the exit code."""
    with voice.progress(1.0) as advance:
        if not _analyze_alone(source, out, wanted, voice, advance, parts, prior):
            return 2
    if reason := unsent(target, out, voice):
        complain(_named(source, reason))
    return 1 if reason else 0


def _analyze_alone(
    source: Source,
    out: Path,
    wanted: Wanted,
    voice: Voice,
    advance: Advance,
    parts: Pipeline,
    prior: Prior | None,
) -> bool:
    """Whether the one study could be read, analysed and written; where not, the reason was said."""
    from lumbardisc import pipeline, report

    def advance_study(text: str, done: float) -> None:
        advance(f"{source.name}: {text}", done)

    try:
        advance_study("reading", 0.0)
        scan = source.load()
        study = pipeline.analyze_scan(scan, source.name, parts, prior=prior, progress=advance_study)
        report.write(study, out, wanted)
    except Exception as error:
        complain(_named(source, explain(error)))
        return False
    said, details = report.told(scan, study)
    voice.say("\n".join(said))
    voice.detail("\n".join(details))
    voice.say(f"  report: {out / 'report.html'}")
    return True


def _tell(outcome: Outcome, out: Path, voice: Voice) -> None:
    """Say what was found in one study of many; of one that an earlier run has done, only when asked for more."""
    result = outcome.result or {}
    if outcome.kept:
        voice.detail(f"{outcome.job.name}: done by an earlier run")
        return
    voice.say("\n".join(result["said"]))
    voice.detail("\n".join(result["details"]))
    voice.say(f"  report: {out / result['files']['report']}")


def _named(source: Source, reason: str) -> str:
    """The reason with the input before it, and the study where the input may hold several."""
    if reason.startswith(str(source.path)):
        return reason
    study = "" if source.name in source.path.name else f" ({source.name})"
    return f"{source.path}{study}: {reason}"
