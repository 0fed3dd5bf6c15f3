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


class Origin(models.TextChoices):
    """How a case came here."""

    PUBLISHED = "published-source", _("Wholly from a published source")
    SUBMITTED = "submitted", _("Submitted by those it happened to")
    INTERVIEW = "interview", _("Told in an interview")


class PlacePrecision(models.TextChoices):
    """How closely a case may say where it happened."""

    COUNTRY = "country", _("Country")
    REGION = "region", _("Region only")
    NONE = "none", _("No place")


class TimePrecision(models.TextChoices):
    """How closely a case may say when it happened."""

    DECADE = "decade", _("Decade")
    YEAR = "year", _("Year")
    QUARTER = "quarter", _("Quarter of a year")


class Naming(models.TextChoices):
    """How a case may speak of the organisation."""

    NAMED = "named", _("By its name, where a source gives one")
    PSEUDONYM = "pseudonym", _("By another name")
    TYPE = "type-only", _("By its kind only")


class Scope(models.TextChoices):
    """What somebody consented to."""

    TEXT = "text", _("publish the text")
    ORGANISATION = "organisation", _("name the organisation")
    COUNTRY = "country", _("name the country")
    TRANSLATE = "translate", _("translate it")
    QUOTE = "quote", _("quote it word for word")
    EXPORT = "export", _("give it away as open data")
    PACKAGE = "package", _("put it into offline packages")
    RESEARCH = "research", _("use it again in research")
    LEARNING = "learning", _("train machines with it")


class Decision(models.TextChoices):
    """What a risk assessment allows."""

    PUBLISH = "publish", _("Publish")
    REDACTED = "redacted", _("Publish redacted")
    DELAY = "delay", _("Publish later")
    AGGREGATE = "aggregate", _("Count it in aggregates only")
    REFUSE = "refuse", _("Do not publish")
