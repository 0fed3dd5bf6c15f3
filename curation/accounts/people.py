"""What an admin does to accounts; each act is in the log, by number and not by name."""

from collections.abc import Iterable

from allauth.mfa.models import Authenticator
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.contrib.auth.models import AbstractBaseUser, Group
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from curation import audit
from curation.accounts.demo import PREFIX
from curation.accounts.proof import STRONG
from curation.choices import Action
from curation.roles import ADMINS


def listed() -> models.QuerySet:
    """All accounts by name, each with its roles and whether it has a second factor."""
    factors = Authenticator.objects.filter(user=models.OuterRef("pk"), type__in=STRONG)
    people = get_user_model().objects.order_by("-is_active", "username")
    return people.annotate(has_factor=models.Exists(factors)).prefetch_related("groups")


@transaction.atomic
def set_roles(
    user: AbstractBaseUser, names: Iterable[str], *, by: AbstractBaseUser | None
) -> None:
    """Give somebody exactly these roles. Raises ValidationError for the last admin."""
    if ADMINS not in names:
        refuse_last_admin(user)
    user.groups.set(Group.objects.filter(name__in=names))
    audit.note(by, Action.ROLES, str(user.pk))


def set_email(user: AbstractBaseUser, address: str) -> None:
    """Where notices go; nowhere if empty."""
    user.email = address
    user.save(update_fields=["email"])


@transaction.atomic
def disable(user: AbstractBaseUser, *, by: AbstractBaseUser | None) -> None:
    """Close an account: its sessions and its one-time addresses end with this."""
    refuse_last_admin(user)
    user.is_active = False
    forget_password(user)
    audit.note(by, Action.DISABLED, str(user.pk))


@transaction.atomic
def enable(user: AbstractBaseUser, *, by: AbstractBaseUser | None) -> None:
    """Open an account again; it needs a one-time address for a new password."""
    user.is_active = True
    forget_password(user)
    audit.note(by, Action.ENABLED, str(user.pk))


@transaction.atomic
def reset_factor(user: AbstractBaseUser, *, by: AbstractBaseUser | None) -> None:
    """Take somebody’s second factors and recovery codes away, and end their sessions.

    The password goes too: whoever has it alone could set up a factor of their own.
    """
    Authenticator.objects.filter(user=user).delete()
    forget_password(user)
    audit.note(by, Action.RESET, str(user.pk))


@transaction.atomic
def invite_again(user: AbstractBaseUser, *, by: AbstractBaseUser | None) -> None:
    """Close the password and every earlier one-time address; the factors stay."""
    forget_password(user)
    audit.note(by, Action.INVITED, str(user.pk))


def forget_password(user: AbstractBaseUser) -> None:
    """Sessions and one-time addresses are sealed with it, so all of them end too."""
    user.set_unusable_password()
    user.save(update_fields=["password", "is_active"])


def refuse_last_admin(user: AbstractBaseUser) -> None:
    """Raise ValidationError if nobody else could manage people; one asks at a time."""
    admins = Group.objects.select_for_update().filter(name=ADMINS).first()
    if admins is None or not admins.user_set.filter(pk=user.pk).exists():
        return
    others = admins.user_set.filter(is_active=True).exclude(pk=user.pk)
    able = others.exclude(password__startswith=UNUSABLE_PASSWORD_PREFIX).exclude(
        username__startswith=PREFIX
    )
    if not able.exists():
        raise ValidationError(
            _("There is no other admin who has signed in. Make one first.")
        )
