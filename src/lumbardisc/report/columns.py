"""The only table of what the columns of discs.csv mean, in which unit they are, and which of them the page shows."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Column:
    """A column as a reader sees it: a short title, its unit (or empty), what it means, whether the page shows it."""

    name: str
    title: str
    unit: str
    meaning: str
    shown: bool = False


def _share(grade: int) -> Column:
    return Column(f"pfirrmann_p{grade}", f"P({grade})", "", f"Probability of grade {grade}; the five add up to 1.")


def _nucleus(name: str, title: str, where: str) -> tuple[Column, ...]:
    """T1rho over the whole nucleus, fitted."""
    measures = {"mean": "Mean", "median": "Median", "min": "Least", "max": "Greatest"}
    return tuple(
        Column(f"t1rho_{name}_{key}_ms", f"{title} {word.lower()}", "ms", f"{word} T1rho over the nucleus {where}.")
        for key, word in measures.items()
    )


def _finding(name: str, title: str, meaning: str) -> Column:
    return Column(f"{name}_probability", title, "", f"Probability of {meaning}, from 0 to 1.")


# In this order the page shows them, from left to right.
COLUMNS = (
    Column("level", "Level", "", "The disc's name, from its two vertebrae: `L5/S1`, `L4/L5`, ..."),
    Column(
        "level_confidence",
        "Naming",
        "",
        "How sure the level name is, from 0 to 1, by the segmentation and the detector together. Names are counted "
        "upward from the sacrum, so one error below shifts every name above it.",
        shown=True,
    ),
    Column("disc_from_bottom", "Disc from bottom", "", "1 = L5/S1, counted upward; its number in the label map."),
    Column(
        "pfirrmann",
        "Pfirrmann",
        "",
        "Grade of degeneration from 1 (healthy) to 5 (collapsed), by Pfirrmann 2001: the likeliest of the five.",
        shown=True,
    ),
    *map(_share, range(1, 6)),
    Column("degeneration", "Degeneration", "", "The grade in three steps: mild (1-2), moderate (3), severe (4-5)."),
    Column("grade_confidence", "Grade confidence", "", "Probability of the grade that is given, from 0 to 1."),
    _finding("modic", "Modic change", "a Modic change (of any type) in the marrow beside the disc"),
    _finding("upper_endplate", "upper endplate change", "a change of the endplate above the disc"),
    _finding("lower_endplate", "lower endplate change", "a change of the endplate below the disc"),
    _finding("spondylolisthesis", "spondylolisthesis", "a slip of the vertebra above against the one below"),
    _finding("herniation", "herniation", "a herniation of the disc"),
    _finding("narrowing", "narrowing", "a narrowed disc space"),
    _finding("bulging", "bulging", "a bulging disc"),
    Column(
        "height_mm", "Height", "mm", "Mean distance of the two endplates, square to the disc's own axis.", shown=True
    ),
    Column(
        "disc_height_index",
        "Height index",
        "",
        "Height relative to the vertebral bodies beside the disc; it allows comparing people of different size.",
        shown=True,
    ),
    Column(
        "signal_ratio_csf",
        "Signal / CSF",
        "",
        "Mean signal of the disc relative to the cerebrospinal fluid in the canal of the same image. On T2 images a "
        "low value goes with a dry disc; values of different contrasts do not compare.",
        shown=True,
    ),
    Column(
        "nucleus_signal_ratio",
        "Nucleus / CSF",
        "",
        "The same for the nucleus, the inner part of the disc, alone.",
        shown=True,
    ),
    Column(
        "nucleus_annulus_contrast",
        "Nucleus contrast",
        "",
        "Difference of nucleus and annulus signal over their sum; near 0 the two can no longer be told apart.",
        shown=True,
    ),
    Column("height_anterior_mm", "Anterior height", "mm", "Height in the front part of the disc.", shown=True),
    Column("height_middle_mm", "Middle height", "mm", "Height in the middle part of the disc.", shown=True),
    Column("height_posterior_mm", "Posterior height", "mm", "Height in the back part of the disc.", shown=True),
    Column(
        "wedge_angle_deg",
        "Wedge",
        "°",
        "Angle between the two endplates; positive where the disc opens forward.",
        shown=True,
    ),
    Column("depth_mm", "Depth", "mm", "Front to back length of the disc along its own axis.", shown=True),
    Column("area_mm2", "Area", "mm²", "Area of the disc on the mid-sagittal slice.", shown=True),
    Column(
        "volume_mm3",
        "Volume",
        "mm³",
        "Volume over all slices, with the error (±, one standard deviation) of sampling by slices alone. The sign ≥ "
        "marks a lower bound: the images do not hold the whole disc.",
        shown=True,
    ),
    Column("x_mm", "x", "mm", "Centroid of the disc, patient RAS: right is positive."),
    Column("y_mm", "y", "mm", "Centroid of the disc, patient RAS: anterior is positive."),
    Column("z_mm", "z", "mm", "Centroid of the disc, patient RAS: superior is positive."),
    Column("x0", "x0", "pixel", "Box on the measured slice: first column, along the front-back axis of the input."),
    Column("y0", "y0", "pixel", "Box on the measured slice: first row, along the head-foot axis of the input."),
    Column("x1", "x1", "pixel", "Box on the measured slice: the column after the last."),
    Column("y1", "y1", "pixel", "Box on the measured slice: the row after the last."),
    Column(
        "slice",
        "Slice",
        "",
        "Index of the measured slice along the input's left-right axis, from 0: the mid-sagittal "
        "slice, or where the disc is not on it, the one with most of the disc.",
    ),
    Column("volume_error_mm3", "Volume error", "mm³", "One standard deviation of sampling the disc by slices alone."),
    Column("volume_complete", "Volume complete", "", "`false` where the images do not hold the whole disc."),
    Column(
        "signal_mean",
        "Signal",
        "image unit",
        "Mean of the disc on its central slices (within 5 mm of the measured one).",
    ),
    Column("csf_signal", "CSF signal", "image unit", "Cerebrospinal fluid in the canal at the height of the disc."),
    Column("nucleus_signal_mean", "Nucleus signal", "image unit", "Mean of the nucleus on the same slices."),
    Column("annulus_signal_mean", "Annulus signal", "image unit", "Mean of the annulus on the same slices."),
    Column(
        "t1rho_mean_ms",
        "T1rho",
        "ms",
        "Mean T1rho over the central 1 cm² of the nucleus on the measured slice: fitted to spin-lock images by "
        "fit-t1rho, or estimated from routine images by analyze --t1rho.",
    ),
    Column(
        "t1rho_mean_se_ms",
        "± SE",
        "ms",
        "Standard error of a fitted mean, from the noise of the images; where the region lies adds to it.",
    ),
    Column("t1rho_median_ms", "Median T1rho", "ms", "The median in that region."),
    Column("t1rho_min_ms", "Least T1rho", "ms", "The least T1rho in that region."),
    Column("t1rho_max_ms", "Greatest T1rho", "ms", "The greatest T1rho in that region."),
    Column("t1rho_mean_sd_ms", "T1rho SD", "ms", "Standard deviation of an estimated mean: how uncertain it is."),
    Column(
        "phase",
        "Phase",
        "",
        "Phase of degeneration by the mean T1rho (Li 2024): 1 above 110 ms, 2 from 80 to 110 ms, 3 below 80 ms; the "
        "likeliest of the three where it is estimated.",
    ),
    Column(
        "phase_margin_ms",
        "To limit",
        "ms",
        "How far a fitted mean is from the nearest limit of a phase (80 or 110 ms).",
    ),
    Column("t1rho_roi_mm2", "Region", "mm²", "Area of the region: 100, or less where the nucleus is smaller."),
    Column(
        "t1rho_trusted",
        "Trusted",
        "",
        "Share of the region's voxels whose fit can be trusted by itself.",
    ),
    *_nucleus("nucleus", "Nucleus", "on the measured slice"),
    *_nucleus("nucleus_3d", "Nucleus 3D", "on all its slices, those in the middle 64 % of the disc's width"),
    *(Column(f"phase_p{phase}", f"P(phase {phase})", "", f"Probability of phase {phase}.") for phase in (1, 2, 3)),
    Column("segmentation_confidence", "Segmentation", "", "Mean probability of the disc's voxels, from 0 to 1."),
    Column("flags", "Flags", "", "What to be careful of, separated by `;`."),
)


def meaning(name: str) -> Column:
    """The column of this name. Raises KeyError for one that nobody described."""
    return {column.name: column for column in COLUMNS}[name]
