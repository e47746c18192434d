"""Counts and lists as the notes tell them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

MOST = 6


def some(names: Sequence[str]) -> str:
    """``3, 7 and 12``; of a long list the first ``MOST`` and how many more."""
    shown = [*names[:MOST], f"{len(names) - MOST} more"] if len(names) > MOST + 1 else list(names)
    return " and ".join(filter(None, (", ".join(shown[:-1]), shown[-1]))) if shown else "none"


def counted(count: int, thing: str) -> str:
    """``1 patient``, ``2 patients``."""
    return f"{count} {thing}{'' if count == 1 else 's'}"


def in_order(names: Iterable[str]) -> list[str]:
    """Each name once, numbers by their value and before words."""
    return sorted(set(names), key=lambda name: (not name.isdecimal(), int(name) if name.isdecimal() else 0, name))
