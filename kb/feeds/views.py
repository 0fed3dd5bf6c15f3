"""Feeds, and the page that says which there are."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from cases import facets
from cases.choices import Scope
from cases.filters import CaseFilter, readable
from cases.models import Case
from cases.sentences import clauses, sentence
from kb.exports.about import SAMPLING, SITE
from kb.exports.choosing import BadFilter, Chosen, chosen
from kb.feeds.atom import Feed, feed, of_case, of_change
from kb.pages.changes import tellable, told
from kb.pages.errors import error_page

MOST = 50  # entries in one feed


@require_safe
def cases(request: HttpRequest) -> HttpResponse:
    """The newest cases that a filter finds."""
    try:
        found = chosen(request.GET)
    except BadFilter as error:
        return refusal(request, error.parts)
    words = facets.vocabulary(found.seen)
    rows = Case.objects.published().among(found.keys).newest_first()[:MOST]
    selection = found.selection.sorted_by("")
    query = Chosen(selection, found.codes, found.seen).query()
    return answer(
        feed(
            title=sentence(selection, len(found), words),
            page=f"{reverse('cases:list')}{selection.query()}",
            address=f"{reverse('feeds:cases')}{query}",
            text=SAMPLING,
            entries=map(of_case, rows),
        )
    )


@require_safe
def changes(request: HttpRequest) -> HttpResponse:
    """What was published, changed and taken away last."""
    if request.GET:
        return refusal(request, [readable(name, "") for name in request.GET])
    page = reverse("pages:changes")
    return answer(
        feed(
            title=f"{_('Changes')} – {SITE}",
            page=page,
            address=reverse("feeds:changes"),
            text=_("What was published, changed or taken away here, newest first."),
            entries=[of_change(change, page) for change in told(tellable()[:MOST])],
        )
    )


def answer(text: str) -> HttpResponse:
    return HttpResponse(text, content_type=Feed.content_type)


def refusal(request: HttpRequest, parts: list[str]) -> HttpResponse:
    """400, naming what cannot be used: a feed that ignored it would mislead."""
    text = _("There is no feed of this: there is no filter or value like {parts}.")
    told = ", ".join(f"“{part}”" for part in parts)
    return error_page(request, 400, text.format(parts=told))


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The feeds of a filter and of each cell of a matrix, the empty ones first."""
    asked = request.GET.get("axes", "form-family")
    axes = facets.AXES.get(asked, facets.AXES["form-family"])
    seen = facets.view().allowed(Scope.EXPORT)
    filters = CaseFilter(request.GET, also=("axes",), seen=seen)
    words, selection = filters.vocabulary, filters.selection.sorted_by("")
    table = facets.table(selection, axes, words, filters.seen)
    cells = [
        (clauses(cell.selection, words), cell.selection.query(), cell.count)
        for cell in table.cells.values()
    ]
    context = {
        "axes": axes,
        "all_axes": facets.AXES.values(),
        "selection": selection,
        "ignored": filters.ignored,
        "sentence": sentence(
            selection, len(facets.found(selection, filters.seen)), words
        ),
        "gaps": [cell for cell in cells if not cell[2]],
        "filled": [cell for cell in cells if cell[2]],
    }
    return render(request, "feeds/home.html", context)
