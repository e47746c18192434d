"""One study of a cohort, as the job of a worker: all is written there, and only what the cohort needs travels."""

from __future__ import annotations

import math
from base64 import b64encode
from collections.abc import Mapping
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lumbardisc.cohort.places import Place

if TYPE_CHECKING:
    from lumbardisc.io import Source
    from lumbardisc.pipeline import Pipeline, Study

_THUMBNAIL = (360, 240)  # pixels, at most; a page of a thousand of them has some 10 MB
_SURE = ("level_confidence", "grade_confidence", "segmentation_confidence")


def parts_for(how: Mapping[str, Any]) -> Pipeline:
    """``pipeline.pipeline_for``, loaded once in each process."""
    return _parts(tuple(sorted(how.items())))


@lru_cache(maxsize=1)
def _parts(how: tuple[tuple[str, Any], ...]) -> Pipeline:
    from lumbardisc import pipeline

    return pipeline.pipeline_for(**dict(how))


def analyze_study(source: Source, place: Place, root: Path, how: Mapping[str, Any]) -> dict[str, Any]:
    """Read, analyse and write one study; what the cohort has to know of it.

    root: the cohort's folder. Raises InputError where it cannot be read or shows no lumbar spine, OutputError where its
    results cannot be written.
    """
    from lumbardisc import pipeline, report

    scan = source.load()
    study = pipeline.analyze_scan(scan, source.name, parts_for(how))
    place.write(study)
    said, details = report.told(scan, study)
    return {"said": said, "details": details, **_quality(study), **_written(place.files, root)}


def _quality(study: Study) -> dict[str, Any]:
    """How sure the results are. confidence: the lowest of all discs, None without a disc."""
    from lumbardisc.report.concerns import concerns

    known = [disc.values.get(name) for disc in study.discs.values() for name in _SURE]
    sure = [value for value in known if isinstance(value, float) and math.isfinite(value)]
    flags = len(study.warnings) + sum(len(disc.flags) for disc in study.discs.values())
    return {
        "levels": list(study.discs),
        "confidence": min(sure, default=None),
        "flags": flags,
        "concerns": [f"{who}: {sentence}" if who else sentence for who, sentence in concerns(study)],
    }


def _written(files: Mapping[str, str], root: Path) -> dict[str, Any]:
    """The files, a small picture, and the checksum that tells whether they are still those of this job."""
    return {
        "files": dict(files),
        "sha256": checksum(root / files["record"]),
        "thumbnail": _thumbnail(root / files["picture"]),
    }


def checksum(path: Path) -> str:
    """sha256 of a file; empty where it cannot be read."""
    import hashlib

    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""


def _thumbnail(path: Path) -> str:
    """The picture, small, as a JPEG in base64."""
    from PIL import Image

    small, out = Image.open(path), BytesIO()
    small.thumbnail(_THUMBNAIL)
    small.convert("RGB").save(out, format="jpeg", quality=80)
    return b64encode(out.getvalue()).decode()
