"""Settings of the recipe `markhali2024`: every default is the published figure and names its section.

The paper: Markhali et al. 2024, doi 10.1002/jsp2.70000. What it leaves open says so.
"""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from lumbardisc.errors import UsageError
from lumbardisc.preprocess.unpadded import Contraction, UnpaddedSquare, answered
from lumbardisc.recipes.markhali2024_versions import Version
from lumbardisc.settings import read_toml


class Markhali2024Config(BaseModel):
    """`lumbardisc recipe markhali2024 CONFIG`. Relative paths are relative to the configuration file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    out: Path = Field(description="where checkpoints, tables and figures go")
    masks: dict[str, Path] = Field(min_length=1, description="data set -> folder of CASE and CASE_mask files")
    grades: Path | None = Field(default=None, description="CSV of patient, disc, grade: balances the split (Table 1)")
    size: int = Field(default=512, ge=16, description="rows and columns that a slice is stretched to (section 2.4)")
    border: int = Field(default=0, ge=0, description="pixels mirrored outward on each side of it; none in the paper")
    contraction: Contraction = Field(
        default="padded",
        description="padded: 512 pixels give the published 388; unpadded: 572 give them, as in the U-Net it cites",
    )
    levels: int = Field(default=5, ge=2, description="resolutions of the U-Net; not told, 5 in the U-Net it cites")
    width: int = Field(default=64, ge=16, description="channels of the finest level at 100 %; not told, 64 there")
    epochs: int = Field(default=2000, ge=1, description="passes over the training slices (section 2.5.1)")
    seed: int = Field(default=0, description="of the first weights, the order of the slices and dropout")
    validation_share: float = Field(default=0.186, gt=0, lt=0.5, description="of own subjects; 8/43 (Table 1)")
    test_share: float = Field(default=0.186, ge=0, lt=0.5, description="of own subjects; 8/43 (Table 1)")
    split_seed: int = Field(default=0, description="of the split of own subjects; public data have a fixed one")
    resamples: int = Field(default=1000, ge=1, description="of the subjects, for the 95 % bootstrap intervals")
    version: Version = Field(default=Version(), description="what is trained; the paper's final version")

    @property
    def square(self) -> UnpaddedSquare:
        """What the network is shown of a slice, and answers for."""
        return UnpaddedSquare(self.size, self.border, self.levels, self.contraction)


def read_config(path: Path) -> Markhali2024Config:
    """Read and check a TOML file. Raises UsageError with one line that names the field."""
    config = read_toml(path, Markhali2024Config)
    _check_square(config, path)
    near = path.parent
    return config.model_copy(
        update={
            "out": near / config.out,
            "masks": {name: near / folder for name, folder in config.masks.items()},
            "grades": None if config.grades is None else near / config.grades,
        }
    )


def _check_square(config: Markhali2024Config, path: Path) -> None:
    """Raise UsageError where ``size`` and ``border`` do not come out even on the way down; it names the next size."""
    square = config.square
    if config.border >= config.size:
        raise UsageError(f"{path}: border: {config.border} pixels cannot be mirrored from {config.size}; lower it")
    if answered(square.shown, square.levels, square.contraction) is None:
        raise UsageError(
            f"{path}: size: {config.size} pixels (and twice border = {config.border}) do not pass {config.levels} "
            f"{config.contraction} levels; the next size that does is {square.next_size()}"
        )
