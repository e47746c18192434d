"""What Markhali 2024 shows of its final version, from a trained run, beside its figures."""

from __future__ import annotations

from lumbardisc.networks.unpadded_unet import UnpaddedUNet
from lumbardisc.recipes.markhali2024_config import Markhali2024Config
from lumbardisc.recipes.markhali2024_data import Cohort


def write_results(config: Markhali2024Config, network: UnpaddedUNet, subjects: Cohort) -> None:
    """Everything, into ``config.out``."""
