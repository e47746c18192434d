"""What is uncertain about a study, in plain words."""

from __future__ import annotations

from lumbardisc.pipeline.study import Study
from lumbardisc.report.words import flag_words


def concerns(study: Study) -> list[tuple[str, str]]:
    """(discs, sentence), the discs empty where it is about the whole study.

    Warnings come first, then flags of the study, then each other flag with its discs from the top down.
    """
    whole = [*study.warnings, *map(flag_words, study.flags)]
    flagged: dict[str, list[str]] = {}
    for disc in reversed(list(study.discs.values())):
        for flag in disc.flags:
            flagged.setdefault(flag, []).append(disc.level)
    single = [(_who(names, study), flag_words(flag)) for flag, names in flagged.items() if flag not in study.flags]
    return [("", sentence) for sentence in whole] + single


def _who(names: list[str], study: Study) -> str:
    return "all discs" if 1 < len(names) == len(study.discs) else ", ".join(names)
