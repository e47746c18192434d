"""The folder of results: all files of a study, or none.

Everything is first written into a hidden folder on the same file system and then renamed into place. A new OUT appears
whole in one step. In an OUT that exists, files the user keeps there stay untouched and ours are exchanged one by one:
an earlier ``result.json`` goes first and the new one comes last, so a folder that holds a ``result.json`` is complete
and all of one study; where the exchange fails the earlier results come back.
"""

from __future__ import annotations

import errno
import gc
import secrets
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lumbardisc.errors import OutputError
from lumbardisc.pipeline.study import Study
from lumbardisc.report.wanted import Wanted

if TYPE_CHECKING:
    from lumbardisc.report.view import View

USUAL = (
    "discs.csv",
    "segmentation.nii.gz",
    "segmentation.tsv",
    "segmentation.seg.nrrd",
    "segmentation.label",
    "overlay.png",
    "report.html",
    "result.json",
)
"""What every study gets."""

ON_DEMAND = (
    "change.csv",
    "report.pdf",
    "image.dcm",
    "segmentation.dcm",
    "measurements.dcm",
    "report.dcm",
    "overlay.dcm",
)
"""What it gets where it is wanted; ``change.csv`` beside a prior study, ``image.dcm`` where the input is no DICOM."""

# in the order they are put into place: result.json says that the rest is there
FILES = (*ON_DEMAND, *USUAL)

NOTHING_MORE = Wanted()
NO_DICOM = "the input is no DICOM; its image was written as image.dcm, which the other DICOM files refer to"
NO_PATIENT = "the input is no DICOM and names no patient, so the results name none"

_ADVICE = {
    errno.ENOSPC: "free some space there or choose another folder",
    errno.EDQUOT: "free some space there or choose another folder",
    errno.EFBIG: "free some space there or choose another folder",
    errno.ENOTDIR: "a file stands where the folder should be; move it or choose another folder",
    errno.EEXIST: "a file stands where the folder should be; move it or choose another folder",
    errno.EISDIR: "a folder stands where a file should be; move it or choose another folder",
}


def write(study: Study, out: Path, wanted: Wanted = NOTHING_MORE) -> None:
    """Write the result files of one study into the folder ``out``, replacing the results of an earlier run.

    Raises OutputError with one clear line if that cannot be done; then nothing half-written is left, nor if the process
    is interrupted. (Killed outright it may leave a hidden folder ``.lumbardisc-*`` behind, which can be deleted.)
    """
    write_files(out, FILES, lambda folder: fill(study, folder, wanted))


def write_files(out: Path, names: Sequence[str], make: Callable[[Path], None]) -> None:
    """Write the files that ``make`` makes in the folder it is given into ``out``, all or none; see ``write``.

    names: of all files that it may make, in the order they are put into place. Those of an earlier run that it does not
    make are removed. Raises OutputError.
    """
    try:
        _write(out, names, make)
    except OSError as error:
        raise OutputError(_explain(out, error)) from error
    except OutputError as error:  # of an image: it names the hidden file, which tells the user nothing
        cause = error.__cause__
        raise OutputError(_explain(out, cause) if isinstance(cause, OSError) else str(error)) from error


def _write(out: Path, names: Sequence[str], make: Callable[[Path], None]) -> None:
    place = out.resolve()
    # inside an OUT that exists, as that may be a mount point whose parent is another disk or not ours to write to
    parent = place if place.is_dir() else place.parent
    parent.mkdir(parents=True, exist_ok=True)
    _refuse_what_is_in_the_way(place, names)
    hidden = parent / f".lumbardisc-{secrets.token_hex(6)}"
    try:
        hidden.mkdir()
        make(hidden)
        _put(hidden, place, names)
    finally:
        shutil.rmtree(hidden, ignore_errors=True)


def _refuse_what_is_in_the_way(place: Path, names: Sequence[str]) -> None:
    """Look before the work is done: a file in OUT's place, or folders in the place of our files."""
    if place.exists() and not place.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, "it is a file", str(place))
    for name in names:
        if (place / name).is_dir():
            raise IsADirectoryError(errno.EISDIR, f"{name} is a folder", str(place))


def fill(study: Study, folder: Path, wanted: Wanted = NOTHING_MORE) -> None:
    """Make the files of a study in a folder, of ``FILES`` those that are wanted."""
    from lumbardisc.io.nifti import save_nifti
    from lumbardisc.report.change_table import change_csv
    from lumbardisc.report.identity import identity
    from lumbardisc.report.overlay import overlay_png
    from lumbardisc.report.page import context, report_html
    from lumbardisc.report.record import result_json
    from lumbardisc.report.slicer import label_descriptions, segments_nrrd
    from lumbardisc.report.structures import look_up_tsv
    from lumbardisc.report.table import discs_csv
    from lumbardisc.report.unnamed import unnamed
    from lumbardisc.report.view import view

    if study.origin is None:
        told = {NO_DICOM: wanted.dicom, NO_PATIENT: wanted.identified}
        study = replace(study, warnings=(*study.warnings, *(text for text, holds in told.items() if holds)))
    if not wanted.identified:
        study = unnamed(study)
    picture = view(study)
    values = context(study, picture, identity(study, wanted.identified))
    save_nifti(study.labels, folder / "segmentation.nii.gz")
    (folder / "segmentation.seg.nrrd").write_bytes(segments_nrrd(study))
    (folder / "overlay.png").write_bytes(overlay_png(picture))
    texts = {
        "discs.csv": discs_csv(study),
        "segmentation.tsv": look_up_tsv(study),
        "segmentation.label": label_descriptions(study),
        "report.html": report_html(values),
        "result.json": result_json(study),
        **({"change.csv": change_csv(study.change)} if study.change else {}),
    }
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    if wanted.pdf or wanted.dicom:
        with _uncollected():
            _fill_on_demand(study, folder, wanted, picture, values)


def _fill_on_demand(study: Study, folder: Path, wanted: Wanted, picture: View, values: Mapping[str, Any]) -> None:
    from lumbardisc.report.pdf import report_pdf

    document = report_pdf(values, picture)
    if wanted.pdf:
        (folder / "report.pdf").write_bytes(document)
    if wanted.dicom:
        from lumbardisc.report.dicom import write_objects

        write_objects(study, folder, (folder / "overlay.png").read_bytes(), document, wanted.identified)


@contextmanager
def _uncollected() -> Iterator[None]:
    """No search for garbage while hundreds of thousands of small objects are made of which nearly all stay: it finds
    nothing, and takes half of the time in which highdicom reads its tables."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _put(hidden: Path, place: Path, names: Sequence[str]) -> None:
    """Rename into place: the folder as a whole where it is new, else file by file; what fails is taken back."""
    if not place.exists():
        hidden.rename(place)
        return
    earlier = hidden / "earlier"
    earlier.mkdir()
    try:
        _move(place, earlier, names[::-1])
        _move(hidden, place, names)
    except BaseException:
        _move(earlier, place, names)
        raise


def _move(source: Path, target: Path, names: Sequence[str]) -> None:
    for name in names:
        if (source / name).exists():
            (source / name).replace(target / name)


def _explain(out: Path, error: OSError) -> str:
    advice = _ADVICE.get(error.errno or 0, "choose a folder you may write to")
    return f"{out}: the results cannot be written ({error.strerror or error}); {advice} with -o"
