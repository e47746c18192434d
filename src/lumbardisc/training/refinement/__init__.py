"""Finer outlines of discs, crop by crop: outlined discs, varied samples, the loop."""
