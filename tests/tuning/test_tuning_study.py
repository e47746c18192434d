"""A tuning study of a toy recipe: every run once, the leaderboard, what is compared, and lines for bad input."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import BaseModel, ConfigDict

from lumbardisc import jobs, tuning
from lumbardisc.errors import InputError, UsageError
from lumbardisc.tuning import recipes
from lumbardisc.tuning.analysis import analyse


class ToyVersion(BaseModel):
    """How good a version is, how its seeds scatter; what it says instead."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    size: float = 1.0
    quality: float = 0.8
    fails: bool = False
    diverges: bool = False


class ToyConfig(BaseModel):
    subjects: int = 4
    version: ToyVersion = ToyVersion()


ROUNDS = {"round1": {"small": ToyVersion(size=0.5), "large": ToyVersion(quality=0.9)}}
DONE: list[tuple[ToyVersion, int]] = []
"""What was trained."""


def train(config: ToyConfig, version: ToyVersion, seed: int, out: Path) -> dict[str, Any]:
    DONE.append((version, seed))
    if version.fails:
        raise InputError("no luck")
    rng = np.random.default_rng([seed, int(1000 * version.quality)])
    (out / "last.pt").touch()
    rows = [
        {
            "subject": str(number),
            "grade": None,
            "dice": None if version.diverges else version.quality + 0.02 * number + float(rng.normal(0, 0.004)),
        }
        for number in range(config.subjects)
    ]
    discs = [
        {"level": level, "dice": 0.1 * k + 0.01 * n} for k, level in enumerate(("L4/L5", "L5/S1")) for n in range(9)
    ]
    return {"subjects": rows, "discs": discs}


def read(path: Path) -> ToyConfig:
    return ToyConfig(subjects=int(path.read_text()))


TOY = recipes.Tunable(read, lambda config: config.version, ROUNDS, lambda _config: [], train)


@pytest.fixture(autouse=True)
def toy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(recipes.TUNABLE, "toy", lambda: TOY)
    DONE.clear()


def config(folder: Path, *lines: str, subjects: int = 4) -> Path:
    (folder / "toy.toml").write_text(str(subjects))
    path = folder / "tune.toml"
    path.write_text("\n".join(['recipe = "toy"', 'config = "toy.toml"', 'out = "out"', *lines]), encoding="utf-8")
    return path


def study(folder: Path, *lines: str, subjects: int = 4) -> tuning.Study:
    return tuning.tune(config(folder, *lines, subjects=subjects), jobs.engine_for())


