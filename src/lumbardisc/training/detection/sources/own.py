"""A user's own boxes, drawn in LabelImg: every disc in sight has one, and its name stands."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from lumbardisc.training.detection import labelimg
from lumbardisc.training.detection.sources.case import BoxedCase

_SLICE_MM = 4.0
"""Of a single slice, where no distance to the next matters."""


def read(folder: Path) -> Iterator[BoxedCase]:
    """Every image of ``folder`` that has a label file. Raises InputError."""
    for one in labelimg.read(folder)[0]:
        yield BoxedCase(
            one.source,
            one.patient,
            one.case,
            one.contrast,
            one.image[None],
            (_SLICE_MM, *one.pixel),
            {0: one.boxes},
            whole=True,
            certain=True,
        )
