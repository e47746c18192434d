"""From scores to probabilities: fits against known answers, fusion by hand, and what is written down."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

from sklearn.linear_model import LogisticRegression

from lumbardisc.inference.grading import THRESHOLDS, raw_probabilities
from lumbardisc.training.grade_calibration import Readings, calibrate, probabilities, summary, surprise, write_folds
from lumbardisc.training.grades import FINDINGS, DiscGrade, GradedData, GradedImage

pytestmark = pytest.mark.train
HEADS = THRESHOLDS + len(FINDINGS)
TRUE_SLOPE, TRUE_SHIFT = 0.5, np.array([0.4, 0.2, -0.2, -0.6])


def drawn(count: int, contrast: str = "t2", first_patient: int = 0) -> Readings:
    """Discs whose grades are drawn from probabilities that are known: overconfident scores, halved and shifted."""
    rng = np.random.default_rng(first_patient)
    latent = rng.normal(0, 4, count)
    scores = np.column_stack([latent + offset for offset in (3.0, 1.0, -1.0, -3.0)])
    shares = raw_probabilities(TRUE_SLOPE * scores + TRUE_SHIFT)
    grades = (rng.random(count)[:, None] > np.cumsum(shares, axis=1)).sum(axis=1) + 1
    findings = np.full((count, len(FINDINGS)), np.nan)
    others = rng.normal(0, 1, (count, len(FINDINGS)))
    findings[:, 0] = rng.random(count) < 1 / (1 + np.exp(-(3.0 * others[:, 0] - 1.0)))
    findings[:, 1] = rng.random(count) < 0.5
    patients = np.array([str(first_patient + place // 5) for place in range(count)])
    return Readings(
        patients,
        np.full(count, contrast),
        np.arange(count) % 5 + 1,
        np.clip(grades, 1, 5),
        findings,
        np.hstack([scores, others]),
        np.arange(count) // 5 % 3,
    )


@pytest.fixture(scope="module")
def readings() -> Readings:
    return drawn(3000)


@pytest.fixture(scope="module")
def card(readings: Readings) -> dict[str, object]:
    return calibrate(readings)[0]


def test_each_grade_is_given_as_often_as_the_reader_gave_it(readings: Readings, card: dict) -> None:
    taken = probabilities(readings, card["calibration"]["t2"]).argmax(axis=1) + 1
    counts = [np.bincount(grades, minlength=6)[1:] for grades in (taken, readings.grade)]
    assert counts[0] == pytest.approx(counts[1], abs=15)


def test_calibration_loses_no_likelihood(readings: Readings, card: dict) -> None:
    """Against the probabilities that the grades were drawn from, which nothing beats by more than chance."""
    best = surprise(raw_probabilities(TRUE_SLOPE * readings.scores[:, :THRESHOLDS] + TRUE_SHIFT), readings.grade)
    ours = surprise(probabilities(readings, card["calibration"]["t2"]), readings.grade)
    raw = surprise(raw_probabilities(readings.scores[:, :THRESHOLDS]), readings.grade)
    assert best - 0.02 < ours < best + 0.06
    assert ours < raw - 0.05


def test_calibrated_probabilities_mean_what_they_say(readings: Readings, card: dict) -> None:
    told = summary(readings, card)["t2"]
    assert told["discs"] == 3000
    assert told["calibration_error"] < 0.04
    raw = raw_probabilities(readings.scores[:, :THRESHOLDS]).max(axis=1).mean()
    assert raw > told["accuracy"] + 0.1, "the raw scores claim too much"


def test_findings_are_fitted_as_by_logistic_regression(readings: Readings, card: dict) -> None:
    scores, truth = readings.scores[:, [THRESHOLDS]], readings.findings[:, 0]
    oracle = LogisticRegression(C=np.inf).fit(scores, truth)
    slope, shift = card["calibration"]["t2"]["findings"][FINDINGS[0]]
    assert slope == pytest.approx(oracle.coef_[0, 0], rel=0.01)
    assert shift == pytest.approx(oracle.intercept_[0], abs=0.02)


def test_only_findings_that_beat_chance_ship(card: dict) -> None:
    assert card["findings"] == [FINDINGS[0]], "the second is a coin, nobody told of the others"


def test_a_quarter_is_flagged(readings: Readings, card: dict) -> None:
    sure = probabilities(readings, card["calibration"]["t2"]).max(axis=1) >= card["certain_from"]
    assert sure.mean() == pytest.approx(0.75, abs=0.01)


def test_contrasts_nobody_gave_get_what_is_known(card: dict) -> None:
    assert card["calibration"]["t1"] == card["calibration"]["t2"]


def test_t1_and_t2_are_fused_disc_by_disc() -> None:
    """T1 readings that are pure noise get the smallest weight there is."""
    t2 = drawn(300)
    rng = np.random.default_rng(1)
    noise = Readings(**{**vars(t2), "contrast": np.full(300, "t1"), "scores": rng.normal(0, 4, t2.scores.shape)})
    both = Readings(**{name: np.concatenate([column, getattr(noise, name)]) for name, column in vars(t2).items()})
    card, all_readings = calibrate(both)
    fused = all_readings.only(all_readings.group == "t1+t2")
    assert card["t1_weight"] == 0.1
    assert len(fused.grade) == 300
    place = [(p, d) for p, d in zip(fused.patient, fused.disc, strict=True)].index(("7", 3))
    row = 7 * 5 + 2
    assert fused.scores[place] == pytest.approx((t2.scores[row] + 0.1 * noise.scores[row]) / 1.1)


def test_folds_tell_lost_discs_too(readings: Readings, card: dict, tmp_path: Path) -> None:
    one = readings.only(np.arange(2))
    grades = {"0": {1: DiscGrade(3, {"modic": 1}), 2: DiscGrade(4, {}), 3: DiscGrade(5, {})}}
    images = (GradedImage("0", "0_t2", Path("0.png"), "t2"),)
    write_folds(tmp_path / "folds.csv", one, card, [GradedData("drawn", images, grades)])
    with (tmp_path / "folds.csv").open() as file:
        rows = {int(row["disc"]): row for row in csv.DictReader(file)}
    assert {disc: row["found"] for disc, row in rows.items()} == {1: "1", 2: "1", 3: "0"}
    assert sum(float(rows[1][f"p{grade}"]) for grade in range(1, 6)) == pytest.approx(1.0, abs=1e-3)
    assert (rows[3]["truth"], rows[3]["p1"], rows[3]["contrast"]) == ("5", "", "t2")
