"""Whose an image is: enough to keep patients apart, nothing that names one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256


@dataclass(frozen=True)
class Patient:
    """Digests of what a header says of the patient; empty where it is silent.

    identifier: of PatientID. born: of PatientBirthDate. names: of each word of PatientName, in capitals, so that
    ``Doe^Jane`` and ``DOE^JANE^^DR`` have words in common.
    """

    identifier: str = ""
    born: str = ""
    names: frozenset[str] = frozenset()

    @classmethod
    def of(cls, identifier: str, born: str, name: str) -> Patient:
        """From the values themselves, which are not kept."""
        words = re.findall(r"\w+", name.upper())
        return cls(_digest(identifier.strip()), _digest(born.strip()), frozenset(map(_digest, words)))

    def is_another_than(self, other: Patient) -> bool:
        """Whether both cannot be one: identifiers or birth dates that differ, or names without a word in common."""
        known = ((self.identifier, other.identifier), (self.born, other.born))
        apart = any(one and two and one != two for one, two in known)
        return apart or bool(self.names and other.names and not self.names & other.names)


def person(patient: Patient, people: list[list[Patient]]) -> int:
    """The index, in ``people``, of the person that a header may speak of; a new one is added where it is none of them.

    people: for each the different headers that were met.
    """
    for index, headers in enumerate(people):
        if patient in headers:
            return index
        if not any(patient.is_another_than(header) for header in headers):
            headers.append(patient)
            return index
    people.append([patient])
    return len(people) - 1


def _digest(text: str) -> str:
    return sha256(text.encode(errors="replace")).hexdigest()[:16] if text else ""
