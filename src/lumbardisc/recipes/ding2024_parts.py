"""What training and use of `ding2024` share: its two networks and the way from an image to crops."""

from __future__ import annotations

from functools import partial

from lumbardisc.networks.attention_vgg import AttentionVGG
from lumbardisc.networks.unet import UNet
from lumbardisc.recipes.ding2024_config import Ding2024Config
from lumbardisc.training.disc_crops import find_crops
from lumbardisc.training.disc_grades import CLASSES, Finder

LEVELS = 5
"""Four encoder steps of convolution and pooling, and the connection layer (section 1.5)."""
ATTENTION, PLAIN = "attention", "no_attention"
"""Folders of the two variants of step 2."""


def finder(config: Ding2024Config, segmenter: UNet) -> Finder:
    """What finds and cuts out the discs of a stack by step 1."""
    return partial(find_crops, segmenter, size=config.segmentation.size, slices=config.grading.slices)


def unet(config: Ding2024Config) -> UNet:
    """Step 1: (1, size, size) -> background, disc."""
    return UNet(2, [config.segmentation.width * 2**level for level in range(LEVELS)], inputs=1)


def vgg(config: Ding2024Config, attention: bool) -> AttentionVGG:
    """Step 2: (slices, 128, 256) -> mild, moderate, severe."""
    step = config.grading
    return AttentionVGG(CLASSES, step.slices, step.width, attention=attention, dropout=step.dropout)
