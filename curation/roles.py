"""Who may do what: four roles, each with as little as its work needs."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps

from django.contrib.auth.models import AbstractBaseUser, Group
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from sources.prepared import Prepared

ROLES_OF = Prepared(
    lambda keys: Group.objects.filter(user__in=keys, user__is_active=True).values_list(
        "user", "name"
    )
)

WRITTEN = (
    "case",
    "organisation",
    "contextnote",
    "lesson",
    "source",
    "strategy",
    "resistanceform",
)
VOCABULARY = ("strategyfamily",)
RECORDS = WRITTEN + VOCABULARY


@dataclass(frozen=True)
class Role:
    """A group of accounts: what it is for, and Django’s permissions for the forms."""

    name: str
    purpose: str
    permissions: tuple[str, ...]


def may(verbs: str, kinds: tuple[str, ...]) -> tuple[str, ...]:
    """Permissions to do each verb to each kind of record."""
    return tuple(f"{verb}_{kind}" for kind in kinds for verb in verbs.split())


AUTHORS = "Authors"
REVIEWERS = "Reviewers"
PUBLISHERS = "Publishers"
ADMINS = "Admins"

ROLES: dict[str, Role] = {
    role.name: role
    for role in (
        Role(
            AUTHORS,
            _("write drafts"),
            ("access_admin", *may("view", RECORDS), *may("add change", WRITTEN)),
        ),
        Role(
            REVIEWERS,
            _("check sources and safety"),
            ("access_admin", *may("view", RECORDS), *may("lock unlock", RECORDS)),
        ),
        Role(
            PUBLISHERS,
            _("release and withdraw"),
            ("access_admin", *may("view", RECORDS), *may("lock unlock", RECORDS)),
        ),
        Role(
            ADMINS,
            _("manage people and vocabularies"),
            (
                "access_admin",
                *may("view delete", RECORDS),
                *may("add change", ("strategy", "resistanceform", *VOCABULARY)),
            ),
        ),
    )
}


def has_role(user: AbstractBaseUser, *names: str) -> bool:
    """Whether an account that is in use has one of these roles."""
    if not user.is_active:
        return False
    if not hasattr(user, "role_names"):
        user.role_names = {name for _key, name in ROLES_OF([user.pk])}
    return not user.role_names.isdisjoint(names)


def only(*names: str):
    """Open a view to these roles only; to others it is refused."""

    def wrap(view: Callable[..., HttpResponse]):
        @wraps(view)
        def guarded(request: HttpRequest, *args, **kwargs) -> HttpResponse:
            if not has_role(request.user, *names):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return guarded

    return wrap


def make_groups(groups, permissions) -> None:
    """Bring the groups in step with ROLES; takes the managers of both models."""
    for role in ROLES.values():
        group, _made = groups.get_or_create(name=role.name)
        group.permissions.set(permissions.filter(codename__in=role.permissions))
