"""The trained recipe `markhali2024` on new images: masks on their own grid, with their own header."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from lumbardisc.anatomy.orphans import without_orphans
from lumbardisc.errors import WeightsError
from lumbardisc.io import Source, save_nifti
from lumbardisc.recipes.markhali2024_config import read_config
from lumbardisc.recipes.markhali2024_measure import segment
from lumbardisc.recipes.markhali2024_parts import NETWORK, unet
from lumbardisc.training.run_folder import load
from lumbardisc.volume import LabelMap, Volume


class Segmenter:
    """A trained recipe at work on new images. Raises WeightsError where ``config.out`` holds no finished run."""

    def __init__(self, path: Path) -> None:
        self.config = read_config(path)
        try:
            network = unet(self.config, self.config.version)
            self.network = load(network, self.config.out / NETWORK / "best.pt")
        except (OSError, RuntimeError) as error:
            reason = str(error).splitlines()[0]
            raise WeightsError(f"{path}: no finished run in {self.config.out} ({reason}); train it first") from None

    def __call__(self, volume: Volume) -> LabelMap:
        """Discs (1) without orphans, in the volume's own index order and with its affine."""
        found = segment(self.network, volume.sagittal().array, self.config, self.config.version)
        return LabelMap(volume.axis_order.undo(without_orphans(found).astype(np.int32)), volume.affine)

    def write(self, source: Source, out: Path) -> tuple[int, ...]:
        """Segment an image into ``out/NAME.nii.gz``; the labels found, and where there are none, no file.

        Raises InputError and OutputError.
        """
        labels = self(source.load().volume)
        if labels.present:
            save_nifti(labels, out / f"{source.name}.nii.gz")
        return labels.present
