"""The Django app: it owns the tables in which versions of the dataset are kept."""

from django.apps import AppConfig


class Exports(AppConfig):
    name = "kb.exports"
