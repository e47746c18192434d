"""A slice as the square input of a network that answers for less than it is shown, and its answer on the slice's grid.

Unpadded convolutions lose a pixel at each side, so that a U-Net of them (Ronneberger et al. 2015,
doi 10.1007/978-3-319-24574-4_28) answers for the middle of its input alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from lumbardisc.preprocess.intensity import Image
from lumbardisc.preprocess.resample import from_grid, to_grid

Grey = TypeVar("Grey", bound=np.generic)
Contraction = Literal["padded", "unpadded"]
"""Whether the convolutions on the way down keep the size of what they are given."""
_LOST = 4
"""Pixels that two unpadded convolutions of 3 x 3 take off a side."""


def answered(shown: int, levels: int, contraction: Contraction) -> int | None:
    """Side of the answer to a square of ``shown`` pixels, None where a size on the way is odd or nothing is left.

    levels: resolutions of the U-Net, two convolutions at each, both ways; at the coarsest and on the way up they are
    unpadded. 572 with 5 unpadded levels gives 388 (Ronneberger's figure 1), so does 512 with a padded contraction.
    """
    side = shown
    for _ in range(levels - 1):
        side -= _LOST if contraction == "unpadded" else 0
        if side % 2:
            return None
        side //= 2
    side -= _LOST
    for _ in range(levels - 1):
        side = 2 * side - _LOST
    return side if side > 0 else None


@dataclass(frozen=True)
class UnpaddedSquare:
    """The map between a slice of any proportions and what an unpadded network is shown and answers.

    The slice is stretched to ``size`` x ``size`` pixels and mirrored outward by ``border`` pixels on each side.
    """

    size: int
    border: int
    levels: int
    contraction: Contraction

    @property
    def shown(self) -> int:
        """Side of the network's input."""
        return self.size + 2 * self.border

    @property
    def answer(self) -> int:
        """Side of the network's output. Raises ValueError where there is none."""
        side = answered(self.shown, self.levels, self.contraction)
        if side is None:
            raise ValueError(f"{self.shown} pixels cannot pass {self.levels} levels")
        return side

    @property
    def inside(self) -> int:
        """Side of the part of the stretched slice that is answered for; the rest is background."""
        return min(self.answer, self.size)

    def next_size(self) -> int:
        """The smallest ``size`` from this one upward that comes out even at every level."""
        size = max(self.size, self.border + 1)
        while answered(size + 2 * self.border, self.levels, self.contraction) is None:
            size += 1
        return size

    def forward(self, image: NDArray[np.generic]) -> Image:
        """A slice (row, column) -> (shown, shown)."""
        return np.pad(self._stretched(image), self.border, mode="reflect")

    def target(self, mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """A mask (row, column) -> the part of it that the network answers for, (inside, inside)."""
        found: NDArray[np.bool_] = centred(self._stretched(mask), self.inside) > 0.5
        return found

    def back(self, answer: Image, shape: tuple[int, int]) -> Image:
        """The network's map (answer, answer) -> the slice's own grid (row, column), linear; 0 where it has none."""
        square = np.zeros((self.size, self.size), dtype=np.float32)
        centred(square, self.inside)[:] = centred(answer, self.inside)
        back: Image = from_grid(square[None], shape)[0]
        return back

    def _stretched(self, image: NDArray[np.generic]) -> Image:
        rows, columns = image.shape
        return to_grid(image, (self.size / rows, self.size / columns), 1.0)


def centred(image: NDArray[Grey], side: int) -> NDArray[Grey]:
    """The middle ``side`` x ``side`` pixels of the last two axes; a view."""
    top, left = ((size - side) // 2 for size in image.shape[-2:])
    return image[..., top : top + side, left : left + side]
