"""What a cluster's TOML file may say."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from lumbardisc.settings import read_toml


class ClusterConfig(BaseModel):
    """A cluster of Dask's own kinds. Every worker does one job at a time."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["local", "ssh", "slurm", "kubernetes"] = Field(description="who starts the workers")
    workers: int = Field(default=1, ge=1, description="jobs at a time; workers that die are replaced up to this number")
    cores: int = Field(default=1, ge=1, description="of each worker; networks use as many threads")
    memory: str = Field(default="4GiB", description="of each worker, such as 4GiB; one that needs more is ended")
    hosts: list[str] = Field(default=[], description="of `ssh`: the scheduler's first, then one for each worker")
    patience_s: float = Field(default=600.0, gt=0, description="how long to wait for the first worker, s")
    options: dict[str, Any] = Field(default={}, description="passed on as they are to Dask's class of this kind")

    @model_validator(mode="after")
    def _check(self) -> ClusterConfig:
        if (self.kind == "ssh") != bool(self.hosts):
            raise ValueError("hosts go with kind = 'ssh', and it needs them: the scheduler's, then the workers'")
        return self


def read_cluster(path: Path) -> ClusterConfig:
    """Read and check the file. Raises UsageError with one line that names the setting."""
    return read_toml(path, ClusterConfig)
