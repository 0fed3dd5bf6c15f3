"""Tables whose rows are only ever added: the database refuses all else.

SQLite forgets a table’s triggers when a migration alters the table: promise() it again.
"""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

TABLES = (
    "cases_consent",
    "cases_riskassessment",
    "curation_approval",
    "curation_auditentry",
    "curation_explanation",
    "curation_release",
    "sources_change",
)


def statements(vendor: str, table: str) -> list[str]:
    """The triggers that keep the promise for a table."""
    if vendor == "sqlite":
        return [
            f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table}"
            f" BEGIN SELECT RAISE(ABORT, '{table} only grows'); END"
            for verb in ("UPDATE", "DELETE")
        ]
    name = f"{table}_only_grows"
    refuse = (
        f"RAISE EXCEPTION '{table} only grows'"
        " USING ERRCODE = 'integrity_constraint_violation'"
    )
    function = f"FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql"
    event = f"BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW"
    return [
        f"CREATE {function} AS $$ BEGIN {refuse}; END $$",
        f"CREATE TRIGGER {name} {event} EXECUTE FUNCTION {name}()",
    ]


def undo(vendor: str, table: str) -> list[str]:
    """What takes the triggers away again."""
    if vendor == "sqlite":
        return [f"DROP TRIGGER {table}_no_{verb}" for verb in ("update", "delete")]
    return [
        f"DROP TRIGGER {table}_only_grows ON {table}",
        f"DROP FUNCTION {table}_only_grows()",
    ]


def promise(table: str) -> migrations.RunPython:
    """The step of a migration that makes a table only grow."""

    def keep(apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
        for statement in statements(schema_editor.connection.vendor, table):
            schema_editor.execute(statement)

    def release(apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
        for statement in undo(schema_editor.connection.vendor, table):
            schema_editor.execute(statement)

    return migrations.RunPython(keep, release)
