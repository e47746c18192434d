"""report.pdf: the page's content on A4, drawn by ReportLab, which needs no library of the system."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lumbardisc.report.view import View


def report_pdf(values: Mapping[str, Any], view: View) -> bytes:
    """The report of a study as PDF: the words and numbers of the page, in its order. The same study gives the same
    bytes. values: what ``report.page.context`` says of it."""
    from lumbardisc.report.pdf.document import document

    return document(values, view)
