"""Closed lists the code depends on. Open vocabularies are models (see Term)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from sources.choices import NOT_STATED


class Mode(models.TextChoices):
    PASSIVE = "passive", _("Passive")
    ACTIVE = "active", _("Active")


class Actor(models.TextChoices):
    """Who resists."""

    GOVERNMENT = "government", _("Government body")
    COMMUNITY = "community", _("Community members")
    RELIGIOUS = "religious", _("Religious actors")
    MEDIA = "media", _("Media")
    POLITICAL = "political", _("Political movement")
    FAMILY = "family", _("Family")
    STAFF = "institution-staff", _("An institution’s staff")
    NOT_STATED = NOT_STATED, _("Not stated")


class Setting(models.TextChoices):
    HOUSEHOLD = "household", _("Household")
    COMMUNITY = "community", _("Community")
    INSTITUTION = "institution", _("Institution")
    STATE = "state", _("State")
    MEDIA = "media-online", _("Media and online")
    NOT_STATED = NOT_STATED, _("Not stated")


class Effect(models.TextChoices):
    """What a response did, as the source tells it."""

    REDUCED = "reduced", _("Harm or impact reduced")
    MIXED = "mixed", _("Mixed")
    SETBACK = "setback", _("Setback")
    NOT_STATED = NOT_STATED, _("Not stated")


class Visibility(models.TextChoices):
    """How much a response could be seen from outside."""

    QUIET = "quiet", _("Quiet")
    LIMITED = "limited", _("Limited")
    PUBLIC = "public", _("Public")
    NOT_STATED = NOT_STATED, _("Not stated")


class Telling(models.TextChoices):
    """How much the source tells of a case."""

    DESCRIBED = "described", _("Described")
    NAMED_ONLY = "named-only", _("Named only")


class Evidence(models.TextChoices):
    PRACTICE = "practice-account", _("Practice account")
    EVALUATION = "external-evaluation", _("External evaluation")
    STUDY = "study", _("Study")
    PRESS = "press", _("Press")
    NOT_STATED = NOT_STATED, _("Not stated")


class LessonKind(models.TextChoices):
    FINDING = "finding", _("Finding")
    LESSON = "lesson", _("Lesson")
    RECOMMENDATION = "recommendation", _("Recommendation")


class NoteKind(models.TextChoices):
    SETTING = "setting", _("Law and politics")
    HOSTILITY = "hostility", _("Hostility on public record")
    PROJECT = "project", _("A project on public record")


class OrganisationKind(models.TextChoices):
    CIVIL_SOCIETY = "civil-society", _("Civil society organisation")
