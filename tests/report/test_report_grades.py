"""Grades on the page, in the terminal and in words."""

from __future__ import annotations

import base64
import io
import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from known_grades import SHAPE, SURE, TORN, grading
from PIL import Image
from test_report_page import Page

from lumbardisc import report
from lumbardisc.pipeline.study import Discs
from lumbardisc.report import cards
from lumbardisc.report.evidence import HIGHER, LOWER, crop_png, evidence_png, full_scale
from lumbardisc.report.grades import by_grade, how_sure, likely_findings, percent
from lumbardisc.report.page import context, report_html
from lumbardisc.report.view import view

NBSP = "\N{NO-BREAK SPACE}"
HEALTHY = (0.8, 0.1, 0.05, 0.03, 0.02)


@pytest.fixture
def graded(make):
    """Six discs, of which the fourth is not graded."""
    study = make(flags={5: ("low_confidence",)})
    shares = {1: SURE, 2: HEALTHY, 3: SURE, 5: TORN, 6: HEALTHY}
    discs = [
        replace(disc, values={**disc.values, "pfirrmann": 4}, grading=grading(shares[disc.label]))
        if disc.label in shares
        else replace(disc, values={**disc.values, "pfirrmann": float("nan")})
        for disc in study.discs.values()
    ]
    return replace(study, discs=Discs(tuple(discs)))


def page(study):
    return Page(report_html(context(study, view(study))))


def test_a_card_for_each_disc_from_the_top_down(graded):
    shown = page(graded)
    assert shown.text["h3"] == ["T12/L1", "L1/L2", "L2/L3", "L3/L4", "L4/L5", "L5/S1"]
    assert len(shown.all("article")) == 6
    words = shown.words.replace(NBSP, " ")
    assert "Grade IV , 90 % sure; next III, 6 %" in words
    assert "Grade III , in doubt: 41 % sure; next II, 40 %" in words


def test_the_table_gives_the_grade_and_how_sure_it_is(graded):
    cells = [cell.replace(NBSP, " ") for cell in page(graded).text["td"]]
    assert [cell for cell in cells if re.match(r"[IV]+, ", cell)] == [
        *("I, 80 %", "III, 41 %", "IV, 90 %", "I, 80 %", "IV, 90 %")
    ]


def test_the_bars_are_as_high_as_the_probabilities(graded):
    heights = [float(height) for height in re.findall(r"height:([\d.]+)%", report_html(context(graded, view(graded))))]
    assert heights[:5] == [round(100 * share, 1) for share in HEALTHY]
    assert len(heights) == 25


def test_crop_and_evidence_are_inside_the_page(graded):
    pictures = [attrs["src"] for attrs in page(graded).all("img")]
    sizes = [
        Image.open(io.BytesIO(base64.b64decode(code.removeprefix("data:image/png;base64,")))).size for code in pictures
    ]
    assert sizes == [SHAPE[::-1]] * 4 + [cards.SHAPE[::-1]] + [SHAPE[::-1]] * 6, "L2/L3 has no grade, but a crop"


def test_the_evidence_can_be_switched_off_without_a_script(graded):
    text = report_html(context(graded, view(graded)))
    switches = {attrs["id"] for attrs in Page(text).all("input")}
    assert "evidence" in switches
    assert "#evidence:not(:checked) ~ .grades .evidence" in text
    assert "<script" not in text


def test_at_a_glance_the_worst_grades_come_first(graded):
    assert by_grade(graded) == ["IV: L3/L4, L5/S1", "III: L1/L2", "I: T12/L1, L4/L5"]


def test_a_page_without_grades_says_nothing_of_them(study):
    shown = page(study)
    assert len(shown.all("article")) == len(study.discs)
    assert len(shown.all("img")) == len(study.discs), "a crop each, no evidence"
    assert "Pfirrmann" not in shown.words
    assert shown.text["p"].count("Not graded.") == len(study.discs)


def test_the_page_stays_small(graded):
    assert len(report_html(context(graded, view(graded)))) < 500_000


def test_the_terminal_names_the_grades(graded):
    lines = [" ".join(line.replace(NBSP, " ").split()) for line in report.summary(graded).splitlines()]
    assert lines[1].startswith("Pfirrmann")
    assert lines[2].startswith("T12/L1 I, 80 %")
    assert lines[4].startswith("L2/L3 - ")


def test_a_grade_in_doubt_is_said_to_be_uncertain(graded):
    assert "L1/L2 : the grade is in doubt" in page(graded).words


@given(st.lists(st.floats(0.001, 1), min_size=5, max_size=5))
def test_the_words_are_never_surer_than_the_probability(shares):
    total = sum(shares)
    one = grading([share / total for share in shares])
    told = how_sure(one).replace(NBSP, " ")
    assert ("in doubt" in told) == (not one.certain)
    sure = re.search(r"(over )?(\d+) % sure", told)
    assert abs(int(sure[2]) / 100 - one.confidence) <= (0.0101 if sure[1] else 0.0051)
    assert (sure[1] is not None) <= (one.confidence > 0.99)
    second = sorted(one.probabilities)[-2]
    assert ("next" in told) == (second >= 0.05)


@pytest.mark.parametrize(
    ("share", "text"), [(1.0, "over 99 %"), (0.994, "99 %"), (0.731, "73 %"), (0.0, "under 1 %"), (0.005, "1 %")]
)
def test_percent(share, text):
    assert percent(share).replace(NBSP, " ") == text


def test_a_card_says_what_its_grade_means_not_what_another_means(graded):
    all_of_them = re.findall(r"<article.*?</article>", report_html(context(graded, view(graded))), re.DOTALL)
    told = [card for card in all_of_them if "Not graded" not in card]
    given = [re.search(r"<strong>Grade (\w+)</strong>", card)[1] for card in told]
    assert len(given) == 5
    assert [re.findall(r"A grade (\w+) disc is", card) for card in told] == [[grade] for grade in given]
    assert all("herniation" in card and "narrowing" not in card for card in told), "83 % and 20 %"


def test_only_likely_findings_are_told_the_likeliest_first():
    found = {"herniation": 0.61, "modic": 0.49, "upper_endplate": 0.9}
    assert likely_findings(found).replace(NBSP, " ") == "upper endplate change (90 %), herniation (61 %)"
    assert likely_findings({"modic": 0.2}) == ""


def test_orange_speaks_for_a_higher_grade_and_blue_for_a_lower():
    evidence = np.array([[1.0, -0.5], [0.0, -9.0]], dtype=np.float32)
    colours = np.asarray(Image.open(io.BytesIO(evidence_png(evidence, 1.0))))
    assert tuple(colours[0, 0, :3]) == HIGHER
    assert tuple(colours[0, 1, :3]) == tuple(colours[1, 1, :3]) == LOWER
    strength = colours[..., 3].astype(int)
    assert strength[1, 0] == 0
    assert strength[0, 1] == pytest.approx(strength[0, 0] / 2, abs=1)
    assert strength[1, 1] == strength[0, 0]


def test_one_scale_for_all_discs_so_that_their_maps_compare():
    weak, strong = np.full((4, 4), 0.1, np.float32), np.full((4, 4), -2.0, np.float32)
    assert full_scale([weak, strong]) == 2.0
    assert full_scale([]) > 0
    assert full_scale([np.zeros((2, 2), np.float32)]) > 0


def test_the_crop_is_shown_as_it_was_seen():
    crop = np.array([[0.0, 0.5], [1.0, 2.0]], dtype=np.float32)
    assert np.asarray(Image.open(io.BytesIO(crop_png(crop)))).tolist() == [[0, 128], [255, 255]]
