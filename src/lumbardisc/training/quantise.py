"""8-bit weights and activations: an exported network made smaller and faster, if its answers stay as good."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lumbardisc.inference.weights import load_weights


def quantise(exported: Path, out: Path, inputs: Iterable[NDArray[np.float32]]) -> None:
    """Write an 8-bit version of an exported network, with its card.

    exported: the ONNX file of ``export_segmentation``. inputs: real network inputs (2, rows, columns) that the ranges
    of the activations are measured on; a few dozen slices of every contrast. The first and the last layer stay as they
    are, because the grey values and the class scores need more than 256 steps.
    """
    import onnx
    from onnxruntime.quantization import QuantFormat, QuantType, quantize_static
    from onnxruntime.quantization.calibrate import CalibrationMethod

    weights = load_weights(exported, "segmentation")
    convolutions = [node.name for node in onnx.load(exported).graph.node if node.op_type.startswith("Conv")]
    beside = out.with_suffix(".part.onnx")
    quantize_static(
        exported,
        beside,
        _Reader(inputs),
        quant_format=QuantFormat.QDQ,
        activation_type=QuantType.QUInt8,
        weight_type=QuantType.QInt8,
        per_channel=True,
        calibrate_method=CalibrationMethod.MinMax,
        nodes_to_exclude=[convolutions[0], convolutions[-1]],
    )
    beside.replace(out)
    card = {**weights.settings, "sha256": hashlib.sha256(out.read_bytes()).hexdigest(), "bits": 8}
    out.with_suffix(".json").write_text(json.dumps(card, indent=2) + "\n", encoding="utf-8")


class _Reader:
    """Inputs one by one, in the shape that ONNX Runtime's calibration asks for."""

    def __init__(self, inputs: Iterable[NDArray[np.float32]]) -> None:
        self._inputs: Iterator[NDArray[np.float32]] = iter(inputs)

    def get_next(self) -> dict[str, Any] | None:
        """The next feed, None at the end."""
        image = next(self._inputs, None)
        return None if image is None else {"image": image[None]}
