"""Addresses of the desk’s own screens, under /desk/curation/."""

from django.urls import path

from curation.views import imports, records, review, safety
from curation.views.log import log
from curation.views.people import new_person, people_list, person

app_name = "curation"
urlpatterns = [
    path("review/", review.queue, name="queue"),
    path("review/<slug:kind>/<int:pk>/", review.review, name="review"),
    path("review/<slug:kind>/<int:pk>/page/", review.public_page, name="public-page"),
    path("review/<slug:kind>/<int:pk>/submit/", review.submit, name="submit"),
    path("review/<slug:kind>/<int:pk>/say/", review.say, name="say"),
    path("review/<slug:kind>/<int:pk>/explain/", review.explain, name="explain"),
    path("review/<slug:kind>/<int:pk>/release/", review.release, name="release"),
    path("review/<slug:kind>/<int:pk>/call-off/", review.unschedule, name="unschedule"),
    path("withdraw/<slug:kind>/<int:pk>/", safety.withdraw, name="withdraw"),
    path("safety/<int:pk>/", safety.safety, name="safety"),
    path("safety/<int:pk>/consent/", safety.consent, name="consent"),
    path("safety/<int:pk>/risk/", safety.risk, name="risk"),
    path("merge/<slug:kind>/<int:pk>/", records.merge, name="merge"),
    path("import/", imports.import_cases, name="import"),
    path("import/template/", imports.download_template, name="import-template"),
    path("export/", imports.export, name="export"),
    path("people/", people_list, name="people"),
    path("people/invite/", new_person, name="invite"),
    path("people/<int:pk>/", person, name="person"),
    path("log/", log, name="log"),
]
