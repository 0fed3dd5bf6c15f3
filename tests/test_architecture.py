"""Rules of the house that no single feature’s test would notice."""

import re
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection

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


@pytest.mark.django_db(transaction=True)
def test_migrations_build_what_the_models_say(django_db_blocker):
    """From nothing, and with the index that the tests make by hand."""
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
    assert "cases_searchentry" in tables
    assert connection.vendor in ("sqlite", "postgresql")


def test_decisions_are_numbered_and_whole():
    decisions = sorted((ROOT / "kb/decisions").glob("*.md"))
    for n, path in enumerate(decisions, 1):
        assert path.name.startswith(f"{n:04}-")
        text = path.read_text()
        for part in ("**Context.**", "**Decision.**", "**Consequences.**"):
            assert part in text, (path.name, part)
