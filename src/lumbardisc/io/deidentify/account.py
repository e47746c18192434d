"""What was done, told without a name: how many objects, which attributes went, what stayed behind and why."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from io import StringIO
from typing import Any

from lumbardisc.io.blobs import Blob
from lumbardisc.io.deidentify.options import BASIC_PROFILE, Option
from lumbardisc.io.deidentify.profile import EDITION

FILES = ("deidentified.csv", "deidentified.json")


@dataclass
class Account:
    """attributes: (keyword or tag, outcome) -> objects. left_out: by file. failures: by file or input, with the reason.

    doubtful: reasons why images might bear text that were taken along all the same. patients: the identity of each by
    its pseudonym, which is for the table of links and never for a report.
    """

    options: tuple[Option, ...] = ()
    objects: int = 0
    studies: set[str] = field(default_factory=set)
    series: set[str] = field(default_factory=set)
    patients: dict[str, str] = field(default_factory=dict)
    attributes: Counter[tuple[str, str]] = field(default_factory=Counter)
    left_out: list[tuple[Blob, str]] = field(default_factory=list)
    doubtful: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @property
    def reasons(self) -> Mapping[str, int]:
        """Why files stayed behind, the most frequent first."""
        return dict(Counter(reason for _, reason in self.left_out).most_common())

    @property
    def changed(self) -> Mapping[tuple[str, str], int]:
        """What became of the attributes that are not as they were, the most frequent first."""
        return {key: count for key, count in self.attributes.most_common() if key[1] != "kept"}

    def summary(self) -> list[str]:
        """What a user reads when it is done."""
        outcomes = Counter(outcome for _, outcome in self.changed)
        changes = ", ".join(f"{count} {outcome}" for outcome, count in outcomes.most_common())
        sizes = (_many(len(self.patients), "patient"), _many(len(self.studies), "study", "studies"))
        lines = [f"{_many(self.objects, 'image')} of {', '.join(sizes)}, {_many(len(self.series), 'series', 'series')}"]
        lines += [f"attributes: {changes}"] if changes else []
        lines += [f"left out: {count} ({reason})" for reason, count in self.reasons.items()]
        lines += [f"taken along though doubtful: {count} ({reason})" for reason, count in self.doubtful.items()]
        lines += ["look at each of them before you give them away"] if self.doubtful else []
        return [*lines, *(f"warning: {warning}" for warning in self.warnings)]

    def csv(self) -> str:
        """A row for each attribute and what became of it, also of those that stayed; no values."""
        text = StringIO()
        rows = csv.writer(text, lineterminator="\n")
        rows.writerow(("attribute", "outcome", "objects"))
        rows.writerows((name, outcome, count) for (name, outcome), count in sorted(self.attributes.items()))
        return text.getvalue()

    def json(self) -> str:
        """The whole of it, without the names of files, which may be names of people."""
        from lumbardisc import __version__

        record: dict[str, Any] = {
            "version": __version__,
            "profile": f"DICOM PS3.15 {EDITION} {BASIC_PROFILE.meaning}",
            "options": [option.meaning for option in self.options],
            "patients": sorted(self.patients),
            "studies": len(self.studies),
            "series": len(self.series),
            "images": self.objects,
            "attributes": _by_outcome(self.attributes),
            "left_out": self.reasons,
            "doubtful_taken_along": dict(self.doubtful.most_common()),
            "failed": len(self.failures),
            "warnings": self.warnings,
        }
        return json.dumps(record, indent=2) + "\n"

    def links(self, days: Mapping[str, int]) -> str:
        """The table back: who is behind each pseudonym, and by how many days the dates went."""
        text = StringIO()
        rows = csv.writer(text, lineterminator="\n")
        rows.writerow(("pseudonym", "patient", "dates_shifted_days"))
        rows.writerows((name, patient, days.get(name, "")) for name, patient in sorted(self.patients.items()))
        return text.getvalue()


def _by_outcome(attributes: Mapping[tuple[str, str], int]) -> dict[str, dict[str, int]]:
    outcomes: dict[str, dict[str, int]] = {}
    for (name, outcome), count in sorted(attributes.items()):
        outcomes.setdefault(outcome, {})[name] = count
    return outcomes


def _many(count: int, one: str, more: str = "") -> str:
    return f"{count} {one if count == 1 else more or one + 's'}"


def reason_lines(left_out: Sequence[tuple[Blob, str]]) -> list[str]:
    """A line for each file that stayed behind, for the user's own eyes: names of files may be names of people."""
    return [f"left out: {blob} ({reason})" for blob, reason in left_out]
