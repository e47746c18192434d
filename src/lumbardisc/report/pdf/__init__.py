"""report.pdf: the page's content on A4, drawn by ReportLab, which needs no library of the system."""

from __future__ import annotations

from lumbardisc.pipeline.study import Study
from lumbardisc.report.identity import Identity
from lumbardisc.report.view import View


def report_pdf(study: Study, view: View, identity: Identity | None = None) -> bytes:
    """The report of a study as PDF: the words and numbers of the page, in its order. The same study gives the same
    bytes."""
    from lumbardisc.report.page import context
    from lumbardisc.report.pdf.document import document

    return document(context(study, view, identity), view)
