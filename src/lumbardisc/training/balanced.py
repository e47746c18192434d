"""Own patients dealt out so that every part has mild and severe discs: the split of Markhali 2024, Table 1."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from lumbardisc.training.patients import Split, has_fixed_split
from lumbardisc.training.splits import Part

WORST = 5


def deal_balanced(
    patients: Iterable[tuple[str, str]],
    grades: Mapping[str, Sequence[int]],
    validation: float,
    test: float,
    seed: int,
) -> Split:
    """Deal the patients that have no fixed split: shares ``validation`` and ``test``, the rest trains.

    patients: (source, patient). grades: patient -> grades of its discs. Patients are lined up by their mean grade,
    those without grades last and ties at random, and each goes to the part that is farthest behind its share; so every
    part gets its share of every stretch of the line. One with a grade V disc is never for validation, as in the paper,
    where such patients train, and later make the expanded validation set, the test part here.
    """
    own = sorted({patient for source, patient in patients if not has_fixed_split(source)})
    shares: dict[Part, float] = {"train": 1.0 - validation - test, "validation": validation, "test": test}
    asked_for = [part for part, share in shares.items() if share > 0]
    shuffled = [own[k] for k in np.random.default_rng(seed).permutation(len(own))]
    line = sorted(shuffled, key=lambda patient: _severity(grades.get(patient, ())))
    parts: dict[str, Part] = {}
    for patient in line:
        open_to = [part for part in asked_for if part != "validation" or WORST not in grades.get(patient, ())]
        parts[patient] = max(open_to, key=lambda part: _behind(part, shares[part], parts))
    return Split(parts)


def _severity(grades: Sequence[int]) -> float:
    return float(np.mean(grades)) if grades else float("inf")


def _behind(part: Part, share: float, parts: Mapping[str, Part]) -> float:
    """How many patients a part lacks once the next one is dealt."""
    return share * (len(parts) + 1) - list(parts.values()).count(part)
