"""Outlined discs in one file, so that slices are not registered twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lumbardisc.training.kept import read_kept, write_kept
from lumbardisc.training.refinement.discs import OutlinedDiscs


@dataclass(frozen=True, eq=False)
class _Columns:
    """image, labels: all voxels, case after case. shape, spacing: (n, 3). names: (n, 4), source, patient, case,
    contrast."""

    image: NDArray[Any]
    labels: NDArray[np.uint8]
    shape: NDArray[np.int64]
    spacing: NDArray[np.float64]
    names: NDArray[np.str_]


def write_discs(cases: Sequence[OutlinedDiscs], key: str, path: Path) -> None:
    """Beside, then renamed."""
    columns = _Columns(
        image=np.concatenate([one.image.ravel() for one in cases]),
        labels=np.concatenate([one.labels.ravel() for one in cases]),
        shape=np.array([one.image.shape for one in cases]),
        spacing=np.array([one.spacing for one in cases]),
        names=np.array([(one.source, one.patient, one.case, one.contrast) for one in cases]),
    )
    write_kept(path, key, columns, ())


def read_discs(path: Path, key: str) -> list[OutlinedDiscs] | None:
    """What ``write_discs`` wrote under the same key; None where it was another one."""
    if not path.exists() or (kept := read_kept(path, key, _Columns)) is None:
        return None
    columns, _ = kept
    ends = np.cumsum(columns.shape.prod(axis=1))[:-1]
    cases = []
    for image, labels, shape, spacing, (source, patient, case, contrast) in zip(
        np.split(columns.image, ends),
        np.split(columns.labels, ends),
        columns.shape,
        columns.spacing.tolist(),
        columns.names.tolist(),
        strict=True,
    ):
        slices, rows, cols = spacing
        cases.append(
            OutlinedDiscs(
                source, patient, case, contrast, image.reshape(shape), labels.reshape(shape), (slices, rows, cols)
            )
        )
    return cases
