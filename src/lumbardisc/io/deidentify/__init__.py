"""DICOM images that say no name: the Basic Profile of PS3.15 Annex E with the options that matter for MR."""

from lumbardisc.io.deidentify.account import Account, reason_lines
from lumbardisc.io.deidentify.options import OPTIONS
from lumbardisc.io.deidentify.run import deidentify

__all__ = ["OPTIONS", "Account", "deidentify", "reason_lines"]
