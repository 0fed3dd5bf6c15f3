"""The promises that the database keeps, each made by name."""

from django.db import models
from django.db.models import CheckConstraint, Q
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from sources.choices import NOT_STATED, Basis


def is_known(field: str, choices: type[models.TextChoices]) -> CheckConstraint:
    """The field holds one of its choices, whoever wrote it."""
    return CheckConstraint(
        name=f"%(class)s_{field}_is_known",
        condition=Q(**{f"{field}__in": choices.values}),
        violation_error_message=_("This is not one of the choices."),
    )


def well_formed(field: str, pattern: str, message) -> CheckConstraint:
    """The field, a public code or slug, has the shape that its address relies on."""
    return CheckConstraint(
        name=f"%(class)s_{field}_is_well_formed",
        condition=Q(**{f"{field}__regex": pattern}),
        violation_error_message=message,
    )


def has_basis(field: str, *, basis: str = "", nothing=NOT_STATED) -> list:
    """A fact is stated or read, and what is not stated has no other basis.

    nothing is how the field says “not stated”: None for a relation, "" for text.
    """
    basis = basis or f"{field}_basis"
    empty = (
        Q(**{f"{field}__isnull": True}) if nothing is None else Q(**{field: nothing})
    )
    return [
        is_known(basis, Basis),
        CheckConstraint(
            name=f"%(class)s_{field}_has_basis",
            condition=(empty & Q(**{basis: NOT_STATED}))
            | (~empty & ~Q(**{basis: NOT_STATED})),
            violation_error_message=format_lazy(
                "{field}: {rule}",
                field=field,
                rule=_(
                    "Say whether it is stated or your reading; leave both “not stated” "
                    "where the source is silent."
                ),
            ),
        ),
    ]
