"""Where the files of one study of a cohort go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from lumbardisc.pipeline import Study
    from lumbardisc.report import Wanted


class Place(Protocol):
    """Where a study's results go. Sent to the process that writes them."""

    @property
    def files(self) -> Mapping[str, str]:
        """Paths of ``table``, ``labels``, ``picture``, ``report`` and ``record``, relative to the cohort's folder."""
        ...

    def write(self, study: Study) -> None:
        """Write all of them, or none. Raises OutputError."""
        ...


@dataclass(frozen=True)
class StudyFolder:
    """A folder of its own, ``root/name``."""

    root: Path
    name: str
    wanted: Wanted

    @property
    def files(self) -> Mapping[str, str]:
        """Those that every study has, and the cohort looks at."""
        names = {
            "table": "discs.csv",
            "labels": "segmentation.nii.gz",
            "picture": "overlay.png",
            "report": "report.html",
            "record": "result.json",
        }
        return {kind: f"{self.name}/{name}" for kind, name in names.items()}

    def write(self, study: Study) -> None:
        """Write all files of the study. Raises OutputError."""
        from lumbardisc import report

        report.write(study, self.root / self.name, self.wanted)
