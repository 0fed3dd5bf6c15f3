"""The Django app."""

from django.apps import AppConfig


class KnowledgeBase(AppConfig):
    name = "kb"
