"""result.json: everything known of a study, as strict JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np

from lumbardisc import __version__
from lumbardisc.pipeline.study import Disc, Study
from lumbardisc.quantify.change import Change
from lumbardisc.report.structures import hex_color, present
from lumbardisc.report.words import NOTICE


def result_json(study: Study) -> str:
    """The text of ``result.json``: valid for any parser, undefined values are ``null``."""
    return json.dumps(ready(record(study)), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def record(study: Study) -> dict[str, Any]:
    """The study as nested dictionaries; the discs lowest first."""
    return {
        "name": study.name,
        "version": __version__,
        "notice": NOTICE,
        "discs": [_disc(disc) for disc in study.discs.values()],
        "spine": study.spine,
        "flags": study.flags,
        "warnings": study.warnings,
        **({"change": _change(study.change)} if study.change else {}),
        "mid_slice": study.mid_slice,
        "image": {"shape": study.image.shape, "spacing_mm": study.image.spacing, "affine_ras_mm": study.image.affine},
        "structures": [{"index": one.index, "name": one.name, "color": hex_color(one)} for one in present(study)],
        "provenance": study.provenance,
    }


def _disc(disc: Disc) -> dict[str, Any]:
    return {"level": disc.level, "label": disc.label, **disc.values, "flags": disc.flags}


def _change(change: Change) -> dict[str, Any]:
    rows = [{**asdict(row), "difference": row.difference} for row in change.rows]
    absent = [{"level": level, "reason": reason} for level, reason in change.absent]
    return {**asdict(change), "rows": rows, "absent": absent}


def ready(value: Any) -> Any:
    """Plain JSON values: NumPy's scalars and arrays unwrapped, NaN and infinity -> None, other objects as text."""
    if isinstance(value, Mapping):
        return {str(key): ready(part) for key, part in value.items()}
    if isinstance(value, np.ndarray | np.generic):
        return ready(value.tolist())
    if isinstance(value, list | tuple | set | frozenset):
        return [ready(part) for part in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if value is None or isinstance(value, str | int) else str(value)
