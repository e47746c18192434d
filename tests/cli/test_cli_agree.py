"""`lumbardisc agree`: its files, its exit codes, and one line for each bad input with nothing written."""

from __future__ import annotations

import csv
import json
import math
import re
from pathlib import Path

import pytest

from lumbardisc.cli.main import run
from lumbardisc.report import agreement
from lumbardisc.report.agreement import COLUMNS, FILES

HEADER = "subject,disc,reader,repeat,measure,value"
GRADES = [
    f"{n},L4/L5,{reader},1,pfirrmann,{1 + (n + (n == k)) % 5}" for n in range(8) for k, reader in enumerate("ABC")
]
SIZES = [f"{n},L4/L5,{reader},1,<b>size</b>,{9 * n + k}.5" for n in range(8) for k, reader in enumerate("AB")]


@pytest.fixture
def ratings(tmp_path: Path) -> Path:
    path = tmp_path / "ratings.csv"
    path.write_text("\n".join([HEADER, *GRADES, *SIZES]), encoding="utf-8")
    return path


def rows(out: Path) -> dict[tuple[str, str, str], dict[str, str]]:
    with (out / "agreement.csv").open(encoding="utf-8", newline="") as file:
        return {(row["measure"], row["statistic"], row["between"]): row for row in csv.DictReader(file)}


def test_table(ratings: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["agree", str(ratings), "-o", str(tmp_path / "out")]) == 0
    found = rows(tmp_path / "out")
    assert tuple(next(iter(found.values()))) == COLUMNS
    row = found["pfirrmann", "cohen_kappa", "A, B"]
    assert float(row["ci_low"]) <= float(row["value"]) <= float(row["ci_high"])
    assert "Landis and Koch 1977" in row["reading"]
    assert found["<b>size</b>", "bias", "A, B"]["value"] == "-1"
    assert "pfirrmann, A and B: Weighted kappa, quadratic 0." in capsys.readouterr().out


def test_page_is_self_contained_and_escaped(ratings: Path, tmp_path: Path) -> None:
    run(["agree", str(ratings), "-o", str(tmp_path / "out"), "-q"])
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "<b>" not in page
    assert "&lt;b&gt;size&lt;/b&gt;" in page
    assert not re.search(r"(src|href)=\"(?!data:)", page)
    assert "<script" not in page


def test_figures_are_drawn_and_replaced(ratings: Path, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    out = tmp_path / "out"
    run(["agree", str(ratings), "-o", str(out), "-q"])
    record = json.loads((out / "agreement.json").read_text(encoding="utf-8"))
    assert {path.name for path in out.iterdir()} == {*FILES, *record["figures"]}
    assert "pfirrmann_pairs.svg" in record["figures"]
    assert "b_size_b_bland_altman_plot_a_b.png" in record["figures"]
    (out / "notes.txt").write_text("mine")
    ratings.write_text("\n".join([HEADER, *GRADES]), encoding="utf-8")
    run(["agree", str(ratings), "-o", str(out), "-q"])
    assert not list(out.glob("b_size*"))
    assert (out / "notes.txt").exists()


def test_figures_of_masks(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    import numpy as np

    from lumbardisc.evaluation.agreement.compare import SideBySide, compare
    from lumbardisc.evaluation.agreement.figures import pictures

    overlaps = {pair: np.array([0.9, 0.8, math.nan]) for pair in ((0, 1), (0, 2), (1, 2))}
    side = SideBySide("disc", "mask", ("A", "B", "C"), np.arange(3), overlaps=overlaps)
    drawn = list(pictures(side, list(compare(side))))
    for picture in drawn:
        picture.draw(tmp_path / f"{picture.name}.svg")
    assert [picture.name for picture in drawn] == ["overlaps", "pairs"]
    assert (tmp_path / "pairs.svg").read_text(encoding="utf-8").count("<!-- 0.85 -->") == 6


def test_without_matplotlib_there_is_all_but_figures(
    ratings: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(agreement, "can_draw", lambda: False)
    assert run(["agree", str(ratings), "-o", str(tmp_path / "out")]) == 0
    assert {path.name for path in (tmp_path / "out").iterdir()} == set(FILES)
    assert (
        'no figures, as matplotlib is not installed here; pip install "lumbardisc[evaluate]"' in capsys.readouterr().out
    )


def test_a_measure_that_cannot_be_compared_is_exit_code_1(
    ratings: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ratings.write_text("\n".join([HEADER, *GRADES, "1,,A,1,depth,3.5", "2,,A,1,depth,4.5"]), encoding="utf-8")
    assert run(["agree", str(ratings), "-o", str(tmp_path / "out"), "-q"]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "depth: one reader (A) read once" in line
    assert (tmp_path / "out" / "report.html").exists()


@pytest.mark.parametrize(
    ("text", "options", "said"),
    [
        (f"{HEADER}\n1,,A,1,x,1\n", (), "one reader (A) read once"),
        ("", (), "is empty"),
        (f"{HEADER}\n", (), "no row below it"),
        ("subject,reader\n1,A\n", (), "has no columns measure, value"),
        (None, (), "ratings.csv"),
        (f"{HEADER}\n1,,A,1,x,1\n", ("--kind", "ordinal"), "'ordinal' is not like pfirrmann=ordinal"),
        (f"{HEADER}\n1,,A,1,x,1\n", ("--kind", "y=ordinal"), "the table has no such measure (it has x)"),
        (f"{HEADER}\n1,,A,1,x,gone.nii.gz\n1,,B,1,x,gone.nii.gz\n", (), "row 2: "),
    ],
)
def test_bad_input_is_one_line_and_nothing_written(
    text: str | None, options: tuple[str, ...], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "ratings.csv"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    assert run(["agree", str(path), "-o", str(tmp_path / "out"), *options]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    (line,) = printed.err.splitlines()
    assert said in line
    assert not (tmp_path / "out").exists()
