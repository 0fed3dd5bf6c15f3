"""Hand-outs: cases or a strategy on paper, with sources and nothing to click."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from cases.models import Case
from kb.citing.entries import permanent
from kb.handouts import paper
from kb.handouts.asked import PAPERS, Asked, how_many
from kb.handouts.codes import qr
from kb.pages.errors import error_page
from sources.models import Record

MOST_CHOICES = 40


@require_safe
def handout(request: HttpRequest) -> HttpResponse:
    """The page to print, or, where nothing was asked for, what to choose from."""
    asked = Asked(request.GET)
    context = {
        **contents(asked),
        "ignored": asked.unused(),
        "too_many": how_many(asked),
        "has_pdf": paper.is_possible(),
        "papers": [(name, asked.query(paper=name), PAPERS[name]) for name in PAPERS],
        "choices": Case.objects.published().order_by("code")[:MOST_CHOICES]
        if asked.is_empty
        else [],
    }
    return render(request, "handouts/handout.html", context)


@require_safe
def handout_pdf(request: HttpRequest) -> HttpResponse:
    """The same as a PDF; a link that cannot be used whole is refused."""
    asked = Asked(request.GET)
    if wrong := asked.unused():
        text = _("A file is made of a link only if all of it is known. This is not:")
        return error_page(request, 400, f"{text} {', '.join(wrong)}")
    if asked.is_empty:
        text = _("Say what to print: ?case=C001, or ?strategy= and its name.")
        return error_page(request, 400, text)
    if not paper.is_possible():
        text = _("No PDF is made here. Open the hand-out, and print it to a file.")
        return error_page(request, 404, text)
    html = render_to_string("handouts/paper.html", contents(asked))
    size = f"@page {{ size: {asked.paper} }}"
    try:
        data = paper.pdf(html, "css/handout.css", size)
    except paper.Busy:
        return error_page(request, 503)
    return pdf_file(data, "handout")


def pdf_file(data: bytes, name: str) -> HttpResponse:
    """A PDF that the browser shows; its name tells nothing of what is in it."""
    response = HttpResponse(data, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    return response


def contents(asked: Asked) -> dict:
    """What a hand-out shows, on the screen and on paper."""
    records = [told.case for told in asked.cases]
    if asked.used:
        records.append(asked.used.strategy)
    return {
        "asked": asked,
        "title": asked.title,
        "cases": asked.cases,
        "used": asked.used,
        "references": asked.references,
        "codes": [code(record) for record in records],
    }


def code(record: Record) -> dict:
    """The lasting address of a record, as text and as a QR code."""
    address = permanent(record.get_absolute_url())
    return {
        "record": record,
        "address": address,
        "drawing": qr(address, _("QR code of %(address)s") % {"address": address}),
    }
