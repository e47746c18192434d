"""The words of the report: the notice, what each flag says in plain words, keys and series as words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

NOTICE = (
    "For research use only. lumbardisc is not a medical device: these results are no diagnosis "
    "and no basis for the care of a patient. Check the outlines against the images."
)
NOTICE_SHORT = "research use only - not a medical device"

_PERCENT = "\N{NO-BREAK SPACE}%"
NOTES = {
    "nothing_flagged": "Nothing was flagged. That is no proof of correctness: look at the outlines and count the "
    "levels yourself.",
    "picture": "Mid-sagittal slice, front (A) to the left. Outlines are drawn on this slice only; measurements that "
    "span slices use all of them.",
    "grades": "Grades I to V after Pfirrmann et al., Spine 2001;26:1873, as estimated by a network that learnt from "
    f"one expert's grades; in that study, readers agreed on the grade of 84{_PERCENT} of the discs. The colours "
    "show which parts of the picture moved the network's grade, orange to a higher and blue to a lower one; they mark "
    "no lesions.",
    "not_graded": "Not graded.",
    "untried": "The network behind these numbers has seen no patient, only computed phantoms. They show how it would "
    "work and say nothing about this patient.",
    "t1rho": "T1rho over the central 1 cm² of the nucleus, estimated from the routine images, not measured; to measure "
    "it takes spin-lock images. Phases after Li et al. 2024: 1 before degeneration (above 110 ms), 2 rapid "
    "degeneration (80 to 110 ms), 3 late degeneration (below 80 ms).",
    "change": "The prior value and the one of now; below them the difference and, in brackets, the least difference "
    "that is more than measurement error: of 20 measures that did not change, about one differs by more. A change in a "
    "number is no change in a patient.",
    "ranges": f"Small figures are the range of 95{_PERCENT} of people without complaints; that a value is below "
    "or above it is no diagnosis.",
    "flagged": "* see what is uncertain, above.",
    "table": "\N{EN DASH} is not defined here. All values, unrounded, are in result.json; discs.csv is the same table "
    "for a spreadsheet.",
    "no_disc": "No disc was found.",
    "one_series": "There was one series; nothing had to be chosen.",
}
"""What stands beside the parts of page and PDF."""

ANGLES = {"lordosis_l1_s1_deg": "Lumbar lordosis L1-S1"}  # of the whole spine, in degrees

_FLAGS = {
    "low_confidence": "the grade is in doubt; look at the disc and grade it yourself",
    "cut_by_fov": "cut by the edge of the images; its size is a lower bound or left out",
    "off_mid_slice": "not on the slice shown, as the spine is curved; measured on the slice that holds most of it",
    "level_ambiguous": "the level name is uncertain; the count may be shifted by one",
    "phase_in_doubt": "the mean T1rho is near a limit; within the noise the phase may be another",
    "t1rho_few_voxels": "the T1rho rests on few voxels: the nucleus is small, or many of its voxels cannot be trusted",
    "spacing_doubtful": "no length, area or volume can be trusted, as the recorded pixel size is doubtful",
    "phantom_trained": "T1rho and phase come from a network that has seen no patient, only computed phantoms",
}


def flag_words(flag: str) -> str:
    """A flag as a plain sentence; one that is not in the table is spelt out."""
    return _FLAGS.get(flag, plain(flag))


def series(facts: Mapping[str, Any]) -> str:
    """A series of the choice in words: ``series 4 (t2 tse sag), 15 images``."""
    description = f" ({facts['description']})" if facts.get("description") else ""
    return f"series {facts['series_number']}{description}, {facts['images']} images"


def plain(key: str) -> str:
    """A key as words: ``"echo_time_ms"`` -> ``"echo time (ms)"``."""
    *words, last = key.replace("sha256", "SHA-256").split("_")
    unit = {"mm": "mm", "mm2": "mm²", "mm3": "mm³", "ms": "ms", "s": "s", "deg": "°", "t": "T"}.get(last)
    return f"{' '.join(words)} ({unit})" if unit and words else " ".join([*words, last])
