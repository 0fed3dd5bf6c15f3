"""Addresses of citations: cite.bib, cite.ris, cite.json; cite.svg is to be scanned."""

from django.urls import path

from kb.citing import views

app_name = "citing"
urlpatterns = [
    path("cases/cite.<slug:ending>", views.case_list, name="list"),
    path("cases/<slug:slug>/cite.<slug:ending>", views.case, name="case"),
    path("matrix/cite.<slug:ending>", views.matrix, name="matrix"),
    path("forms/<slug:slug>/cite.<slug:ending>", views.form, name="form"),
    path("strategies/<slug:slug>/cite.<slug:ending>", views.strategy, name="strategy"),
    path("lessons/<slug:slug>/cite.<slug:ending>", views.lesson, name="lesson"),
    path("sources/<slug:slug>/cite.<slug:ending>", views.source, name="source"),
]
