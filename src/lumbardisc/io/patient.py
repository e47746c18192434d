"""Whose an image is: enough to keep patients apart, nothing that names one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256


@dataclass(frozen=True)
class Patient:
    """Digests of what a header says of the patient; empty where it is silent.

    identifier: of PatientID, without spaces, noughts before it and case, in which systems differ. born: of the digits
    of PatientBirthDate. names: of each word of PatientName, in capitals, so that ``Doe^Jane`` and ``DOE^JANE^^DR`` have
    words in common. numbered: of the digits in the name, as in ``Patient 2``.
    """

    identifier: str = ""
    born: str = ""
    names: frozenset[str] = frozenset()
    numbered: str = ""

    @classmethod
    def of(cls, identifier: str, born: str, name: str) -> Patient:
        """From the values themselves, which are not kept."""
        words = re.findall(r"\w+", name.upper())
        numbers = (_plain(identifier), _digits(born), _digits(name))
        identifier, born, numbered = map(_digest, numbers)
        return cls(identifier, born, frozenset(map(_digest, words)), numbered)

    def is_another_than(self, other: Patient) -> bool:
        """Whether both cannot be one: identifiers, birth dates or numbers in names that differ; names without a word in
        common, unless identifier and birth date are the same: one person, in two alphabets."""
        pairs = ((self.identifier, other.identifier), (self.born, other.born), (self.numbered, other.numbered))
        if any(one and two and one != two for one, two in pairs):
            return True
        sure = all(one and two for one, two in pairs[:2])
        return not sure and bool(self.names and other.names and not self.names & other.names)

    def hidden_in(self, text: str) -> str:
        """A text with ``***`` for each word of the name and for an ID that is one word.

        Of two letters or more, and of four or more: shorter ones would be found where they tell nobody.
        """

        def told(word: re.Match[str]) -> str:
            numbered = len(word[0]) > 3 and _digest(_plain(word[0])) == self.identifier
            return "***" if numbered or _digest(word[0].upper()) in self.names else word[0]

        return re.sub(r"[^\W_]{2,}", told, text)


def people(patients: Iterable[Patient]) -> dict[Patient, int]:
    """For each header the number of the person that it speaks of, whatever the order in which headers are met.

    Headers that tell most come first. One that could speak of several people is of none of them, but of one more.
    """
    persons: list[list[Patient]] = []
    whose: dict[Patient, int] = {}
    for patient in sorted(dict.fromkeys(patients), key=_silence):
        fitting = [i for i, headers in enumerate(persons) if not any(map(patient.is_another_than, headers))]
        if len(fitting) != 1:
            fitting = [len(persons)]
            persons.append([])
        persons[fitting[0]].append(patient)
        whose[patient] = fitting[0]
    return whose


def _silence(patient: Patient) -> int:
    """How much a header leaves open."""
    return sum(not told for told in (patient.identifier, patient.born, patient.names))


def _plain(identifier: str) -> str:
    short = "".join(identifier.split()).upper()
    return short.lstrip("0") or short[:1]


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def _digest(text: str) -> str:
    return sha256(text.encode(errors="replace")).hexdigest()[:16] if text else ""
