"""The words of the scales are those of their sources, at their sources' limits."""

from __future__ import annotations

import pytest

from lumbardisc.evaluation.agreement.scales import KOO_LI, LANDIS_KOCH, MCBRIDE, MCHUGH, ZIJDENBOS, Scale
from lumbardisc.evaluation.bootstrap import Interval

NAN = float("nan")


@pytest.mark.parametrize(
    ("scale", "values", "words"),
    [
        (
            LANDIS_KOCH,
            (-0.1, 0, 0.2, 0.21, 0.4, 0.41, 0.6, 0.61, 0.8, 0.81, 1),
            "poor slight slight fair fair moderate moderate substantial substantial almost-perfect almost-perfect",
        ),
        (
            MCHUGH,
            (0.2, 0.21, 0.39, 0.4, 0.59, 0.6, 0.79, 0.8, 0.9, 0.91),
            "none minimal minimal weak weak moderate moderate strong strong almost-perfect",
        ),
        (KOO_LI, (-2, 0.49, 0.5, 0.74, 0.76, 0.89, 0.91), "poor poor moderate moderate good good excellent"),
        (MCBRIDE, (0.89, 0.91, 0.96, 0.995), "poor moderate substantial almost-perfect"),
    ],
)
def test_words(scale: Scale, values: tuple[float, ...], words: str) -> None:
    assert [scale.word(value).replace(" ", "-") for value in values] == words.split()


def test_dice() -> None:
    assert ZIJDENBOS.word(0.71).startswith("good")
    assert not ZIJDENBOS.word(0.69).startswith("good")


def test_an_interval_is_told_from_end_to_end() -> None:
    assert KOO_LI.words(Interval(0.8, 0.6, 0.95)) == "moderate to excellent"
    assert KOO_LI.words(Interval(0.8, 0.76, 0.85)) == "good"
    assert KOO_LI.words(Interval(0.8, NAN, NAN)) == "good"
