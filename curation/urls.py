"""Addresses of the desk’s own screens, under /desk/curation/."""

from django.urls import path

from curation.views.log import log
from curation.views.people import new_person, people_list, person

app_name = "curation"
urlpatterns = [
    path("people/", people_list, name="people"),
    path("people/invite/", new_person, name="invite"),
    path("people/<int:pk>/", person, name="person"),
    path("log/", log, name="log"),
]
