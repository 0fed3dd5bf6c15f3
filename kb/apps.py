"""The Django app."""

from django.apps import AppConfig

from kb.pages import catalogs

catalogs.gather()  # before ready(): models ask for texts when they are loaded


class KnowledgeBase(AppConfig):
    name = "kb"
