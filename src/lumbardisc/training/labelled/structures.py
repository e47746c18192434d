"""What people call structures of the spine in their segmentations, understood."""

from __future__ import annotations

import re

from lumbardisc.levels import CANAL, SACRUM, VERTEBRAE, body_label
from lumbardisc.training.grades import cells

_DISC = {"disc", "disk", "discs", "disks", "ivd", "intervertebral", "diskus", "bandscheibe"}
_BODY = {"vertebra", "vertebrae", "vertebral", "body", "vb", "corpus", "lumbar", "wirbel", "wirbelkoerper"}
_CANAL = {"canal", "spinalcanal", "spinalkanal", "thecalsac", "duralsac", "sac"}
_IDLE = {"label", "mask", "segment", "segmentation", "lumbar", "the", "of", "level"}
_VERTEBRA = re.compile(r"(TH|[TDL])(\d{1,2})")


def code_of(name: str) -> int | None:
    """Our number (``levels``) of a structure by its name: ``L4-L5 disc``, ``IVD L4L5``, ``disc L4/5``, ``vertebra L3``,
    ``L3``, ``sacrum``, ``spinal canal``; None for all else, as a disc without its level or a part of a vertebra.
    """
    words = [word for word in _words(name) if word not in _IDLE]
    kinds = [kind for kind in (_DISC, _BODY) if kind.intersection(words)]
    rest = "".join(word for word in words if word not in _DISC | _BODY)
    if not kinds and rest in _CANAL | {"spinal" + word for word in _CANAL}:
        return CANAL
    if kinds != [_BODY] and cells.whole(rest) is None and (disc := cells.disc(_parted(words))) is not None:
        return disc
    return None if kinds and kinds[0] is _DISC else _body(rest)


def _words(name: str) -> list[str]:
    """Small letters, parted at blanks, underscores and colons; a dash or slash within a level stays."""
    return [word for word in re.split(r"[\s_:.()]+", cells.clean(name).lower().replace("-", " - ")) if word != "-"]


def _parted(words: list[str]) -> str:
    """The level alone, its two vertebrae parted by a dash."""
    return "-".join(word for word in words if word not in _DISC | _BODY)


def _body(text: str) -> int | None:
    if text in ("s1", "sacrum", "sacrums1", "s1sacrum", "sacral", "os sacrum", "ossacrum"):
        return SACRUM
    found = _VERTEBRA.fullmatch(text.upper())
    name = f"{'L' if found[1] == 'L' else 'T'}{int(found[2])}" if found else ""
    return body_label(name) if name in VERTEBRAE else None
