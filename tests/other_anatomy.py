"""What is not a lumbar spine, drawn by hand: a head, a knee, a water bottle, noise. Sagittal, T2-like, 1 mm pixels."""

from __future__ import annotations

import numpy as np

ROWS = COLUMNS = 224
SPACING = (5.0, 1.0, 1.0)
ASIDE_MM = (-20.0, -10.0, 0.0, 10.0, 20.0)  # where the slices lie
AIR, BONE, MUSCLE, MARROW, FAT, GREY, WHITE, WATER = 4.0, 25.0, 110.0, 330.0, 520.0, 420.0, 300.0, 900.0
OUTSIDE = 9.0


def _grid():
    """mm from the middle of the slice: downward, backward."""
    return np.meshgrid(np.arange(ROWS) - ROWS / 2, np.arange(COLUMNS) - COLUMNS / 2, indexing="ij")


def _ellipse(down, back, centre, radii, tilt_deg=0.0):
    """Distance from the centre in radii: below 1 is inside."""
    cosine, sine = np.cos(np.radians(tilt_deg)), np.sin(np.radians(tilt_deg))
    y, x = down - centre[0], back - centre[1]
    return np.hypot((cosine * y + sine * x) / radii[0], (cosine * x - sine * y) / radii[1])


def _stack(draw, seed=0):
    """Slices through a body of 90 mm half width, with the noise of a real scan."""
    rng = np.random.default_rng(seed)
    drawn = np.stack([draw(*_grid(), np.sqrt(1.0 - (aside / 90.0) ** 2)) for aside in ASIDE_MM])
    return np.rint(np.hypot(drawn + rng.normal(0, 12, drawn.shape), rng.normal(0, 12, drawn.shape))).astype(np.uint16)


def head():
    """Scalp, skull, folded cortex, white matter, ventricle, cerebellum with its folia, brain stem."""

    def draw(down, back, size):
        image = np.full(down.shape, AIR)
        skull = _ellipse(down, back, (-8, 0), (82 * size, 98 * size))
        image[skull < 1.08], image[skull < 1.03], image[skull < 0.96] = FAT, BONE, WATER
        angle = np.arctan2(down + 8, back)
        folds = 0.035 * np.sin(26 * angle) + 0.025 * np.sin(41 * angle + 1)
        image[skull < 0.9 + folds], image[skull < 0.82 + 1.6 * folds] = GREY, WHITE
        image[_ellipse(down, back, (-10, 0), (9 * size, 32 * size), 15) < 1] = WATER
        cerebellum = _ellipse(down, back, (48, 45), (24 * size, 30 * size))
        image[cerebellum < 1] = np.where(np.sin(down * 1.6 + back * 0.4) > 0, GREY, WHITE)[cerebellum < 1]
        image[_ellipse(down, back, (62, 8), (48, 11)) < 1] = WHITE
        return image

    return _stack(draw)


def knee():
    """Femur and tibia with a joint gap between, cartilage, patella, muscle and fat around."""

    def draw(down, back, size):
        image = np.full(down.shape, AIR)
        image[np.abs(back) < 72 * size] = FAT
        image[np.abs(back) < 62 * size] = MUSCLE
        shaft = np.where(down < -22, np.abs(back) / (15 * size), OUTSIDE)
        femur = np.minimum(_ellipse(down, back, (-22, 4), (30, 34 * size)), shaft)
        tibia = np.where(down > 14, np.abs(back) / ((32 - np.clip(down - 14, 0, 34) * 0.5) * size), OUTSIDE)
        patella = _ellipse(down, back, (-22, -48), (20, 10))
        image[np.minimum(femur / 1.1, _ellipse(down, back, (9, 2), (7, 33))) < 1] = (
            WATER * 0.7
        )  # cartilage, joint fluid
        for bone in (femur, tibia, patella):
            image[bone < 1.0], image[bone < 0.93] = BONE, MARROW
        return image

    return _stack(draw)


def bottle():
    """One bright, even cylinder."""
    return _stack(lambda down, back, size: np.where((np.abs(back) < 60 * size) & (np.abs(down) < 90), WATER, AIR))


def noise():
    """Air."""
    return _stack(lambda down, _back, _size: np.full(down.shape, AIR))
