"""Training of the detector of discs: boxes with level names, the loss, the loop."""
