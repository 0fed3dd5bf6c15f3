"""Addresses of the desk’s own screens, under /desk/curation/."""

from django.urls import path

from curation.views import records

app_name = "curation"
urlpatterns = [
    path("merge/<slug:kind>/<int:pk>/", records.merge, name="merge"),
]
