"""The picture: which slice, its aspect ratio, where outlines and names lie, what ends up in overlay.png."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image, ImageFont
from report_study import AS_DICOM, PLAIN

from lumbardisc import levels
from lumbardisc.pipeline.study import Discs, Study
from lumbardisc.report.overlay import overlay_png
from lumbardisc.report.view import grey, view
from lumbardisc.volume import AxisOrder, LabelMap, Volume

EVERY_ORDER = [
    PLAIN,
    AS_DICOM,
    AxisOrder((1, 0, 2), (False, True, False)),
    AxisOrder((2, 0, 1), (True, True, True)),
]


def picture(study):
    return np.asarray(Image.open(io.BytesIO(overlay_png(view(study)))))


def rectangle(rows, columns, spacing, label=1, shape=(3, 60, 80)):
    """A study whose only structure is a rectangle of one label (row and column ranges, ends left out)."""
    labels = np.zeros(shape, np.int16)
    labels[:, slice(*rows), slice(*columns)] = label
    affine = np.array([[spacing[0], 0, 0, 0], [0, 0, -spacing[2], 0], [0, -spacing[1], 0, 0], [0, 0, 0, 1.0]])
    image = np.random.default_rng(0).uniform(50, 200, shape)
    return Study("box", Volume(image, affine), LabelMap(labels, affine), Discs(()), shape[0] // 2, {})


def area(line):
    """Shoelace formula."""
    x, y = line.T
    return abs(float(x[:-1] @ y[1:] - x[1:] @ y[:-1])) / 2


@pytest.mark.parametrize("order", EVERY_ORDER)
def test_the_slice_is_the_one_the_study_names(make, order):
    study = make(shape=(5, 40, 30), order=order)
    marked = study.image.array.copy()
    np.moveaxis(marked, order.axes[0], 0)[study.mid_slice] = 777.0
    image = Volume(marked, study.image.affine)
    assert (image.sagittal().array[study.working_mid_slice] == 777.0).all()


@pytest.mark.parametrize("order", EVERY_ORDER)
def test_every_file_order_gives_the_same_upright_picture(make, order):
    assert np.array_equal(picture(make(order=order)), picture(make(order=PLAIN)))


@pytest.mark.parametrize("spacing", [(4.0, 1.0, 1.0), (4.0, 0.5, 1.5), (4.0, 2.0, 0.7)])
def test_pixels_are_square_in_mm(spacing):
    shown = view(rectangle((10, 20), (30, 60), spacing))
    assert shown.width / shown.height == pytest.approx(80 * spacing[2] / (60 * spacing[1]), rel=2e-3)
    assert shown.height * shown.width == pytest.approx(80 * spacing[2] * 60 * spacing[1] * shown.px_per_mm**2, rel=2e-3)


@pytest.mark.parametrize("spacing", [(4.0, 0.5, 0.5), (4.0, 1.0, 1.0), (4.0, 0.6, 1.2)])
def test_outlines_run_where_the_structure_ends(spacing):
    (outline,) = view(rectangle((10, 30), (20, 60), spacing)).outlines
    (line,) = outline.lines
    scale = 1000 / (60 * spacing[1])
    expected = np.array([[20 * spacing[2], 10 * spacing[1]], [60 * spacing[2], 30 * spacing[1]]]) * scale
    assert np.array([line.min(0), line.max(0)]) == pytest.approx(expected, abs=0.1 * scale)
    assert area(line) == pytest.approx(np.prod(expected[1] - expected[0]), rel=0.02)
    assert (line[0] == line[-1]).all()


def test_outlines_are_smooth():
    """Along a tilted border, no turn of the line is as sharp as a staircase's 45 degrees."""
    labels = np.zeros((1, 120, 120), np.int16)
    row, column = np.indices((120, 120))
    labels[0, ((row - 60 - 0.2 * (column - 60)) / 14) ** 2 + ((column - 60) / 40) ** 2 < 1] = 2
    study = rectangle((0, 1), (0, 1), (4.0, 1.0, 1.0), shape=(1, 120, 120))
    study = Study("oval", study.image, LabelMap(labels, study.image.affine), Discs(()), 0, {})
    (line,) = view(study).outlines[0].lines
    direction = np.unwrap(np.arctan2(*np.diff(line, axis=0).T))
    assert np.degrees(np.abs(np.diff(direction))).max() < 40
    assert area(line) == pytest.approx((labels == 2).sum() * (1000 / 120) ** 2, rel=0.02)


