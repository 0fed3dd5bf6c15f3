"""What may be meant by a word that is not written out yet: a plain page, or JSON."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from cases.filters import usable
from cases.guessing import Suggestion, suggestions


@require_safe
@vary_on_headers("Accept")
@cache_control(public=True, max_age=20)
def suggest(request: HttpRequest) -> HttpResponse:
    """Titles and names that begin as asked, each with its address."""
    beginning = request.GET.get("q", "").strip()
    found = suggestions(beginning) if usable(beginning) else []
    if request.GET.get("format") == "json" or wants_json(request):
        return JsonResponse({"suggestions": [*map(as_json, found)]})
    context = {"beginning": beginning, "suggestions": found}
    return render(request, "cases/suggest.html", context)


def wants_json(request: HttpRequest) -> bool:
    """Whether a program asks: a browser that takes anything gets the page."""
    return request.get_preferred_type(["text/html", "application/json"]) == (
        "application/json"
    )


def as_json(suggestion: Suggestion) -> dict[str, str]:
    """A suggestion as a program reads it."""
    address = suggestion.record.get_absolute_url()
    return {
        "name": suggestion.name,
        "title": str(suggestion.record),
        "address": address,
    }
