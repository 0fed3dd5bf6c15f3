"""The Django app."""

from django.apps import AppConfig


class Strategies(AppConfig):
    name = "strategies"
