"""The only table of what each number of a study is called in a structured report: concept, UCUM unit, method.

Concepts are of SNOMED CT or of DICOM itself (PS3.16, CID 7464, 7469 and 7474) where they have one. Those that they lack
are of a scheme of our own; what they mean exactly is said in docs/measurements.md.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from lumbardisc.levels import VERTEBRAE
from lumbardisc.pipeline.study import Value
from lumbardisc.report import numbers
from lumbardisc.report.codes import Code, sct
from lumbardisc.report.grades import ROMAN

SCHEME = "99LUMBARDISC"
"""Designator of our own codes; DICOM begins those of a private scheme with 99."""


def own(value: str, meaning: str) -> Code:
    """A concept that no public scheme has."""
    return Code(value, SCHEME, meaning)


def dcm(value: str, meaning: str) -> Code:
    """A concept of DICOM itself."""
    return Code(value, "DCM", meaning)


def ucum(value: str, meaning: str) -> Code:
    """A unit of measurement."""
    return Code(value, "UCUM", meaning)


NO_UNITS, RATIO = ucum("1", "no units"), ucum("{ratio}", "ratio")
MM, MM2, MM3 = ucum("mm", "mm"), ucum("mm2", "square millimeter"), ucum("mm3", "cubic millimeter")
DEGREE, MS = ucum("deg", "Degree"), ucum("ms", "millisecond")

MEAN, LEAST, GREATEST = sct("373098007", "Mean"), sct("255605001", "Minimum"), sct("56851009", "Maximum")

OUTLINE = own("OUTLINE", "Sub-pixel outline on the measured sagittal slice")
PIXELS = own("PIXELS", "Sum of pixels on the measured sagittal slice")
VOXELS = dcm("126030", "Sum of segmented voxel method for volume")
SIGNAL = own("SIGNAL", "Mean signal within 5 mm of the measured sagittal slice")
COBB = own("COBB", "Angle between superior endplates by Cobb's construction")
NETWORK = own("NETWORK", "Calibrated probability by a neural network")
VOXEL_MEAN = own("VOXEL_MEAN", "Mean probability of voxels by a neural network")
NUMBERING = own("NUMBERING", "Weighing of all numberings of the discs seen")
ESTIMATE = own("T1RHO_ESTIMATE", "Estimate from routine images by a neural network")


@dataclass(frozen=True)
class Quantity:
    """One number of a disc or of the spine as a structured report has it.

    column: its name in ``discs.csv``, or in ``Study.spine``. derivation: what it is of many values.
    error: the column of its standard deviation. complete: the column that says whether it is more than a lower bound.
    """

    column: str
    concept: Code
    unit: Code
    method: Code
    derivation: Code | None = None
    error: str = ""
    complete: str = ""


def number(column: str, value: Value | None) -> float | None:
    """The number as ``discs.csv`` has it, rounded alike; None where it is undefined."""
    if value is None or isinstance(value, bool | str) or not math.isfinite(value):
        return None
    return float(numbers.text(column, value))


def _probability(column: str, code: str, of: str) -> Quantity:
    return Quantity(column, own(code, f"Probability of {of}"), NO_UNITS, NETWORK)


def _height(column: str, concept: Code) -> Quantity:
    return Quantity(column, concept, MM, OUTLINE, MEAN)


def _signal(column: str, code: str, meaning: str) -> Quantity:
    return Quantity(column, own(code, meaning), RATIO, SIGNAL)


def _t1rho(column: str, derivation: Code, error: str = "") -> Quantity:
    return Quantity(column, own("T1RHO", "T1rho relaxation time"), MS, ESTIMATE, derivation, error)


FINDINGS = {
    "modic": ("MODIC", "Modic change of any type"),
    "upper_endplate": ("UPPER_ENDPLATE", "endplate change above"),
    "lower_endplate": ("LOWER_ENDPLATE", "endplate change below"),
    "spondylolisthesis": ("LISTHESIS", "spondylolisthesis"),
    "herniation": ("HERNIATION", "herniation"),
    "narrowing": ("NARROWING", "narrowed disc space"),
    "bulging": ("BULGING", "bulging"),
}
"""Code and words of each by its name in ``Grading.findings``."""


# In this order the report has them, those that a reader looks for first.
QUANTITIES = (
    _probability("grade_confidence", "GRADE_CONF", "the Pfirrmann grade given"),
    *(
        _probability(f"pfirrmann_p{grade}", f"PFIRRMANN_P{grade}", f"Pfirrmann grade {roman}")
        for grade, roman in enumerate(ROMAN, start=1)
    ),
    Quantity(
        "volume_mm3",
        sct("118565006", "Volume"),
        MM3,
        VOXELS,
        error="volume_error_mm3",
        complete="volume_complete",
    ),
    Quantity("area_mm2", sct("42798000", "Area"), MM2, PIXELS),
    _height("height_mm", dcm("121207", "Height")),
    _height("height_anterior_mm", own("HEIGHT_ANT", "Anterior height")),
    _height("height_middle_mm", own("HEIGHT_MID", "Middle height")),
    _height("height_posterior_mm", own("HEIGHT_POST", "Posterior height")),
    Quantity("depth_mm", own("DEPTH_AP", "Antero-posterior depth"), MM, OUTLINE),
    Quantity("wedge_angle_deg", own("WEDGE", "Wedge angle, positive where open forward"), DEGREE, OUTLINE),
    Quantity("disc_height_index", own("HEIGHT_INDEX", "Disc height index"), RATIO, OUTLINE),
    _signal("signal_ratio_csf", "SIGNAL_CSF", "Signal of the disc over cerebrospinal fluid"),
    _signal("nucleus_signal_ratio", "NUCLEUS_CSF", "Signal of the nucleus over cerebrospinal fluid"),
    _signal("nucleus_annulus_contrast", "NUCLEUS_CONTRAST", "Contrast of nucleus and annulus, (N - A) / (N + A)"),
    _t1rho("t1rho_mean_ms", MEAN, error="t1rho_mean_sd_ms"),
    _t1rho("t1rho_min_ms", LEAST),
    _t1rho("t1rho_max_ms", GREATEST),
    *(
        Quantity(
            f"phase_p{phase}", own(f"PHASE_P{phase}", f"Probability of phase {phase} by T1rho"), NO_UNITS, ESTIMATE
        )
        for phase in (1, 2, 3)
    ),
    *(_probability(f"{name}_probability", f"{code}_P", words) for name, (code, words) in FINDINGS.items()),
    Quantity("level_confidence", own("LEVEL_CONF", "Probability of the level name"), NO_UNITS, NUMBERING),
    Quantity("segmentation_confidence", own("SEGMENT_CONF", "Confidence of the segmentation"), NO_UNITS, VOXEL_MEAN),
)

ANSWERS = ("level", "pfirrmann", "degeneration", "phase", "flags")
"""Columns that are told as words, by finding sites and qualitative evaluations."""

_PLACE = "the referenced segment tells the place, in the patient"
_ARBITRARY = "in the image's own unit, which compares with nothing; the ratios are told"
_FITTED = "fit-t1rho alone has it, which writes no report in DICOM"

LEFT_OUT = {
    "disc_from_bottom": "the level tells it",
    **dict.fromkeys(("x_mm", "y_mm", "z_mm", "x0", "y0", "x1", "y1"), _PLACE),
    "slice": "the mid-sagittal one, or a flag tells that it is not",
    **dict.fromkeys(("signal_mean", "csf_signal", "nucleus_signal_mean", "annulus_signal_mean"), _ARBITRARY),
    **dict.fromkeys(
        ("t1rho_mean_se_ms", "t1rho_median_ms", "phase_margin_ms", "t1rho_roi_mm2", "t1rho_trusted"), _FITTED
    ),
    **dict.fromkeys(
        (f"t1rho_nucleus{where}_{measure}_ms" for where in ("", "_3d") for measure in ("mean", "median", "min", "max")),
        _FITTED,
    ),
}
"""Columns that a structured report does without, and why."""


def _segment(upper: str, lower: str) -> Quantity:
    concept = own(f"SEGMENT_{upper}_{lower}", f"Segment angle {upper}-{lower}")
    return Quantity(f"segment_{upper}_{lower}_deg".lower(), concept, DEGREE, COBB)


OF_SPINE = (
    Quantity("lordosis_l1_s1_deg", own("LORDOSIS_L1_S1", "Lumbar lordosis L1-S1"), DEGREE, COBB),
    *(_segment(upper, lower) for upper, lower in zip(VERTEBRAE[:5], ("S1", *VERTEBRAE[:4]), strict=True)),
)
"""Angles of the whole spine, positive for lordosis."""
