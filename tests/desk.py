"""People at the desk, for tests: signed in with a second factor, in the roles named."""

import time

from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.test import Client

from curation.roles import make_groups

SECRET = "JBSWY3DPEHPK3PXP"


def person(name, *roles, factor=True):
    """An account in these roles, with a second factor unless told otherwise."""
    if not Group.objects.exists():
        make_groups(Group.objects, Permission.objects)
    user = get_user_model().objects.create_user(name, password="correct horse battery")
    user.groups.set(Group.objects.filter(name__in=roles))
    if factor:
        secret = get_adapter().encrypt(SECRET)
        Authenticator.objects.create(user=user, type="totp", data={"secret": secret})
    return user


def at_desk(user, *, fresh=True):
    """A client signed in as a person; fresh says that they just showed their factor."""
    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(
        user, backend="allauth.account.auth_backends.AuthenticationBackend"
    )
    session = client.session
    session["account_authentication_methods_user"] = str(user.pk)
    shown = time.time() - (0 if fresh else 86_400)
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [
        {"method": "mfa", "type": "totp", "at": shown}
    ]
    session.save()
    return client
