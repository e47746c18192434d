"""A page that keeps measured sections between marks, so that one can be measured again without the others."""

from __future__ import annotations

from pathlib import Path


def keep(page: Path, name: str, text: str) -> None:
    """Put ``text`` between ``<!-- NAME -->`` and ``<!-- end of NAME -->``, at the end of the page where it has none."""
    start, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
    old = page.read_text(encoding="utf-8") if page.exists() else ""
    head, _, rest = old.partition(start)
    _, _, tail = rest.partition(end)
    parts = (head.strip(), start, text, end, tail.strip())
    page.write_text("\n\n".join(filter(None, parts)) + "\n", encoding="utf-8")
