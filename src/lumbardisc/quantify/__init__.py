"""Numbers with units, from an image and its label map: shape, volume, signal, curvature, relaxation times."""

from lumbardisc.quantify.measure import Measurements, measure
from lumbardisc.quantify.noise import background_noise
from lumbardisc.quantify.nucleus import Split, split
from lumbardisc.quantify.relaxation import Doubt, Fit, MonoExponential

__all__ = ["Doubt", "Fit", "Measurements", "MonoExponential", "Split", "background_noise", "measure", "split"]
