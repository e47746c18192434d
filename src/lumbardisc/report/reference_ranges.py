"""What the literature reports of lumbar spines without complaints, for a measured value to be seen beside.

Every figure is from the source's own abstract or, where it says so, from a table that quotes it. What is measured in
another way than here says how in `Source.method`, which the page tells; docs/measurements.md tells what was left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lumbardisc.levels import disc_name
from lumbardisc.pipeline.study import Value


@dataclass(frozen=True)
class Source:
    """A publication. people: whom it measured. method: how, as far as that differs from here."""

    citation: str
    people: str
    method: str


@dataclass(frozen=True)
class Range:
    """The range of a measure (a column of ``discs.csv`` or a value of the spine, in its unit) that holds 95 % of the
    source's people. level: ``L4/L5``, empty for the whole spine."""

    measure: str
    level: str
    low: float
    high: float
    source: Source


def _normal(mean: float, deviation: float) -> tuple[float, float]:
    """The central 95 % of a normal distribution, as finely as it is shown."""
    return round(mean - 1.96 * deviation, 1), round(mean + 1.96 * deviation, 1)


SPAHN_2024 = Source(
    "Spahn et al., Z Orthop Unfall 2024;162:254, doi 10.1055/a-1994-0879",
    "130 patients with undamaged discs, all levels together",
    "calipers at three places of the depth, radiographs and MRI; here the mean over 10 to 90\N{NO-BREAK SPACE}% of it",
)
YUKAWA_2019 = Source(
    "Yukawa et al., Asian Spine J 2019;13:663, doi 10.31616/asj.2018.0187",
    "627 volunteers without complaints of 20 to 79 years, lying",
    "lateral radiographs, from T12 to S1; here it is MRI, from L1 to S1",
)
RANGES = (
    *(Range("height_mm", disc_name(count), *_normal(7.5, 1.2), SPAHN_2024) for count in range(1, 6)),
    Range("lordosis_l1_s1_deg", "", *_normal(36.8, 13.2), YUKAWA_2019),
)

KANAYAMA_2009 = Source(
    "Kanayama et al., J Neurosurg Spine 2009;11:501, doi 10.3171/2009.5.SPINE08675",
    "200 healthy volunteers of 30 to 55 years",
    "three readers, T2",
)
DEGENERATED_BY_LEVEL: Mapping[str, float] = {"L1/L2": 7, "L2/L3": 12, "L3/L4": 15.5, "L4/L5": 49.5, "L5/S1": 53}
"""Percent of KANAYAMA_2009's volunteers whose disc was degenerated."""

BRINJIKJI_2015 = Source(
    "Brinjikji et al., AJNR 2015;36:811, doi 10.3174/ajnr.A4173",
    "3110 people without pain, of 33 studies",
    "disc degeneration on CT or MRI, of any level; 30 to 50 years as quoted in doi 10.1186/s13013-016-0080-0",
)
DEGENERATED_BY_AGE: Mapping[int, float] = {20: 37, 30: 52, 40: 68, 50: 80, 80: 96}
"""Percent of BRINJIKJI_2015's people of an age, in years, who had a degenerated disc."""

COMMON = (
    "Degenerated discs are common in healthy people: of "
    f"{KANAYAMA_2009.people}, "
    + ", ".join(f"{share:g}\N{NO-BREAK SPACE}% had one at {level}" for level, share in DEGENERATED_BY_LEVEL.items())
    + f" ({KANAYAMA_2009.citation}); at any level "
    + ", ".join(f"{share:g}\N{NO-BREAK SPACE}% at {age}" for age, share in DEGENERATED_BY_AGE.items())
    + f" years of age ({BRINJIKJI_2015.citation})."
)


def range_of(measure: str, level: str = "") -> Range | None:
    """The range of a measure at a level, None where the literature gives none."""
    return next((one for one in RANGES if (one.measure, one.level) == (measure, level)), None)


def place(value: Value | None, beside: Range | None) -> str:
    """``below`` or ``above`` for a value outside the range, else empty; so is what is undefined."""
    if beside is None or not isinstance(value, float):
        return ""
    return "below" if value < beside.low else "above" if value > beside.high else ""
