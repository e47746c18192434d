"""The demo, whole: phantom, reader, network, naming, measures and report as a user gets them."""

from __future__ import annotations

from pathlib import Path

import pytest

from lumbardisc.cli.main import run
from lumbardisc.report import USUAL


def test_the_demo_writes_the_contract_and_says_where(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "Ergebnis mit Leerzeichen"
    assert run(["demo", "-o", str(out)]) == 0
    assert {path.name for path in out.iterdir()} == {*USUAL, "study"}
    printed = capsys.readouterr()
    assert printed.out.splitlines()[-1] == f"  report: {out / 'report.html'}"
    assert printed.err == ""
