"""The Django app."""

from django.apps import AppConfig


class Curation(AppConfig):
    name = "curation"
