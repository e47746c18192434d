"""Tells the contrast of a series from its header; None where the header does not say enough.

Times come before names, as names are free text. The bounds are rules of thumb:
- T1 and T2 spin echo: TR 400-700 ms with TE 10-15 ms, and TR above 2000 ms with TE above 80 ms (Westbrook, Roth &
  Talbot, MRI in Practice, chapter 2), widened to what scanners send: in SPIDER (van der Graaf et al., Sci Data 2024,
  360 series) T1 has TR 446-746 and TE 7-14 ms, T2 TR 1000-5570 and TE 80-124 ms.
- 3D turbo spin echo (SPACE, CUBE, VISTA): long effective TE at a TR of 1000-1500 ms (Mugler, JMRI 2014; SPIDER: TR
  1000-1430, TE 123-124 ms).
- STIR: the inversion time that nulls fat is ln 2 times its T1, 140-180 ms at 1.5 T and up to 260 ms at 3 T (Bydder &
  Young, J Comput Assist Tomogr 1985; T1 of fat: de Bazelaire et al., Radiology 2004). T1-FLAIR inverts at 700-1000 ms.
- FLASH (spoiled gradient echo): T1-weighted at short TR and TE and more than a small flip angle (Haase et al., J Magn
  Reson 1986).
"""

from __future__ import annotations

import re

from lumbardisc.io.acquisition import Acquisition

T1_ECHO_MS = 30.0
T1_REPETITION_MS = 1300.0
T1_FLAIR_REPETITION_MS = 3500.0
T2_ECHO_MS = 60.0
STIR_INVERSION_MS = (80.0, 350.0)
FLASH_REPETITION_MS = 350.0
FLASH_ECHO_MS = 15.0
FLASH_FLIP_DEG = 10.0
THIN_SLICE_MM = 1.5  # 2D spin echo of a spine is not that thin

_WATER = {"W", "WATER"}
_FAT = {"F", "FAT"}
_OPPOSED = {"OP", "OPP_PHASE", "OUT_PHASE", "OPPOSED"}
_NAMES = (  # in this order: the first that fits
    ("stir", r"\bstir\b|\btirm\b"),
    ("t2_space", r"\bspace\b|\bcube\b|\bvista\b|\b(t2 )?3d (t2|tse|fse)\b"),
    ("flash", r"\bflash\b|\bfl[23]d|\bvibe\b|\bspgr\b|\bt1 ?ffe\b|\blava\b"),
    ("t1", r"\bt1w?\b"),
    ("t2", r"\bt2w?\b"),
)


def contrast_of(acquisition: Acquisition) -> str | None:
    """One of ``CONTRASTS`` or None."""
    if is_fat(acquisition) or _OPPOSED & set(acquisition.image_type):
        return None
    if _WATER & set(acquisition.image_type) or re.search(r"\bwater\b", acquisition.text):
        return "water"
    return _by_inversion(acquisition) or _by_timing(acquisition) or _by_name(acquisition)


def is_fat(acquisition: Acquisition) -> bool:
    """Whether it is the fat image of a Dixon series."""
    return bool(_FAT & set(acquisition.image_type))


def _by_inversion(acquisition: Acquisition) -> str | None:
    low, high = STIR_INVERSION_MS
    if low <= acquisition.inversion_time_ms <= high and acquisition.repetition_time_ms > T1_REPETITION_MS:
        return "stir"
    flair = acquisition.inversion_time_ms > high and acquisition.echo_time_ms <= T1_ECHO_MS
    return "t1" if flair and acquisition.repetition_time_ms <= T1_FLAIR_REPETITION_MS else None


def _by_timing(acquisition: Acquisition) -> str | None:
    """By repetition and echo time, each with NaN where unknown, which fails every comparison."""
    repetition, echo = acquisition.repetition_time_ms, acquisition.echo_time_ms
    if "GR" in acquisition.sequence and "SE" not in acquisition.sequence:
        short = repetition <= FLASH_REPETITION_MS and echo <= FLASH_ECHO_MS
        return "flash" if short and acquisition.flip_angle_deg >= FLASH_FLIP_DEG else None
    if "SE" not in acquisition.sequence:
        return None
    if echo >= T2_ECHO_MS:
        return "t2_space" if _three_dimensional(acquisition) else "t2"
    return "t1" if echo <= T1_ECHO_MS and repetition <= T1_REPETITION_MS else None


def _three_dimensional(acquisition: Acquisition) -> bool:
    return acquisition.dimensions == "3D" or (
        not acquisition.dimensions and acquisition.slice_thickness_mm < THIN_SLICE_MM
    )


def _by_name(acquisition: Acquisition) -> str | None:
    """By what the series is called, unless its times speak against a name: proton density is often called T2."""
    echo = acquisition.echo_time_ms
    against = {"t1"} if echo > T1_ECHO_MS else {"t2", "t2_space"} if echo < T2_ECHO_MS else set()
    fitting = (name for name, pattern in _NAMES if re.search(pattern, acquisition.text))
    name = next(fitting, None)
    return None if name in against else name
