"""Settings from a TOML file, checked against the model that documents them."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from lumbardisc.errors import UsageError

Settings = TypeVar("Settings", bound=BaseModel)


def read_toml(path: Path, kind: type[Settings]) -> Settings:
    """Read and check a TOML file. Raises UsageError with one line that names the field."""
    try:
        return kind.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror}); give a TOML configuration file") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: not valid TOML: {error}") from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])  # nowhere, where fields do not go together
        told = [str(path), where, first["msg"].removeprefix("Value error, ")]
        raise UsageError(": ".join(filter(None, told))) from None
