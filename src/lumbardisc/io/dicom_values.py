"""Values of DICOM attributes as text and numbers, whatever a scanner or an anonymiser wrote into them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from lumbardisc.io.acquisition import NAN
from lumbardisc.io.lines import printable
from lumbardisc.io.quiet import quiet

if TYPE_CHECKING:
    from pydicom import Dataset

LONGEST_TEXT = 128  # characters; descriptions, codes and UIDs of the standard end at 64
_NUMBER = re.compile(r"([-+]?)(\d*)([.,]?)(\d*)(e[-+]?\d+)? ?(?:mm|ms|msec|deg|t)?", re.I)


@contextmanager
def quietly() -> Iterator[None]:
    """Context in which pydicom neither checks the form of values nor warns of it: headers of real scanners stray."""
    from pydicom import config

    with config.disable_value_validation(), quiet():
        yield


def layers_of(dataset: Dataset, index: int) -> list[Dataset]:
    """Where an attribute of a frame may stand, nearest first: its own functional groups, the shared ones, the root."""
    groups = [
        *_items(dataset, "PerFrameFunctionalGroupsSequence")[index : index + 1],
        *_items(dataset, "SharedFunctionalGroupsSequence"),
    ]
    return [item for group in groups for macro in group if macro.VR == "SQ" for item in macro.value] + [dataset]


def frames_described(dataset: Dataset) -> int:
    """How many frames of an enhanced object have a description of their own."""
    return len(_items(dataset, "PerFrameFunctionalGroupsSequence"))


def text_of(layers: Sequence[Dataset], *keywords: str) -> str:
    """The first value there is of these attributes as one line; empty where there is none."""
    value = _value(layers, *keywords)
    return "" if value is None else printable(value)[:LONGEST_TEXT]


def codes_of(layers: Sequence[Dataset], *keywords: str) -> tuple[str, ...]:
    """The same value by value, upper case."""
    value = _value(layers, *keywords)
    return tuple(printable(code).upper()[:LONGEST_TEXT] for code in _listed(value)) if value is not None else ()


def numbers_of(layers: Sequence[Dataset], count: int, *keywords: str) -> tuple[float, ...] | None:
    """``count`` finite numbers, None where the attribute does not have them."""
    values = _listed(_value(layers, *keywords))[:count]
    numbers = tuple(map(_number, values))
    return numbers if len(numbers) == count and np.isfinite(numbers).all() else None


def number_of(layers: Sequence[Dataset], *keywords: str) -> float:
    """One number, NaN where there is none."""
    numbers = numbers_of(layers, 1, *keywords)
    return numbers[0] if numbers else NAN


def whole_of(layers: Sequence[Dataset], *keywords: str) -> int:
    """One number without its decimals, 0 where there is none."""
    numbers = numbers_of(layers, 1, *keywords)
    return int(numbers[0]) if numbers else 0


def _value(layers: Sequence[Dataset], *keywords: str) -> Any:
    """The first value there is of these attributes, None if there is none."""
    values = (_get(layer, keyword) for keyword in keywords for layer in layers)
    return next((value for value in values if not _is_empty(value)), None)


def _is_empty(value: Any) -> bool:
    return value is None or (hasattr(value, "__len__") and len(value) == 0)


def _get(layer: Dataset, keyword: str) -> Any:
    """The value as pydicom reads it; where its form is none of its type's, the text that is there; else None."""
    try:
        value = layer.get(keyword)
    except Exception:  # pydicom raises many types for values that are not what their type says
        value = layer.get_item(keyword).value
    if not isinstance(value, bytes):
        return value
    texts = value.decode("latin-1").rstrip(" \0").split("\\")
    return texts[0] if len(texts) == 1 else texts


def _items(dataset: Dataset, keyword: str) -> list[Dataset]:
    """The items of a sequence; none where it is no sequence, whatever its name says."""
    from pydicom import Sequence

    value = _get(dataset, keyword)
    return list(value) if isinstance(value, Sequence) else []


def _listed(value: Any) -> list[Any]:
    """A value as a list: of itself where it is one, of its values where it is several."""
    if value is None:
        return []
    return [value] if isinstance(value, str) or not hasattr(value, "__iter__") else list(value)


def _number(value: Any) -> float:
    """A value as a number, NaN where it is none. Units of ours behind it and a decimal comma are understood.

    A comma before three digits may part thousands; it is taken for a decimal one behind a nought only.
    """
    found = _NUMBER.fullmatch(printable(value)) if isinstance(value, str) else None
    try:
        if found is None:
            return float(value)
        sign, whole, point, decimals, exponent = found.groups("")
        thousands = point == "," and len(decimals) == 3 and whole.strip("0")
        return NAN if thousands else float(f"{sign}{whole}{point and '.'}{decimals}{exponent}")
    except (TypeError, ValueError, OverflowError):
        return NAN
