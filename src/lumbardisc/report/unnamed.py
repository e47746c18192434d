"""A study without the words that name its patient, which people type into descriptions of series."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from lumbardisc.pipeline.study import Study


def unnamed(study: Study) -> Study:
    """The same study; in the choice of series and the warnings a word of the patient's name, or the ID, is ``***``.

    The name of the study stays, which is that of its folder or file.
    """
    if study.origin is None:
        return study
    hide, provenance = study.origin.patient.hidden_in, dict(study.provenance)
    if "series_choice" in provenance:
        provenance["series_choice"] = _in_each(provenance["series_choice"], hide)
    return replace(study, provenance=provenance, warnings=tuple(map(hide, study.warnings)))


def _in_each(value: Any, hide: Callable[[str], str]) -> Any:
    """Every text in values of JSON changed, keys kept."""
    if isinstance(value, str):
        return hide(value)
    if isinstance(value, Mapping):
        return {key: _in_each(one, hide) for key, one in value.items()}
    return [_in_each(one, hide) for one in value] if isinstance(value, list | tuple) else value
