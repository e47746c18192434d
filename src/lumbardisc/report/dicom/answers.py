"""What a structured report says of a disc in coded words: question and answer, each a code.

No public scheme has the Pfirrmann grades, so these codes are our own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from lumbardisc.pipeline.study import Disc
from lumbardisc.report.codes import Code, sct
from lumbardisc.report.dicom.quantities import FINDINGS, number, own
from lumbardisc.report.grades import LIKELY, ROMAN
from lumbardisc.report.words import plain

Answer = tuple[Code, Code]

PFIRRMANN = own("PFIRRMANN", "Pfirrmann grade")
DEGENERATION = own("DEGENERATION", "Degeneration of the intervertebral disc")
PHASE = own("PHASE", "Phase of degeneration by T1rho")
CAUTION = own("CAUTION", "What to be careful of")
PRESENT = sct("52101004", "Present")
SEVERITY = {
    "mild": sct("255604002", "Mild"),
    "moderate": sct("6736007", "Moderate"),
    "severe": sct("24484000", "Severe"),
}
PHASES = {
    1: own("PHASE_1", "Phase 1, mean T1rho above 110 ms"),
    2: own("PHASE_2", "Phase 2, mean T1rho from 80 to 110 ms"),
    3: own("PHASE_3", "Phase 3, mean T1rho below 80 ms"),
}


def pfirrmann(grade: int) -> Code:
    """A grade, 1-5."""
    return own(f"PFIRRMANN_{grade}", f"Pfirrmann grade {ROMAN[grade - 1]}")


def answers(disc: Disc) -> list[Answer]:
    """Grade, degeneration and phase where there are any, then each likely finding, then each flag."""
    return [*_grade(disc), *_phase(disc), *_findings(disc), *cautions(disc.flags)]


def cautions(flags: Iterable[str]) -> list[Answer]:
    """Flags, of a disc or of a study."""
    return [(CAUTION, own(flag.upper(), plain(flag))) for flag in flags]


def _grade(disc: Disc) -> Iterator[Answer]:
    grade = number("pfirrmann", disc.values.get("pfirrmann"))
    if grade is not None:
        yield PFIRRMANN, pfirrmann(int(grade))
        yield DEGENERATION, SEVERITY[str(disc.values["degeneration"])]


def _phase(disc: Disc) -> Iterator[Answer]:
    phase = number("phase", disc.values.get("phase"))
    if phase is not None:
        yield PHASE, PHASES[int(phase)]


def _findings(disc: Disc) -> Iterator[Answer]:
    """Those that the page tells: none is said to be absent, as a network that sees none has not excluded it."""
    for name, (code, words) in FINDINGS.items():
        probability = number(f"{name}_probability", disc.values.get(f"{name}_probability"))
        if probability is not None and probability >= LIKELY:
            yield own(code, words[0].upper() + words[1:]), PRESENT
