"""Closed lists the code depends on."""

from django.db import models
from django.utils.translation import gettext_lazy as _

NOT_STATED = "not-stated"


class Basis(models.TextChoices):
    """How a coded fact is known."""

    STATED = "stated", _("Stated in the source")
    READING = "reading", _("Curator’s reading")
    NOT_STATED = NOT_STATED, _("Not stated")


class CitationBasis(models.TextChoices):
    """How a source carries a statement: it always carries it somehow."""

    STATED = "stated", _("Stated in the source")
    READING = "reading", _("Curator’s reading")


class SourceKind(models.TextChoices):
    BRIEF = "brief", _("Summary brief")
    PAPER = "paper", _("Practice paper")
    EVALUATION = "evaluation", _("External evaluation")
    STUDY = "study", _("Study")
    GUIDANCE = "guidance", _("Guidance")
    PRESS = "press", _("Press")
    STATEMENT = "statement", _("Public statement")
    ORGANISATION = "organisation", _("An organisation’s own account")
    PAGE = "page", _("Web page")


class Seen(models.TextChoices):
    """How much of a source was read before it was cited."""

    WHOLE = "whole", _("Read in full")
    PART = "part", _("Read in part")
    ABSTRACT = "abstract", _("Only the abstract or contents page was read")
    NOT_OPENED = "not-opened", _("Known from another source, not opened")


class ChangeKind(models.TextChoices):
    """What can happen to a public record."""

    PUBLISHED = "published", _("Published")
    CHANGED = "changed", _("Changed")
    MERGED = "merged", _("Merged")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    HIDDEN = "hidden", _("Taken back for review")
