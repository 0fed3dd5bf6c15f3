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


def posted(form):
    """What a browser sends back of a form with nested rows, as it was shown."""
    data = {}
    for name in form.fields:
        value = form[name].value()
        if hasattr(value, "__iter__") and not isinstance(value, str):
            value = [getattr(item, "pk", item) for item in value]
        if value is not None and value is not False:
            data[form.add_prefix(name)] = value
    for formset in getattr(form, "formsets", {}).values():
        data |= posted(formset.management_form)
        for row in formset.initial_forms:
            data |= posted(row)
    return data


def add_row(data, prefix, **values):
    """Add a nested row to what is sent, as the button on the page does."""
    n = int(data[f"{prefix}-TOTAL_FORMS"])
    data[f"{prefix}-TOTAL_FORMS"] = n + 1
    values = {"ORDER": n + 1, "basis": "stated"} | values
    data.update({f"{prefix}-{n}-{name}": value for name, value in values.items()})
    return data
