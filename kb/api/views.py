"""The answers: a page of a table, one record, the facets, and what describes them."""

import json
import re
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from cases import facets
from cases.filters import readable
from cases.models import Case
from cases.sentences import sentence
from kb.api import asking
from kb.api.asking import CURSOR, FIELDS, INCLUDE, KEY, Asked, asked, refuse
from kb.api.counting import counted
from kb.api.describing import description, filters
from kb.api.gathering import includable
from kb.api.problems import Problem
from kb.api.reading import Reader
from kb.citing.entries import base_of
from kb.exports.about import LICENCE, LICENCE_ADDRESS, SAMPLING, absolute, page
from kb.exports.choosing import CASE
from kb.exports.columns import Table
from kb.exports.tables import TABLES
from sources.doors import Gone, Moved, why_not
from sources.models import Record

JSON = "application/json"
EXAMPLES = (
    "cases?form=repression&fields=code,title,country",
    "responses?answer=repression~engagement",
    "cases?q=surveillance&include=encounters,responses,citations",
    "cases/C001?include=encounters",
    "facets?form=repression&form=backlash&form_match=all",
)
NO_TABLE = _("There is no table of this name. There are: {names}.")
NO_RECORD = _("There is no record of this name in the table.")


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What there is, for people."""
    context = {
        "tables": [
            {"table": table, "includable": includable(table)}
            for table in TABLES.values()
        ],
        "filters": filters(facets.vocabulary()),
        "examples": [f"{asking.HOME}{example}" for example in EXAMPLES],
        "usual": asking.USUAL_ROWS,
        "most": asking.MOST_ROWS,
    }
    return render(request, "api/home.html", context)


@require_safe
def openapi(request: HttpRequest) -> HttpResponse:
    """What there is, for programs."""
    refuse_all_but(request, ())
    words = facets.vocabulary(asked(request.GET).seen)
    return answer(description(words))


@require_safe
def table_page(request: HttpRequest, name: str) -> HttpResponse:
    """Some rows of a table, and the way to the next ones."""
    table = table_or_404(name)
    found = asked(request.GET)
    most = asking.limit(request.GET)
    some = reader(table, found, request).page(request.GET, most)
    following = None
    if some.cursor:
        pairs = [(n, v) for n, vs in request.GET.lists() for v in vs if n != CURSOR]
        query = urlencode([*pairs, (CURSOR, some.cursor)], safe="~")
        following = absolute(f"{reverse('api:table', args=[name])}?{query}")
    response = answer({"about": about(found), "rows": some.rows, "next": following})
    if following:
        response["Link"] = f'<{following}>; rel="next"'
    return response


@require_safe
def record(request: HttpRequest, name: str, key: str) -> HttpResponse:
    """One row of a table."""
    table = table_or_404(name)
    refuse_all_but(request, asking.OF_RECORDS)
    names = key.split("/")
    is_key = all(re.fullmatch(KEY, name, re.ASCII) for name in names)
    if not is_key or len(names) != len(table.key):
        raise Problem(404, NO_RECORD)
    found = asked(type(request.GET)())
    if row := reader(table, found, request).one(names):
        return answer(row)
    return missing(table, names)


@require_safe
def counts(request: HttpRequest) -> HttpResponse:
    """Each value of each facet, with how many cases it would find."""
    if CASE in request.GET:
        refuse([CASE])
    found = asked(request.GET, also=())
    words = facets.vocabulary(found.seen)
    return answer({"about": about(found)} | counted(found.selection, words, found.seen))


def answer(body: dict, kind: str = JSON) -> HttpResponse:
    text = json.dumps(body, ensure_ascii=False, default=str, separators=(",", ":"))
    return HttpResponse(text, content_type=kind)


def about(found: Asked) -> dict:
    """What an answer states of itself, besides its rows."""
    words, edition = facets.vocabulary(found.seen), base_of(found.seen).edition
    return {
        "contents": sentence(found.selection, len(found), words),
        "address": absolute(page(found)),
        "cases": len(found),
        "all_cases": len(found.seen.seen),
        "version": edition.name,
        "date": edition.day and edition.day.isoformat(),
        "sampling": str(SAMPLING),
        "licence": f"{LICENCE}, {LICENCE_ADDRESS}",
        "how_to_cite": absolute(reverse("exports:home")),
    }


def reader(table: Table, found: Asked, request: HttpRequest) -> Reader:
    """What reads the columns and tables that are asked for."""
    fields = asking.names(request.GET, FIELDS, table.names)
    include = asking.names(request.GET, INCLUDE, includable(table))
    return Reader(table, found, tuple(fields), tuple(include))


def table_or_404(name: str) -> Table:
    if name not in TABLES:
        raise Problem(404, str(NO_TABLE).format(names=", ".join(TABLES)))
    return TABLES[name]


def refuse_all_but(request: HttpRequest, known: tuple[str, ...]) -> None:
    """400 where there are other parameters than these."""
    if bad := [readable(name, "") for name in request.GET if name not in known]:
        refuse(bad)


def missing(table: Table, key: list[str]) -> HttpResponse:
    """Why there is no such row: it was merged, withdrawn, or never was."""
    (part,) = table.parts
    model = part.model if part.case is None else Case
    if not issubclass(model, Record):
        raise Problem(404, NO_RECORD)
    reason = why_not(model, **{"code" if model is Case else "slug": key[0]})
    if isinstance(reason, Moved):
        there = "/".join([reason.record.key, *key[1:]])
        address = absolute(reverse("api:record", args=[table.name, there]))
        response = answer({"moved_to": address})
        response.status_code, response["Location"] = 301, address
        return response
    if isinstance(reason, Gone):
        raise reason
    raise Problem(404, NO_RECORD)
