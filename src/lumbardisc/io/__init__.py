"""Files to `Volume` and back: what to read is found with `find`, what was found is read with ``Source.load``."""

from lumbardisc.io.discover import find
from lumbardisc.io.images import load_labels
from lumbardisc.io.nifti import save_nifti
from lumbardisc.io.scan import CONTRASTS, Scan, Source

__all__ = ["CONTRASTS", "Scan", "Source", "find", "load_labels", "save_nifti"]
