"""One's own folder in any layout of ``training.labelled``: only structures that are labelled teach."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lumbardisc.training.labelled import Reader, find_cases
from lumbardisc.training.sources.example import Example
from lumbardisc.training.sources.taught import allowed_of
from lumbardisc.training.splits import Part

OWN, SPIDER = "labelled", "spider"
"""What the cases count as: SPIDER's patients keep the fixed split, in whatever form they come."""
_WINDOW = (0.0, 99.9)
"""Percentiles of the grey values that become 0 and 255."""


def read(
    folder: Path, labels: str | None = None, spacing: tuple[float, float, float] | None = None
) -> Iterator[Example]:
    """Every case with labels.

    labels: the convention of their numbers, told by the data where it is None. spacing: slice, row, column in mm, for
    TIFF and PNG. Raises InputError for the first that cannot be learnt from.
    """
    found = find_cases(folder)
    reader = Reader.of(found, labels, spacing)
    source = SPIDER if found.layout == SPIDER else OWN
    for case in found.cases:
        if case.labels is not None:
            one = reader.read(case)
            image = _eight_bits(one.volume.array)
            yield Example(source, case.patient, case.name, image, allowed_of(one), one.volume.spacing)


def parts(folder: Path) -> Mapping[str, Part]:
    """Patient -> part, where the folder says who is for what. Raises InputError."""
    return {case.patient: case.part for case in find_cases(folder).cases if case.part}


def _eight_bits(image: NDArray[Any]) -> NDArray[np.uint8]:
    low, high = np.percentile(image, _WINDOW)
    scaled = (image.astype(np.float32) - low) * (255.0 / max(float(high - low), 1e-6))
    whole: NDArray[np.uint8] = np.rint(np.clip(scaled, 0, 255)).astype(np.uint8)
    return whole
