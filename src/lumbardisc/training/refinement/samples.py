"""Varied crops of outlined discs: the disc as an imprecise first outline would place it, and where it truly is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lumbardisc.anatomy.frames import DiscFrame
from lumbardisc.pipeline.refine import placement_of
from lumbardisc.preprocess.crops import Placement, place
from lumbardisc.preprocess.disc_planes import disc_planes, network_input, slices_beside
from lumbardisc.preprocess.intensity import Image
from lumbardisc.training.augment import vary
from lumbardisc.training.endless import Endless
from lumbardisc.training.refinement.discs import OutlinedDiscs
from lumbardisc.training.refinement.views import DiscViews

Generator = np.random.Generator
Sample = tuple[Image, NDArray[np.float32]]
"""Network input (PLANES, rows, columns) and the share of the disc in each pixel (rows, columns)."""


@dataclass(frozen=True)
class Scale:
    """shape: rows and columns of a crop. step: its pixel as a share of the usual disc depth."""

    shape: tuple[int, int]
    step: float


def plain(one: OutlinedDiscs, index: int, label: int, frame: DiscFrame, scale: Scale) -> Sample:
    """A disc as it is used, unvaried."""
    placement = placement_of(frame, one.pixel, scale.step, scale.shape)
    planes = disc_planes(one.image, slices_beside(index, len(one.image)), placement)
    return network_input(planes), _target(one, index, label, placement)


def varied(
    one: OutlinedDiscs, index: int, label: int, frame: DiscFrame, scale: Scale, views: DiscViews, rng: Generator
) -> Sample:
    """A disc seen otherwise; left and right are exchanged half the time."""
    step = scale.step * frame.depth_mm * float(np.exp(rng.uniform(-views.scale, views.scale)))
    row, column = np.add(frame.centre_mm, np.clip(rng.normal(0.0, views.shift_mm, 2), *_reach(views)))
    angle = frame.angle_deg + rng.normal(0.0, views.rotation_deg)
    placement = _stretched(place(one.pixel, (row, column), angle, step, scale.shape), views, rng)
    indices = slices_beside(index, len(one.image), int(rng.choice(views.apart)))
    planes = disc_planes(one.image, indices[:: rng.choice((-1, 1))], placement)
    grey = vary(planes.reshape(-1, planes.shape[-1]), step, rng, views.grey)  # alike on all planes
    return network_input(grey.reshape(planes.shape)), _target(one, index, label, placement)


def _reach(views: DiscViews) -> tuple[float, float]:
    return -2.5 * views.shift_mm, 2.5 * views.shift_mm


def _stretched(placement: Placement, views: DiscViews, rng: Generator) -> Placement:
    """The same middle, taller or wider."""
    stretch = np.exp(rng.uniform(-views.stretch, views.stretch))
    middle = np.subtract(placement.shape, 1) / 2.0
    matrix = placement.matrix * [stretch, 1.0 / stretch]
    return Placement(matrix, placement.offset + (placement.matrix - matrix) @ middle, placement.shape)


def _target(one: OutlinedDiscs, index: int, label: int, placement: Placement) -> NDArray[np.float32]:
    return placement.cut((one.labels[index] == label).astype(np.float32))


class Samples(Endless[OutlinedDiscs, Sample]):
    """Endless varied crops: of a case, any disc on any slice that shows it."""

    def __init__(
        self, cases: Sequence[OutlinedDiscs], weights: Mapping[str, float], scale: Scale, views: DiscViews, seed: int
    ) -> None:
        super().__init__(cases, weights, seed)
        self.scale, self.views = scale, views

    def sample(self, case: OutlinedDiscs, rng: Generator) -> Sample:
        """One disc on one slice, varied."""
        index, label, frame = case.frames[rng.integers(len(case.frames))]
        return varied(case, index, label, frame, self.scale, self.views, rng)
