"""Rules of the house that no single feature’s test would notice."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import IntegrityError, connection

from sources import append_only
from sources.models import Change

ROOT = Path(__file__).resolve().parents[1]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
TAG = re.compile(r"{%.*?%}|{{.*?}}|{#.*?#}", re.DOTALL)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_template_is_safe(path):
    text = path.read_text()
    assert "|safe" not in text
    assert not re.search(r"<style|style=|\son[a-z]+=|javascript:", text)
    for script in re.findall(r"<script[^>]*>", text):
        assert "src=" in script


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: str(p.relative_to(ROOT)))
def test_every_word_of_a_template_can_be_translated(path):
    text = re.sub(r"{% comment %}.*?{% endcomment %}", "", path.read_text(), flags=re.S)
    text = re.sub(r"{% blocktranslate.*?{% endblocktranslate %}", "", text, flags=re.S)
    text = TAG.sub("", text)
    named = re.findall(r'(?:aria-label|title|alt|placeholder)="([^"{]*)"', text)
    visible = re.sub(r"<[^>]*>", " ", text)
    assert not re.findall(r"[A-Za-z]{2,}", " ".join([visible, *named]))


def test_the_readme_explains_every_setting_and_no_other():
    settings = (ROOT / "kb/settings.py").read_text()
    read = set(
        re.findall(
            r'(?:required|switched_on|os\.environ\.get)\(\s*"([A-Z_]+)"', settings
        )
    )
    told = set(
        re.findall(r"^\| `([A-Z_]+)` \|", (ROOT / "README.md").read_text(), re.M)
    )
    assert read == told


@pytest.mark.django_db
def test_migrations_are_complete():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


@pytest.mark.django_db
def test_checks_pass_on_this_database():
    tags = ["compatibility", "database", "models", "security", "urls"]
    call_command("check", tags=tags, fail_level="WARNING", databases=["default"])


LOOK = """
import django; django.setup()
from django.core.management import call_command
from tests.test_architecture import schema
call_command("migrate", verbosity=0)
import json; print(json.dumps(schema()))
"""
TRIGGERS = {
    "sqlite": "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": "SELECT tgname, relname FROM pg_trigger"
    " JOIN pg_class ON pg_class.oid = tgrelid WHERE NOT tgisinternal",
}


def schema():
    """The columns of each table of ours, and the triggers on them."""
    ours = [
        model._meta.db_table
        for app in ("cases", "strategies", "sources", "curation", "exports")
        for model in apps.get_app_config(app).get_models(include_auto_created=True)
    ]
    with connection.cursor() as cursor:
        columns = {
            table: sorted(
                column.name
                for column in connection.introspection.get_table_description(
                    cursor, table
                )
            )
            for table in ours
        }
        cursor.execute(TRIGGERS[connection.vendor])
        triggers = sorted(list(row) for row in cursor.fetchall() if row[1] in ours)
    return {"columns": columns, "triggers": triggers}


@pytest.fixture
def another_database(tmp_path, transactional_db):
    """The address of an empty database beside the one of the tests."""
    if connection.vendor == "sqlite":
        yield f"sqlite:///{tmp_path}/migrated.sqlite3"
        return
    own = connection.settings_dict
    with connection.cursor() as cursor:
        cursor.execute("CREATE DATABASE kb_migrated")
    host = quote(own["HOST"], safe="")
    yield f"postgresql://{own['USER']}:{own['PASSWORD']}@{host}:{own['PORT']}/kb_migrated"
    with connection.cursor() as cursor:
        cursor.execute("DROP DATABASE kb_migrated")


@pytest.mark.django_db(transaction=True)
def test_migrations_build_what_the_tests_stand_on(another_database):
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", LOOK],
        cwd=ROOT,
        env=os.environ
        | {"DATABASE_URL": another_database, "DJANGO_SETTINGS_MODULE": "kb.settings"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    built = json.loads(done.stdout)

    assert built == schema()
    guarded = {table for _name, table in built["triggers"]}
    assert guarded >= set(append_only.TABLES)


@pytest.mark.django_db(transaction=True)
def test_a_table_that_only_grows_can_hold_rows_in_a_test_like_this():
    """When it ends, the table is emptied in spite of its triggers."""
    Change.objects.create(kind="case", record_id=1, what="published")


@pytest.mark.django_db(transaction=True)
def test_and_the_next_test_finds_it_empty_and_guarded():
    assert not Change.objects.exists()
    change = Change.objects.create(kind="case", record_id=1, what="published")
    with pytest.raises(IntegrityError):
        change.delete()


def test_decisions_are_numbered_and_whole():
    decisions = sorted((ROOT / "kb/decisions").glob("*.md"))
    for n, path in enumerate(decisions, 1):
        assert path.name.startswith(f"{n:04}-")
        text = path.read_text()
        for part in ("**Context.**", "**Decision.**", "**Consequences.**"):
            assert part in text, (path.name, part)
