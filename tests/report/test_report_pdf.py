"""report.pdf as other programs read it: the words of the page, every letter, on A4."""

from __future__ import annotations

import re
import sys
from dataclasses import replace

import pytest
from real_tools import told, tool
from test_report_changes import changed_study
from test_report_page import Page

from lumbardisc.errors import UsageError
from lumbardisc.report.identity import Identity
from lumbardisc.report.page import context, report_html
from lumbardisc.report.pdf import report_pdf
from lumbardisc.report.pdf.fonts import letters
from lumbardisc.report.view import view
from lumbardisc.report.words import NOTICE, NOTICE_SHORT

WHO = Identity(
    "Doe, Jane", "ZZ-4711", "1970-01-31", "female", "2024-05-06", "ACC-0815", "LWS", "Klinikum", "Weiß, Jörg"
)


@pytest.fixture
def reading(tmp_path):
    """Text of a PDF, page by page, as poppler reads it."""
    program = tool("pdftotext")

    def read(pdf: bytes) -> list[str]:
        (tmp_path / "report.pdf").write_bytes(pdf)
        return told(program, "-layout", tmp_path / "report.pdf", "-").split("\f")[:-1]

    return read


def words(text):
    return re.findall(r"\S+", text.replace("\N{NO-BREAK SPACE}", " "))


def made(study, who=None):
    return report_pdf(context(study, view(study), who), view(study))


def test_every_word_of_the_page_is_in_the_pdf(reading, make):
    study = changed_study(make(flags={5: ("cut_by_fov",)}, warnings=("2 slices are missing",)))
    shown = Page(report_html(context(study, view(study), WHO)))
    only_on_the_page = ("style", "title", "label", "desc", "caption", "span", "text")
    page = [word for tag, text in shown.pieces if tag not in only_on_the_page for word in words(text)]
    pdf = set(words(" ".join(reading(made(study, WHO)))))
    missing = {word for word in page if word.strip("():,;*") and not {word, f"{word}:", f"({word})"} & pdf}
    assert missing <= {"Nothing"}, missing


def test_sections_come_in_the_order_of_the_page(reading, make):
    study = changed_study(make())
    heads = [text for text in Page(report_html(context(study, view(study)))).text["h2"] if text != "At a glance"]
    text = " ".join(words(" ".join(reading(made(study)))))
    places = [text.index(head) for head in heads]
    assert places == sorted(places)
    assert text.index(" ".join(NOTICE.split())) < places[0]


@pytest.mark.parametrize(
    "name",
    [
        "Łukasz Świątek-Żółć",
        "Šárka Čeňková, Őry Ferenc, Ştefan Țîrlea",
        "Ørjan Þór Æðelø, Nguyễn Thị Hạnh",
        "Иванова, Ольга",
        "Παπαδόπουλος, Γιώργος",
        "Yamada, Tarou (山田 太郎)",
        "Hong, Gildong (洪 吉洞) 홍 길동",
        "王 小东",
        "O'Brien & Söhne <b>Müller</b>",
        "Zoe\u0308",
    ],
)
def test_every_letter_of_a_name_comes_out(reading, study, name):
    first, *_ = reading(made(study, Identity(name=name)))
    shown = name.replace("e\u0308", "ë")
    assert all(word in words(first) for word in words(shown))


def test_a_letter_that_no_font_has_is_seen_to_be_missing(reading, study):
    first, *_ = reading(made(study, Identity(name="Doe ދިވެހި Jane")))
    assert re.search(r"Doe \N{REPLACEMENT CHARACTER}+ Jane", first)


def test_each_page_names_study_patient_notice_and_its_number(reading, study):
    pages = reading(made(study, WHO))
    assert len(pages) > 1
    for number, text in enumerate(pages, start=1):
        assert f"{study.name} · Patient Doe, Jane · ID ZZ-4711 · Born 1970-01-31 · Study of 2024-05-06" in text
        assert NOTICE_SHORT in text
        assert f"page {number} of {len(pages)}" in text


def test_a_long_name_leaves_room_for_the_patient(reading, make):
    first, *_ = reading(made(make(name="n" * 250), WHO))
    head = first.split("For research use")[0]
    assert "n…" in head
    assert "Patient Doe, Jane" in head
    assert head.count("\n") <= 5


def test_without_identity_there_is_none(reading, study):
    text = " ".join(reading(made(study)))
    assert "Patient" not in text
    assert "Born" not in text


def test_the_same_study_gives_the_same_bytes(study):
    assert made(study, WHO) == made(study, WHO)
    assert made(study, WHO) != made(study)


def test_without_its_letters_the_pdf_says_what_to_install(study, monkeypatch):
    letters.cache_clear()
    monkeypatch.setitem(sys.modules, "font_roboto", None)
    with pytest.raises(UsageError, match="pip install font-roboto"):
        made(study)


def test_a4_with_title_and_author(tmp_path, study):
    (tmp_path / "report.pdf").write_bytes(made(study))
    facts = told(tool("pdfinfo"), tmp_path / "report.pdf")
    assert re.search(r"Title: +Beispiel-Rücken_01\n", facts)
    assert re.search(r"Author: +lumbardisc ", facts)
    assert "(A4)" in facts


def test_it_stays_small(study):
    assert len(made(study)) < 1_000_000


@pytest.mark.parametrize("more", [{"discs": 0}, {"shape": (1, 60, 50)}, {"discs": 1}, {"spine": {}, "provenance": {}}])
def test_sparse_studies_have_a_pdf_too(reading, make, more):
    text = " ".join(reading(made(make(**more))))
    assert ("No disc was found" in text) == (more.get("discs") == 0)


def test_long_and_strange_texts_do_not_break_it(reading, make):
    study = make(
        name="<para>" + "x" * 300,
        warnings=("&amp; <b>", "word " * 400),
        provenance={"a": {"b": {"c": ["y" * 500, {"d": True}]}}, "<i>": "\x00\x07"},
    )
    pages = reading(made(replace(study, flags=("level_ambiguous",))))
    assert "<para>xxx" in pages[0].replace("\n", "")
    assert "&amp; <b>" in " ".join(pages)
