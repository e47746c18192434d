"""Matched exams, routine images beside T1rho: what every source of them gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from lumbardisc.io import Scan

Values = tuple[float, float, float]
"""``inference.t1rho.VALUES`` of the centre of a disc's nucleus on the mid-sagittal map, as Li 2024 read them (doi
10.1002/jmri.29499)."""


@dataclass(frozen=True, eq=False)
class Matched:
    """One exam, read. scan: its T1 or T2 image, the other one among its companions, where there are both.

    t1rho: disc from the bottom (1 = L5/S1) -> values. grades: the same discs -> Pfirrmann 1-5, where it is known.
    """

    scan: Scan
    t1rho: Mapping[int, Values]
    grades: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class MatchedExam:
    """An exam that is read, or drawn, when it is needed.

    patient: whose it is; folds are dealt by patients. key: everything its images and values depend on, as text.
    load: raises InputError with one line. drawn: whether it is a phantom.
    """

    patient: str
    key: str
    load: Callable[[], Matched]
    drawn: bool = False
