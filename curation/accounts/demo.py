"""Accounts to try the desk with, one for each role: only where DEBUG=1.

They have no password and no second factor. One button signs in, through a backend
that the settings name only with DEBUG=1: without it these accounts, and sessions
that were begun with them, open nothing.
"""

from django.contrib.auth import get_user_model
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import AbstractBaseUser, Group
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from curation.roles import ROLES

BACKEND = "curation.accounts.demo.Demo"
PREFIX = "demo-"


class Demo(ModelBackend):
    """Keeps a session that the button began; no password gets in this way."""

    def authenticate(self, request, username=None, password=None, **kwargs):
        return None


def is_demo(user: AbstractBaseUser) -> bool:
    return user.get_username().startswith(PREFIX)


def not_reserved(name: str) -> None:
    """Raise ValidationError for a name that only a demo account has."""
    if name.lower().startswith(PREFIX):
        raise ValidationError(_("Such names are for demo accounts."))


def names() -> list[str]:
    """The demo accounts: demo-author, demo-reviewer, …"""
    return [f"{PREFIX}{role.removesuffix('s').lower()}" for role in ROLES]


def make() -> list[AbstractBaseUser]:
    """Make what is missing, each in the one role that its name says."""
    people = []
    for name, role in zip(names(), ROLES, strict=True):
        user, _made = get_user_model().objects.get_or_create(
            username=name, defaults={"password": make_password(None)}
        )
        user.groups.set(Group.objects.filter(name=role))
        people.append(user)
    return people
