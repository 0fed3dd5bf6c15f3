"""What somebody has shown in this session, and how long ago.

It is asked of the session, not of the account: a session that began before a second
factor was set up has shown none.
"""

import time

from allauth.account import app_settings
from allauth.account.internal.flows.login import (
    get_authentication_records,
    record_authentication,
)
from allauth.mfa.models import Authenticator
from django.contrib.auth import BACKEND_SESSION_KEY
from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest

from curation.accounts.demo import BACKEND

STRONG = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
FIRST = ("password", "password_reset")


def has_factor(user: AbstractBaseUser) -> bool:
    """Whether an account has more than a password. Recovery codes alone are none."""
    return Authenticator.objects.filter(user_id=user.pk, type__in=STRONG).exists()


def showed_factor(request: HttpRequest) -> bool:
    """Whether a second factor was shown in this session, and is still the account’s."""
    if is_demo(request):
        return True
    shown = any(record["method"] == "mfa" for record in records(request))
    return shown and has_factor(request.user)


def showed_factor_lately(request: HttpRequest) -> bool:
    """Whether a passkey or an authenticator was; a recovery code is not enough."""
    return is_demo(request) or any(
        record["method"] == "mfa" and record.get("type") in STRONG and is_new(record)
        for record in records(request)
    )


def came_in_lately(request: HttpRequest) -> bool:
    """Whether the most that the account can show was shown a moment ago.

    So nobody is asked twice on the way from a first password to a first factor.
    """
    known = ("mfa",) if has_factor(request.user) else FIRST
    return any(
        record["method"] in known and is_new(record) for record in records(request)
    )


def note_new_factor(request: HttpRequest, kind: str) -> None:
    """Whoever sets up a factor has shown it."""
    record_authentication(request, request.user, method="mfa", type=kind)


def records(request: HttpRequest) -> list[dict]:
    return get_authentication_records(request, request.user)


def is_new(record: dict) -> bool:
    return time.time() - record["at"] < app_settings.REAUTHENTICATION_TIMEOUT


def is_demo(request: HttpRequest) -> bool:
    """Demo accounts have no factor; they sign in only where they are switched on."""
    return request.session.get(BACKEND_SESSION_KEY) == BACKEND
