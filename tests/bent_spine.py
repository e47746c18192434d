"""A lumbar spine of known sizes, drawn into a label map anywhere in space: bodies and discs along a bent line."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from scipy.spatial.transform import Rotation

from lumbardisc.levels import SACRUM, disc_name
from lumbardisc.pipeline.earlier import Earlier
from lumbardisc.quantify import measure
from lumbardisc.volume import LabelMap

HEIGHTS = {1: 9.0, 2: 11.0, 3: 10.0, 4: 9.0, 5: 8.0}
"""mm, disc by disc from the lowest."""
_BODIES = {1: (27.0, 35.0), 2: (27.5, 35.0), 3: (28.0, 34.5), 4: (27.0, 34.0), 5: (26.0, 33.0)}
"""Height and depth, mm, of L5 upward."""
_TILTS = {0: 42.0, 1: 28.0, 2: 14.0, 3: 3.0, 4: -5.0, 5: -9.0}
"""Of the upper endplate of S1, L5, ... in degrees, forward down."""
_WIDTH = 46.0


def drawn(
    heights: Mapping[int, float] = HEIGHTS,
    *,
    turn_deg: tuple[float, float, float] = (0.0, 0.0, 0.0),
    moved_mm: tuple[float, float, float] = (0.0, 0.0, 0.0),
    spacing: tuple[float, float, float] = (4.4, 1.0, 1.0),
    shape: tuple[int, int, int] = (15, 230, 110),
    down_mm: float = 0.0,
) -> LabelMap:
    """The spine turned about S1, moved, and sampled in the working order. down_mm: of the images alone."""
    affine = np.eye(4)
    affine[:3, :3] = np.array([[spacing[0], 0, 0], [0, 0, -spacing[2]], [0, -spacing[1], 0]])
    centre = np.array([0.0, 10.0, 85.0 - down_mm])
    affine[:3, 3] = centre - affine[:3, :3] @ ((np.array(shape) - 1) / 2)
    indices = np.stack(np.meshgrid(*map(np.arange, shape), indexing="ij"), axis=-1)
    world = indices @ affine[:3, :3].T + affine[:3, 3] - moved_mm
    own = world @ Rotation.from_euler("xyz", turn_deg, degrees=True).as_matrix()
    labels = np.zeros(shape, dtype=np.int16)
    place, tilt = np.array([0.0, 0.0]), _TILTS[0]
    _block(labels, own, place - 14.0 * _up(tilt), tilt, (28.0, 33.0), SACRUM)
    for count, height in heights.items():
        tilt, place = (_TILTS[count - 1] + _TILTS[count]) / 2, place + height / 2 * _up(tilt)
        _block(labels, own, place, tilt, (height, 36.0), count)
        body, depth = _BODIES[count]
        tilt, place = _TILTS[count], place + height / 2 * _up(tilt) + body / 2 * _up(_TILTS[count])
        _block(labels, own, place, tilt, (body, depth), SACRUM + count)
        place = place + body / 2 * _up(tilt)
    return LabelMap(labels, affine)


def study(labels: LabelMap, name: str = "study", **more: object) -> Earlier:
    """What would be known of it: measured, with an image in which each structure has one signal, and graded III."""
    image = np.where(labels.array > 0, 100.0 + labels.array % 7, 10.0)
    mid = labels.shape[0] // 2
    found = measure(image, labels.array, labels.spacing, mid, affine=labels.affine).discs
    grade = {"pfirrmann": 3, **{f"pfirrmann_p{one}": float(one == 3) for one in range(1, 6)}}
    discs = {disc_name(label): {**values, **grade} for label, values in found.items()}
    return Earlier(name, labels, discs, **{"provenance": {"contrast": {"name": "t2"}}, **more})  # type: ignore[arg-type]


def _up(tilt_deg: float) -> np.ndarray:
    """(anterior, superior) along the spine."""
    return np.array([np.sin(np.radians(tilt_deg)), np.cos(np.radians(tilt_deg))])


def _block(
    labels: np.ndarray, own: np.ndarray, place: np.ndarray, tilt: float, size: tuple[float, float], label: int
) -> None:
    """A rounded block; what was drawn first stays."""
    along, forward = _up(tilt), np.array([_up(tilt)[1], -_up(tilt)[0]])
    height, depth = size
    off = own[..., 1:] - place
    inside = np.abs(off @ along) <= height / 2
    inside &= np.abs(off @ forward / (depth / 2)) ** 4 + np.abs(own[..., 0] / (_WIDTH / 2)) ** 4 < 1
    labels[inside & (labels == 0)] = label
