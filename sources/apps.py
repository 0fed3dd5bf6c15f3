"""The Django app."""

from django.apps import AppConfig


class Sources(AppConfig):
    name = "sources"
