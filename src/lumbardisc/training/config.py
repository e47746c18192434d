"""Settings of a training run, read from TOML; a checkpoint carries its own."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from lumbardisc.settings import read_toml
from lumbardisc.training.augment import Augmentation
from lumbardisc.training.crop_augmentation import CropAugmentation
from lumbardisc.training.detection.views import Views
from lumbardisc.training.refinement.views import DiscViews


class SegmentationConfig(BaseModel):
    """`lumbardisc train segmentation CONFIG`. Relative paths are relative to the configuration file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    data: dict[str, Path] = Field(description="data set name (see `training.sources.SOURCES`) -> its folder")
    out: Path = Field(description="where checkpoints, history and curves go")
    weights: dict[str, float] = Field(default={}, description="how often each data set is drawn; 1 where not named")
    pseudo_labels: Path | None = Field(default=None, description="a trained checkpoint that fills in undecided pixels")
    init: Path | Literal["default"] | None = Field(
        default=None, description="a checkpoint or an exported network (.onnx) to start from; `default` is ours"
    )
    labels: str | None = Field(default=None, description="what the label numbers of `labelled` mean; told by the data")
    spacing_mm: tuple[float, float, float] | None = Field(
        default=None, description="slice, row and column spacing of `labelled`, for TIFF and PNG"
    )
    validation: float = Field(default=0.2, gt=0, lt=1, description="share of your own patients to validate on")
    test: float = Field(default=0.0, ge=0, lt=1, description="share of your own patients that are not learnt from")
    resolution_mm: float = Field(default=0.8, gt=0.2, le=2.0, description="working pixel size, mm")
    crop: tuple[int, int] = Field(default=(256, 160), description="rows and columns of a training crop")
    widths: tuple[int, ...] = Field(default=(16, 32, 64, 128, 192), description="channels per level, finest first")
    batch: int = Field(default=6, ge=1, description="crops per step")
    steps: int = Field(default=2000, ge=1, description="length of the whole run")
    learning_rate: float = Field(default=2e-3, gt=0, description="peak, after a linear warm-up; cosine to 1 % of it")
    dice_weight: float = Field(default=1.0, ge=0, description="of the Dice term beside cross-entropy; 0 to finish with")
    warmup: int = Field(default=50, ge=0, description="steps in which the learning rate rises")
    weight_decay: float = Field(default=1e-2, ge=0, description="that of AdamW")
    average: float = Field(default=0.99, ge=0, lt=1, description="decay of the running average of the weights")
    validate_every: int = Field(default=200, ge=1, description="steps between validations and checkpoints")
    workers: int = Field(default=1, ge=0, description="processes that prepare crops")
    seed: int = Field(default=0, description="of the crops and of the first weights")
    augmentation: Augmentation = Field(default=Augmentation(), description="how strongly crops are varied")


class GradingConfig(BaseModel):
    """`lumbardisc train grading CONFIG`. Relative paths are relative to the configuration file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    data: dict[str, Path] = Field(description="kind of data set (see `training.grades.GRADES`) -> its folder")
    out: Path = Field(description="where checkpoints, history, out-of-fold predictions and the exported network go")
    segmentation: Path | None = Field(default=None, description="exported network that finds discs; ours if not set")
    shape: tuple[int, int] = Field(default=(64, 96), description="rows and columns of a crop; a disc spans 70 columns")
    widths: tuple[int, ...] = Field(default=(24, 48, 96, 144), description="channels per level, finest first")
    dropout: float = Field(default=0.2, ge=0, lt=1, description="share of the last features left out in training")
    folds: int = Field(default=5, ge=2, description="parts of the patients; each is predicted by a network without it")
    seeds: int = Field(default=1, ge=1, description="networks per fold")
    epochs: int = Field(default=20, ge=1, description="how often a network sees every disc")
    batch: int = Field(default=32, ge=2, description="crops per step")
    learning_rate: float = Field(default=2e-3, gt=0, description="peak, after a fifth of the steps; cosine to 0")
    weight_decay: float = Field(default=0.05, ge=0, description="that of AdamW")
    finding_weight: float = Field(default=0.3, ge=0, description="of the findings' loss beside the grade's")
    average: float = Field(default=0.99, ge=0, lt=1, description="decay of the running average of the weights")
    seed: int = Field(default=0, description="of the folds, the crops and the first weights")
    augmentation: CropAugmentation = Field(default=CropAugmentation(), description="how strongly crops are varied")


class DetectionConfig(BaseModel):
    """`lumbardisc train detection CONFIG`. Relative paths are relative to the configuration file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    data: dict[str, Path] = Field(description="kind of data set (see `training.detection.sources`) -> its folder")
    out: Path = Field(description="where slices, checkpoints, history and the exported network go")
    weights: dict[str, float] = Field(default={}, description="how often each data set is drawn; 1 where not named")
    segmentation: Path | None = Field(default=None, description="exported network that draws boxes; ours if not set")
    init: Path | None = Field(default=None, description="a checkpoint to start from; it may be of another side")
    side: int = Field(default=384, ge=64, multiple_of=32, description="rows and columns of the network's input")
    width: float = Field(default=0.25, gt=0, le=1, description="share of YOLOv7's channels; 1 is the published network")
    labels: int = Field(default=9, ge=1, le=17, description="discs that have a class: 1 = L5/S1 and up to this one")
    batch: int = Field(default=8, ge=1, description="slices per step")
    steps: int = Field(default=3000, ge=1, description="length of the whole run")
    learning_rate: float = Field(default=1e-3, gt=0, description="peak, after a linear warm-up; cosine to 1 % of it")
    warmup: int = Field(default=100, ge=0, description="steps in which the learning rate rises")
    weight_decay: float = Field(default=0.02, ge=0, description="that of AdamW")
    average: float = Field(default=0.998, ge=0, lt=1, description="decay of the running average of the weights")
    box_weight: float = Field(default=1.0, ge=0, description="of 1 - complete IoU")
    object_weight: float = Field(default=5.0, ge=0, description="of whether an anchor holds a disc")
    class_weight: float = Field(default=1.0, ge=0, description="of the level's name")
    validate_every: int = Field(default=250, ge=1, description="steps between validations and checkpoints")
    workers: int = Field(default=1, ge=0, description="processes that prepare slices")
    seed: int = Field(default=0, description="of the samples and of the first weights")
    views: Views = Field(default=Views(), description="how strongly slices are varied")


