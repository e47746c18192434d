"""A structured report as dcmtk reads it (``dsr2xml``), which shares no code with what wrote it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from xml.etree import ElementTree

from real_tools import told, tool


@cache
def content(path: Path) -> ElementTree.Element:
    """The root container."""
    text = told(tool("dsr2xml"), path)  # warnings stand beside it
    begin, end = "<report", "</report>"
    found = ElementTree.fromstring(text[text.index(begin) : text.index(end) + len(end)]).find(
        "document/content/container"
    )
    assert found is not None
    return found


def concept(item: ElementTree.Element) -> str:
    """The code of an item's name."""
    return item.findtext("concept/value", "")


def inside(item: ElementTree.Element, name: str) -> list[ElementTree.Element]:
    """The children of this name, by its code."""
    return [child for child in item if concept(child) == name]


def groups(root: ElementTree.Element) -> dict[str, ElementTree.Element]:
    """Measurement groups by tracking identifier."""
    (measurements,) = inside(root, "126010")
    return {inside(group, "112039")[0].findtext("value", ""): group for group in inside(measurements, "125007")}


def numbers(group: ElementTree.Element) -> Iterator[tuple[str, float, str]]:
    """Concept, with its derivation if it has one, value and unit of each measurement."""
    for item in group.findall("num"):
        derived = [found.findtext("value", "") for found in inside(item, "121401")]
        name = " ".join([concept(item), *derived])
        yield name, float(item.findtext("value", "")), item.findtext("unit/value", "")


def answers(group: ElementTree.Element) -> dict[str, str]:
    """Code of the question -> code of the answer."""
    return {concept(item): item.findtext("value", "") for item in group.findall("code")}


def texts(item: ElementTree.Element) -> list[str]:
    """The comments in a container."""
    return [comment.findtext("value", "") for comment in inside(item, "121106")]
