"""Which statistics fit which kind of measure: a new statistic is one function and one row in ``STATISTICS``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from lumbardisc.evaluation.agreement import differences, words
from lumbardisc.evaluation.agreement.kappa import (
    Distance,
    different,
    fleiss_kappa,
    kappa,
    kappa_interval,
    observed_agreement,
    squared_steps,
    steps,
)
from lumbardisc.evaluation.bootstrap import Interval
from lumbardisc.evaluation.icc import intraclass_correlation, intraclass_interval

Kind = Literal["nominal", "ordinal", "continuous", "mask"]
"""Categories without an order, grades, measurements, and outlines."""
Table = NDArray[np.float64]
"""(items, readings): every item with every reading, none missing. Categories are numbers that mean nothing else."""


@dataclass(frozen=True)
class Statistic:
    """One row of the tables. name: as in agreement.csv. title: as in the report.

    of: a table -> the value. reading: the value in plain words. pairwise: of every two readings, whose table has two
    columns, or of all at once. closed: the value with an interval that holds for independent items, where known.
    """

    name: str
    title: str
    of: Callable[[Table], float]
    reading: Callable[[Interval, words.Names], str]
    pairwise: bool = False
    closed: Callable[[Table], Interval] | None = None


def _of_two(function: Callable[..., Any], **settings: Any) -> Callable[[Table], Any]:
    """A function of two columns as one of the table."""
    return lambda table: function(table[:, 0], table[:, 1], **settings)


def _kappa(name: str, title: str, distance: Distance) -> Statistic:
    value, interval = _of_two(kappa, distance=distance), _of_two(kappa_interval, distance=distance)
    return Statistic(name, title, value, words.of_kappa, pairwise=True, closed=interval)


def _icc(name: str, title: str, form: str) -> Statistic:
    def value(table: Table) -> float:
        return float(getattr(intraclass_correlation(table), form))

    return Statistic(name, title, value, words.of_icc, closed=lambda table: intraclass_interval(table, form))


def _limit(name: str, title: str, reading: Callable[[Interval, words.Names], str], sign: int) -> Statistic:
    value, interval = _of_two(differences.limit, sign=sign), _of_two(differences.limit_interval, sign=sign)
    return Statistic(name, title, value, reading, pairwise=True, closed=interval)


_CATEGORIES = (
    Statistic("observed_agreement", "Observed agreement", _of_two(observed_agreement), words.of_share, pairwise=True),
    _kappa("cohen_kappa", "Cohen's kappa", different),
    Statistic("fleiss_kappa", "Fleiss' kappa", fleiss_kappa, words.of_kappa),
)
_WEIGHTED = (
    _kappa("weighted_kappa_linear", "Weighted kappa, linear", steps),
    _kappa("weighted_kappa_quadratic", "Weighted kappa, quadratic", squared_steps),
)
_ICC = (
    _icc("icc_1_1", "ICC(1,1): one reading, one-way", "one_way"),
    _icc("icc_2_1", "ICC(2,1): one reading, agreement", "agreement"),
    _icc("icc_3_1", "ICC(3,1): one reading, consistency", "consistency"),
    _icc("icc_1_k", "ICC(1,k): mean reading, one-way", "one_way_average"),
    _icc("icc_2_k", "ICC(2,k): mean reading, agreement", "agreement_average"),
    _icc("icc_3_k", "ICC(3,k): mean reading, consistency", "consistency_average"),
)
_DIFFERENCES = (
    Statistic(
        "bias",
        "Bias",
        _of_two(differences.bias),
        words.of_bias,
        pairwise=True,
        closed=_of_two(differences.bias_interval),
    ),
    Statistic(
        "sd_of_differences", "SD of the differences", _of_two(differences.spread), words.of_spread, pairwise=True
    ),
    _limit("limit_lower", "Lower limit of agreement", words.of_lower_limit, -1),
    _limit("limit_upper", "Upper limit of agreement", words.of_upper_limit, +1),
    Statistic(
        "concordance", "Concordance correlation", _of_two(differences.concordance), words.of_concordance, pairwise=True
    ),
)
_ERROR = (
    Statistic(
        "standard_error_of_measurement",
        "Standard error of measurement",
        differences.standard_error_of_measurement,
        words.of_error,
    ),
    Statistic(
        "smallest_detectable_change",
        "Smallest detectable change",
        differences.smallest_detectable_change,
        words.of_change,
    ),
)
DICE = Statistic("dice", "Dice, mean", lambda overlaps: float(overlaps.mean()), words.of_dice, pairwise=True)
"""Of the overlaps of two readings, (items, 1): masks are compared before, item by item."""

STATISTICS: dict[Kind, tuple[Statistic, ...]] = {
    "nominal": _CATEGORIES,
    "ordinal": (*_CATEGORIES, *_WEIGHTED, *_ICC),
    "continuous": (*_DIFFERENCES, *_ICC, *_ERROR),
    "mask": (DICE,),
}
MAIN: dict[Kind, str] = {
    "nominal": "cohen_kappa",
    "ordinal": "weighted_kappa_quadratic",
    "continuous": "concordance",
    "mask": "dice",
}
"""The one that is shown for every two readings side by side."""
