"""Settings of a training run, read from TOML; a checkpoint carries its own."""

from __future__ import annotations

import tomllib
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from lumbardisc.errors import UsageError
from lumbardisc.training.augment import Augmentation


class SegmentationConfig(BaseModel):
    """`lumbardisc train segmentation CONFIG`. Relative paths are relative to the configuration file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    data: dict[str, Path] = Field(description="data set name (see `training.sources.SOURCES`) -> its folder")
    out: Path = Field(description="where checkpoints, history and curves go")
    weights: dict[str, float] = Field(default={}, description="how often each data set is drawn; 1 where not named")
    pseudo_labels: Path | None = Field(default=None, description="a trained checkpoint that fills in undecided pixels")
    init: Path | None = Field(default=None, description="a checkpoint to start from")
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


def read_config(path: Path) -> SegmentationConfig:
    """Read and check a TOML file. Raises UsageError with one line that names the field."""
    try:
        config = SegmentationConfig.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror}); give a TOML configuration file") from None
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path}: not valid TOML: {error}") from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise UsageError(f"{path}: {where}: {first['msg']}") from None
    return _resolved(config, path.parent)


def _resolved(config: SegmentationConfig, folder: Path) -> SegmentationConfig:
    optional = {name: folder / value for name in ("pseudo_labels", "init") if (value := getattr(config, name))}
    data = {name: folder / value for name, value in config.data.items()}
    return config.model_copy(update={"data": data, "out": folder / config.out, **optional})
