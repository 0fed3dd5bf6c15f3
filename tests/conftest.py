"""What every test stands on: the search index, plain static files, fixed chance."""

import hypothesis
import pytest
from django.apps import apps
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import connection, transaction
from django.template import engines
from django.test import override_settings
from psycopg.types.json import Jsonb

from cases import contents
from cases.search import count_anew
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
    """Tables made without migrations lack what only a migration makes: triggers."""
    if request.config.option.nomigrations:
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            made = []
            for table in append_only.TABLES:
                made += append_only.statements(connection.vendor, table)
            made += contents.statements(connection.vendor)
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


@pytest.fixture(scope="session")
def loaded(django_db_setup, django_db_blocker):
    """Every row of the database as `load_kb` leaves it, table by table."""
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("load_kb", verbosity=0, stdout=open_nowhere())
        rows = {table: rows_of(table) for table in tables()}
        transaction.set_rollback(True)
    return {table: found for table, found in rows.items() if found[1]}


@pytest.fixture(scope="module")
def content(loaded, django_db_blocker):
    """The database as `load_kb` leaves it, for all tests of a module, then gone."""
    with django_db_blocker.unblock(), transaction.atomic():
        put_in(loaded)
        yield
        transaction.set_rollback(True)


@pytest.fixture
def eight_cases(db, loaded):
    """The database as `load_kb` leaves it, for one test."""
    put_in(loaded)


def put_in(loaded):
    """Write the rows that `load_kb` wrote."""
    for table, (columns, rows) in loaded.items():
        fill(table, columns, rows)
    advance_numbers()
    count_anew()


def tables():
    """The tables of our own apps, those that join two others among them.

    Not that of numbered changes: filling the others writes it.
    """
    for label in ("sources", "strategies", "cases"):
        for model in apps.get_app_config(label).get_models(include_auto_created=True):
            if model._meta.db_table != contents.TABLE:
                yield model._meta.db_table


def rows_of(table):
    """The names of a table’s columns, and its rows."""
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608
        return [column[0] for column in cursor.description], cursor.fetchall()


def fill(table, columns, rows):
    """Write rows as they were read; what refers to what is judged at the end."""
    names = ", ".join(f'"{column}"' for column in columns)
    marks = ", ".join(["%s"] * len(columns))
    with connection.cursor() as cursor:
        cursor.executemany(
            f'INSERT INTO "{table}" ({names}) VALUES ({marks})',  # noqa: S608
            [tuple(map(stored, row)) for row in rows],
        )


def stored(value):
    """A value that was read, in the form in which it is written."""
    return Jsonb(value) if isinstance(value, dict | list) else value


def advance_numbers():
    """Let the next row get a number that none of these has."""
    models = [
        model
        for label in ("sources", "strategies", "cases")
        for model in apps.get_app_config(label).get_models()
    ]
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), models):
            cursor.execute(statement)


def open_nowhere():
    """Somewhere to write what nobody reads."""
    return type("Nowhere", (), {"write": lambda *_: None, "isatty": lambda _: False})()
