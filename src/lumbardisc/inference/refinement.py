"""Crops of a disc in, for each pixel the probability that it belongs to the disc out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from lumbardisc.inference.runtime import Network
from lumbardisc.inference.weights import Weights, default_weights, load_weights
from lumbardisc.preprocess.disc_planes import network_input
from lumbardisc.preprocess.intensity import Image

TASK = "refinement"


class Refiner:
    """The exported network that draws a disc's outline more finely, ready to run.

    shape: rows and columns of its crops. step: their pixel, as a share of the usual depth of the study's discs.
    threshold: probability above which a pixel is taken. contrasts: of the images that it learnt from, see
    ``io.CONTRASTS``.
    """

    def __init__(self, path: Path | None = None, threads: int | None = None) -> None:
        self.weights: Weights = load_weights(path or default_weights(TASK), TASK)
        card = self.weights.settings
        rows, columns = card["shape"]
        self.shape: tuple[int, int] = (rows, columns)
        self.step: float = card["step"]
        self.threshold: float = card["threshold"]
        self.contrasts = frozenset(card["contrasts"])
        self._network = Network(self.weights.path, threads)

    def __call__(self, crops: Iterable[Image]) -> Iterator[Image]:
        """Crops (PLANES, rows, columns), see ``preprocess.disc_planes`` -> probabilities (rows, columns), 0-1."""
        for scores in self._network.run(map(network_input, crops)):
            yield 1.0 / (1.0 + np.exp(-scores[0]))
