"""The few lines for the terminal."""

from __future__ import annotations

from dataclasses import replace

from known_grades import grading

from lumbardisc import report
from lumbardisc.pipeline.study import Discs


def test_says_what_was_found_and_what_is_doubtful(study):
    lines = report.summary(study).splitlines()
    assert lines[0] == "Beispiel-Rücken_01: 6 discs, T12/L1 to L5/S1"
    assert " ".join(lines[1].split()) == "naming height mm height index area mm2 volume mm3 signal/CSF"
    assert lines[2].split() == ["T12/L1", "0.800", "7.48", "0.346", "350.6", "8145.7", "0.412"]
    assert "  note: 2 slices are missing between 3 and 4" in lines
    assert lines[-1].startswith("  L1/L2: cut by the edge of the images")


def test_columns_line_up(study):
    table = report.summary(study).splitlines()[1:8]
    assert len({len(line) for line in table}) == 1


def test_undefined_values_are_a_dash(make):
    study = make(discs=1)
    study.discs["L5/S1"].values["height_mm"] = float("nan")
    assert report.summary(study).splitlines()[2].split()[:3] == ["L5/S1", "0.950", "-"]


def test_one_disc_and_none(make):
    assert report.summary(make(discs=1)).splitlines()[0] == "Beispiel-Rücken_01: 1 disc, L5/S1"
    assert report.summary(make(discs=0)) == "Beispiel-Rücken_01: no disc found"
    assert "the level name is uncertain" in report.summary(make(flags_of_study=("level_ambiguous",)))


def test_a_flag_of_every_disc_is_told_of_all(make):
    lines = report.summary(make(discs=3, flags=dict.fromkeys((1, 2, 3), ("cut_by_fov",)))).splitlines()
    assert [line.split(":")[0].strip() for line in lines[5:]] == ["all discs"]
    lines = report.summary(make(discs=1, flags={1: ("cut_by_fov",)})).splitlines()
    assert lines[-1].startswith("  L5/S1: cut by")


def test_a_grade_is_told_in_characters_that_every_terminal_knows(make):
    study = make(discs=1)
    disc = study.discs["L5/S1"]
    disc.values["pfirrmann"] = 4
    study = replace(study, discs=Discs((replace(disc, grading=grading()),)))
    table = report.summary(study).splitlines()[1:3]
    assert "IV, 90 %" in table[1]
    assert all(character.isprintable() for line in table for character in line)
