"""The MR phantom: a seeded parametric lumbar spine, imaged by physics, with everything about it known."""

from lumbardisc.phantom.acquire import CLEAN, Artefacts, Exam, Geometry, examine
from lumbardisc.phantom.anatomy import SpineShape, draw_spine
from lumbardisc.phantom.make import Phantom, image_of, lumbar_stack, make_exam, make_phantom
from lumbardisc.phantom.sequence import SEQUENCES, PulseSequence, sequences_of
from lumbardisc.phantom.truth import DiscTruth
from lumbardisc.phantom.write import FORMATS, write_phantom

__all__ = [
    "CLEAN",
    "FORMATS",
    "SEQUENCES",
    "Artefacts",
    "DiscTruth",
    "Exam",
    "Geometry",
    "Phantom",
    "PulseSequence",
    "SpineShape",
    "draw_spine",
    "examine",
    "image_of",
    "lumbar_stack",
    "make_exam",
    "make_phantom",
    "sequences_of",
    "write_phantom",
]
