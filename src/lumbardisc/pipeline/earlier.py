"""A prior study of a patient: its images, to be analysed as the present ones are, or the results of an analysis."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from math import nan
from pathlib import Path
from typing import Any

from lumbardisc import io
from lumbardisc.errors import InputError, UnreadableError, UsageError
from lumbardisc.io.grid import Spacing
from lumbardisc.io.patient import Patient
from lumbardisc.io.scan import Source
from lumbardisc.levels import DISCS
from lumbardisc.pipeline.job import Pipeline, Progress
from lumbardisc.pipeline.study import Study, Value
from lumbardisc.volume import LabelMap

RECORD, LABELS = "result.json", "segmentation.nii.gz"


@dataclass(frozen=True, eq=False)
class Earlier:
    """What is known of an analysed study that another is compared with.

    labels: on its own grid. discs: level -> columns of ``discs.csv``. provenance: see ``Study``. day: of the study.
    """

    name: str
    labels: LabelMap
    discs: Mapping[str, Mapping[str, Value]]
    flags: tuple[str, ...] = ()
    provenance: Mapping[str, Any] = field(default_factory=dict)
    patient: Patient | None = None
    day: date | None = None

    @classmethod
    def of(cls, study: Study) -> Earlier:
        """A study that was analysed in this run."""
        patient, day = whose(study), when(study)
        discs = {level: disc.values for level, disc in study.discs.items()}
        return cls(study.name, study.labels, discs, study.flags, study.provenance, patient, day)


@dataclass(frozen=True, eq=False)
class Prior:
    """A prior study that was found. patient: None where nothing tells. examine: what is known of its discs."""

    path: Path
    patient: Patient | None
    examine: Callable[[Pipeline, Progress], Earlier]


def find_prior(path: str | Path, spacing: Spacing | None = None) -> Prior:
    """The prior study at a path: whatever ``analyze`` reads, or the folder of its results.

    spacing: of files without any, see ``io.find``. Raises UsageError where the path holds several studies, InputError
    where it cannot be read.
    """
    place = Path(path)
    if (place / RECORD).exists():
        earlier = read_results(place)
        return Prior(place, None, lambda _parts, _progress: earlier)
    sources = io.find([place], spacing=spacing)
    if len(sources) != 1:
        raise UsageError(f"--prior {place}: holds {len(sources)} studies; give the path of one of them")
    return _from_images(sources[0], place)


def _from_images(source: Source, path: Path) -> Prior:
    scan = source.load()
    patient = scan.origin.patient if scan.origin else None

    def examine(parts: Pipeline, progress: Progress) -> Earlier:
        try:
            return Earlier.of(parts.run(scan, source.name, progress=progress))
        except InputError as error:
            raise type(error)(f"--prior {path}: {error}") from error

    return Prior(path, patient, examine)


def whose(study: Study) -> Patient | None:
    """Whose a study is; None where it does not come from DICOM."""
    return study.origin.patient if study.origin else None


def when(study: Study) -> date | None:
    """The day of a study; None where nothing tells."""
    return study.origin.day() if study.origin else None


def read_results(folder: Path) -> Earlier:
    """The results of an earlier analysis, as ``report.write`` left them. Raises UnreadableError."""
    try:
        record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        discs = {disc["level"]: {name: _value(value) for name, value in disc.items()} for disc in record["discs"]}
        name, flags, provenance = str(record["name"]), tuple(map(str, record["flags"])), dict(record["provenance"])
        provenance |= {part: dict(provenance.get(part) or {}) for part in ("input", "contrast") if part in provenance}
        shape = tuple(record["image"]["shape"])
    except OSError as error:
        raise _damaged(folder, RECORD, error.strerror or str(error)) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _damaged(folder, RECORD, "not what lumbardisc writes there") from error
    labels = io.load_labels(folder / LABELS)
    if labels.shape != shape:
        raise _damaged(folder, LABELS, f"of another grid than {RECORD}")
    slices = labels.shape[labels.axis_order.axes[0]]
    if not all(level in DISCS and _placed(values, slices) for level, values in discs.items()):
        raise _damaged(folder, RECORD, "with discs that have no known name or place")
    return Earlier(name, labels, discs, flags, provenance)


def _placed(disc: Mapping[str, Value], slices: int) -> bool:
    """Whether a disc has a centroid, and a slice of an image that has this many."""
    place, index = [disc.get(name) for name in ("x_mm", "y_mm", "z_mm")], disc.get("slice")
    return all(isinstance(one, float) for one in place) and isinstance(index, int) and 0 <= index < slices


def _value(value: Any) -> Value:
    """JSON has no NaN: what is undefined is null there."""
    return nan if value is None else value


def _damaged(folder: Path, name: str, reason: str) -> UnreadableError:
    told = f"{folder / name}: cannot be used ({reason})"
    return UnreadableError(f"{told}; give the images of the prior study, or analyse them again")
