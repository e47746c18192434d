"""Two studies of one patient laid on each other: which discs are in both, how well they fit, where they were seen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from lumbardisc.anatomy.alignment import Surfaces
from lumbardisc.anatomy.same_spine import APART_MM, Fit, beside, bones, lay_on, level_shift
from lumbardisc.anatomy.surfaces import surfaces
from lumbardisc.levels import disc_label
from lumbardisc.pipeline.earlier import Earlier
from lumbardisc.volume import Volume

Point = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Pair:
    """Two analysed studies. What is said of "the prior study" is said of ``before``."""

    now: Earlier
    before: Earlier

    @property
    def days(self) -> int | None:
        """From the prior study to this one; None where either has no date."""
        return (self.now.day - self.before.day).days if self.now.day and self.before.day else None

    @cached_property
    def whole(self) -> Fit | None:
        """The prior spine on the present one, as they are named."""
        return lay_on(*self.bones)

    @cached_property
    def shift(self) -> int:
        """By how many levels the names of the prior study seem too low."""
        return level_shift(*self.bones, self.whole)

    @property
    def fits(self) -> bool:
        """Whether it is known what corresponds."""
        return not self.shift and self.whole is not None and self.whole.distance_mm <= APART_MM

    @cached_property
    def compared(self) -> dict[str, Fit]:
        """The discs of both studies, lowest first, each with the fit of the bones beside it."""
        return {level: fit for level, fit in self._both.items() if fit.distance_mm <= APART_MM}

    def absent(self) -> Iterator[tuple[str, str]]:
        """The other discs, lowest first, each with the reason."""
        for level in sorted(self.now.discs.keys() | self.before.discs.keys(), key=disc_label):
            if level not in self.compared:
                yield level, self._reason(level)

    def sections_apart_mm(self, level: str) -> float:
        """How far apart, to the right or left, a disc of both was measured; 0 where either has but one slice."""
        before, now = (one.labels.sagittal() for one in (self.before, self.now))
        if min(len(before.array), len(now.array)) == 1:
            return 0.0
        there = self.compared[level].move(_measured(self.before, before, level))
        here = _measured(self.now, now, level)
        return float(abs(now.indices(there)[0] - now.indices(here)[0]) * now.spacing[0])

    @cached_property
    def bones(self) -> tuple[Surfaces, Surfaces]:
        """Of the prior study, and of the present one."""
        before, now = (one.labels.sagittal() for one in (self.before, self.now))
        return bones(surfaces(before.array, before.affine)), bones(surfaces(now.array, now.affine))

    @cached_property
    def _both(self) -> dict[str, Fit]:
        if self.whole is None or not self.fits:
            return {}
        levels = [level for level in self.now.discs if level in self.before.discs]
        return {level: beside(disc_label(level), *self.bones, self.whole) for level in levels}

    def _reason(self, level: str) -> str:
        if level in self._both:
            return "the vertebrae beside it do not fit each other"
        if level in self.now.discs and level in self.before.discs:
            return "the two spines could not be aligned"
        if level in self.now.discs:
            seen, other, which = self.now, self.before, "the prior study"
        else:
            seen, other, which = self.before, self.now, "this study"
        if self.whole is None or not self.fits:
            return f"not seen in {which}"
        move = self.whole.move.inverse if seen is self.now else self.whole.move
        beyond = not _shows(other.labels, move(_centre(seen, level)))
        return f"outside the images of {which}" if beyond else f"not seen in {which}"


def _measured(study: Earlier, labels: Volume, level: str) -> Point:
    """The middle of a disc on the slice where it was measured, RAS mm. labels: in the working order."""
    index = study.labels.axis_order.slice_index(int(study.discs[level]["slice"]), len(labels.array))
    row, column = np.argwhere(labels.array[index] == disc_label(level)).mean(axis=0)
    return labels.world((index, row, column))


def _centre(study: Earlier, level: str) -> Point:
    return np.array([float(study.discs[level][f"{axis}_mm"]) for axis in "xyz"])


def _shows(volume: Volume, place: Point) -> bool:
    """Whether a place, RAS mm, lies in an image."""
    index = volume.indices(place)
    return bool(((index > -0.5) & (index < np.subtract(volume.shape, 0.5))).all())
