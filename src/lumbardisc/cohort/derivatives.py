"""Results in the layout of BIDS derivatives, beside each other in the folder of their subject and session."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lumbardisc import __version__
from lumbardisc.cohort.bids import BidsImage

if TYPE_CHECKING:
    from lumbardisc.pipeline import Study

BIDS_VERSION = "1.9.0"  # the first with links to other data sets in all that is used here is 1.8.0
RAW = "raw"
_IGNORED = ("*_discs.*", "*_overlay.png", "*_report.html", "*_result.json", "cohort.*", "failures.csv", "qc.html")
# what BIDS calls what a study's files are called elsewhere
_ENDINGS = {
    "discs.csv": "discs.tsv",
    "segmentation.nii.gz": "dseg.nii.gz",
    "segmentation.tsv": "dseg.tsv",
    "overlay.png": "overlay.png",
    "report.html": "report.html",
    "result.json": "result.json",
}


@dataclass(frozen=True)
class Derivative:
    """The files made from one image of a data set, below ``root``, the folder of the derivatives.

    They say by ``space`` on which image's grid they are, so that those of a subject's T1w and T2w differ.
    """

    root: Path
    image: BidsImage

    @property
    def folder(self) -> str:
        """Of the image within its data set, and of the files within theirs."""
        return self.image.path.rpartition("/")[0]

    @property
    def stem(self) -> str:
        """What the names of all files begin with."""
        return f"{self.image.common}_space-{self.image.suffix}_desc-lumbardisc"

    @property
    def files(self) -> Mapping[str, str]:
        """Those that the cohort looks at, relative to ``root``."""
        endings = {"table": "discs.csv", "labels": "segmentation.nii.gz", "picture": "overlay.png"}
        endings |= {"report": "report.html", "record": "result.json"}
        return {kind: f"{self.folder}/{self.stem}_{_ENDINGS[name]}" for kind, name in endings.items()}

    def write(self, study: Study) -> None:
        """Write all files of the study. Raises OutputError."""
        from lumbardisc.report.folder import write_files

        place = self.root / self.folder
        place.mkdir(parents=True, exist_ok=True)  # which images of one subject share, so none may put it there whole
        endings = [*_ENDINGS.values(), "dseg.json", "discs.json"]
        ours = sorted(endings, key=lambda ending: ending == "result.json")  # last, as it says that the rest is there
        write_files(place, [f"{self.stem}_{ending}" for ending in ours], lambda folder: self._fill(study, folder))

    def _fill(self, study: Study, folder: Path) -> None:
        from lumbardisc.report.folder import fill

        fill(study, folder)
        for name, ending in _ENDINGS.items():
            (folder / name).rename(folder / f"{self.stem}_{ending}")
        table = folder / f"{self.stem}_discs.tsv"
        rows = list(csv.reader(io.StringIO(table.read_text(encoding="utf-8"))))
        table.write_text(_tsv(rows), encoding="utf-8", newline="\n")
        source = f"bids:{RAW}:{self.image.path}"
        _write_json(folder / f"{self.stem}_dseg.json", {"SpatialReference": source, "Sources": [source]})
        _write_json(folder / f"{self.stem}_discs.json", _dictionary(rows[0]))


def describe(root: Path, raw: Path) -> None:
    """Write what makes a folder a data set of derivatives: who made it, of what, and which files BIDS knows nothing of.

    Raises OutputError.
    """
    from lumbardisc.report.folder import write_files

    description = {
        "Name": "Lumbar discs, segmented and measured",
        "BIDSVersion": BIDS_VERSION,
        "DatasetType": "derivative",
        "GeneratedBy": [{"Name": "lumbardisc", "Version": __version__}],
        "DatasetLinks": {RAW: Path(os.path.relpath(raw.resolve(), root.resolve())).as_posix()},
    }

    def fill(folder: Path) -> None:
        _write_json(folder / "dataset_description.json", description)
        (folder / ".bidsignore").write_text("\n".join([*_IGNORED, ""]), encoding="utf-8")

    write_files(root, (".bidsignore", "dataset_description.json"), fill)


def _tsv(rows: list[list[str]]) -> str:
    """A table as BIDS has it: tabs, and ``n/a`` for what is undefined."""
    return "".join("\t".join(cell or "n/a" for cell in row) + "\n" for row in rows)


def _dictionary(columns: list[str]) -> dict[str, Any]:
    """What each column means, and its unit."""
    from lumbardisc.report.columns import meaning

    known = [meaning(name) for name in columns]
    return {one.name: {"Description": one.meaning, **({"Units": one.unit} if one.unit else {})} for one in known}


def _write_json(path: Path, facts: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(facts, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
