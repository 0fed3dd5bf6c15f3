"""Addresses of the offline edition."""

from django.urls import path

from kb.offline import views

app_name = "offline"
urlpatterns = [
    path("offline/", views.take_along, name="page"),
    path("offline/<str:name>", views.file, name="file"),
]
