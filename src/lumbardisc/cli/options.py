"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Out = Annotated[Path, typer.Option("-o", "--out", metavar="OUT", help="Folder to write to; made where it is missing.")]
Config = Annotated[Path, typer.Argument(metavar="CONFIG", help="Settings in TOML; every field is documented.")]
Spacing = Annotated[
    str | None,
    typer.Option(metavar="SLICE,ROW,COL", help="Voxel spacing in mm, for PNG and TIFF: between slices, rows, columns."),
]
T1rho = Annotated[
    bool, typer.Option("--t1rho", help="Estimate T1rho (ms) and phase too, by a network that has seen no patient.")
]
Weights = Annotated[
    list[Path] | None,
    typer.Option(metavar="FILE", help="Your own exported network in place of ours for its task; may be repeated."),
]
Prior = Annotated[
    Path | None,
    typer.Option(
        metavar="EARLIER", help="An earlier study of the patient, or its results: what changed since is told."
    ),
]
Dicom = Annotated[
    bool, typer.Option("--dicom", help="Write DICOM SEG, SR, encapsulated PDF and a picture too, for a PACS.")
]
Pdf = Annotated[bool, typer.Option("--pdf", help="Write the report as PDF too.")]
Identified = Annotated[
    bool | None,
    typer.Option(
        "--identified/--no-identified",
        help="Keep patient and study in report, PDF and DICOM, or leave them out; kept only with --to-pacs by default.",
    ),
]
FromPacs = Annotated[
    str | None,
    typer.Option(
        metavar="ADDRESS",
        help="Retrieve from this PACS: https://HOST/dicom-web, dicom://HOST:PORT/AE_TITLE or dicoms://... "
        "INPUT is then a Study Instance UID or KEYWORD=VALUE, as in AccessionNumber=A123.",
    ),
]
ToPacs = Annotated[
    str | None, typer.Option(metavar="ADDRESS", help="Send the DICOM results to this PACS; implies --dicom.")
]
Jobs = Annotated[int, typer.Option("--jobs", metavar="N", help="How many to do at a time on this machine.")]
Cluster = Annotated[
    Path | None,
    typer.Option(metavar="TOML", help="Do them on the cluster that this file tells of: local, ssh, slurm, kubernetes."),
]
Quiet = Annotated[bool, typer.Option("-q", "--quiet", help="Say nothing but errors.")]
Verbose = Annotated[bool, typer.Option("-v", "--verbose", help="Say more: the other series, headers, timings.")]


def parse_spacing(text: str) -> tuple[float, float, float]:
    """``"4,0.6,0.6"`` -> (4.0, 0.6, 0.6): slice, row and column spacing in mm."""
    try:
        slice_mm, row_mm, column_mm = (float(part) for part in text.split(","))
    except ValueError:
        reason = f"'{text}' is not three numbers in mm, like 4,0.6,0.6."
        raise typer.BadParameter(reason, param_hint="'--spacing'") from None
    return slice_mm, row_mm, column_mm
