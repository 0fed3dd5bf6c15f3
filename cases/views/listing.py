"""The list of cases and the matrix: one filter language, two ways to look."""

from dataclasses import replace

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from cases import cards, facets, guessing, panel, search
from cases.cards import Shown
from cases.cells import grid
from cases.filters import MORE, PAGE, SORTS, CaseFilter, readable
from cases.index import View
from cases.selection import Selection
from cases.sentences import sentence
from cases.snippets import Marker

PER_PAGE = 20
ATTEMPTS = 3


@require_safe
def case_list(request: HttpRequest) -> HttpResponse:
    seen = getattr(request, "seen", None)
    for _attempt in range(ATTEMPTS):
        filters = CaseFilter(request.GET, also=(PAGE, MORE), seen=seen)
        asked = filters.one(PAGE) or "1"
        page = Paginator(filters.found, PER_PAGE).get_page(asked)
        shown = cards.shown(page.object_list, filters.seen)
        if len(shown) == len(page.object_list):
            break
        seen = None  # one was taken back since they were counted: count again
    selection, words = filters.selection, filters.vocabulary
    total, more = page.paginator.count, asked_for_more(filters)
    context = {
        "filters": filters,
        "selection": selection,
        "query": selection.query(),
        "groups": panel.groups(filters, more=more),
        "more": more,
        "chips": panel.chips(selection, words),
        "sentence": sentence(selection, total, words),
        "page": page,
        "cards": with_snippets(shown, selection.words),
        "ignored": [
            *filters.ignored,
            *unused(PAGE, asked, str(page.number)),
            *unused(MORE, filters.one(MORE), more),
        ],
        "total": total,
        "sorts": sorts(selection),
        "ways_out": [] if total else panel.ways_out(filters),
        "single_words": [] if total else panel.single_words(selection),
        "guess": "" if total else guess(selection),
        "others": others(selection.words, filters.seen),
    }
    return render(request, "cases/list.html", context)


def asked_for_more(filters: CaseFilter) -> str:
    """The facet of which more values are to be offered; empty if it is none."""
    asked = filters.one(MORE)
    return asked if asked in facets.FACETS else ""


def sorts(selection: Selection) -> dict[str, str]:
    """The orders to choose from: what fits best comes first where words are asked."""
    return SORTS | {"": _("Best match first")} if selection.words else SORTS


def guess(selection: Selection) -> Selection | None:
    """The same with the words that were perhaps meant."""
    meant = guessing.did_you_mean(selection.words) if selection.words else None
    return replace(selection, words=meant) if meant else None


def unused(name: str, asked: str, used: str) -> list[str]:
    """A parameter of the page itself, where it was not what was asked."""
    return [] if asked == used else [readable(name, asked)]


def with_snippets(shown: list[Shown], query: str) -> list[tuple[str, str]]:
    """(code, card) of each case, with the place where the words stand in it."""
    if not query:
        return [(card.code, card.html) for card in shown]
    texts = search.texts_of_cases([card.key for card in shown])
    marker = Marker(query)
    return [
        (card.code, card.with_snippet(marker.snippet(texts.get(card.key, ""))))
        for card in shown
    ]


def others(query: str, seen: View) -> list[tuple]:
    """Other records that the words find, with the place where they stand."""
    found = facets.beside_cases(query, seen) if query else []
    marker = Marker(query)
    return [(record, marker.snippet(entry.text)) for record, entry in found]


@require_safe
def matrix(request: HttpRequest) -> HttpResponse:
    seen = getattr(request, "seen", None)
    filters = CaseFilter(request.GET, also=("axes", MORE), seen=seen)
    more = asked_for_more(filters)
    asked = filters.one("axes") or "form-family"
    axes = facets.AXES.get(asked, facets.AXES["form-family"])
    words = filters.vocabulary
    table = facets.table(filters.selection, axes, words, filters.seen)
    context = {
        "filters": filters,
        "selection": filters.selection,
        "groups": panel.groups(filters, leave_out=axes.pair, more=more, axes=axes.name),
        "more": more,
        "chips": panel.chips(filters.selection, words),
        "axes": axes,
        "ignored": [
            *filters.ignored,
            *unused("axes", asked, axes.name),
            *unused(MORE, filters.one(MORE), more),
        ],
        "all_axes": facets.AXES.values(),
        "set_aside": filters.selection.values(axes.pair) and not table.keeps_pairs,
        "sentence": sentence(table.total.selection, table.total.count, words),
        "shown": table.total.selection,
        "cells": filters.selection.query(axes=axes.name),
        "grid": grid(table, axes, words),
        "total": table.total.count,
    }
    return render(request, "cases/matrix.html", context)
