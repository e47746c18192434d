"""Settings of the recipe `li2024`: every default is the published figure; what the paper leaves open says so.

The paper: Li et al. 2024, doi 10.1002/jmri.29499.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from lumbardisc.errors import UsageError
from lumbardisc.settings import read_toml
from lumbardisc.training.detection.views import Views
from lumbardisc.training.phases.data import KINDS
from lumbardisc.training.schedule import Schedule
from lumbardisc.training.variation import Variation


class _Settings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class DetectionStage(_Settings):
    """Stage 1, YOLOv7 with five classes. Learning rate and variation of the images are not told."""

    side: int = Field(default=640, ge=64, multiple_of=32, description="rows and columns of the input")
    width: float = Field(default=1.0, gt=0, le=1, description="share of YOLOv7's channels; 1 is the published network")
    epochs: int = Field(default=200, ge=1, description="passes over the training slices; the paper ends within 200")
    batch: int = Field(default=16, ge=1, description="slices per step")
    learning_rate: float = Field(default=1e-3, gt=0, description="peak, after a linear warm-up; not told")
    seed: int = Field(default=0, description="of the first weights and the samples")
    views: Views = Field(default=Views(), description="how strongly slices are varied; not told")


class RegressionStage(_Settings):
    """Stage 2, WRN-22 by Adam at 1e-4. Width, loss, epochs, batch and the size of the crops are not told."""

    shape: tuple[int, int] = Field(default=(64, 96), description="rows and columns of a crop; not told")
    width: float = Field(default=8.0, gt=0, description="k of WRN-22-k, factor on 16, 32 and 64 channels; not told")
    dropout: float = Field(default=0.0, ge=0, lt=1, description="inside the blocks; not told")
    schedule: Schedule = Field(
        default=Schedule(epochs=200, batch=16, learning_rate=1e-4), description="Adam, learning rate 1e-4"
    )
    variation: Variation = Field(default=Variation(), description="of the training crops; none in the paper")


class PhaseStage(_Settings):
    """Stage 3, an SVM with Gaussian kernel on the three values, phases balanced by SMOTE with its defaults."""

    penalty: float = Field(default=1.0, gt=0, description="C of the SVM; not told, 1 is scikit-learn's default")
    fitted_on: Literal["training", "out_of_fold"] = Field(
        default="training",
        description="values of training discs that the network learnt from, or that of the fold without them",
    )
    seed: int = Field(default=0, description="of the discs that SMOTE makes up")


class Li2024Config(_Settings):
    """`lumbardisc recipe li2024 CONFIG`. Relative paths are relative to the configuration file."""

    out: Path = Field(description="where checkpoints, tables and figures go")
    data: dict[str, Path] = Field(min_length=1, description="kind in `training.phases.data.KINDS` -> folder")
    window: tuple[float, float] = Field(default=(2000.0, 1000.0), description="width and level; not of 8-bit images")
    test_share: float = Field(default=0.1667, gt=0, lt=0.9, description="of the patients: 10 of 60")
    split_seed: int = Field(default=0, description="of the split and of the folds")
    folds: int = Field(default=5, ge=2, description="of the cross-validation inside the training patients")
    resamples: int = Field(default=1000, ge=1, description="of the patients, for intervals and standard errors")
    detection: DetectionStage = DetectionStage()
    regression: RegressionStage = RegressionStage()
    phases: PhaseStage = PhaseStage()


def read_config(path: Path) -> Li2024Config:
    """Read and check a TOML file. Raises UsageError with one line that names the field."""
    config = read_toml(path, Li2024Config)
    if unknown := set(config.data) - set(KINDS):
        raise UsageError(f"{path}: data.{min(unknown)}: unknown kind of data set; known are {', '.join(KINDS)}")
    if config.window[0] <= 0:
        raise UsageError(f"{path}: window: the width must be above 0, not {config.window[0]:g}")
    if min(config.regression.shape) < 8:
        raise UsageError(f"{path}: regression.shape: sides must be at least 8 pixels")
    near = path.parent
    data = {name: near / folder for name, folder in config.data.items()}
    return config.model_copy(update={"out": near / config.out, "data": data})
