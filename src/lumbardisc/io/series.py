"""Chooses the sagittal lumbar series of a DICOM study, and says why, and why not the others.

Each stack of it is refused for a reason or ranked: lumbar before other stations, T2 before the rest (discs are graded
on it, Pfirrmann et al., Spine 2001), whole before sparse, fine before coarse. Beside a T2 series the best T1 series of
the same place is its companion, and the other way round.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lumbardisc.errors import SeriesError
from lumbardisc.io.contrast import is_fat
from lumbardisc.io.dicom_geometry import plane_of
from lumbardisc.io.stacks import Stack

SAGITTAL_DEG = 35.0
LUMBAR_HEIGHT_MM = 120.0  # four lumbar levels, about 30-35 mm each, is the least to name discs in
COVERED_WIDTH_MM = 25.0  # a disc is about 50 mm wide; less than half of it is a glimpse
STATION_MM = 120.0  # stations of a whole spine lie a field of view apart, repeats of one station do not
COMPANIONS = {"t1": ("t2", "t2_space"), "t2": ("t1",), "t2_space": ("t1",)}
"""Contrasts that add to one in grading a disc."""
PREFERENCE = ("t2", "t2_space", "t1", "stir", "water", "flash", None)

_LOCALIZER = r"\bloc(ali[sz]er)?\b|localiz|localis|\bscout\b|\bsurvey\b|\bpilot\b|\b3 ?pl|\bhaste loc"
_DERIVED = r"\bmip\b|\bmpr\b|\bsub(traction)?\b|screen ?(save|shot)|\badc\b|\bmyelo|projection|\bt2 map|\bt1 map"
_DERIVED_TYPES = {"PROJECTION IMAGE", "MIP", "MNIP", "MPR", "SUBTRACTION", "ADC", "SCREEN SAVE", "T2 MAP", "T1 MAP"}
_PHASE_TYPES = {"P", "PHASE", "PHASE MAP", "R", "REAL", "I", "IMAGINARY"}
_ELSEWHERE = (
    r"\bc ?spine|cerv|\bhws\b|\bt ?spine|thora|\bbws\b|\bbrain|\bhead\b|\bskull|\bknee|\bhip\b|\bshoulder|\bankle"
    r"|\bpelvis|\bprostat|\bcoccyx|\bneck\b"
)
_LUMBAR = r"lumb|\bl ?spine|\blws\b|\blsp|\bls ?spine|\bl ?s\b"


@dataclass(frozen=True)
class Chosen:
    """The stack to read, the JSON-ready record of the choice (see ``Scan.choice``), and its companions."""

    stack: Stack
    record: Mapping[str, Any]
    warnings: tuple[str, ...] = ()
    companions: tuple[Stack, ...] = ()


def choose(stacks: Sequence[Stack], wanted: str | None) -> Chosen:
    """The stack to read. wanted: a series UID, a series number or a part of a description; overrides all refusals.

    Raises SeriesError with one line that lists what there is.
    """
    if wanted is not None:
        return _override(stacks, wanted)
    refused = [(stack, reason) for stack in stacks if (reason := refusal(stack, stacks))]
    fit = [stack for stack in stacks if not any(stack is bad for bad, _ in refused)]
    if not fit:
        told = "; ".join(dict.fromkeys(f"{stack}: {reason}" for stack, reason in refused))
        raise SeriesError(f"no sagittal lumbar MR series [{told}]; pass another study, or choose with --series")
    ranked = sorted(fit, key=lambda stack: _rank(stack, fit))
    companions = _companions(ranked[0], ranked)
    record = {
        "chosen": {**ranked[0].facts(), "reasons": _reasons(ranked[0], fit)},
        "companions": [stack.facts() for stack in companions],
        "also_fit": [stack.facts() for stack in ranked[1:]],
        "refused": [{**stack.facts(), "reason": reason} for stack, reason in refused],
    }
    return Chosen(ranked[0], record, _doubts(ranked[0]), companions)


def is_localizer(text: str) -> bool:
    """Whether what is written about a series, as ``Acquisition.text`` has it, speaks of a localizer."""
    return re.search(_LOCALIZER, text) is not None


def refusal(stack: Stack, stacks: Sequence[Stack]) -> str:
    """Why a stack cannot be the sagittal lumbar series; empty where it can."""
    acquisition = stack.first.acquisition
    types = set(acquisition.image_type)
    if acquisition.modality != "MR":
        return f"is {acquisition.modality or 'of no modality'}, not MR"
    if "LOCALIZER" in types or is_localizer(stack.text) or _three_planes(stack, stacks):
        return "is a localizer"
    if types & _DERIVED_TYPES or re.search(_DERIVED, stack.text) or "SECONDARY" in types:
        return "is derived from other images"
    if types & _PHASE_TYPES or is_fat(acquisition):
        return "is a phase or a fat image"
    if stack.first.plane is None:
        return "does not say where its images lie"
    return _misplaced(stack)


def _misplaced(stack: Stack) -> str:
    """Why the planes of a stack do not suit; empty where they do."""
    x, y, z = (abs(cosine) for cosine in stack.normal)
    if np.degrees(np.arccos(min(x, 1.0))) > SAGITTAL_DEG:
        return "is axial" if z >= max(x, y) else "is coronal" if y >= x else "is oblique, not sagittal"
    height = stack.heights[1] - stack.heights[0]
    return f"shows {height:.0f} mm of height, too little for a lumbar spine" if height < LUMBAR_HEIGHT_MM else ""


def _three_planes(stack: Stack, stacks: Sequence[Stack]) -> bool:
    """Whether the series holds stacks across each other, as localizers do."""
    same = [other for other in stacks if other.first.series == stack.first.series and other.first.plane]
    if stack.first.plane is None or len(same) < 2:
        return False
    return any(abs(np.dot(stack.normal, other.normal)) < 0.5 for other in same)


def _rank(stack: Stack, fit: Sequence[Stack]) -> tuple[Any, ...]:
    """Smaller is better."""
    pixel = plane_of(stack.first).pixel
    return (
        _elsewhere(stack),
        _upper_station(stack, fit),
        stack.width_mm < COVERED_WIDTH_MM,
        PREFERENCE.index(stack.contrast),
        round(pixel[0] * pixel[1], 2),
        -len(stack.frames),
        stack.first.number,
        stack.first.series,
    )


def _elsewhere(stack: Stack) -> bool:
    """Whether the header names another part of the body and not the lumbar spine."""
    return bool(re.search(_ELSEWHERE, stack.text)) and not re.search(_LUMBAR, stack.text)


def _upper_station(stack: Stack, fit: Sequence[Stack]) -> bool:
    """Whether another stack of the same frame of reference lies a station lower."""
    here = [other for other in fit if other.first.frame_of_reference == stack.first.frame_of_reference]
    lowest = min(sum(other.heights) / 2 for other in here if not _elsewhere(other) or other is stack)
    return sum(stack.heights) / 2 > lowest + STATION_MM


def _reasons(stack: Stack, fit: Sequence[Stack]) -> list[str]:
    """Why this stack was chosen, one line each."""
    height = stack.heights[1] - stack.heights[0]
    angle = float(np.degrees(np.arccos(min(abs(stack.normal[0]), 1.0))))
    reasons = [
        f"sagittal: its normal is {angle:.0f} degrees from left-right",
        f"lumbar by extent: {height:.0f} mm high, {stack.width_mm:.0f} mm wide",
        f"contrast by its timing: {stack.contrast or 'not known'} (order of preference: T2, T2-SPACE, T1, STIR, rest)",
    ]
    return [*reasons, f"first of {len(fit)} that fit"] if len(fit) > 1 else [*reasons, "the only one that fits"]


def _doubts(stack: Stack) -> tuple[str, ...]:
    """What a user should know of the chosen stack."""
    found = re.search(_ELSEWHERE, stack.text) if _elsewhere(stack) else None
    return (f"the header of {stack} speaks of another part of the body ('{found.group().strip()}')",) if found else ()


def _override(stacks: Sequence[Stack], wanted: str) -> Chosen:
    """What the user asked for, the best of it where it is several."""
    fit = [stack for stack in stacks if _is_wanted(stack, wanted)]
    placed = [stack for stack in fit if stack.first.plane is not None]
    if not placed:
        there = ", ".join(dict.fromkeys(str(stack) for stack in stacks))
        what = "does not say where its images lie" if fit else "is not in this study"
        raise SeriesError(f"--series '{wanted}' {what}; there are: {there}")
    ranked = sorted(placed, key=lambda stack: (bool(refusal(stack, stacks)), *_rank(stack, placed)))
    others = [stack for stack in stacks if stack is not ranked[0]]
    reason = refusal(ranked[0], stacks)
    warnings = (f"{ranked[0]} {reason}; it was read as asked for with --series",) if reason else ()
    sound = [stack for stack in others if not refusal(stack, stacks)]
    companions = _companions(ranked[0], sorted(sound, key=lambda stack: _rank(stack, sound)))
    record = {
        "chosen": {**ranked[0].facts(), "reasons": ["asked for with --series"]},
        "companions": [stack.facts() for stack in companions],
        "also_fit": [],
        "refused": [{**stack.facts(), "reason": "another was asked for with --series"} for stack in others],
    }
    return Chosen(ranked[0], record, warnings, companions)


def _companions(chosen: Stack, ranked: Sequence[Stack]) -> tuple[Stack, ...]:
    """The best other stack of a contrast that adds to the chosen one's, in the same place; none where there is none."""
    wanted = COMPANIONS.get(chosen.contrast or "", ())
    return tuple(stack for stack in ranked if stack.contrast in wanted and _same_place(stack, chosen))[:1]


def _same_place(one: Stack, other: Stack) -> bool:
    """Whether two stacks have one frame of reference and share more than half of the lesser height."""
    lows, highs = zip(one.heights, other.heights, strict=True)
    shared, lesser = min(highs) - max(lows), min(np.subtract(highs, lows))
    known = one.first.frame_of_reference == other.first.frame_of_reference != ""
    return known and bool(shared > 0.5 * lesser)


def _is_wanted(stack: Stack, wanted: str) -> bool:
    frame, text = stack.first, wanted.strip().lower()
    return text in (frame.series, str(frame.number)) or (
        not text.isdigit() and text in frame.acquisition.description.lower() and text != ""
    )
