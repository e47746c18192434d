"""An exported segmentation network taken back into PyTorch, to go on learning from it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np
import torch
from torch import Tensor, nn

from lumbardisc.errors import WeightsError
from lumbardisc.inference.weights import load_weights
from lumbardisc.networks.unet import UNet

if TYPE_CHECKING:
    from onnx import GraphProto

_LAYERS = ("Conv", "ConvTranspose")


def network_of(path: Path) -> UNet:
    """The U-Net of an exported file: same widths, same answers.

    The export folds each batch normalisation into its convolution, so what comes back normalises by a mean of 0 and a
    variance of 1, and shifts by the folded bias. Its statistics must stay as they are (``keep_statistics``): those
    of a batch would undo what was learnt. Raises WeightsError for a file of another kind or build, an 8-bit one too.
    """
    layers = list(_layers(path))
    convolutions = [weight for kind, weight, _ in layers if kind == "Conv"]
    levels = 1 + sum(kind == "ConvTranspose" for kind, *_ in layers)
    widths = [len(weight) for weight in convolutions[1 : 2 * levels : 2]]
    try:
        network = UNet(len(convolutions[-1]), widths, inputs=convolutions[0].shape[1])
        for module, (_, weight, bias) in zip(_in_order(network), layers, strict=True):
            _fill(module, weight, bias)
    except (ValueError, IndexError, RuntimeError) as error:
        raise WeightsError(f"{path}: is not the U-Net of `train segmentation` ({error}); start from another") from None
    return network.eval()


def keep_statistics(network: nn.Module) -> None:
    """Batch normalisation goes on as in use: by the statistics that the network has, in training too."""
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.eval()


def has_folded_statistics(network: nn.Module) -> bool:
    """Whether every batch normalisation has a mean of 0 and a variance of 1, as one that was folded comes back."""
    norms = [module for module in network.modules() if isinstance(module, nn.BatchNorm2d)]
    return all(bool((one.running_mean == 0).all() and (one.running_var == 1).all()) for one in norms)  # type: ignore[union-attr]


def _layers(path: Path) -> Iterator[tuple[str, Tensor, Tensor]]:
    """Kind, weight and bias of every layer that has weights, in the order they are run."""
    import onnx

    load_weights(path, "segmentation")
    graph: GraphProto = onnx.load(path).graph
    values = {one.name: torch.from_numpy(np.array(onnx.numpy_helper.to_array(one))) for one in graph.initializer}
    for node in graph.node:
        if node.op_type in _LAYERS:
            if not set(node.input[1:]) <= set(values) or len(node.input) != 3:
                raise WeightsError(f"{path}: its weights are not plain numbers (an 8-bit file?); start from another")
            yield node.op_type, values[node.input[1]], values[node.input[2]]


def _in_order(network: UNet) -> Iterator[nn.Module]:
    """Each convolution with what follows it, each transposed one and the head, in the order they are run."""
    for block in (network.stem, *network.down):
        yield from block
    for up in reversed(network.up):
        yield up.up  # type: ignore[misc]
        yield from up.convs  # type: ignore[misc]
    yield network.head


@torch.no_grad()
def _fill(module: nn.Module, weight: Tensor, bias: Tensor) -> None:
    """Put the weights of one exported layer into its module, a convolution or one with its normalisation."""
    layer = cast(nn.Conv2d, module[0] if isinstance(module, nn.Sequential) else module)
    if layer.weight.shape != weight.shape:
        raise ValueError(f"a layer has {tuple(weight.shape)} weights, not {tuple(layer.weight.shape)}")
    layer.weight.copy_(weight)
    if isinstance(module, nn.Sequential):
        normalisation = cast(nn.BatchNorm2d, module[1])
        normalisation.weight.fill_((1.0 + normalisation.eps) ** 0.5)
        normalisation.bias.copy_(bias)
    else:
        cast(Tensor, layer.bias).copy_(bias)
