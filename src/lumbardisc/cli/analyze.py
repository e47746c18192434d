"""`lumbardisc analyze`: the main job, for one study or many."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from lumbardisc.cli.console import Voice
from lumbardisc.cli.options import (
    Cluster,
    Dicom,
    FromPacs,
    Identified,
    Jobs,
    Out,
    Pdf,
    Prior,
    Quiet,
    Spacing,
    T1rho,
    ToPacs,
    Verbose,
    Weights,
    parse_spacing,
)
from lumbardisc.cli.studies import analyze_studies
from lumbardisc.jobs import engine_for

Contrast = Literal["t1", "t2", "t2_space", "stir", "water", "flash"]
Locate = Literal["segmentation", "detector"]


def analyze(
    inputs: Annotated[list[Path], typer.Argument(metavar="INPUT", help="Studies: folders, zips or files.")],
    out: Out,
    companion: Annotated[
        Path | None,
        typer.Option("--with", metavar="IMAGE", help="An image of the same spine, T1 beside T2; graded with it."),
    ] = None,
    prior: Prior = None,
    series: Annotated[
        str | None, typer.Option(metavar="S", help="Take this DICOM series instead of the one that would be chosen.")
    ] = None,
    spacing: Spacing = None,
    contrast: Annotated[
        Contrast | None, typer.Option(help="MR contrast, where no header tells it or the header is wrong.")
    ] = None,
    locate: Annotated[
        Locate, typer.Option(help="Who names the discs: the segmentation, or the detector's boxes on the middle slice.")
    ] = "segmentation",
    cross_check: Annotated[
        bool, typer.Option(help="Let the detector read the names of the segmentation again; doubt is told.")
    ] = True,
    t1rho: T1rho = False,
    weights: Weights = None,
    dicom: Dicom = False,
    pdf: Pdf = False,
    identified: Identified = None,
    from_pacs: FromPacs = None,
    to_pacs: ToPacs = None,
    jobs: Jobs = 1,
    cluster: Cluster = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Find, name, segment and measure every disc of lumbar MRI studies.

    INPUT is a DICOM folder, zip or file (the sagittal lumbar series is chosen for you and the reasons are printed),
    NIfTI, MHA/MHD, NRRD, or a TIFF stack or PNG with --spacing. OUT gets discs.csv, segmentation.nii.gz (and .tsv,
    .seg.nrrd, .label), result.json, report.html and overlay.png, and change.csv with --prior; with more than one study,
    each gets its own folder OUT/STUDY, and OUT gets cohort.csv of all discs, failures.csv and qc.html to look through.
    Run again, finished studies are not repeated.

    User, password or token, certificates and our AE title for a PACS are taken from LUMBARDISC_PACS_* alone.
    Lengths are in mm, areas in mm2, volumes in mm3, angles in degrees, positions in patient RAS mm.

    Exit code: 0 done, 1 some inputs failed and the others are complete, 2 nothing could be done.

    Example: lumbardisc analyze study.zip -o report
    """
    from lumbardisc.report import Wanted

    raise typer.Exit(
        analyze_studies(
            inputs,
            out,
            Voice(quiet, verbose),
            engine=engine_for(jobs, cluster),
            companion=companion,
            prior=prior,
            series=series,
            spacing=None if spacing is None else parse_spacing(spacing),
            contrast=contrast,
            locate=locate,
            cross_check=cross_check,
            t1rho=t1rho,
            weights=tuple(weights or ()),
            wanted=Wanted(dicom or to_pacs is not None, pdf, to_pacs is not None if identified is None else identified),
            from_pacs=from_pacs,
            to_pacs=to_pacs,
        )
    )
