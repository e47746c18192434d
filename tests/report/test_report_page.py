"""report.html as a browser would take it apart."""

from __future__ import annotations

import base64
import io
import re
from html.parser import HTMLParser

import numpy as np
import pytest
from PIL import Image

from lumbardisc import levels
from lumbardisc.report.identity import Identity
from lumbardisc.report.page import context, report_html
from lumbardisc.report.view import grey, view

VOID = {"meta", "input", "image", "path", "br", "link", "img"}


class Page(HTMLParser):
    """Every tag with its attributes and text, and whether tags close in the order they open."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.open, self.text, self.pieces = [], [], {}, []
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID or tag == "path":
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if data.strip():
            tag, text = self.open[-1], " ".join(data.split())
            self.pieces.append((tag, text))
            self.text.setdefault(tag, []).append(text)

    def all(self, tag):
        return [attrs for name, attrs in self.tags if name == tag]

    @property
    def words(self):
        """All that is read, in the order of reading."""
        return " ".join(text for tag, text in self.pieces if tag != "style")


def page(study):
    return Page(report_html(context(study, view(study))))


def test_a_row_per_disc_from_the_top_down(study):
    shown = page(study)
    assert [name for name in shown.text["th"] if "/" in name and name[0] in "LT"] == list(study.discs)[::-1]
    heads, cells = len(shown.all("th")) - len(study.discs), len(shown.all("td"))
    assert cells == (heads - 1) * len(study.discs)
    assert {attrs.get("scope") for attrs in shown.all("th")} == {"row", "col"}


def test_what_is_uncertain_comes_first_and_where_it_comes_from_last(study):
    order = ["What is uncertain", "At a glance", "Disc by disc", "Measurements", "What the numbers mean"]
    assert page(study).text["h2"] == [*order, "How the series was chosen", "Where this comes from"]


def test_a_card_for_each_disc_with_its_main_measures(study):
    shown = page(study)
    assert shown.text["h3"] == list(study.discs)[::-1]
    assert len(shown.all("article")) == len(study.discs)
    assert shown.text["dd"].count("11646 ± 321 mm³") == 1


def test_the_patient_stands_at_the_head(study):
    who = Identity(name="Doe, <b>Jane</b>", identifier="ZZ-4711")
    shown = Page(report_html(context(study, view(study), who)))
    assert shown.text["dt"][:2] == ["Patient", "ID"]
    assert shown.text["dd"][:2] == ["Doe, <b>Jane</b>", "ZZ-4711"]
    assert "Patient" not in page(study).text["dt"]


def test_values_are_those_of_the_discs(study):
    cells = page(study).text["td"]
    assert "11646 ± 321" in cells
    assert "≥ 8846" in cells
    assert "9.5" in cells
    assert cells.count("\N{EN DASH}") == 1


def test_the_slice_is_inside_the_page(study):
    (image,) = page(study).all("image")
    kind, _, code = image["href"].partition(",")
    assert kind == "data:image/png;base64"
    pixels = np.asarray(Image.open(io.BytesIO(base64.b64decode(code))))
    assert np.array_equal(pixels, grey(study.image.sagittal().array[study.working_mid_slice]))


def test_outlines_and_names_are_drawn_in_the_colours_of_the_table(study):
    shown = page(study)
    table = {"#{:02x}{:02x}{:02x}".format(*label.color) for label in levels.table()}
    paths = shown.all("path")
    assert len(paths) == len(study.labels.present)
    assert {path["stroke"] for path in paths} <= table
    assert all(re.fullmatch(r"(M-?[\d.]+ -?[\d.]+(L-?[\d.]+ -?[\d.]+)+Z)+", path["d"]) for path in paths)
    assert set(study.discs) <= set(shown.text["text"])


def test_outlines_and_names_can_be_switched_off_without_a_script(study):
    text = report_html(context(study, view(study)))
    shown = Page(text)
    switches = {attrs["id"] for attrs in shown.all("input") if attrs["type"] == "checkbox"}
    assert switches == {attrs["for"] for attrs in shown.all("label")} == {"outlines", "names"}
    assert all(f"#{name}:not(:checked) ~ svg .{name}" in text for name in switches)
    assert shown.all("script") == []


def test_nothing_is_loaded_from_elsewhere(study):
    shown = page(study)
    links = [value for _, attrs in shown.tags for key, value in attrs.items() if key in ("src", "href")]
    assert all(link.startswith("data:") for link in links)
    assert "url(" not in " ".join(shown.text["style"])
    assert any("default-src 'none'" in (attrs.get("content") or "") for attrs in shown.all("meta"))


def test_what_is_uncertain_comes_in_plain_words_and_warnings_first(make):
    flags = {5: ("cut_by_fov",), 6: ("cut_by_fov", "sideways_drift")}
    study = make(flags=flags, warnings=("2 slices are missing",), flags_of_study=("level_ambiguous",))
    shown = page(study).words
    assert "T12/L1, L1/L2" in shown
    assert "cut_by_fov" not in shown
    assert "sideways drift" in shown
    places = [shown.index(part) for part in ("2 slices are missing", "the level name is uncertain", "cut by the edge")]
    assert places == sorted(places)


def test_a_flag_of_the_study_is_not_told_again_for_each_disc(make):
    study = make(flags=dict.fromkeys(range(1, 7), ("level_ambiguous",)), flags_of_study=("level_ambiguous",))
    assert page(study).words.count("the level name is uncertain") == 1


def test_the_contrast_is_told_where_it_is_known(make):
    assert "T2 SPACE" in page(make(provenance={"contrast": {"name": "t2_space"}})).text["dd"]
    assert "Contrast" not in page(make(provenance={"contrast": {"name": None}})).text["dt"]


def test_without_flags_it_says_so(make):
    assert "Nothing was flagged" in page(make()).words


@pytest.mark.parametrize(
    "attack", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7 * 7 }}</title>"]
)
def test_text_from_outside_stays_text(make, attack):
    study = make(
        name=attack,
        warnings=(attack,),
        provenance={
            attack: {"description": attack},
            "series_choice": {
                "chosen": {"series_number": 4, "description": attack, "images": 15, "reasons": [attack]},
                "also_fit": [],
                "refused": [{"series_number": attack, "description": "", "images": 1, "reason": attack}],
            },
        },
    )
    plain, attacked = page(make()), page(study)
    assert {tag for tag, _ in attacked.tags} <= {tag for tag, _ in plain.tags} | {"ul", "li"}
    assert "onerror" not in {key for _, attrs in attacked.tags for key in attrs}
    assert " ".join(attacked.text["h1"]) == attack


def test_the_choice_of_the_series_is_told(make):
    refused = {"series_number": 1, "description": "localizer", "images": 9, "reason": "is a localizer"}
    chosen = {"series_number": 4, "description": "T2 sag", "images": 15, "reasons": ["the only T2 series"]}
    shown = page(make(provenance={"series_choice": {"chosen": chosen, "also_fit": [], "refused": [refused]}})).words
    assert "series 4 (T2 sag), 15 images" in shown
    assert "the only T2 series" in shown
    assert "series 1 (localizer), 9 images: is a localizer" in shown
    assert "nothing had to be chosen" in page(make()).words


def test_provenance_is_shown_with_units_in_words(make):
    sha = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
    shown = page(make(provenance={"weights": {"sha256": sha}, "timings": {"network_s": 1.23456}})).words
    assert sha in shown
    assert "Network (s)" in shown
    assert "1.235" in shown


def test_it_can_be_read_by_ear(study):
    shown = page(study)
    assert shown.all("html")[0]["lang"] == "en"
    (svg,) = shown.all("svg")
    ids = {attrs["id"] for _, attrs in shown.tags if "id" in attrs}
    assert svg["role"] == "img"
    named = [attrs["aria-labelledby"].split() for _, attrs in shown.tags if "aria-labelledby" in attrs]
    assert {name for names in named for name in names} <= ids
    assert shown.all("table")
    assert len(shown.all("caption")) == 1


def test_text_stands_out_from_its_background():
    """Contrast of at least 4.5 : 1 (WCAG 2.1, 1.4.3) for every ink on every paper it is used on."""
    from importlib.resources import files

    css = (files("lumbardisc.report") / "templates" / "report.css").read_text("utf-8")
    color = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", css))

    def luminance(code):
        parts = [int(code[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    for ink, paper in [
        ("ink", "paper"),
        ("quiet", "paper"),
        ("quiet", "wash"),
        ("care", "care-wash"),
        ("care", "paper"),
    ]:
        light, dark = sorted((luminance(color[paper]), luminance(color[ink])), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 4.5, (ink, paper)


@pytest.mark.parametrize("more", [{"discs": 0}, {"shape": (1, 60, 50)}, {"discs": 1}, {"spine": {}, "provenance": {}}])
def test_sparse_studies_have_a_page_too(make, more):
    shown = page(make(**more))
    assert "not a medical device" in shown.words
    assert ("No disc was found" in shown.words) == (more.get("discs") == 0)


def test_a_study_whose_slice_shows_no_disc(make):
    study = make(mid_slice=0)
    assert not np.any(study.labels.sagittal().array[study.working_mid_slice])
    shown = page(study)
    assert shown.all("path") == []
    assert len(shown.all("td")) > 0
