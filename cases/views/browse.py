"""Pages of what cases are sorted by: countries, forms, strategies, lessons."""

from dataclasses import replace

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from cases import cards, facets
from cases.choices import LessonKind
from cases.models import ContextNote, Country, Lesson, ResistanceForm
from cases.selection import Selection
from cases.sentences import label
from sources.citing import number
from sources.doors import published_or_gone
from sources.models import Change
from sources.previews import page_of
from strategies.models import Strategy, StrategyFamily

EVERYTHING = Selection()
LESSON_HEADINGS = {
    LessonKind.RECOMMENDATION: _("Recommendations"),
    LessonKind.LESSON: _("Lessons"),
    LessonKind.FINDING: _("Findings"),
}
MOST_CASES = 20  # shown on the page of a term; the rest is a link away


@require_safe
def country_list(request: HttpRequest) -> HttpResponse:
    countries = Country.objects.with_cases().for_display()
    return render(request, "cases/countries.html", {"countries": countries})


@require_safe
def country_detail(request: HttpRequest, code: str) -> HttpResponse:
    country = get_object_or_404(Country.objects.for_display(), code=code.upper())
    notes = ContextNote.objects.published().for_display().filter(country=country)
    return country_page(request, country, list(notes))


@page_of(ContextNote)
def note_page(request: HttpRequest, note: ContextNote) -> HttpResponse:
    return country_page(request, note.country, [note])


def country_page(
    request: HttpRequest, country: Country, notes: list[ContextNote]
) -> HttpResponse:
    context = {
        "country": country,
        "notes": notes,
        "references": number(c for note in notes for c in note.citations.all()),
        **cases_with("country", country.code),
    }
    return render(request, "cases/country.html", context)


@require_safe
def form_list(request: HttpRequest) -> HttpResponse:
    context = {
        "forms": ResistanceForm.objects.published(),
        "counts": facets.counts_of("form"),
    }
    return render(request, "cases/forms.html", context)


@require_safe
def form_detail(request: HttpRequest, slug: str) -> HttpResponse:
    found = published_or_gone(ResistanceForm.objects.for_display(), slug=slug)
    return form_page(request, found)


@page_of(ResistanceForm)
def form_page(request: HttpRequest, form: ResistanceForm) -> HttpResponse:
    words = facets.vocabulary()
    answers = facets.shown_pairs(EVERYTHING, "answer")
    context = {
        "form": form,
        "answers": [
            (label("answer", value, words), EVERYTHING.adding("answer", value), n)
            for value, n in sorted(answers.items())
            if value.startswith(f"{form.slug}~")
        ],
        "lessons": form.lessons.published(),
        "changes": Change.objects.of(form),
        "references": number(
            [*form.citations.all(), *form.signs.all(), *form.aliases.all()]
        ),
        **cases_with("form", form.slug),
    }
    return render(request, "cases/form.html", context)


@require_safe
def strategy_list(request: HttpRequest) -> HttpResponse:
    families = StrategyFamily.objects.published().with_strategies()
    families = families.prefetch_related("citations__source")
    context = {
        "families": families,
        "family_counts": facets.counts_of("family"),
        "counts": facets.counts_of("strategy"),
        "references": number(c for family in families for c in family.citations.all()),
    }
    return render(request, "cases/strategies.html", context)


@require_safe
def strategy_detail(request: HttpRequest, slug: str) -> HttpResponse:
    found = published_or_gone(Strategy.objects.for_display(), slug=slug)
    return strategy_page(request, found)


@page_of(Strategy)
def strategy_page(request: HttpRequest, strategy: Strategy) -> HttpResponse:
    context = {
        "strategy": strategy,
        "lessons": strategy.lessons.published(),
        "changes": Change.objects.of(strategy),
        "references": number([*strategy.citations.all(), *strategy.aliases.all()]),
        **cases_with("strategy", strategy.slug),
    }
    return render(request, "cases/strategy.html", context)


@require_safe
def lesson_list(request: HttpRequest) -> HttpResponse:
    return lessons_page(request, list(Lesson.objects.published().for_display()))


@page_of(Lesson)
def lesson_page(request: HttpRequest, lesson: Lesson) -> HttpResponse:
    return lessons_page(request, [lesson])


def lessons_page(request: HttpRequest, lessons: list[Lesson]) -> HttpResponse:
    context = {
        "kinds": [
            (kind.value, LESSON_HEADINGS[kind], [x for x in lessons if x.kind == kind])
            for kind in LESSON_HEADINGS
        ],
        "references": number(c for lesson in lessons for c in lesson.citations.all()),
    }
    return render(request, "cases/lessons.html", context)


def cases_with(facet: str, value: str) -> dict:
    """The first cases that have a value, how many there are, and the link to all."""
    selection = EVERYTHING.adding(facet, value)
    found = facets.found(replace(selection, sort="code"))
    return {
        "cards": cards.shown(found[:MOST_CASES], found.view),
        "total": len(found),
        "selection": selection,
    }
