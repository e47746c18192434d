"""From a checkpoint to the inference format, with a check that both give the same answer."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from lumbardisc.errors import WeightsError
from lumbardisc.inference.runtime import Network
from lumbardisc.training.partial import CLASSES
from lumbardisc.training.predict import load_network

TOLERANCE = 2e-3
"""Largest difference in class scores that is put down to rounding."""


def export_segmentation(checkpoint: Path, path: Path, **facts: Any) -> float:
    """Write ``path`` (ONNX) and its JSON card; returns the largest difference in scores between both networks.

    facts: go into the card as they are. Raises WeightsError, and writes nothing, if exported and original disagree.
    """
    network, resolution = load_network(checkpoint)
    example = torch.randn(1, 2, 8 * network.stride, 6 * network.stride)
    other_size = torch.randn(1, 2, example.shape[2] + network.stride, example.shape[3])
    card = {
        "task": "segmentation",
        "resolution_mm": resolution,
        "stride": network.stride,
        "classes": list(CLASSES),
        "widths": list(network.widths),
        **facts,
    }
    return export(network, [example, other_size], path, card)


def export(network: nn.Module, examples: Sequence[Tensor], path: Path, card: dict[str, Any]) -> float:
    """Write ``path`` (ONNX) and its JSON card; returns the largest difference between both networks on the examples.

    examples: (1, channels, rows, columns); rows and columns stay free where there are several sizes. Raises
    WeightsError, and writes nothing, if exported and original network disagree.
    """
    free = {2: "rows", 3: "columns"} if len({example.shape for example in examples}) > 1 else {}
    beside = path.with_suffix(".part.onnx")
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.onnx.export(
        network.eval().to(memory_format=torch.contiguous_format),  # type: ignore[call-overload]
        (examples[0],),
        beside,
        input_names=["image"],
        output_names=["scores"],
        dynamic_axes={"image": free, "scores": free} if free else None,
        dynamo=False,
    )
    difference = _difference(network, beside, examples)
    if difference > TOLERANCE:
        beside.unlink()
        raise WeightsError(f"{path}: exported and original scores differ by {difference:.2g}; nothing was written")
    beside.replace(path)
    card = {"task": card["task"], "sha256": hashlib.sha256(path.read_bytes()).hexdigest(), **card}
    path.with_suffix(".json").write_text(json.dumps(card, indent=2) + "\n", encoding="utf-8")
    return difference


@torch.no_grad()
def _difference(network: nn.Module, exported: Path, examples: Sequence[Tensor]) -> float:
    """Largest difference in scores on the examples."""
    scores = Network(exported).run(example[0].numpy() for example in examples)
    pairs = zip(scores, examples, strict=True)
    return max(float(np.abs(ours - network(example)[0].numpy()).max()) for ours, example in pairs)
