"""Citations as files, and the code that leads to what is cited."""

import io
from collections.abc import Callable

import segno
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from cases import facets
from cases.filters import CaseFilter, readable
from cases.sentences import sentence
from kb.citing.edition import edition
from kb.citing.entries import Entry, entry_of, entry_of_list
from kb.pages.errors import error_page
from sources.doors import published_or_gone
from sources.formats import FORMATS
from sources.querysets import RecordQuerySet

SCAN = "svg"


@require_safe
def record(
    request: HttpRequest, slug: str, ending: str, shown: Callable[[], RecordQuerySet]
) -> HttpResponse:
    """A record as a file; shown gives its kind, with what its page may tell."""
    found = published_or_gone(shown(), slug=slug)
    return file_of(request, entry_of(found, edition()), ending)


@require_safe
def case_list(request: HttpRequest, ending: str) -> HttpResponse:
    filters = CaseFilter(request.GET)
    if filters.ignored:
        return refusal(request, filters.ignored)
    words = sentence(filters.selection, len(filters.found), filters.vocabulary)
    entry = entry_of_list(filters, words)
    return file_of(request, entry, ending)


@require_safe
def matrix(request: HttpRequest, ending: str) -> HttpResponse:
    filters = CaseFilter(request.GET, also=("axes",))
    asked = request.GET.get("axes", "form-family")
    ignored = filters.ignored + (
        [] if asked in facets.AXES else [readable("axes", asked)]
    )
    if ignored:
        return refusal(request, ignored)
    axes, vocabulary = facets.AXES[asked], filters.vocabulary
    total = facets.table(filters.selection, axes, vocabulary, filters.seen).total
    words = sentence(total.selection, total.count, vocabulary)
    entry = entry_of_list(filters, words, axes)
    return file_of(request, entry, ending)


def file_of(request: HttpRequest, entry: Entry, ending: str) -> HttpResponse:
    """The file of a citation that the ending of its address asks for."""
    if ending == SCAN:
        return code_of(request, entry)
    if ending not in FORMATS:
        raise Http404
    form = FORMATS[ending]
    response = HttpResponse(
        form.text(entry.work), content_type=f"{form.content_type}; charset=utf-8"
    )
    name = content_disposition_header(True, f"{entry.work.key}.{ending}")
    response["Content-Disposition"] = name
    return response


def code_of(request: HttpRequest, entry: Entry) -> HttpResponse:
    """The code to scan that leads to the page: dark on light, whatever is around it."""
    if not entry.scan:
        text = _("The link is too long for a code that can be scanned. Use the link.")
        return error_page(request, 400, text)
    drawn = io.BytesIO()
    code = segno.make(entry.link, error="m", micro=False)
    code.save(drawn, kind="svg", xmldecl=False, nl=False, omitsize=True, light="#fff")
    return HttpResponse(drawn.getvalue(), content_type="image/svg+xml")


def refusal(request: HttpRequest, ignored: list[str]) -> HttpResponse:
    """A file says exactly what was asked, or says what in it cannot be understood."""
    text = _("Nothing is known here by: {parts}.").format(parts=", ".join(ignored))
    return error_page(request, 400, text)
