"""`lumbardisc data`: images to test and to learn with: made, checked, converted, rid of names."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from lumbardisc.cli.console import Voice, complain
from lumbardisc.cli.options import Out, Quiet, Spacing, Verbose, parse_spacing
from lumbardisc.cli.studies import check_writable

app = typer.Typer(help="Make, check, convert and de-identify images to test and to learn with.", rich_markup_mode=None)

Folder = Annotated[Path, typer.Argument(metavar="FOLDER", help="Folder of images and their labels.")]
Labels = Annotated[
    str | None,
    typer.Option(metavar="CONVENTION", help="What the numbers mean: lumbardisc, spider, totalspineseg, merged:1, ..."),
]


@app.command()
def phantom(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="Folder to write to; made where it is missing.")],
    seed: Annotated[int, typer.Option(metavar="N", min=0, help="Same seed, same images.")] = 0,
    format: Annotated[Literal["dicom", "nifti"], typer.Option(help="File format of the images.")] = "dicom",
    sequence: Annotated[
        Literal["t1", "t2", "stir", "flash", "spin-lock", "t1rho", "all"],
        typer.Option(help="MR sequence to simulate; t1rho: T1, T2 and spin-lock images; all: T1, T2 and STIR."),
    ] = "t2",
    count: Annotated[int, typer.Option(metavar="N", min=1, help="Number of different spines.")] = 1,
    quiet: Quiet = False,
) -> None:
    """Draw lumbar spines whose every measure is known, and image them.

    A seeded parametric anatomy goes through tissue relaxation times (ms) and sequence equations; OUT gets the images
    and truth/ with the masks and truth.csv (lengths in mm, volumes in mm3, T1rho in ms).

    Example: lumbardisc data phantom phantoms --count 3 --sequence all
    """
    from lumbardisc.phantom import write_phantom

    check_writable(out)
    write_phantom(out, seed=seed, count=count, sequence=sequence, format=format)
    Voice(quiet).say(f"images and truth: {out}")


@app.command()
def check(
    folder: Folder,
    out: Annotated[
        Path | None, typer.Option("-o", "--out", metavar="OUT", help="Folder for the table and the contact sheet.")
    ] = None,
    labels: Labels = None,
    spacing: Spacing = None,
    config: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write a configuration for train segmentation to begin with.")
    ] = None,
    quiet: Quiet = False,
) -> None:
    """Look through your own images and labels before a network learns from them.

    The layout is recognised: SPIDER as downloaded, BIDS with derivatives, nnU-Net, 3D Slicer (.seg.nrrd), pairs as
    ITK-SNAP leaves them, TIFF stacks (--spacing in mm), LabelImg boxes, output of data phantom and of analyze. Every
    problem is told with its file: other grids, empty or unknown labels, images without labels, flips, odd voxel sizes
    (mm), the same image under two patients, a patient in two parts. OUT gets cases.csv, problems.txt and
    contact_sheet.png: images of your patients, keep it where they may be.

    Exit code: 0 all is well, 1 there are problems, 2 nothing was found.

    Example: lumbardisc data check scans -o checked --config own.toml
    """
    from lumbardisc.report.data_check import summary, write_check, write_config
    from lumbardisc.training.labelled.check import check as look_through

    voice, sizes = Voice(quiet), parse_spacing(spacing) if spacing else None
    if out:
        check_writable(out)
    with voice.progress(1.0) as advance:
        result = look_through(folder, labels, sizes, advance)
    for line in summary(result):
        voice.say(line)
    for line in result.every_problem:
        complain(line)
    if out:
        write_check(result, out)
        voice.say(f"contact sheet: {out / 'contact_sheet.png'}")
    if not result.usable:
        raise typer.Exit(2)
    if config:
        write_config(result, config, sizes)
        voice.say(f"to learn from them: lumbardisc train segmentation {config}")
    if result.every_problem:
        raise typer.Exit(1)


@app.command()
def convert(
    folder: Folder,
    out: Annotated[Path, typer.Argument(metavar="OUT", help="Folder to write to; made where it is missing.")],
    to: Annotated[Literal["nnunet", "bids", "lumbardisc"], typer.Option(help="Layout to write.")],
    labels: Labels = None,
    spacing: Spacing = None,
    quiet: Quiet = False,
) -> None:
    """Write images and labels of any layout that data check reads in another one, as NIfTI.

    Label maps get our numbers (1 = L5/S1, 2 = L4/L5, ... 100 = sacrum, 101 = L5, ... 200 = spinal canal); for nnU-Net,
    which wants them without gaps, dataset.json tells which is which. Names stay, voxel sizes (mm) too, and nothing that
    exists is written over.

    Exit code: 0 done, 1 some cases could not be written, 2 none.

    Example: lumbardisc data convert scans Dataset001_Spine --to nnunet
    """
    from lumbardisc.training.labelled import Reader, find_cases
    from lumbardisc.training.labelled.convert import convert as write

    voice = Voice(quiet)
    check_writable(out)
    found = find_cases(folder)
    reader = Reader.of(found, labels, parse_spacing(spacing) if spacing else None)
    with voice.progress(1.0) as advance:
        problems = write(found, reader, out, to, advance)
    for line in problems:
        complain(line)
    voice.say(f"{len(found.cases) - len(problems)} of {len(found.cases)} cases: {out}")
    if problems:
        raise typer.Exit(2 if len(problems) == len(found.cases) else 1)


@app.command()
def deidentify(
    inputs: Annotated[list[Path], typer.Argument(metavar="INPUT...", help="DICOM files, folders and zips.")],
    out: Out,
    keep: Annotated[
        list[str] | None,
        typer.Option(
            metavar="[dates|patient|device|uids|private|descriptions]",
            help="What is kept beyond the profile; may be repeated. dates: all of a patient shifted by one number of "
            "days; patient: age, sex, size, weight; device: station, serial number; uids; private: spin-lock times and "
            "scale of the signal; descriptions: where all their words are known.",
        ),
    ] = None,
    keep_doubtful: Annotated[
        bool, typer.Option("--keep-doubtful", help="Take images along that may bear text; look at each of them.")
    ] = False,
    key: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Secret that UIDs and pseudonyms follow from, over several runs; made if missing."
        ),
    ] = None,
    link: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write who is behind each pseudonym (CSV); keep it secret.")
    ] = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Rid DICOM images of what tells whose they are.

    The Basic Profile of DICOM PS3.15 Annex E, stricter where in doubt: attributes that are not known to be safe go too,
    all private ones among them. UIDs are replaced and still refer to each other. Pixels stay as they are, so what may
    bear text (secondary captures, screen shots, letters in the dark) is left out and told, and so are reports and all
    that is no image. Images come to OUT/<pseudonym>/<study>/<series>/; deidentified.csv and .json tell what went, by
    attribute and never by value. Dates move by days; sizes are mm, as they were.

    Exit code: 0 all is done, 1 some files could not be read (each is named), 2 nothing was written.

    Example: lumbardisc data deidentify exam.zip -o shared --keep descriptions --keep patient
    """
    from lumbardisc.io.deidentify import deidentify as rid
    from lumbardisc.io.deidentify import reason_lines

    voice = Voice(quiet, verbose)
    check_writable(out)
    with voice.progress(1.0) as advance:
        account = rid(inputs, out, keep=keep or (), keep_doubtful=keep_doubtful, key=key, link=link, advance=advance)
    for line in account.failures:
        complain(line)
    voice.detail("\n".join(reason_lines(account.left_out)))
    voice.say("\n".join(account.summary()))
    if not account.objects:
        told = account.failures or account.left_out
        complain(f"no image was written; {'the lines above say why' if told else 'there is no file in what was given'}")
        raise typer.Exit(2)
    voice.say(f"images and what was removed: {out}")
    if account.failures:
        raise typer.Exit(1)
