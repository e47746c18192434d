"""A volume in, a class for every voxel out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lumbardisc.inference.runtime import Network
from lumbardisc.inference.weights import Weights, default_weights, load_weights
from lumbardisc.preprocess.intensity import Image, normalise
from lumbardisc.preprocess.resample import from_grid, grid_shape, to_grid

BACKGROUND, DISC, BODY, SACRUM, CANAL = range(5)


@dataclass(frozen=True, eq=False)
class Segmentation:
    """Per voxel (slice, row, column), on the image's own grid.

    classes: one of BACKGROUND, DISC, BODY, SACRUM, CANAL. lowest: how far a disc voxel speaks for being L5/S1 rather
    than a disc above it, 0-255. certainty: probability of the class that was taken, 0-255.
    """

    classes: NDArray[np.uint8]
    lowest: NDArray[np.uint8]
    certainty: NDArray[np.uint8]


class Segmenter:
    """The exported segmentation network, ready to run.

    It sees every slice at each of ``resolutions`` (mm) and its probabilities are averaged.
    """

    def __init__(self, path: Path | None = None, threads: int | None = None) -> None:
        self.weights: Weights = load_weights(path or default_weights("segmentation"), "segmentation")
        settings = self.weights.settings
        self.resolutions: tuple[float, ...] = tuple(settings.get("run_at_mm", [settings["resolution_mm"]]))
        self._stride: int = settings["stride"]
        self._network = Network(self.weights.path, threads)

    def __call__(
        self,
        image: NDArray[np.generic],
        pixel: tuple[float, float],
        progress: Callable[[float], None] | None = None,
    ) -> Segmentation:
        """image: (slice, row, column), any numeric type. pixel: (row, column) mm. progress: called with 0-1."""
        found = Segmentation(*(np.zeros(image.shape, dtype=np.uint8) for _ in range(3)))
        for index, probabilities in enumerate(self._probabilities(image, pixel)):
            found.classes[index], found.lowest[index], found.certainty[index] = _decide(probabilities)
            if progress:
                progress((index + 1) / len(image))
        return found

    def _probabilities(self, image: NDArray[np.generic], pixel: tuple[float, float]) -> Iterator[Image]:
        """Per slice (class, row, column) on its own grid, the mean over the resolutions."""
        shape = (image.shape[1], image.shape[2])
        outputs = self._network.run(self.network_inputs(image, pixel))
        for _ in image:
            maps = [self._on_slice(next(outputs), shape, pixel, resolution) for resolution in self.resolutions]
            yield np.mean(maps, axis=0)

    @staticmethod
    def _on_slice(scores: Image, shape: tuple[int, int], pixel: tuple[float, float], resolution: float) -> Image:
        rows, columns = grid_shape(shape, pixel, resolution)
        return from_grid(_softmax(scores[:, :rows, :columns]), shape)

    def network_inputs(self, image: NDArray[np.generic], pixel: tuple[float, float]) -> Iterator[Image]:
        """What the network is given: (2, rows, columns) per slice and resolution, padded to its stride."""
        for slice_ in image:
            for resolution in self.resolutions:
                inputs = normalise(to_grid(slice_, pixel, resolution), resolution)
                rows, columns = inputs.shape[1:]
                yield np.pad(inputs, [(0, 0), (0, -rows % self._stride), (0, -columns % self._stride)], mode="edge")


def _softmax(scores: Image) -> Image:
    powers = np.exp(scores - scores.max(axis=0))
    probabilities: Image = powers / powers.sum(axis=0)
    return probabilities


def _decide(probabilities: Image) -> tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.uint8]]:
    """Network classes (background, disc, lowest disc, body, sacrum, canal) -> class, share of L5/S1, certainty."""
    background, upper, lowest, *others = probabilities
    merged = np.stack([background, upper + lowest, *others])
    classes = merged.argmax(axis=0).astype(np.uint8)
    share = np.where(classes == DISC, lowest / np.maximum(upper + lowest, 1e-6), 0.0)
    return classes, np.rint(share * 255).astype(np.uint8), np.rint(merged.max(axis=0) * 255).astype(np.uint8)
