"""One case, and several side by side."""

from collections.abc import Iterator
from itertools import chain

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from cases.filters import readable
from cases.kin import kin
from cases.models import Case, ContextNote, is_code
from cases.silence import not_stated
from sources.citing import number
from sources.doors import published_or_gone
from sources.models import Change
from sources.previews import page_of

MOST_COMPARED = 4
MOST_ASKED = 20
MOST_CHOICES = 40


@require_safe
def case_detail(request: HttpRequest, slug: str) -> HttpResponse:
    return case_page(request, published_or_gone(Case.objects.for_display(), slug=slug))


@page_of(Case)
def case_page(request: HttpRequest, case: Case) -> HttpResponse:
    notes = ContextNote.objects.published().for_display().filter(country=case.country)
    notes = list(notes)
    context = {
        "case": case,
        "notes": notes,
        "references": number(chain(cited(case), cited_by(notes))),
        "not_stated": not_stated(case),
        "kin": kin(case),
        "changes": Change.objects.of(case),
    }
    return render(request, "cases/detail.html", context)


def cited(case: Case) -> Iterator:
    """Every citation of a case, in the order in which its page shows them."""
    yield from case.citations.all()
    for encounter in case.encounters.all():
        yield from encounter.citations.all()
        for response in encounter.responses.all():
            yield from response.citations.all()
    yield from cited_by(case.lessons.all())
    yield from case.aliases.all()


def cited_by(records) -> Iterator:
    """Every citation of several records."""
    for record in records:
        yield from record.citations.all()


@require_safe
def compare(request: HttpRequest) -> HttpResponse:
    asked = list(dict.fromkeys(request.GET.getlist("case")))
    codes = [code for code in asked if is_code(code)][:MOST_ASKED]
    by_code = {
        case.code: case for case in Case.objects.published().for_display().by_key(codes)
    }
    cases = [by_code[code] for code in asked if code in by_code][:MOST_COMPARED]
    context = {
        "cases": cases,
        "references": number(chain.from_iterable(cited(case) for case in cases)),
        "ignored": [readable("case", c) for c in asked if c not in by_code][
            :MOST_ASKED
        ],
        "left_out": max(0, len(by_code) - MOST_COMPARED),
        "choices": Case.objects.published().order_by("code")[:MOST_CHOICES],
    }
    return render(request, "cases/compare.html", context)
