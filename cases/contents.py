"""Which changes of the public content there were: numbered, in the order of commits.

The database writes them itself (triggers), in the transaction that makes the change,
so whoever remembers what is public (cases/keeping.py) learns what to read again. Each
row carries a random mark: a number that comes back after a rollback, or with an older
copy of the database, is not taken for the same change.
"""

from collections.abc import Iterable
from functools import partial
from itertools import batched
from typing import NamedTuple

import psycopg
from django.db import DatabaseError, connection, connections, migrations
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from psycopg.pq import ConnStatus, ExecStatus
from psycopg.pq.abc import PGconn

from sources.sending import Asked, is_watched
from sources.turns import LOCK, take_turn

TABLE = "cases_contentchange"
LAST = f"SELECT id, mark FROM {TABLE} ORDER BY id DESC LIMIT 1"  # noqa: S608

CASE_IS_LIVE = "EXISTS (SELECT 1 FROM cases_case WHERE id = {key} AND live)"
CASE_OF_ENCOUNTER = "(SELECT case_id FROM cases_encounter WHERE id = {row}.%s)"
CASE_OF_RESPONSE = (
    "(SELECT case_id FROM cases_encounter WHERE id ="
    " (SELECT encounter_id FROM cases_response WHERE id = {row}.parent_id))"
)

# Where a change counts: the key of the case that it is about ({row} is the row before
# or after), and on what condition. Drafts say nothing.
OF_CASES = {
    "cases_case": "{row}.id",
    "cases_encounter": "{row}.case_id",
    "cases_response": CASE_OF_ENCOUNTER % "encounter_id",
    "cases_case_organisations": "{row}.case_id",
    "cases_casealias": "{row}.parent_id",
    "cases_casecitation": "{row}.parent_id",
    "cases_encountercitation": CASE_OF_ENCOUNTER % "parent_id",
    "cases_responsecitation": CASE_OF_RESPONSE,
    "cases_consent": "{row}.case_id",  # what a case may be used for
}
OF_TERMS = (
    "cases_resistanceform",
    "cases_organisation",
    "strategies_strategy",
    "strategies_strategyfamily",
)
OF_PLACES = ("cases_country", "cases_region", "cases_region_within")
OF_TEXTS = ("cases_lesson", "cases_contextnote", "sources_source")  # search finds them
TABLES = (*OF_CASES, *OF_TERMS, *OF_PLACES, *OF_TEXTS)
ROWS = {"INSERT": "NEW", "UPDATE": "NEW", "DELETE": "OLD"}


class Version(NamedTuple):
    """The newest change that a database knows of."""

    number: int
    mark: int


NOTHING = Version(0, 0)


def version(using: str = "default") -> Version:
    """How far the content of a database has come, in one cheap query."""
    rows = told(LAST, using)
    return Version(*rows[0]) if rows else NOTHING


def told(question: str, using: str) -> list[tuple]:
    """What a database says of its changes.

    Most requests begin with it, so it is also how they learn whether the line to the
    database still holds, and Django need not ask before.
    """
    line = connections[using]
    is_proof = line.connection is not None and line.health_check_enabled
    is_proof = is_proof and not line.health_check_done
    line.health_check_done = line.health_check_done or is_proof
    try:
        return asked(question, line)
    except DatabaseError:
        if not is_proof or line.is_usable():
            raise
        line.close()
        return asked(question, line)


def asked(question: str, line: BaseDatabaseWrapper) -> list[tuple]:
    """The rows that answer a question, all of whole numbers or nothing.

    Each page asks one, and cursors take longer over it than the database does; so it
    goes past them, unless it belongs to a transaction or somebody counts questions.
    """
    is_open = line.connection is not None and not line.in_atomic_block
    if not is_open or is_watched(line):
        with line.cursor() as cursor:
            cursor.execute(question)
            return cursor.fetchall()
    with line.wrap_database_errors:
        if line.vendor == "postgresql":
            return answered(line.connection.pgconn, question)
        return line.connection.execute(question).fetchall()


def answered(server: PGconn, question: str) -> list[tuple]:
    """What PostgreSQL answers with. Raises what psycopg’s own cursor would raise."""
    found = server.exec_(question.encode())
    if server.status != ConnStatus.OK:
        raise psycopg.OperationalError(found.get_error_message())
    if found.status != ExecStatus.TUPLES_OK:
        raise psycopg.errors.error_from_result(found)
    rows, columns = range(found.ntuples), range(found.nfields)
    cells = (found.get_value(row, column) for row in rows for column in columns)
    return [*batched((cell and int(cell) for cell in cells), len(columns), strict=True)]


def changes_since(known: Version, using: str = "default") -> list[tuple] | None:
    """(number, mark, case) of each change after one that is known, in one cheap query.

    The case is None where another record, a place or the search index changed. Nothing
    at all (None) means that the known change is not in this database’s history.
    """
    return after(known, told(since(known), using))


