"""Addresses of cases and of what cases are sorted by."""

from django.urls import path

from cases.views import browse, case, listing, suggesting

app_name = "cases"
urlpatterns = [
    path("cases/", listing.case_list, name="list"),
    path("cases/<slug:slug>/", case.case_detail, name="detail"),
    path("matrix/", listing.matrix, name="matrix"),
    path("suggest/", suggesting.suggest, name="suggest"),
    path("compare/", case.compare, name="compare"),
    path("countries/", browse.country_list, name="countries"),
    path("countries/<slug:code>/", browse.country_detail, name="country"),
    path("forms/", browse.form_list, name="forms"),
    path("forms/<slug:slug>/", browse.form_detail, name="form"),
    path("lessons/", browse.lesson_list, name="lessons"),
]
strategy_urlpatterns = [
    path("", browse.strategy_list, name="list"),
    path("<slug:slug>/", browse.strategy_detail, name="detail"),
]
