"""What the columns of discs.csv mean that the page does not show; those that it shows are in `words.COLUMNS`."""

from __future__ import annotations

from lumbardisc.report.words import COLUMNS, Column

MORE = (
    Column("level", "Level", "", "The disc's name, from its two vertebrae: `L5/S1`, `L4/L5`, ..."),
    Column("disc_from_bottom", "Disc from bottom", "", "1 = L5/S1, counted upward; its number in the label map."),
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
    Column("segmentation_confidence", "Segmentation", "", "Mean probability of the disc's voxels, from 0 to 1."),
    Column("flags", "Flags", "", "What to be careful of, separated by `;`."),
)


def meaning(name: str) -> Column:
    """The column of this name. Raises KeyError for one that nobody described."""
    return {column.name: column for column in (*COLUMNS, *MORE)}[name]
