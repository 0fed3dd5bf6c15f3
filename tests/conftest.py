"""What every test stands on: the search index, plain static files, fixed chance."""

from importlib import import_module

import hypothesis
import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.template import engines
from django.test import override_settings

from sources import append_only

# The same examples on each machine and in each run; a slow machine is no failure.
hypothesis.settings.register_profile(
    "fixed",
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(hypothesis.HealthCheck),
)
hypothesis.settings.load_profile("fixed")


@pytest.fixture(scope="session")
def django_db_setup(request, django_db_setup, django_db_blocker):
    """Tables made without migrations lack what only a migration makes: the index."""
    if request.config.option.nomigrations:
        index = import_module("cases.migrations.0004_search_index")
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            made = list(index.CREATE[connection.vendor])
            for table in append_only.TABLES:
                made += append_only.statements(connection.vendor, table)
            for statement in made:
                cursor.execute(statement)


@pytest.fixture(scope="session", autouse=True)
def no_ledger_of_this_machine(tmp_path_factory):
    """What was withdrawn on this machine is nothing to the tests, nor the other way."""
    path = tmp_path_factory.mktemp("ledger") / "withdrawals.jsonl"
    with override_settings(WITHDRAWAL_LEDGER=str(path)):
        yield


@pytest.fixture(autouse=True)
def ledger(settings, tmp_path):
    """A ledger of withdrawals for each test, empty at first."""
    path = tmp_path / "withdrawals.jsonl"
    settings.WITHDRAWAL_LEDGER = str(path)
    return path


@pytest.fixture(autouse=True)
def quick_passwords(settings):
    """Hashing a password well takes half a second, on purpose."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def emptied(request):
    """After a test with transactions of its own, tables that only grow are emptied too.

    Django deletes all rows then, which their triggers refuse in SQLite.
    """
    yield
    marker = request.node.get_closest_marker("django_db")
    if not marker or not marker.kwargs.get("transaction"):
        return
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        for table in append_only.TABLES:
            for statement in append_only.undo("sqlite", table):
                cursor.execute(statement)
            cursor.execute(f"DELETE FROM {table}")  # noqa: S608
            for statement in append_only.statements("sqlite", table):
                cursor.execute(statement)


@pytest.fixture(autouse=True)
def plain_static_files(settings):
    """Pages render without collectstatic."""
    settings.STATIC_ROOT = None
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {
            "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        }
    }


@pytest.fixture
def lenient_templates(monkeypatch):
    """Wagtail’s own templates ask for what is not there, and say what to show then."""
    monkeypatch.setattr(engines["django"].engine, "string_if_invalid", "")


@pytest.fixture(scope="module")
def content(django_db_setup, django_db_blocker):
    """The database as `load_kb` leaves it, for all tests of a module, then gone."""
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("load_kb", verbosity=0, stdout=open_nowhere())
        yield
        transaction.set_rollback(True)


def open_nowhere():
    """Somewhere to write what nobody reads."""
    return type("Nowhere", (), {"write": lambda *_: None, "isatty": lambda _: False})()
