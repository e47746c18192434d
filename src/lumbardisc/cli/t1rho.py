"""`lumbardisc fit-t1rho`: a spin-lock series -> T1rho map, values of each disc and their phase."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lumbardisc.cli.console import Voice
from lumbardisc.cli.options import Out, Quiet, Spacing, Verbose, parse_spacing
from lumbardisc.cli.studies import check_writable

if TYPE_CHECKING:
    from lumbardisc.pipeline.t1rho import T1rhoStudy


def parse_times(text: str) -> tuple[float, ...]:
    """``"2,15,30,45"`` -> (2.0, 15.0, 30.0, 45.0): spin-lock times in ms."""
    try:
        return tuple(float(part) for part in text.split(","))
    except ValueError:
        reason = f"'{text}' is not a list of times in ms, like 2,15,30,45."
        raise typer.BadParameter(reason, param_hint="'--tsl'") from None


def fit_t1rho(
    series: Annotated[
        list[Path], typer.Argument(metavar="SERIES", help="One spin-lock series: a folder, a zip, or its files.")
    ],
    out: Out,
    tsl: Annotated[
        str | None,
        typer.Option(
            metavar="MS,MS,...", help="Spin-lock times in ms, in the order of the images, where none are told."
        ),
    ] = None,
    tsl_tag: Annotated[
        str | None,
        typer.Option(metavar="TAG", help='DICOM element that holds the time: 0019,1001 or 0019,"CREATOR",01.'),
    ] = None,
    anatomy: Annotated[
        Path | None,
        typer.Option(metavar="IMAGE", help="T1 or T2 image of the same exam, to find the discs on."),
    ] = None,
    spacing: Spacing = None,
    no_registration: Annotated[
        bool, typer.Option("--no-registration", help="Do not look for motion between the images.")
    ] = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Fit T1rho at every voxel of a spin-lock series, and tell that of every disc with its phase.

    SERIES is one series of one exam: DICOM, whose headers tell the spin-lock times (a T1 or T2 series in the same
    study is used to find the discs), or image files, one for each time or one 4D NIfTI. OUT gets t1rho.nii.gz and its
    standard error t1rho_se.nii.gz (ms), r2.nii.gz (0-1), t1rho_trusted.nii.gz (0 or 1), t1rho_unbiased.nii.gz (ms, what
    means are taken of), overlay.png, report.html and result.json, and where discs are seen discs.csv with T1rho in ms
    and the phase (1 above 110 ms, 2 from 80 to 110 ms, 3 below 80 ms, by Li et al. 2024), segmentation.nii.gz,
    regions.nii.gz and nucleus.nii.gz.

    Exit code: 0 done, also where no disc was seen; 2 nothing could be done.

    Example: lumbardisc fit-t1rho sl2.nii.gz sl15.nii.gz sl30.nii.gz sl45.nii.gz --tsl 2,15,30,45 -o t1rho
    """
    from lumbardisc import pipeline

    times = None if tsl is None else parse_times(tsl)
    sizes = None if spacing is None else parse_spacing(spacing)
    voice = Voice(quiet, verbose)
    check_writable(out)
    with voice.progress(1.0) as advance:
        result = pipeline.fit_t1rho(
            series,
            times=times,
            tag=tsl_tag,
            anatomy=anatomy,
            spacing=sizes,
            register=not no_registration,
            progress=advance,
        )
    _finish(result, out, voice)


def _finish(result: T1rhoStudy, out: Path, voice: Voice) -> None:
    """Write the results and say what was found."""
    from lumbardisc import report

    report.write_t1rho(result, out)
    voice.say(report.summary(result.study))
    times = ", ".join(f"{time:g}" for time in result.series.times_ms)
    voice.say(f"  spin-lock times: {times} ms, from {result.series.times_from}")
    for name, time in zip(result.series.names, result.series.times_ms, strict=True):
        voice.detail(f"  {time:g} ms: {name}")
    for step, seconds in result.study.provenance["timings"].items():
        voice.detail(f"  {step}: {seconds}")
    voice.say(f"  report: {out / 'report.html'}")
