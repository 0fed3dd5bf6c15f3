"""The Django app."""

from django.apps import AppConfig


class Cases(AppConfig):
    name = "cases"