def board(folder: Path) -> list[dict[str, str]]:
    with (folder / "out" / "leaderboard.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


ROUND = ('round = "round1"', "seeds = [0, 1, 2]")


def test_every_run_once_and_the_best_first(tmp_path: Path) -> None:
    study(tmp_path, *ROUND)
    assert len(DONE) == 6
    rows = board(tmp_path)
    assert list(rows[0])[:3] == ["version", "run", "dice"]
    assert [row["version"] for row in rows] == ["large"] * 3 + ["small"] * 3
    assert [float(row["dice"]) for row in rows] == sorted((float(row["dice"]) for row in rows), reverse=True)
    study(tmp_path, *ROUND)
    assert len(DONE) == 6


def test_more_seeds_add_runs_and_a_changed_version_is_run_again(tmp_path: Path) -> None:
    study(tmp_path, *ROUND)
    DONE.clear()
    study(tmp_path, 'round = "round1"', "seeds = [0, 1, 2, 7]")
    assert {seed for _, seed in DONE} == {7}
    DONE.clear()
    study(tmp_path, *ROUND, "[versions.small]", 'like = "small"', "quality = 0.85")
    assert [(version.size, version.quality) for version, _ in DONE] == [(0.5, 0.85)] * 3


def test_the_leaderboard_grows_while_the_study_runs(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []

    def tell(_outcome: jobs.Outcome, so_far: tuning.Study, total: int) -> None:
        seen.append((len(board(tmp_path)), total))
        assert len(so_far.runs) == len(seen)

    tuning.tune(config(tmp_path, *ROUND), jobs.engine_for(), tell)
    assert seen == [(number, 6) for number in range(1, 7)]


def test_a_run_that_fails_costs_no_other_and_is_tried_again(tmp_path: Path) -> None:
    lines = (*ROUND, "[versions.bad]", "fails = true")
    found = study(tmp_path, *lines)
    assert len(found.runs) == 6
    assert found.failed == tuple(f"bad_seed_{seed}: no luck" for seed in range(3))
    DONE.clear()
    study(tmp_path, *lines)
    assert all(version.fails for version, _ in DONE)
    assert len(DONE) == 3


def test_versions_and_factors_are_told_apart(tmp_path: Path) -> None:
    (one,) = analyse(study(tmp_path, *ROUND, 'factors = ["size"]')).comparisons
    assert [(own.version, own.runs, own.letters) for own in one.versions] == [("large", 3, "a"), ("small", 3, "b")]
    assert one.versions[0].mean == pytest.approx(0.93, abs=0.01)
    assert one.versions[0].between_subjects == pytest.approx(np.std([0, 0.02, 0.04, 0.06], ddof=1), abs=0.005)
    assert one.model.effect.p < 1e-6
    assert one.factors["size"].p == pytest.approx(one.model.effect.p)


def test_groups_of_discs_of_the_best_run(tmp_path: Path) -> None:
    (one,) = analyse(study(tmp_path, *ROUND)).groups
    assert (one.by, one.run.partition(",")[0]) == ("level", "large")
    assert one.letters == {"L5/S1": "a", "L4/L5": "b"}


@pytest.mark.parametrize(
    ("lines", "subjects", "note"),
    [
        (
            ("seeds = [0, 1]", "[versions.one]", "quality = 0.5"),
            4,
            "versions are not compared, as only one has a score",
        ),
        (('round = "round1"', "seeds = [3]"), 4, "one seed: how much runs of a version differ by chance is not known"),
        (ROUND, 1, "versions are not compared, as there is one subject"),
        (("seeds = [3]", "[versions.x]", "[versions.y]"), 4, "all scores of a version and subject are the same"),
        ((*ROUND, "[versions.lost]", "diverges = true"), 4, "lost, run 1 (seed 0) has no score"),
        (("seeds = [0]", "[versions.lost]", "diverges = true"), 4, "nothing is compared, as no run has a score"),
        ((*ROUND, 'factors = ["fails"]'), 4, "the effect of fails cannot be told"),
    ],
)
def test_what_cannot_be_compared_is_said(lines: Sequence[str], subjects: int, note: str, tmp_path: Path) -> None:
    found = analyse(study(tmp_path, *lines, subjects=subjects))
    assert any(note in one for one in found.notes)


def test_a_run_without_a_score_is_last_and_empty(tmp_path: Path) -> None:
    study(tmp_path, *ROUND, "[versions.lost]", "diverges = true")
    assert [(row["version"], row["dice"]) for row in board(tmp_path)[-3:]] == [("lost", "")] * 3


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ((), "names no version; set round (round1) or versions.NAME"),
        (('round = "round3"',), "round: round3 is unknown; known are round1"),
        (("seeds = []", 'round = "round1"'), "seeds: "),
        (("seeds = [1, 1]", 'round = "round1"'), "seeds: one stands there twice"),
        (("[versions.x]", 'like = "medium"'), "versions.x.like: medium is unknown; known are small, large"),
        (("[versions.x]", "quality = 'good'"), "versions.x.quality: Input should be a valid number"),
        (("[versions.x]", "colour = 1"), "versions.x.colour: Extra inputs are not permitted"),
        (('[versions."a/b"]',), "versions.a/b"),
        (('round = "round1"', 'factors = ["colour"]'), "factors: colour is no setting of a version"),
        (("rounds = 1",), "rounds: Extra inputs are not permitted"),
    ],
)
def test_bad_settings_are_one_line_and_nothing_is_run(lines: Sequence[str], said: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        study(tmp_path, *lines)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "out").exists()


def test_an_unknown_recipe(tmp_path: Path) -> None:
    path = config(tmp_path, *ROUND)
    path.write_text(path.read_text().replace('"toy"', '"other"'))
    with pytest.raises(UsageError, match="recipe: other cannot be tuned; known are markhali2024, toy"):
        tuning.tune(path, jobs.engine_for())


@pytest.mark.train
def test_markhali_has_both_rounds() -> None:
    found = recipes.TUNABLE["markhali2024"]()
    assert [len(versions) for versions in found.rounds.values()] == [10, 4]
    assert len(found.published) == 14


def test_command_writes_everything(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from lumbardisc.cli.main import run

    assert run(["tune", str(config(tmp_path, *ROUND))]) == 0
    out = tmp_path / "out"
    record = json.loads((out / "analysis.json").read_text(encoding="utf-8"))
    assert [one["version"] for one in record["comparisons"][0]["versions"]] == ["large", "small"]
    figures = {
        f"{stem}.{kind}" for stem in ("dice_versions", "dice_leaderboard", "dice_by_level") for kind in ("png", "svg")
    }
    assert {one.name for one in out.iterdir()} == {"leaderboard.csv", "analysis.json", "report.html", "runs", *figures}
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "best version large" in page
    printed = capsys.readouterr().out
    assert "(0 s; 6 of 6 runs)" in printed
    assert "Dice: best version large, mean 0.9" in printed
    assert run(["tune", str(config(tmp_path, *ROUND)), "-q"]) == 0
    assert capsys.readouterr().out == ""


def test_command_exit_codes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from lumbardisc.cli.main import run

    assert run(["tune", str(config(tmp_path, *ROUND, "[versions.bad]", "fails = true")), "-q"]) == 1
    assert capsys.readouterr().err.splitlines()[0] == "lumbardisc: bad_seed_0: no luck"
    assert run(["tune", str(config(tmp_path, "seeds = [0]", "[versions.bad]", "fails = true")), "-q"]) == 2
    assert run(["tune", str(config(tmp_path, "seeds = [0]", "[versions.lost]", "diverges = true")), "-q"]) == 0
    capsys.readouterr()
    assert run(["tune", str(tmp_path / "none.toml")]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "none.toml: cannot be read" in line
