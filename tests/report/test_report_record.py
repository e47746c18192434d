"""result.json as a strict parser reads it."""

from __future__ import annotations

import json

import numpy as np
import pytest

import lumbardisc
from lumbardisc.report.record import result_json


def strict(text):
    def refuse(constant):
        raise ValueError(f"{constant} is not JSON")

    return json.loads(text, parse_constant=refuse)


def test_holds_discs_spine_and_provenance(study):
    told = strict(result_json(study))
    assert [disc["level"] for disc in told["discs"]] == list(study.discs)
    assert told["discs"][4]["flags"] == ["cut_by_fov"]
    assert told["discs"][0]["volume_mm3"] == 12345.678 - 700
    assert told["discs"][0]["volume_complete"] is True
    assert told["spine"] == {"lordosis_l1_s1_deg": 47.25}
    assert told["warnings"] == ["2 slices are missing between 3 and 4"]
    assert told["provenance"]["timings"] == {"network_s": 1.23456}
    assert told["version"] == lumbardisc.__version__
    assert "not a medical device" in told["notice"]
    assert told["image"]["shape"] == [60, 72, 7]


def test_undefined_is_null_at_any_depth(make):
    told = strict(
        result_json(make(spine={"lordosis_l1_s1_deg": float("nan")}, provenance={"a": [{"b": float("inf")}, None]}))
    )
    assert told["discs"][2]["height_posterior_mm"] is None
    assert told["spine"]["lordosis_l1_s1_deg"] is None
    assert told["provenance"] == {"a": [{"b": None}, None]}


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (np.float32(0.5), 0.5),
        (np.int64(3), 3),
        (np.bool_(True), True),
        (np.array([1.0, np.nan]), [1.0, None]),
        ((1, 2), [1, 2]),
    ],
)
def test_numpy_values_become_plain_ones(make, value, plain):
    told = strict(result_json(make(provenance={"value": value})))["provenance"]["value"]
    assert told == plain
    assert type(told) is type(plain)


def test_names_of_any_script_survive(make):
    assert strict(result_json(make(name="Wirbelsäule 腰椎 «x»")))["name"] == "Wirbelsäule 腰椎 «x»"
