"""Settings of the recipe `ding2024`: every default is the published figure and names its section.

The paper: Ding et al. 2024, doi 10.13429/j.cnki.cjcr.2024.05.039. What it leaves open says so.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from lumbardisc.errors import UsageError
from lumbardisc.settings import read_toml
from lumbardisc.training.grades import GRADES
from lumbardisc.training.schedule import Schedule
from lumbardisc.training.variation import Variation


class _Settings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SegmentationStep(_Settings):
    """Step 1 (section 1.5). The paper varies no images in this step; loss and momentum are not told."""

    size: int = Field(default=512, ge=64, multiple_of=16, description="rows and columns of the input (section 1.5)")
    width: int = Field(default=64, ge=1, description="channels of the finest level; not told, 64 in the U-Net it cites")
    crop: tuple[int, int] = Field(default=(512, 512), description="rows and columns that one training sample shows")
    slices: int = Field(default=1, ge=1, description="central slices per training case; 1 = mid-sagittal (section 1.3)")
    schedule: Schedule = Field(default=Schedule(), description="batch 8, 300 epochs, SGD 0.001 (section 1.5)")
    variation: Variation = Field(default=Variation(), description="of the training slices; none in the paper")


class GradingStep(_Settings):
    """Step 2 (section 1.5): crops of 128 x 256. How large rotations and noise are is not told."""

    slices: Literal[1, 3] = Field(default=1, description="1 (English text), or 3 with both neighbours (Chinese text)")
    masked: bool = Field(default=True, description="black out what lies outside the disc's mask")
    width: float = Field(default=1.0, gt=0, le=1, description="factor on the channels of VGG11")
    dropout: float = Field(default=0.5, ge=0, lt=1, description="before the last layer, as in VGG11")
    ablation: bool = Field(default=True, description="train a second network, without attention, to compare")
    schedule: Schedule = Field(default=Schedule(), description="batch 8, 300 epochs, SGD 0.001 (section 1.5)")
    variation: Variation = Field(
        default=Variation(rotation_deg=15.0, flip_rows=0.5, flip_slices=0.5, noise=0.05),
        description="rotation, flips, Gaussian noise (section 1.5); front and back of a disc are not alike and stay",
    )


class Ding2024Config(_Settings):
    """`lumbardisc recipe ding2024 CONFIG`. Relative paths are relative to the configuration file."""

    out: Path = Field(description="where checkpoints, tables and figures go")
    masks: dict[str, Path] = Field(min_length=1, description="step 1: data set -> folder of CASE and CASE_mask files")
    grades: dict[str, Path] = Field(min_length=1, description="step 2: reader in `training.grades.GRADES` -> folder")
    validation_share: float = Field(default=0.155, gt=0, lt=0.5, description="of own patients; 72/466 (section 1.1)")
    test_share: float = Field(default=0.2, gt=0, lt=0.5, description="of own patients; 94/466 (section 1.1)")
    split_seed: int = Field(default=0, description="of the split of own patients; public data have a fixed one")
    resamples: int = Field(default=1000, ge=1, description="of the patients, for the 95 % bootstrap intervals")
    segmentation: SegmentationStep = SegmentationStep()
    grading: GradingStep = GradingStep()


def read_config(path: Path) -> Ding2024Config:
    """Read and check a TOML file. Raises UsageError with one line that names the field."""
    config = read_toml(path, Ding2024Config)
    if unknown := set(config.grades) - set(GRADES):
        raise UsageError(f"{path}: grades.{min(unknown)}: unknown reader; known are {', '.join(GRADES)}")
    if max(config.segmentation.crop) > config.segmentation.size or any(side % 16 for side in config.segmentation.crop):
        raise UsageError(f"{path}: segmentation.crop: sides must be multiples of 16, at most segmentation.size")
    near = path.parent
    return config.model_copy(
        update={
            "out": near / config.out,
            "masks": {name: near / folder for name, folder in config.masks.items()},
            "grades": {name: near / folder for name, folder in config.grades.items()},
        }
    )
