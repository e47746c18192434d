"""What reading gives: `Source` (a study that was found) and `Scan` (its chosen series, read)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lumbardisc.io.blobs import Blob
from lumbardisc.io.origin import Origin
from lumbardisc.volume import Volume

CONTRASTS = ("t1", "t2", "t2_space", "stir", "water", "flash")


@dataclass(frozen=True, eq=False)
class Scan:
    """One series, read.

    volume: in the file's own index order. contrast: one of ``CONTRASTS``, or None where no header tells.
    headers: de-identified acquisition facts (``repetition_time_ms``, ``echo_time_ms``, ``flip_angle_deg``,
    ``slice_thickness_mm``, ``manufacturer``, ...), only those that are known. choice: JSON-ready record of the series
    choice (chosen series, reasons, refused series with reasons), empty where there was nothing to choose.
    warnings: one line each (gaps, repeated slices, sform and qform that disagree, ...). sha256: of the input's bytes.
    placed: whether the file says where in space it lies. companions: images of the same spine with another contrast.
    origin: the DICOM images that it was read from, None for other formats.
    """

    volume: Volume
    contrast: str | None = None
    headers: Mapping[str, float | str] = field(default_factory=dict)
    choice: Mapping[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    sha256: str = ""
    placed: bool = True
    companions: tuple[Source, ...] = ()
    origin: Origin | None = None


@dataclass(frozen=True)
class Source:
    """A study that was found but not read yet.

    name: unique within a call and fit for a folder name, without any patient's name. path: what the user gave.
    load: reads it; raises InputError with one clear line. files: all that it may be read from; none where it cannot be.
    """

    name: str
    path: Path
    load: Callable[[], Scan]
    files: tuple[Blob, ...] = ()
