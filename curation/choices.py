"""Closed lists the code depends on."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Opinion(models.TextChoices):
    """What a reviewer says of a draft."""

    APPROVE = "approve", _("Approve")
    CHANGE = "change", _("Ask for changes")


class Action(models.TextChoices):
    """What the log knows of."""

    SUBMITTED = "submitted", _("sent a draft to review")
    APPROVED = "approved", _("approved a draft")
    ASKED = "asked", _("asked for changes")
    EXPLAINED = "explained", _("explained a finding")
    RELEASED = "released", _("released")
    SCHEDULED = "scheduled", _("scheduled a release")
    UNSCHEDULED = "unscheduled", _("took back a scheduled release")
    WITHDREW = "withdrew", _("withdrew")
    HID = "hid", _("took back for review")
    MERGED = "merged", _("merged")
    CONSENT = "consent", _("recorded a consent")
    RISK = "risk", _("assessed a risk")
    IMPORTED = "imported", _("imported drafts")
    DELETED = "deleted", _("deleted a draft")
    INVITED = "invited", _("invited somebody")
    ROLES = "roles", _("changed somebody’s roles")
    DISABLED = "disabled", _("disabled an account")
    ENABLED = "enabled", _("enabled an account")
    RESET = "reset", _("reset somebody’s second factor")
