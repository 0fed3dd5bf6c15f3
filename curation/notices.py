"""E-mail that says that something waits, and nothing of what it is.

A letter can be read on its way and on a phone that was taken: no title, no name, no
address with a number in it.
"""

import logging

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.core.mail import send_mail
from django.db import transaction
from django.utils.translation import gettext as _

logger = logging.getLogger("kb")


def to_role(role: str, *, but: AbstractBaseUser) -> None:
    """Tell everybody in a role, once all is written, that something waits for them."""
    people = get_user_model().objects.filter(groups__name=role, is_active=True)
    send(list(people.exclude(pk=but.pk)))


def to_accounts(keys: frozenset[int], *, but: AbstractBaseUser) -> None:
    """Tell these accounts."""
    people = get_user_model().objects.filter(pk__in=keys, is_active=True)
    send(list(people.exclude(pk=but.pk)))


def send(people: list[AbstractBaseUser]) -> None:
    """Send each a letter of their own; a mail server that is down stops no work."""
    addresses = [person.email for person in people if person.email]
    if not addresses:
        return
    subject = _("Something waits for you at the desk")
    text = _("Sign in to see it: {address}").format(
        address=f"{settings.WAGTAILADMIN_BASE_URL}/desk/"
    )

    def post() -> None:
        for address in addresses:
            try:
                send_mail(subject, text, None, [address])
            except OSError as error:
                logger.warning("A notice could not be sent: %s", type(error).__name__)

    transaction.on_commit(post)
