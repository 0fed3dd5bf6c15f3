"""Addresses for programs."""

from django.urls import path

from kb.api import views

app_name = "api"
urlpatterns = [
    path("", views.home, name="home"),
    path("openapi.json", views.openapi, name="openapi"),
    path("facets", views.counts, name="facets"),
    path("<slug:name>", views.table_page, name="table"),
    path("<slug:name>/<path:key>", views.record, name="record"),
]
