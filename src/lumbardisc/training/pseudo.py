"""Pseudo-labels: what a first network is sure of fills in what the sources leave undecided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lumbardisc.anatomy.labelling import Labelling, label_structures
from lumbardisc.errors import NoSpineError
from lumbardisc.levels import is_disc
from lumbardisc.networks.unet import UNet
from lumbardisc.training.partial import ANY, CLASSES, DISC, LOWEST, Allowed, from_prediction
from lumbardisc.training.predict import load_network, predict
from lumbardisc.training.run_folder import key_of
from lumbardisc.training.sources import Example

SURE, SURE_UNGUIDED = 0.8, 0.9
"""Least probability of a pseudo-label where a source restricts the classes, and where none does."""

Probabilities = NDArray[np.float32]


def fill_in(examples: Sequence[Example], checkpoint: Path, cache: Path) -> list[Example]:
    """The examples with their undecided pixels filled in; images nothing is known of in the end are left out.

    Within what its source allows, a pixel takes the class the network is sure of. An image without any label must first
    be named without doubt, and its discs keep those names. The result is kept in ``cache``: the same
    examples are not filled in a second time by the same network.
    """
    key = key_of(examples, checkpoint)
    filled = _read(cache, key, examples)
    if filled is None:
        network, resolution = load_network(checkpoint)
        filled = [_fill_in(example, network, resolution) for example in examples]
        beside = cache.with_suffix(".part.npz")
        named: dict[str, Any] = {_name_of(e): allowed for e, allowed in zip(examples, filled, strict=True)}
        np.savez_compressed(beside, key=key, **named)
        beside.replace(cache)
    pairs = zip(examples, filled, strict=True)
    return [replace(example, allowed=allowed) for example, allowed in pairs if (allowed != ANY).any()]


def _read(cache: Path, key: str, examples: Sequence[Example]) -> list[Allowed] | None:
    if not cache.exists():
        return None
    with np.load(cache) as kept:
        own = "key" in kept and str(kept["key"]) == key
        return [kept[_name_of(example)] for example in examples] if own else None


def _name_of(example: Example) -> str:
    return f"{example.source}/{example.case}"


def _fill_in(example: Example, network: UNet, resolution: float) -> Allowed:
    _, row, column = example.spacing
    probabilities = np.stack([predict(network, image, (row, column), resolution) for image in example.image])
    allowed, threshold = example.allowed, SURE
    if (allowed == ANY).all():
        allowed, threshold = _allowed_by_names(probabilities, example.spacing), SURE_UNGUIDED
    if (allowed == 0).all():
        return example.allowed
    return np.stack(
        [from_prediction(classes, maps, threshold) for classes, maps in zip(allowed, probabilities, strict=True)]
    )


def _allowed_by_names(probabilities: Probabilities, spacing: tuple[float, float, float]) -> Allowed:
    """From an unlabelled image's own naming, what its discs may be; zero everywhere where the naming is in doubt.

    probabilities: (slice, class, row, column).
    """
    named = _name(probabilities, spacing)
    if named is None or named.names.ambiguous:
        return np.zeros(probabilities[:, 0].shape, dtype=np.uint8)
    allowed = np.full(named.labels.shape, ANY, dtype=np.uint8)
    allowed[named.labels == 1] &= ~np.uint8(DISC)
    for label in np.unique(named.labels):
        if is_disc(int(label)) and label > 1:
            allowed[named.labels == label] &= ~np.uint8(LOWEST)
    return allowed


def _name(probabilities: Probabilities, spacing: tuple[float, float, float]) -> Labelling | None:
    best = probabilities.argmax(axis=1)
    disc, lowest, body, sacrum, canal = (best == CLASSES.index(name) for name in CLASSES[1:])
    share = probabilities[:, 2] / np.maximum(probabilities[:, 1] + probabilities[:, 2], 1e-6)
    try:
        return label_structures(
            disc | lowest,
            body,
            sacrum,
            canal,
            np.where(disc | lowest, share * 255, 0).astype(np.uint8),
            (probabilities.max(axis=1) * 255).astype(np.uint8),
            spacing,
        )
    except NoSpineError:
        return None
