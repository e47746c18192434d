"""The trained recipe `ding2024` on new images."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from lumbardisc.errors import InputError, WeightsError
from lumbardisc.evaluation.grading import DEGENERATION
from lumbardisc.io import Scan
from lumbardisc.levels import disc_name
from lumbardisc.recipes.ding2024_config import read_config
from lumbardisc.recipes.ding2024_parts import ATTENTION, finder, unet, vgg
from lumbardisc.training.disc_grades import CONTRASTS, class_probabilities
from lumbardisc.training.run_folder import load


class Grader:
    """A trained recipe at work on new images. Raises WeightsError where ``config.out`` holds no finished run."""

    def __init__(self, path: Path) -> None:
        self.config = read_config(path)
        try:
            self.segmenter = load(unet(self.config), self.config.out / "segmentation" / "best.pt")
            self.network = load(vgg(self.config, attention=True), self.config.out / ATTENTION / "best.pt")
        except (OSError, RuntimeError) as error:
            reason = str(error).splitlines()[0]
            raise WeightsError(f"{path}: no finished run in {self.config.out} ({reason}); train it first") from None

    def __call__(self, scan: Scan) -> dict[int, Sequence[float]]:
        """Disc from the bottom (1 = L5/S1) -> probabilities of mild, moderate, severe, of a sagittal T2 stack.

        Raises InputError for an image that is known not to be T2.
        """
        if scan.contrast not in CONTRASTS:
            raise InputError(f"is {scan.contrast}, and this recipe grades T2; give the T2 image")
        volume = scan.volume.sagittal()
        crops = finder(self.config, self.segmenter)(volume.array, volume.spacing[1:])
        probabilities = class_probabilities(self.network, list(crops.values()), self.config.grading.masked)
        return dict(sorted(zip(crops, probabilities.tolist(), strict=True)))


def write_grades(grades: Mapping[str, Mapping[int, Sequence[float]]], out: Path) -> None:
    """Image name -> its discs, as CSV, one row per disc, lowest first; written beside and renamed."""
    beside = out.with_suffix(".part")
    with beside.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["image", "level", "disc_from_bottom", "degeneration", *(f"p_{name}" for name in DEGENERATION)])
        for image, discs in grades.items():
            for disc, p in discs.items():
                best = DEGENERATION[int(np.argmax(p))]
                writer.writerow([image, disc_name(disc), disc, best, *(f"{one:.4f}" for one in p)])
    beside.replace(out)
