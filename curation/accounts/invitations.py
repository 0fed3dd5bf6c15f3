"""Inviting people: an account without a password, and a one-time address to set one."""

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser, Group
from django.db import transaction
from django.urls import reverse

from curation import audit
from curation.accounts.demo import not_reserved
from curation.choices import Action


@transaction.atomic
def invite(
    name: str, *, groups: list[str], by: AbstractBaseUser | None
) -> AbstractBaseUser:
    """Make an account that nobody can sign in to yet, in these groups."""
    not_reserved(name)
    user = get_user_model()(username=name)
    user.set_unusable_password()
    user.full_clean(exclude=["password"])
    user.save()
    user.groups.set(Group.objects.filter(name__in=groups))
    audit.note(by, Action.INVITED, str(user.pk))
    return user


def set_up_path(user: AbstractBaseUser) -> str:
    """The address, good once and for three days, at which somebody sets a password."""
    return reverse(
        "account_reset_password_from_key",
        kwargs={
            "uidb36": user_pk_to_url_str(user),
            "key": default_token_generator.make_token(user),
        },
    )
