"""Going on from an exported network on a few cases: where the weights come from, and settings that suit it."""

from __future__ import annotations

from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import torch

from lumbardisc.errors import UsageError, WeightsError
from lumbardisc.inference.weights import default_weights, load_weights
from lumbardisc.networks.unet import UNet
from lumbardisc.training.config import SegmentationConfig
from lumbardisc.training.exported import network_of
from lumbardisc.training.partial import CLASSES

DEFAULT = "default"
SHORT_RUN: dict[str, Any] = {"steps": 300, "learning_rate": 5e-4, "warmup": 20, "average": 0.98, "validate_every": 50}
"""What a run that starts from an exported network does where its configuration does not say."""
_OF_NETWORK = ("resolution_mm", "widths")


def settle(settings: SegmentationConfig, init: str | Path | None = None) -> SegmentationConfig:
    """The settings with their start made plain, ``init`` in place of their own; those that were left open suit it.

    Raises UsageError where they contradict the network they start from, WeightsError where that is no such network.
    """
    start = init or settings.init
    if start is None:
        return settings
    path = default_weights("segmentation") if start == DEFAULT else Path(start)
    if not is_exported(path):
        return settings.model_copy(update={"init": path})
    card = load_weights(path, "segmentation").settings
    own = {name: type(getattr(settings, name))(card[name]) for name in _OF_NETWORK}
    if "widths" in settings.model_fields_set and settings.widths != own["widths"]:
        raise UsageError(f"widths = {list(settings.widths)}: {path.name} has {list(own['widths'])}; leave widths out")
    left_open = {name: value for name, value in (SHORT_RUN | own).items() if name not in settings.model_fields_set}
    return settings.model_copy(update={"init": path, **left_open})


def is_exported(start: Path | str | None) -> bool:
    """Whether what a run starts from is an exported network."""
    return isinstance(start, Path) and start.suffix.lower() == ".onnx"


def first_network(settings: SegmentationConfig, device: str) -> UNet:
    """The network a run begins with. Raises WeightsError, and UsageError for a checkpoint that does not fit."""
    if isinstance(settings.init, Path) and is_exported(settings.init):
        return _checked(network_of(settings.init), settings.init)
    network = UNet(len(CLASSES), settings.widths, inputs=2)
    if isinstance(settings.init, Path):
        try:
            state = torch.load(settings.init, map_location=device, weights_only=True)
            network.load_state_dict(state["network"])
        except OSError as error:
            raise UsageError(f"init: {settings.init} cannot be read ({error.strerror})") from None
        except (KeyError, RuntimeError, EOFError, TypeError, UnpicklingError) as error:
            reason = " ".join(str(error).split())[:150]
            raise UsageError(
                f"init: {settings.init} is no checkpoint of a network of these widths ({reason})"
            ) from None
    return network


def inherited(settings: SegmentationConfig) -> dict[str, Any]:
    """What the card of the finished network takes over from that of the one it started from."""
    if not (isinstance(settings.init, Path) and is_exported(settings.init)):
        return {}
    weights = load_weights(settings.init, "segmentation")
    card = weights.settings
    sizes = {"run_at_mm": card["run_at_mm"]} if "run_at_mm" in card else {}
    same = card["resolution_mm"] == settings.resolution_mm
    return {"started_from": weights.sha256, **(sizes if same else {})}


def _checked(network: UNet, path: Path) -> UNet:
    if network.head.out_channels != len(CLASSES):
        raise WeightsError(f"{path}: tells {network.head.out_channels} classes apart, not the {len(CLASSES)} of today")
    return network
