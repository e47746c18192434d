"""What one analysed study is: discs by level, the label map, and where every number came from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from lumbardisc.inference.grading import Grading
from lumbardisc.io.origin import Origin
from lumbardisc.quantify.change import Change
from lumbardisc.volume import LabelMap, Volume

Value = float | int | bool | str


@dataclass(frozen=True)
class Disc:
    """One disc. ``values`` holds the columns of ``discs.csv`` in order (units in the names; undefined is NaN).

    Every column is an attribute too: ``disc.height_mm`` is ``disc.values["height_mm"]``.
    grading: what the grader saw and said, with its crop and evidence; None where it gave nothing.
    """

    level: str
    label: int
    values: Mapping[str, Value]
    flags: tuple[str, ...] = ()
    grading: Grading | None = field(default=None, compare=False, repr=False)

    def __getattr__(self, name: str) -> Value:
        values = self.__dict__.get("values", {})
        if name in values:
            found: Value = values[name]
            return found
        raise AttributeError(f"a disc has no '{name}'; it has {', '.join(values)}")


class Discs(Mapping[str, Disc]):
    """The discs of a study by level name (``discs["L4/L5"]``), lowest first."""

    def __init__(self, discs: tuple[Disc, ...]) -> None:
        self._by_level = {disc.level: disc for disc in sorted(discs, key=lambda disc: disc.label)}

    def __getitem__(self, level: str) -> Disc:
        return self._by_level[level]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_level)

    def __len__(self) -> int:
        return len(self._by_level)


@dataclass(frozen=True, eq=False)
class Study:
    """One analysed study.

    name: the study's name, fit for a folder. image, labels: on the input's own grid and index order.
    discs: lowest first. mid_slice: index of the mid-sagittal slice along the input's own left-right axis.
    spine: values of the whole spine (``lordosis_l1_s1_deg``, ...), undefined is NaN. warnings: one line each.
    flags: of the whole study (``level_ambiguous``, ...). provenance: JSON-ready: version, weights, settings, input,
    series choice, numbering (with the alternative), timings. origin: the DICOM images behind ``image``, if any.
    change: since a prior study of the same patient, None where none was given.
    """

    name: str
    image: Volume
    labels: LabelMap
    discs: Discs
    mid_slice: int
    spine: Mapping[str, float]
    warnings: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    provenance: Mapping[str, Any] = field(default_factory=dict)
    origin: Origin | None = None
    change: Change | None = None

    @property
    def working_mid_slice(self) -> int:
        """Index of the mid-sagittal slice in the working order, where slices run from left to right."""
        order = self.image.axis_order
        return order.slice_index(self.mid_slice, self.image.shape[order.axes[0]])
