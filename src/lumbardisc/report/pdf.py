"""report.pdf: the page's content on A4."""

from __future__ import annotations

import io
from html import escape

from lumbardisc.pipeline.study import Study
from lumbardisc.report.identity import Identity
from lumbardisc.report.overlay import overlay_png
from lumbardisc.report.page import context
from lumbardisc.report.view import View


def report_pdf(study: Study, view: View, identity: Identity | None = None) -> bytes:
    """The report of a study as PDF; the same study gives the same bytes."""
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.styles import getSampleStyleSheet
    from reportlab.lib.units import mm
    from reportlab.platypus import Image, Paragraph, SimpleDocTemplate

    words, style = context(study, view, identity), getSampleStyleSheet()["BodyText"]
    out = io.BytesIO()
    picture = Image(io.BytesIO(overlay_png(view)), 90 * mm, 90 * mm * view.height / view.width)
    lines = [words["notice"], study.name, *(f"{who} {sentence}" for who, sentence in words["concerns"])]
    lines += [identity.name] if identity else []
    document = SimpleDocTemplate(out, pagesize=A4, invariant=1, title=study.name, author="lumbardisc")
    document.build([*(Paragraph(escape(line), style) for line in lines), picture])
    return out.getvalue()
