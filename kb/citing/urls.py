"""Addresses of citations: cite.bib, cite.ris, cite.json; cite.svg is to be scanned."""

from django.urls import path

from cases.models import Case, Lesson, ResistanceForm
from kb.citing import views
from sources.models import Source
from strategies.models import Strategy

RECORDS = {
    "case": ("cases", Case.objects.for_display),
    "form": ("forms", ResistanceForm.objects.for_display),
    "strategy": ("strategies", Strategy.objects.for_display),
    "lesson": ("lessons", Lesson.objects.for_display),
    "source": ("sources", Source.objects.all),
}

app_name = "citing"
urlpatterns = [
    path("cases/cite.<slug:ending>", views.case_list, name="list"),
    path("matrix/cite.<slug:ending>", views.matrix, name="matrix"),
    *(
        path(
            f"{place}/<slug:slug>/cite.<slug:ending>",
            views.record,
            {"shown": shown},
            name=name,
        )
        for name, (place, shown) in RECORDS.items()
    ),
]
