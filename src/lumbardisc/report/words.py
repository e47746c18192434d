"""The words of the report: the notice, what each flag says in plain words, keys and series as words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

NOTICE = (
    "For research use only. lumbardisc is not a medical device: these results are no diagnosis "
    "and no basis for the care of a patient. Check the outlines against the images."
)
NOTICE_SHORT = "research use only - not a medical device"


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
    unit = {"mm": "mm", "mm2": "mm²", "mm3": "mm³", "ms": "ms", "s": "s", "deg": "°"}.get(last)
    return f"{' '.join(words)} ({unit})" if unit and words else " ".join([*words, last])
