"""The recipes that can be tuned: one row each in TUNABLE."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel


@dataclass(frozen=True)
class Tunable:
    """What a study needs of a recipe.

    read: its TOML file -> its settings; raises UsageError. own: the version that stands in these settings. rounds:
    round -> version -> its settings, as published. data: files and folders that the settings read. train: settings,
    version, seed, folder for checkpoints -> scores, JSON-ready, with a row per validation subject in ``subjects`` and,
    where levels or grades are known, one per disc in ``discs``; resumable, raises LumbardiscError.
    """

    read: Callable[[Path], Any]
    own: Callable[[Any], BaseModel]
    rounds: Mapping[str, Mapping[str, BaseModel]]
    data: Callable[[Any], Sequence[Path]]
    train: Callable[[Any, Any, int, Path], dict[str, Any]]

    @property
    def published(self) -> dict[str, BaseModel]:
        """All versions of all rounds; a name that occurs twice is that of the first round."""
        return {name: one for versions in reversed(tuple(self.rounds.values())) for name, one in versions.items()}


def _markhali2024() -> Tunable:
    from lumbardisc.recipes import markhali2024
    from lumbardisc.recipes.markhali2024_config import read_config
    from lumbardisc.recipes.markhali2024_versions import ROUNDS

    return Tunable(
        read=read_config,
        own=lambda config: config.version,
        rounds=ROUNDS,
        data=lambda config: [*config.masks.values(), *([config.grades] if config.grades else [])],
        train=markhali2024.train_version,
    )


TUNABLE: dict[str, Callable[[], Tunable]] = {"markhali2024": _markhali2024}
"""Name -> the recipe, which loads PyTorch."""
