"""Addresses of feeds."""

from django.urls import path

from kb.feeds import views

app_name = "feeds"
urlpatterns = [
    path("", views.home, name="home"),
    path("cases.atom", views.cases, name="cases"),
    path("changes.atom", views.changes, name="changes"),
]