def test_thin_structures_and_those_at_the_border_keep_their_outline():
    for rows, columns in [((0, 60), (0, 80)), ((20, 21), (10, 70)), ((59, 60), (79, 80))]:
        (outline,) = view(rectangle(rows, columns, (4.0, 1.0, 1.0))).outlines
        assert all((line[0] == line[-1]).all() for line in outline.lines)
        assert len(outline.lines) == 1


def test_names_stand_beside_their_disc():
    (name,) = view(rectangle((20, 30), (40, 60), (4.0, 1.0, 1.0))).names
    assert (name.label.name, name.anterior) == ("L5/S1", True)
    assert name.x == pytest.approx(40 * 1000 / 60, abs=5)
    assert 20 * 1000 / 60 <= name.y <= 30 * 1000 / 60
    (name,) = view(rectangle((20, 30), (2, 30), (4.0, 1.0, 1.0))).names
    assert not name.anterior
    assert name.x == pytest.approx(30 * 1000 / 60, abs=5)


@pytest.mark.parametrize("rows", [(0, 3), (57, 60), (30, 40)], ids=["top", "bottom", "middle"])
@pytest.mark.parametrize("columns", [(0, 80), (2, 78), (40, 60), (0, 5), (75, 80)])
def test_no_name_is_cut_by_the_edge(rows, columns):
    shown = view(rectangle(rows, columns, (4.0, 1.0, 1.0), label=7))
    (name,) = shown.names
    gap = -shown.font_size / 2 if name.anterior else shown.font_size / 2
    left, top, right, bottom = ImageFont.load_default(shown.font_size).getbbox(
        name.label.name, anchor="rm" if name.anterior else "lm"
    )
    assert 0 <= name.x + gap + left < name.x + gap + right <= shown.width
    assert 0 <= name.y + top < name.y + bottom <= shown.height


def test_only_discs_are_named():
    assert view(rectangle((20, 30), (40, 60), (4.0, 1.0, 1.0), label=levels.CANAL)).names == ()


@pytest.mark.parametrize("label", [1, 4, levels.SACRUM, levels.SACRUM + 2, levels.CANAL])
def test_the_line_has_the_colour_of_the_table(label):
    study = rectangle((15, 45), (20, 60), (4.0, 1.0, 1.0), label)
    color = next(one.color for one in levels.table() if one.index == label)
    top_edge = picture(study)[250, 500:900]
    assert np.abs(top_edge.astype(int) - color).max(axis=-1).min() <= 12


def test_the_overlay_is_grey_but_for_what_is_drawn(study):
    shown = picture(study).astype(int)
    colored = np.ptp(shown, axis=-1) > 30
    assert 0.005 < colored.mean() < 0.2


@pytest.mark.parametrize("shape", [(3, 50, 50), (1, 400, 90), (2, 1100, 700)])
def test_the_overlay_is_tall_enough_to_read(make, shape):
    rows, columns = picture(make(shape=shape, spacing=(4.0, 0.4, 0.4))).shape[:2]
    assert rows >= 800
    assert columns / rows == pytest.approx(shape[2] / shape[1], rel=0.01)


def test_a_very_wide_image_stays_of_a_size_one_can_open():
    rows, columns = picture(rectangle((1, 2), (100, 200), (4.0, 0.1, 5.0), shape=(1, 4, 400))).shape[:2]
    assert columns == 3000
    assert rows >= 1


@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e4])
def test_the_window_leaves_air_dark_and_tissue_spread(scale):
    pixels = np.zeros((100, 100))
    pixels[20:80, 20:80] = np.linspace(100, 1000, 60)
    pixels[0, 0] = 1e6  # one hot pixel must not darken the rest
    shown = grey(pixels * scale)
    assert shown[5, 50] <= 5
    assert np.ptp(shown[50, 20:80].astype(int)) > 200


@pytest.mark.parametrize("value", [0.0, 7.0, -3.0, np.nan])
def test_a_constant_slice_is_shown_all_the_same(value):
    assert grey(np.full((8, 8), value)).shape == (8, 8)
