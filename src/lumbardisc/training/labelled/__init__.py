"""One's own images with labels: found in any usual layout, read into our numbers, checked and converted."""

from lumbardisc.training.labelled.case import Case, Labelled
from lumbardisc.training.labelled.find import Found, find_cases
from lumbardisc.training.labelled.load import Reader

__all__ = ["Case", "Found", "Labelled", "Reader", "find_cases"]