class RefinementConfig(BaseModel):
    """`lumbardisc train refinement CONFIG`. Relative paths are relative to the configuration file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    data: dict[str, Path] = Field(description="kind of data set (see `training.refinement.sources`) -> its folder")
    out: Path = Field(description="where discs, checkpoints, history and the exported network go")
    weights: dict[str, float] = Field(default={}, description="how often each data set is drawn; 1 where not named")
    leave_out: tuple[str, ...] = Field(default=(), description="patients to leave out, beside the test patients")
    shape: tuple[int, int] = Field(default=(64, 128), description="rows and columns of a crop")
    step: float = Field(default=0.0115, gt=0, lt=0.1, description="pixel of a crop, as a share of a disc's depth")
    threshold: float = Field(default=0.6, gt=0, lt=1, description="probability above which `analyze` takes a pixel")
    widths: tuple[int, ...] = Field(default=(16, 32, 64, 128), description="channels per level, finest first")
    batch: int = Field(default=16, ge=1, description="crops per step")
    steps: int = Field(default=500, ge=1, description="length of the whole run")
    learning_rate: float = Field(default=2e-3, gt=0, description="peak, after a linear warm-up; cosine to 1 % of it")
    dice_weight: float = Field(default=0.5, ge=0, description="of the Dice term beside cross-entropy")
    warmup: int = Field(default=50, ge=0, description="steps in which the learning rate rises")
    weight_decay: float = Field(default=0.1, ge=0, description="that of AdamW")
    average: float = Field(default=0.995, ge=0, lt=1, description="decay of the running average of the weights")
    validate_every: int = Field(default=125, ge=1, description="steps between validations and checkpoints")
    workers: int = Field(default=1, ge=0, description="processes that prepare crops")
    seed: int = Field(default=0, description="of the crops and of the first weights")
    views: DiscViews = Field(default=DiscViews(), description="how strongly crops are varied")


class T1rhoConfig(BaseModel):
    """`lumbardisc train t1rho CONFIG`. Relative paths are relative to the configuration file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    data: dict[str, Path] = Field(default={}, description="kind of exams (see `training.t1rho.EXAMS`) -> their folder")
    phantoms: int = Field(default=0, ge=0, description="phantom exams to learn from, beside the data or in its place")
    first_phantom: int = Field(default=0, ge=0, description="seed of the first of them; the others follow")
    out: Path = Field(description="where crops, checkpoints, history, out-of-fold answers and the exported network go")
    segmentation: Path | None = Field(default=None, description="exported network that finds discs; ours if not set")
    shape: tuple[int, int] = Field(default=(64, 96), description="rows and columns of a crop; a disc spans 70 columns")
    nucleus: bool = Field(default=True, description="show the network where the nucleus is")
    width: float = Field(
        default=0.5, ge=0.5, description="k of WRN-22-k: channels, as a multiple of the thin network's"
    )
    dropout: float = Field(default=0.0, ge=0, lt=1, description="share of the features left out in training")
    folds: int = Field(default=5, ge=2, description="parts of the patients; each is judged by a network without it")
    epochs: int = Field(default=20, ge=1, description="how often a network sees every disc")
    batch: int = Field(default=32, ge=2, description="discs per step")
    learning_rate: float = Field(default=3e-3, gt=0, description="peak, after a fifth of the steps; cosine to 0")
    weight_decay: float = Field(default=0.02, ge=0, description="that of AdamW")
    withhold: float = Field(default=0.4, ge=0, le=1, description="share of discs with both images shown with one alone")
    average: float = Field(default=0.98, ge=0, lt=1, description="decay of the running average of the weights")
    seed: int = Field(default=0, description="of the folds, the crops and the first weights")
    augmentation: CropAugmentation = Field(
        default=CropAugmentation(gamma=0.05, slope=0.1, noise=0.03), description="how strongly crops are varied"
    )


Config = TypeVar("Config", SegmentationConfig, GradingConfig, DetectionConfig, RefinementConfig, T1rhoConfig)


def read_config(path: Path, kind: type[Config]) -> Config:
    """Read and check a configuration; its paths become relative to the working folder. Raises UsageError."""
    config = read_toml(path, kind)
    paths = {name: path.parent / value for name, value in config if isinstance(value, Path)}
    data = {name: path.parent / value for name, value in config.data.items()}
    return config.model_copy(update={**paths, "data": data})
