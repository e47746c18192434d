"""Slices with boxed discs whose T1rho is known; a new kind of data set is one function and one row in ``KINDS``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from lumbardisc import io
from lumbardisc.errors import InputError
from lumbardisc.evaluation.detection import LUMBAR
from lumbardisc.training.detection import labelimg
from lumbardisc.training.detection.boxes import BoxedSlice
from lumbardisc.training.detection.sources.case import box_of
from lumbardisc.training.grades import cells
from lumbardisc.training.grades.words import counted, in_order, some
from lumbardisc.training.masked_slices import owner
from lumbardisc.training.phases.readings import Measured, Person, Reading, Readings, read_readings

TABLE = "t1rho.csv"


@dataclass(frozen=True, eq=False)
class PhaseData:
    """One data set: mid-sagittal slices with boxes of the discs L5/S1 to L1/L2, and what was measured there.

    discs: patient -> disc from the bottom -> T1rho and phase; every slice's patient has some, and every patient a
    slice. readings: the rows behind them. drawn: whether these are phantoms. notes: one line for each thing left out.
    """

    source: str
    slices: tuple[BoxedSlice, ...]
    discs: Mapping[str, Mapping[int, Measured]]
    people: Mapping[str, Person]
    readings: tuple[Reading, ...]
    notes: tuple[str, ...]
    drawn: bool = False


def read_labelimg(folder: Path) -> PhaseData:
    """A user's own exams: images with LabelImg's labels beside them (``detection.labelimg``), and ``t1rho.csv``.

    An image is called PATIENT or PATIENT_ANYTHING. Raises InputError with one line.
    """
    slices, notes = labelimg.read(folder)
    table = read_readings(folder / TABLE)
    owned = [replace(one, patient=owner(one.patient, table.discs)) for one in slices]
    return _joined("labelimg", folder, owned, table, notes)


def read_phantom(folder: Path) -> PhaseData:
    """What `lumbardisc data phantom --format nifti` wrote, T1 among its sequences: boxes of masks, T1rho of the truth.

    Raises InputError with one line.
    """
    table = read_readings(folder / "truth" / "truth.csv")
    slices = [_drawn_slice(folder, patient) for patient in table.discs]
    return replace(_joined("phantom", folder, slices, replace(table, notes=()), ()), drawn=True)


KINDS: dict[str, Callable[[Path], PhaseData]] = {"labelimg": read_labelimg, "phantom": read_phantom}


def _drawn_slice(folder: Path, name: str) -> BoxedSlice:
    image, mask = (place / f"{name}_t1.nii.gz" for place in (folder, folder / "truth"))
    if missing := [path for path in (image, mask) if not path.is_file()]:
        raise InputError(f"{missing[0]}: is missing; write phantoms with their T1 images as NIfTI, `--format nifti`")
    volume, labels = io.find([image])[0].load().volume.sagittal(), io.load_labels(mask).sagittal()
    middle = len(volume.array) // 2
    shown = labels.array[middle]
    boxes = {label: box_of(shown == label) for label in LUMBAR if (shown == label).any()}
    return BoxedSlice("phantom", name, name, "t1", volume.array[middle], volume.spacing[1:], boxes)


def _joined(
    source: str, folder: Path, slices: Iterable[BoxedSlice], table: Readings, notes: Sequence[str]
) -> PhaseData:
    """Slices and values brought together by patient; what lacks the other is left out and told."""
    lumbar = [replace(one, boxes={disc: box for disc, box in one.boxes.items() if disc in LUMBAR}) for one in slices]
    kept = tuple(one for one in lumbar if one.boxes and one.patient in table.discs)
    patients = {one.patient for one in kept}
    if not patients:
        known = some(in_order(table.discs))
        raise InputError(f"{folder}: no patient has both T1rho values and a labelled image; the table names {known}")
    told = [
        *notes,
        *table.notes,
        *_left_out("with labels and no T1rho value", {one.patient for one in lumbar} - set(table.discs)),
        *_left_out("with T1rho values and no labelled image", set(table.discs) - patients),
    ]
    rows = tuple(row for row in table.rows if row.patient in patients and row.disc in LUMBAR)
    discs = {patient: _lumbar(table.discs[patient]) for patient in in_order(patients)}
    people = {patient: table.people[patient] for patient in discs}
    return PhaseData(source, kept, discs, people, rows, tuple(f"{source}: {note}" for note in told))


def _lumbar(discs: Mapping[int, Measured]) -> dict[int, Measured]:
    return {disc: one for disc, one in sorted(discs.items()) if disc in LUMBAR}


def _left_out(why: str, patients: Iterable[str]) -> list[str]:
    names = in_order(map(cells.patient, patients))
    return [f"{counted(len(names), 'patient')} {why}, left out: {some(names)}"] if names else []
