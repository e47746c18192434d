"""Labels on another grid: against nibabel's own resampling, and by hand."""

from __future__ import annotations

import nibabel
import nibabel.processing
import numpy as np

from lumbardisc.preprocess.onto_grid import onto_grid
from lumbardisc.volume import LabelMap, Volume


def test_as_nibabel_resamples() -> None:
    generator = np.random.default_rng(0)
    labels = generator.integers(0, 5, (9, 10, 11)).astype(np.int32)
    turned = np.array([[0.3, 2.0, 0.0, 3.0], [-1.1, 0.1, 0.2, 4.0], [0.0, 0.3, 1.4, -7.0], [0, 0, 0, 1]])
    grid = Volume(np.zeros((8, 7, 6)), np.diag([1.3, 1.1, 0.9, 1.0]))
    theirs = nibabel.processing.resample_from_to(
        nibabel.Nifti1Image(labels, turned), ((8, 7, 6), grid.affine), order=0, mode="grid-constant", cval=0
    )
    ours = onto_grid(LabelMap(labels, turned), grid)
    assert (ours.array == np.asarray(theirs.dataobj)).mean() > 0.97  # at halves and edges the rules of rounding differ
    assert np.count_nonzero(ours.array) > 50


def test_its_own_grid_changes_nothing_and_beyond_it_there_is_nothing() -> None:
    labels = LabelMap(np.arange(1, 28).reshape(3, 3, 3), np.diag([2.0, 1.0, 1.0, 1.0]))
    np.testing.assert_array_equal(onto_grid(labels, labels).array, labels.array)
    away = Volume(np.zeros((2, 2, 2)), np.diag([1.0, 1.0, 1.0, 1.0]) + np.array([[0, 0, 0, 50.0]] + [[0] * 4] * 3))
    assert not onto_grid(labels, away).array.any()
