"""Codes of the structures against the dictionary of context groups that pydicom brings."""

from __future__ import annotations

import pytest
from pydicom.sr.codedict import codes

from lumbardisc import levels
from lumbardisc.report.codes import Code, anatomy


def known(group: int) -> set[tuple[str, str, str]]:
    """(value, scheme, meaning) of every concept of a DICOM context group."""
    members = getattr(codes, f"cid{group}")
    return {(code.value, code.scheme_designator, code.meaning) for code in members.concepts.values()}


def triple(code: Code) -> tuple[str, str, str]:
    return code.value, code.scheme, code.meaning


@pytest.mark.parametrize("label", levels.table(), ids=lambda label: label.name)
def test_each_code_is_in_the_context_group_it_comes_from(label):
    structure = anatomy(label.index)
    groups = {levels.SACRUM: 4, levels.CANAL: 6115}
    group = groups.get(label.index, 7604 if levels.is_disc(label.index) else 7603)
    assert triple(structure.type) in known(group)
    assert triple(structure.category) in known(7150)
    assert triple(structure.region) in known(4)


def test_the_type_tells_the_level():
    assert anatomy(1).type.meaning == "L5/S1 disc"
    assert anatomy(levels.body_label("T12")).type.meaning == "T12 vertebra"
    types = [anatomy(label.index).type.value for label in levels.table()]
    assert len(set(types)) == len(types)


def test_regions_follow_the_level():
    meant = {"L5/S1": "Lumbo-sacral spine", "L3/L4": "Lumbar spine", "T12/L1": "Thoraco-lumbar spine"}
    assert {name: anatomy(levels.disc_label(name)).region.meaning for name in meant} == meant
    assert anatomy(levels.body_label("T9")).region.meaning == "Thoracic spine"


@pytest.mark.parametrize("label", [0, -1, 18, 99, 118, 201])
def test_other_numbers_have_no_code(label):
    with pytest.raises(IndexError):
        anatomy(label)
