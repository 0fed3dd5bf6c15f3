"""Addresses of the desk’s own screens, under /desk/curation/."""

from django.urls import path

from curation.views import imports

app_name = "curation"
urlpatterns = [
    path("import/", imports.import_cases, name="import"),
    path("import/template/", imports.download_template, name="import-template"),
    path("export/", imports.export, name="export"),
]