def since(known: Version) -> str:
    """The question for a change that is known, and for all after it."""
    number = f"{known.number:d}"  # as it is: it is asked often
    return f"SELECT id, mark, case_id FROM {TABLE} WHERE id >= {number} ORDER BY id"  # noqa: S608


def after(known: Version, rows: list[tuple]) -> list[tuple] | None:
    """What of the answer came after the change that is known: see changes_since()."""
    if known == NOTHING:
        return None if rows else []
    if not rows or rows[0][:2] != known:
        return None
    return rows[1:]


class Since:
    """The same question, to be asked together with others."""

    def put(self, line: BaseDatabaseWrapper, known: Version) -> Asked:
        """The question; its answer is that of changes_since()."""
        return Asked(since(known), [], partial(after, known))


SINCE = Since()


class Newest:
    """The newest change, the last of some questions: whether all are of its moment."""

    def put(self, line: BaseDatabaseWrapper) -> Asked:
        """The question; its answer is no row, or one that is a Version."""
        return Asked(LAST, [], lambda rows: [Version(*row) for row in rows])


NEWEST = Newest()


def touch() -> None:
    """Number a change that no trigger sees: of what search knows."""
    take_turn()
    with connection.cursor() as cursor:
        mark = RANDOM[connection.vendor]
        cursor.execute(f"INSERT INTO {TABLE} (mark, case_id) VALUES ({mark}, NULL)")  # noqa: S608


def forget_before(number: int) -> None:
    """Let changes go that nobody will ask for; who is older reads everything anew."""
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {TABLE} WHERE id < %s", [number])  # noqa: S608


RANDOM = {
    "sqlite": "abs(random() >> 1)",
    "postgresql": "(random() * 4611686018427387903)::bigint",
}


def statements(vendor: str, tables: Iterable[str] = TABLES) -> list[str]:
    """What makes a database number the changes of tables."""
    if vendor == "sqlite":
        return [
            f"CREATE TRIGGER {table}_counts_{event.lower()} AFTER {event} ON {table}"
            f" BEGIN {noting(vendor, table, event)} END"
            for table in tables
            for event in ROWS
        ]
    made = []
    for table in tables:
        branches = " ".join(
            f"IF TG_OP = '{event}' THEN {noting(vendor, table, event)} END IF;"
            for event in ROWS
        )
        name = f"{table}_counts"
        function = f"FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql"
        event = f"AFTER INSERT OR UPDATE OR DELETE ON {table} FOR EACH ROW"
        made += [
            f"CREATE {function} AS $$ BEGIN {branches} RETURN NULL; END $$",
            f"CREATE TRIGGER {name} {event} EXECUTE FUNCTION {name}()",
        ]
    return made


def noting(vendor: str, table: str, event: str) -> str:
    """The statement that numbers one change, if it is of something public."""
    row = ROWS[event]
    key, condition = "NULL", "TRUE" if vendor == "postgresql" else "1"
    if table in OF_CASES:
        key = OF_CASES[table].format(row=row)
        condition = CASE_IS_LIVE.format(key=key)
    # A new term counts before it is public: whatever a case points at must be known.
    is_new_term = table in OF_TERMS and event == "INSERT"
    if table in ("cases_case", *OF_TERMS, *OF_TEXTS) and not is_new_term:
        condition = "OLD.live OR NEW.live" if event == "UPDATE" else f"{row}.live"
    insert = f"INSERT INTO {TABLE} (mark, case_id) SELECT {RANDOM[vendor]}, {key}"
    if vendor == "sqlite":
        return f"{insert} WHERE {condition};"
    # The lock comes before the number, so that numbers are in the order of commits.
    return (
        f"IF {condition} THEN PERFORM pg_advisory_xact_lock({LOCK}); {insert}; END IF;"
    )


def undo(vendor: str, tables: Iterable[str]) -> list[str]:
    """What takes the triggers away again."""
    if vendor == "sqlite":
        return [
            f"DROP TRIGGER {table}_counts_{event.lower()}"
            for table in tables
            for event in ROWS
        ]
    return [
        statement
        for table in tables
        for statement in (
            f"DROP TRIGGER {table}_counts ON {table}",
            f"DROP FUNCTION {table}_counts()",
        )
    ]


def promise(*tables: str) -> migrations.RunPython:
    """The step of a migration that makes a database number the changes of tables."""

    def keep(apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
        for statement in statements(schema_editor.connection.vendor, tables):
            schema_editor.execute(statement)

    def release(apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
        for statement in undo(schema_editor.connection.vendor, tables):
            schema_editor.execute(statement)

    return migrations.RunPython(keep, release)
