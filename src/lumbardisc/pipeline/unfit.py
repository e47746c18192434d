"""Which measures cannot be compared between two studies, and why: wrong pixel sizes, other contrast, other timing."""

from __future__ import annotations

from collections.abc import Iterator

from lumbardisc.pipeline.earlier import Earlier
from lumbardisc.quantify.compare import SIGNALS, SIZES

SIZE_TOLERANCE = 0.05
"""Bones do not grow: where their size differs by more, one pixel size is wrong. Spines that bend differ by 1-2 %."""
TIMING_TOLERANCE = 0.1
"""Share by which echo and repetition time may differ."""
_TIMES = {"echo_time_ms": "echo", "repetition_time_ms": "repetition"}


def unfit(now: Earlier, before: Earlier, size: float) -> dict[str, str]:
    """Measure -> why it cannot be compared. size: of the bones, relative to the prior study's."""
    reasons: dict[str, str] = {}
    if size_differs(now, before, size):
        reasons |= dict.fromkeys(SIZES, "the pixel size of one of the two studies is wrong or in doubt")
    if told := next(_other_signal(now, before), ""):
        reasons |= dict.fromkeys(SIGNALS, told)
    return reasons


def size_differs(now: Earlier, before: Earlier, size: float) -> bool:
    """Whether lengths of the two studies cannot be of one scale."""
    doubtful = any("spacing_doubtful" in one.flags for one in (now, before))
    return doubtful or abs(size - 1.0) > SIZE_TOLERANCE


def contrast_of(study: Earlier) -> str | None:
    """The contrast of the images, None where it is not known."""
    return (study.provenance.get("contrast") or {}).get("name")


def _other_signal(now: Earlier, before: Earlier) -> Iterator[str]:
    ours, theirs = contrast_of(now), contrast_of(before)
    if ours != theirs or ours is None:
        yield f"the contrasts differ or are not known (prior: {_words(theirs)}, now: {_words(ours)})"
    for key, word in _TIMES.items():
        one, other = _header(before, key), _header(now, key)
        if one and other and abs(other / one - 1.0) > TIMING_TOLERANCE:
            yield f"the {word} times differ ({one:.0f} ms, now {other:.0f} ms), and signal with them"


def _words(contrast: str | None) -> str:
    return contrast or "unknown"


def _header(study: Earlier, key: str) -> float | None:
    value = (study.provenance.get("input") or {}).get("headers", {}).get(key)
    return float(value) if isinstance(value, int | float) else None
