"""Every address of the desk, opened by every kind of person."""

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.urls import get_resolver

from curation.roles import (
    ADMINS,
    AUTHORS,
    PUBLISHERS,
    RECORDS,
    ROLES,
    make_groups,
)
from tests import factories
from tests.desk import at_desk, person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("lenient_templates")]

OUTSIDE = ("anonymous", "no factor", "no role")
EVERYBODY = frozenset(ROLES)
NOBODY = frozenset()
VERBS = ("view", "add", "change", "lock", "unlock", "delete")


def holders(verb, kind):
    """The roles that may do this to that kind of record."""
    return {r.name for r in ROLES.values() if f"{verb}_{kind}" in r.permissions}


# Who sees a page (200) at which address; by name, for GET. What is in none of the three
# tables must be nowhere: a new address fails here until somebody decides who opens it.
SCREENS = {
    "wagtailadmin_home": EVERYBODY,
    "wagtailadmin_sprite": EVERYBODY,
    "wagtailadmin_javascript_catalog": EVERYBODY,
    "wagtailadmin_dismissibles": EVERYBODY,
    "wagtailadmin_editing_sessions:ping": NOBODY,
    "wagtailadmin_editing_sessions:release": NOBODY,
    "curation:queue": EVERYBODY,
    "curation:review": EVERYBODY,
    "curation:public-page": EVERYBODY,
    "curation:safety": EVERYBODY,
    "curation:withdraw": {PUBLISHERS},
    "curation:import": {AUTHORS},
    "curation:import-template": {AUTHORS},
    "curation:export": EVERYBODY,
    "curation:people": {ADMINS},
    "curation:invite": {ADMINS},
    "curation:person": {ADMINS},
    "curation:log": {ADMINS},
}
# Of each kind of record: what somebody must be able to do; nothing is for nobody.
OF_RECORDS = {
    "list": "view",
    "list_results": "view",
    "usage": "change",
    "history": "view",
    "history_results": "view",
    "add": "add",
    "edit": "change",
    "delete": "delete",
    "preview_on_add": "add",
    "preview_on_edit": "change",
    "revisions_view": "view",
    "revisions_revert": "change",
    "revisions_compare": "view",
    "revisions_unschedule": "",
    "unpublish": "",
    "lock": "",  # by a button only
    "unlock": "",
    "choose": "view",
    "choose_results": "view",
    "chosen": "view",
    "chosen_multiple": "view",
    "create": "add",
}
WITHOUT_PAGE = ("organisation", "strategyfamily")  # so no draft of one to look at
# One’s own account, open before the desk is; these three before signing in, too.
DOORS = re.compile("account|mfa_|(desk|wagtailadmin)_log(in|out)$")

FRONT_DOORS = ("account_login", "account_inactive", "account_reset_password_from_key")


def patterns(found, path="", space=""):
    """Every address below, as (name, pattern)."""
    for item in found:
        deeper = path + str(item.pattern)
        if hasattr(item, "url_patterns"):
            inner = f"{space}{item.namespace}:" if item.namespace else space
            yield from patterns(item.url_patterns, deeper, inner)
        elif deeper.startswith("desk/"):
            yield space + (item.name or ""), deeper


def filled(pattern, name, rows):
    """A pattern as an address, with arguments of real rows."""
    kind = re.match(r"wagtailsnippet\w+?_[a-z]+_([a-z]+):", name)
    about = "case" if re.search("kind>|safety", pattern) else "person"
    row = rows[kind[1] if kind else about]
    values = {
        "kind": "case",
        "pk": row.pk,
        "revision_id": getattr(row, "latest_revision_id", None) or 1,
        "revision_id_a": "earliest",
        "revision_id_b": "latest",
    }

    def value(match):
        return str(values.get(match[1], 1))

    text = re.sub(r"\(\?P<(\w+)>(?:[^()]|\([^()]*\))*\)", value, pattern)
    text = re.sub(r"<(?:\w+:)?(\w+)>", value, text)
    return "/" + text.replace(".*", "nothing").translate({94: "", 36: "", 92: ""})


def may_open(name):
    """Who sees a page at an address."""
    if kind := re.match(r"wagtailsnippet\w+?_[a-z]+_([a-z]+):(\w+)$", name):
        if kind[2] == "revisions_view" and kind[1] in WITHOUT_PAGE:
            return NOBODY
        verbs = OF_RECORDS[kind[2]].split()
        return set().union(*(holders(verb, kind[1]) for verb in verbs))
    return SCREENS.get(name, NOBODY)


@pytest.fixture
def rows():
    """A record of each kind, with a draft, and a person."""
    made = {
        "case": factories.CaseFactory(),
        "organisation": factories.OrganisationFactory(),
        "contextnote": factories.NoteFactory(),
        "lesson": factories.LessonFactory(),
        "source": factories.SourceFactory(),
        "strategy": factories.StrategyFactory(),
        "resistanceform": factories.FormFactory(),
        "strategyfamily": factories.FamilyFactory(),
    }
    assert set(made) == set(RECORDS)
    for row in made.values():
        row.save_revision()
        row.refresh_from_db()
    return made | {"person": person("somebody", AUTHORS)}


@pytest.fixture
def clients(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    make_groups(Group.objects, Permission.objects)
    roles = {role: at_desk(person(role.lower(), role)) for role in ROLES}
    outside = (
        Client(headers={"host": "127.0.0.1"}),
        at_desk(person("weak", *ROLES, factor=False)),
        at_desk(person("idle")),
    )
    return roles | dict(zip(OUTSIDE, outside, strict=True))


def test_every_address_opens_for_whom_the_tables_say(clients, rows):
    wrong = []
    addresses = dict(patterns(get_resolver().url_patterns))
    assert len(addresses) > 300
    for client in clients.values():
        client.raise_request_exception = False
    for name, pattern in addresses.items():
        address = filled(pattern, name, rows)
        for who, client in clients.items():
            status = client.get(address).status_code
            if DOORS.match(name):
                right = who != "anonymous" or (status == 200) == (name in FRONT_DOORS)
            else:
                right = (status == 200) == (who in may_open(name))
            if not right or status >= 500:
                wrong.append((name, who, status))
    assert not wrong, "\n".join(map(str, wrong))


def test_the_readme_has_the_roles_as_they_are():
    readme = (Path(__file__).resolve().parents[1] / "README.md").read_text()
    names = {
        model._meta.model_name: model._meta.verbose_name_plural
        for label in ("cases", "sources", "strategies")
        for model in apps.get_app_config(label).get_models()
    }
    for kind in RECORDS:
        cells = [
            ", ".join(verb for verb in VERBS if role in holders(verb, kind)) or "–"
            for role in ROLES
        ]
        assert f"| {names[kind]} | {' | '.join(cells)} |" in readme
    assert f"| | {' | '.join(ROLES)} |" in readme
