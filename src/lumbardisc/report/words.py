"""The words of the report: what each column means, what each flag says in plain words, the notice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

NOTICE = (
    "For research use only. lumbardisc is not a medical device: these results are no diagnosis "
    "and no basis for the care of a patient. Check the outlines against the images."
)
NOTICE_SHORT = "research use only - not a medical device"


@dataclass(frozen=True)
class Column:
    """A measurement as a reader sees it: a short title, its unit (or empty) and what it means."""

    name: str
    title: str
    unit: str
    meaning: str


# Those shown in the report, from left to right. Any other column of a disc is in discs.csv and result.json alone.
COLUMNS = (
    Column(
        "level_confidence",
        "Naming",
        "",
        "How sure the level name is, from 0 to 1. Names are counted upward from the sacrum, so one error below shifts "
        "every name above it.",
    ),
    Column("pfirrmann", "Pfirrmann", "", "Degeneration grade from 1 (healthy) to 5 (collapsed), by Pfirrmann 2001."),
    Column("degeneration", "Degeneration", "", "The grade in three steps: mild, moderate, severe."),
    Column("height_mm", "Height", "mm", "Mean distance of the two endplates, square to the disc's own axis."),
    Column(
        "disc_height_index",
        "Height index",
        "",
        "Height relative to the vertebral bodies beside the disc; it allows comparing people of different size.",
    ),
    Column(
        "signal_ratio_csf",
        "Signal / CSF",
        "",
        "Mean signal of the disc relative to the cerebrospinal fluid in the canal of the same image. On T2 images a "
        "low value goes with a dry disc; values of different contrasts do not compare.",
    ),
    Column("nucleus_signal_ratio", "Nucleus / CSF", "", "The same for the nucleus, the inner part of the disc, alone."),
    Column(
        "nucleus_annulus_contrast",
        "Nucleus contrast",
        "",
        "Difference of nucleus and annulus signal over their sum; near 0 the two can no longer be told apart.",
    ),
    Column("height_anterior_mm", "Anterior height", "mm", "Height in the front part of the disc."),
    Column("height_middle_mm", "Middle height", "mm", "Height in the middle part of the disc."),
    Column("height_posterior_mm", "Posterior height", "mm", "Height in the back part of the disc."),
    Column("wedge_angle_deg", "Wedge", "°", "Angle between the two endplates; positive where the disc opens forward."),
    Column("depth_mm", "Depth", "mm", "Front to back length of the disc along its own axis."),
    Column("area_mm2", "Area", "mm²", "Area of the disc on the mid-sagittal slice."),
    Column(
        "volume_mm3",
        "Volume",
        "mm³",
        "Volume over all slices, with the error (±, one standard deviation) of sampling by slices alone. The sign ≥ "
        "marks a lower bound: the images do not hold the whole disc.",
    ),
)

ANGLES = {"lordosis_l1_s1_deg": "Lumbar lordosis L1-S1"}  # of the whole spine, in degrees

_FLAGS = {
    "low_confidence": "found with low confidence; look at its outline first",
    "cut_by_fov": "cut by the edge of the images; its size is a lower bound or left out",
    "off_mid_slice": "not on the slice shown, as the spine is curved; measured on the slice that holds most of it",
    "level_ambiguous": "the level name is uncertain; the count may be shifted by one",
    "grade_uncertain": "the grade lies between two classes",
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
    unit = {"mm": "mm", "mm2": "mm²", "mm3": "mm³", "ms": "ms", "s": "s", "deg": "°"}.get(last)
    return f"{' '.join(words)} ({unit})" if unit and words else " ".join([*words, last])
