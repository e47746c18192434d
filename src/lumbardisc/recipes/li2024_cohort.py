"""Who is in a run of `li2024`: Table 1 of the paper, and how well its readers agree, where a table has several."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lumbardisc.evaluation.bootstrap import Interval
from lumbardisc.evaluation.grading import cohen_kappa
from lumbardisc.evaluation.icc import intraclass_correlation
from lumbardisc.recipes.li2024_tables import Bootstrap
from lumbardisc.recipes.published import Figure
from lumbardisc.training.phases.data import PhaseData
from lumbardisc.training.phases.readings import PHASES, VALUES, Reading
from lumbardisc.training.phases.regression import Array

PARTS = ("all", "train", "test")
TABLE_1 = {
    "patients": ("60", "50", "10"),
    "discs": ("300", "250", "50"),
    "sex (male : female)": ("35 : 25", "29 : 21", "6 : 4"),
    "age (mean ± SD)": ("36 ± 11", "36 ± 11", "37 ± 12"),
    "Pfirrmann I": ("12", "9", "3"),
    "Pfirrmann II": ("133", "107", "26"),
    "Pfirrmann III": ("83", "75", "8"),
    "Pfirrmann IV": ("68", "56", "12"),
    "Pfirrmann V": ("4", "3", "1"),
    "phase 1": ("144", "119", "25"),
    "phase 2": ("76", "64", "12"),
    "phase 3": ("80", "67", "13"),
}
ABOVE = "paper: above 0.80"


@dataclass(frozen=True)
class Cohort:
    """Table 1: name of a row -> its cell for all, training and test patients."""

    rows: Mapping[str, tuple[str, ...]]

    def to_markdown(self) -> str:
        """With the published cells in brackets."""
        lines = ["| | all (paper) | train (paper) | test (paper) |", "|---|---|---|---|"]
        for name, cells in self.rows.items():
            both = (f"{ours} ({paper})" for ours, paper in zip(cells, TABLE_1[name], strict=True))
            lines.append(f"| {name} | {' | '.join(both)} |")
        return "\n".join(lines) + "\n"

    def to_json(self) -> list[dict[str, Any]]:
        """JSON-ready."""
        return [
            {"name": name, "ours": dict(zip(PARTS, cells, strict=True)), "published": list(TABLE_1[name])}
            for name, cells in self.rows.items()
        ]


def cohort(parts: Mapping[str, Sequence[PhaseData]]) -> Cohort:
    """Counts of each part of ``PARTS``."""
    columns = [_column(parts[part]) for part in PARTS]
    return Cohort({name: tuple(column[name] for column in columns) for name in TABLE_1})


def _column(data: Sequence[PhaseData]) -> dict[str, str]:
    discs = [disc for one in data for own in one.discs.values() for disc in own.values()]
    people = [one.people[patient] for one in data for patient in one.discs]
    sexes = Counter(person.sex[:1].upper() for person in people)
    ages = np.array([person.age for person in people if not np.isnan(person.age)])
    grades, phases = Counter(disc.grade for disc in discs), Counter(disc.phase for disc in discs)
    counted = {f"Pfirrmann {roman}": str(grades[k]) for k, roman in enumerate(("I", "II", "III", "IV", "V"), start=1)}
    return {
        "patients": str(len(people)),
        "discs": str(len(discs)),
        "sex (male : female)": f"{sexes['M']} : {sexes['F']}" if sexes["M"] + sexes["F"] else "not told",
        "age (mean ± SD)": f"{ages.mean():.0f} ± {ages.std(ddof=1):.0f}" if len(ages) > 1 else "not told",
        **(counted if sum(grades[k] for k in range(1, 6)) else dict.fromkeys(counted, "not told")),
        **{f"phase {phase}": str(phases[phase]) for phase in PHASES},
    }


def reliability_figures(data: Sequence[PhaseData], bootstrap: Bootstrap) -> list[Figure]:
    """ICC of single and average readings between readers and of each reader's repeats; kappa of the grades of two.

    Empty where nobody read a disc twice.
    """
    rows = [row for one in data for row in one.readings]
    readers = sorted({row.reader for row in rows})
    figures = _icc_figures("between readers", _table(rows, readers, by="reader"), bootstrap) if len(readers) > 1 else []
    for reader in readers:
        own = [row for row in rows if row.reader == reader]
        repeats = sorted({row.repeat for row in own})
        if len(repeats) > 1:
            name = f"of {reader} with himself or herself" if reader else "between repeats"
            figures += _icc_figures(name, _table(own, repeats, by="repeat"), bootstrap)
    return figures + (_kappa_figure(rows, readers, bootstrap) if len(readers) == 2 else [])


def _table(rows: Sequence[Reading], columns: Sequence[str], by: str) -> tuple[list[str], Array]:
    """Patients (discs,) and means of readings (discs, columns, 3), NaN where there is none."""
    discs = sorted({(row.patient, row.disc) for row in rows})
    place = {disc: k for k, disc in enumerate(discs)}
    sums, counts = np.zeros((len(discs), len(columns), len(VALUES))), np.zeros((len(discs), len(columns), 1))
    for row in rows:
        where = place[row.patient, row.disc], columns.index(getattr(row, by))
        sums[where] += row.values
        counts[where] += 1
    means = np.divide(sums, counts, out=np.full_like(sums, np.nan), where=counts > 0)
    return [patient for patient, _ in discs], means


def _icc_figures(name: str, table: tuple[list[str], Array], bootstrap: Bootstrap) -> list[Figure]:
    patients, readings = table
    return [
        Figure(f"ICC of the {value} {name}, {size} ({ABOVE})", _icc(patients, readings[..., k], form, bootstrap))
        for k, value in enumerate(("maximum", "minimum", "mean"))
        for size, form in (("single", "agreement"), ("average", "agreement_average"))
    ]


def _icc(patients: Sequence[str], readings: Array, form: str, bootstrap: Bootstrap) -> Interval:
    """Two-way random effects, absolute agreement; the paper does not tell its model."""
    return bootstrap(lambda table: float(getattr(intraclass_correlation(table), form)), patients, readings)


def _kappa_figure(rows: Sequence[Reading], readers: Sequence[str], bootstrap: Bootstrap) -> list[Figure]:
    """Where both readers graded the same discs."""
    first, second = ({(row.patient, row.disc): row.grade for row in rows if row.reader == one} for one in readers)
    both = [disc for disc in first if first[disc] and second.get(disc)]
    if not both:
        return []
    grades = (np.array([one[disc] for disc in both]) for one in (first, second))
    kappa = bootstrap(cohen_kappa, [patient for patient, _ in both], *grades)
    return [Figure(f"kappa of the Pfirrmann grades ({ABOVE})", kappa)]
