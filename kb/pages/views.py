"""Home, about and safety."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from cases import facets
from cases.choices import LessonKind
from cases.models import Lesson, ResistanceForm
from kb.pages.worldmap import places
from sources.models import Source
from strategies.models import StrategyFamily


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    countries = facets.countries_with_cases()
    recommendations = Lesson.objects.published().of_kind(LessonKind.RECOMMENDATION)
    context = {
        "total": facets.total(),
        "countries": countries,
        "places": places(countries),
        "forms": ResistanceForm.objects.published(),
        "form_counts": facets.counts_of("form"),
        "families": StrategyFamily.objects.published(),
        "family_counts": facets.counts_of("family"),
        "recommendations": recommendations,
    }
    return render(request, "pages/home.html", context)


@require_safe
def about(request: HttpRequest) -> HttpResponse:
    context = {
        "total": facets.total(),
        "telling": facets.counts_of("telling"),
        "sources": Source.objects.published().count(),
    }
    return render(request, "pages/about.html", context)


@require_safe
def safety(request: HttpRequest) -> HttpResponse:
    return render(request, "pages/safety.html", {})
