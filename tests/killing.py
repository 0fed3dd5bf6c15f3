"""Run by test_case_files.py: an import that is killed at one statement after another.

Prints, as JSON, how many rows each table holds before, after, and after each kill.
"""

import json
import os
import re
import shutil
import signal
import sqlite3
import sys
from pathlib import Path

import django

KILLS = 12


class NoMigrations:
    """Tables as the models say: migrating takes longer than all else here."""

    def __contains__(self, app):
        return True

    def __getitem__(self, app):
        return None


def make(path):
    """A database with an author, and a public case that the import changes."""
    from django.core.management import call_command
    from django.db import connections

    from tests import factories
    from tests.desk import person

    call_command("migrate", run_syncdb=True, verbosity=0)
    case = factories.CaseFactory(code="C100", slug="old")
    factories.cite(case, factories.SourceFactory(slug="paper"))
    person("ann", "Authors")
    connections.close_all()


def told(code, title):
    """The case that is there, under another title, with an encounter more."""
    from curation.texts import exported
    from tests.factories import told_encounter

    base = next(data for data in exported() if data["code"] == "C100")
    slug = "old" if code == "C100" else code.lower()
    encounter = told_encounter(source="paper", answers=2)
    return base | {
        "code": code,
        "slug": slug,
        "title": title,
        "encounters": [encounter],
    }


def run(kill_at):
    """Import two cases; end the process before a statement, or not at all."""
    from django.contrib.auth import get_user_model
    from django.db import connection

    from curation import exporting, importing, sheets

    by = get_user_model().objects.get()
    content = exporting.write(".csv", [told("C101", "New"), told("C100", "Changed")])
    found = importing.plan(sheets.read("x.csv", content), by=by)
    count = 0

    def step(execute, sql, params, many, context):
        nonlocal count
        count += 1
        if count == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(step):
        importing.apply(found, by=by)
    if kill_at == "the end":
        os.kill(os.getpid(), signal.SIGKILL)
    return count


def rows(path):
    """How many rows each table holds, and what the public case is called."""
    with sqlite3.connect(path) as database:
        database.create_function("REGEXP", 2, lambda a, b: bool(re.search(a, b)))
        found = "SELECT name FROM sqlite_master WHERE type = 'table'"
        names = [name for (name,) in database.execute(found)]
        count = "SELECT count(*) FROM "
        told = {n: database.execute(f'{count}"{n}"').fetchone()[0] for n in names}
        title = "SELECT title FROM cases_case WHERE code = 'C100'"
        whole = database.execute("PRAGMA integrity_check").fetchone()[0]
        return told | {"title": database.execute(title).fetchone()[0], "whole": whole}


def killed(base, path, kill_at):
    """What is in the database after an import in a process of its own was killed."""
    shutil.copy(base, path)
    if not (child := os.fork()):
        run(kill_at)
        os._exit(0)
    _pid, status = os.waitpid(child, 0)
    return {"signal": os.WTERMSIG(status), "rows": rows(path)}


def main(folder):
    from django.conf import settings
    from django.db import connections

    settings.MIGRATION_MODULES = NoMigrations()
    path, base = folder / "kb.sqlite3", folder / "base.sqlite3"
    make(path)
    shutil.copy(path, base)
    before = rows(base)
    total = run(None)
    connections.close_all()
    after = rows(path)
    places = [*range(1, total + 1, max(1, total // KILLS)), total, "the end"]
    ends = [killed(base, path, place) for place in places]
    print(json.dumps({"before": before, "after": after, "ends": ends}))


if __name__ == "__main__":
    django.setup()
    main(Path(sys.argv[1]))
