"""Settings of a tuning study, and the versions they name."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from lumbardisc.errors import UsageError
from lumbardisc.settings import read_toml
from lumbardisc.tuning.recipes import TUNABLE, Tunable

Name = Annotated[str, Field(pattern=r"^\w[\w.-]*$")]
"""Fit for a file name."""
LIKE = "like"


class TuningConfig(BaseModel):
    """`lumbardisc tune CONFIG`. Relative paths are relative to the configuration file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    recipe: str = Field(default="markhali2024", description="what is tuned (see `tuning.recipes.TUNABLE`)")
    config: Path = Field(description="the recipe's own configuration; version, seed and out are set by the study")
    out: Path = Field(description="where runs, leaderboard, analysis and figures go")
    round: str | None = Field(default=None, description="all versions of a published round, such as `round1`")
    versions: dict[Name, dict[str, Any]] = Field(
        default={},
        description="more versions: name -> settings that differ from the published version named by `like`, or from "
        "the recipe's configuration without it",
    )
    seeds: tuple[int, ...] = Field(default=tuple(range(8)), min_length=1, description="a run of each version for each")
    factors: tuple[str, ...] = Field(
        default=(), description="settings of the versions whose effects are tested beside each other"
    )
    best: int = Field(default=20, ge=1, description="runs that the figure of the leaderboard shows")


def read_config(path: Path) -> TuningConfig:
    """Read and check a TOML file. Raises UsageError with one line that names the field."""
    config = read_toml(path, TuningConfig)
    if config.recipe not in TUNABLE:
        raise UsageError(f"{path}: recipe: {config.recipe} cannot be tuned; known are {', '.join(TUNABLE)}")
    if len(set(config.seeds)) < len(config.seeds):
        raise UsageError(f"{path}: seeds: one stands there twice; the same seed gives the same run")
    near = path.parent.absolute()  # a worker elsewhere has another working folder
    return config.model_copy(update={"config": near / config.config, "out": near / config.out})


def versions_of(config: TuningConfig, recipe: Tunable, settings: Any, path: Path) -> dict[str, BaseModel]:
    """Name -> settings of every version that the study compares. Raises UsageError; ``path`` is named in its line."""
    if config.round is not None and config.round not in recipe.rounds:
        raise UsageError(f"{path}: round: {config.round} is unknown; known are {', '.join(recipe.rounds)}")
    versions = dict(recipe.rounds[config.round]) if config.round else {}
    for name, changes in config.versions.items():
        versions[name] = _changed(changes, recipe, settings, f"{path}: versions.{name}")
    if not versions:
        raise UsageError(f"{path}: names no version; set round ({', '.join(recipe.rounds)}) or versions.NAME")
    for factor in config.factors:
        if factor not in type(next(iter(versions.values()))).model_fields:
            raise UsageError(f"{path}: factors: {factor} is no setting of a version")
    return versions


def _changed(changes: dict[str, Any], recipe: Tunable, settings: Any, where: str) -> BaseModel:
    """A version made of another. Raises UsageError."""
    like = changes.get(LIKE)
    if like is not None and like not in recipe.published:
        raise UsageError(f"{where}.{LIKE}: {like} is unknown; known are {', '.join(recipe.published)}")
    base = recipe.own(settings) if like is None else recipe.published[like]
    own = {name: value for name, value in changes.items() if name != LIKE}
    try:
        return type(base).model_validate({**base.model_dump(), **own})
    except ValidationError as error:
        first = error.errors()[0]
        raise UsageError(f"{where}.{'.'.join(map(str, first['loc']))}: {first['msg']}") from None
