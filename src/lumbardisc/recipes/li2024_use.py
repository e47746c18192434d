"""The trained recipe `li2024` on new images."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from lumbardisc.errors import InputError, LumbardiscError, WeightsError
from lumbardisc.inference.detection import Detector
from lumbardisc.inference.svm import Svm
from lumbardisc.io import Scan
from lumbardisc.levels import disc_name
from lumbardisc.recipes.li2024_config import read_config
from lumbardisc.recipes.li2024_parts import DETECTOR, PHASES, REGRESSOR, PhasedDisc, Stages, regressor
from lumbardisc.training.phases.crops import shown
from lumbardisc.training.phases.readings import VALUES
from lumbardisc.training.run_folder import load

COLUMNS = (
    *("image", "level", "disc_from_bottom", "x0", "y0", "x1", "y1", "confidence", "level_confidence"),
    *(*VALUES, "phase", "phase_p1", "phase_p2", "phase_p3", "phantom_trained"),
)


class Phaser:
    """A trained recipe at work on new images. Raises WeightsError where ``config.out`` holds no finished run."""

    def __init__(self, path: Path) -> None:
        self.config = read_config(path)
        out = self.config.out
        try:
            record = json.loads((out / PHASES).read_text(encoding="utf-8"))
            self.phantom_trained = bool(record["phantom_trained"])
            self.stages = Stages(
                Detector(out / DETECTOR / "detection.onnx"),
                load(regressor(self.config), out / REGRESSOR / "final" / "best.pt"),
                Svm.from_json(record["svm"]),
                self.config.regression.shape,
            )
        except (OSError, RuntimeError, ValueError, KeyError, LumbardiscError) as error:
            reason = str(error).splitlines()[0]
            raise WeightsError(f"{path}: no finished run in {out} ({reason}); train it first") from None

    def __call__(self, scan: Scan) -> list[PhasedDisc]:
        """The discs of the middle slice of a sagittal T1 stack, lowest first.

        Raises InputError for an image that is known not to be T1.
        """
        if scan.contrast not in ("t1", None):
            raise InputError(f"is {scan.contrast}, and this recipe reads T1; give the T1 image")
        volume = scan.volume.sagittal()
        image = shown(volume.array[len(volume.array) // 2], self.config.window)
        return self.stages.read(image, self.stages.find(image, volume.spacing[1:]))


def write_phases(discs: Mapping[str, Sequence[PhasedDisc]], phantom_trained: bool, out: Path) -> None:
    """Image name -> its discs, as CSV, one row per disc, lowest first; written beside and renamed."""
    beside = out.with_suffix(".part")
    with beside.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for image, of_image in discs.items():
            writer.writerows([image, *_row(disc), str(phantom_trained).lower()] for disc in of_image)
    beside.replace(out)


def _row(disc: PhasedDisc) -> list[object]:
    label = disc.found.label
    sure = disc.found.confidence, disc.found.level_probabilities[label]
    return [
        *(disc_name(label), label),
        *(f"{edge:.1f}" for edge in disc.found.box),
        *(f"{share:.4f}" for share in sure),
        *(f"{value:.1f}" for value in disc.values),
        disc.phase,
        *(f"{share:.4f}" for share in disc.probabilities),
    ]
