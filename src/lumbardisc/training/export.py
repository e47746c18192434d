"""From a checkpoint to the inference format, with a check that both give the same answer."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import torch

from lumbardisc.errors import WeightsError
from lumbardisc.inference.runtime import Network
from lumbardisc.networks.unet import UNet
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
    beside = path.with_suffix(".part.onnx")
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.onnx.export(
        network.to(memory_format=torch.contiguous_format),  # type: ignore[call-overload]
        (example,),
        beside,
        input_names=["image"],
        output_names=["scores"],
        dynamic_axes={"image": {2: "rows", 3: "columns"}, "scores": {2: "rows", 3: "columns"}},
        dynamo=False,
    )
    difference = _difference(network, beside, example)
    if difference > TOLERANCE:
        beside.unlink()
        raise WeightsError(
            f"{checkpoint}: exported and original scores differ by {difference:.2g}; nothing was written"
        )
    beside.replace(path)
    settings = {
        "task": "segmentation",
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "resolution_mm": resolution,
        "stride": network.stride,
        "classes": list(CLASSES),
        "widths": list(network.widths),
        **facts,
    }
    path.with_suffix(".json").write_text(json.dumps(settings, indent=2) + "\n", encoding="utf-8")
    return difference


@torch.no_grad()
def _difference(network: UNet, exported: Path, example: torch.Tensor) -> float:
    """Largest difference in scores, on the traced size and on another one."""
    runtime = Network(exported)
    worst = 0.0
    for inputs in (example, torch.randn(1, 2, example.shape[2] + network.stride, example.shape[3])):
        (scores,) = runtime.run([inputs[0].numpy()])
        worst = max(worst, float(np.abs(scores - network(inputs)[0].numpy()).max()))
    return worst
