"""Numbers with units, from an image and its label map: shape, volume, signal, curvature."""

from lumbardisc.quantify.measure import Measurements, measure
from lumbardisc.quantify.nucleus import Split, split

__all__ = ["Measurements", "Split", "measure", "split"]
