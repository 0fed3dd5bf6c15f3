"""The description of the API (OpenAPI 3.1), made of the tables and the facets.

The page for people reads the same parameters.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cases.facets import ALL, FACETS, PAIRS, Vocabulary
from cases.filters import LONGEST_QUERY, MATCHES, MOST_VALUES, MOST_WORDS, SORTS
from kb.api import asking
from kb.api.gathering import includable
from kb.api.problems import KIND, SENTENCES
from kb.exports.about import LICENCE, LICENCE_ADDRESS, SAMPLING, SITE, absolute
from kb.exports.choosing import CASE
from kb.exports.columns import Column, Kind, Table
from kb.exports.tables import TABLES
from sources.choices import NOT_STATED

VERSION = "1.0"
WORDS = _(
    "Words to look for, at most {words}. “a phrase”, begin* and -without work too, as"
    " on the page; -without needs a word that is wanted beside it."
)
MANY = _("At most {most} values of one filter are understood.")
PAIR = _("A form, “~”, and what must meet it in one encounter or response.")
MATCH = _("“all”: a case must have all of the values; “any”: one of them is enough.")
VERSION_OF = _("The newest version of the dataset; empty before the first.")
ORDER = _("The order of cases. Other rows stand in the order of codes or short names.")
CODES = _("Codes of cases, as in C001.")
ROWS = _("How many rows there may be in an answer.")
NEXT = _("Where to go on: do not make one, but follow “next” of the answer before.")
COLUMNS = _("Columns wanted, with commas between them; all if there is none.")
INNER = _("Tables whose rows are put into each row that they belong to.")
STATUSES = {
    "301": _("It was merged into another record: see Location."),
    "304": _("Nothing is new since the ETag that you sent in If-None-Match."),
    "400": _("A parameter or value cannot be used; “parameters” names it."),
    **{str(status): sentence for status, sentence in SENTENCES.items()},
}
OF_LISTS = ("304", "400", "404", "405", "429")
OF_RECORDS = ("301", *OF_LISTS, "410")


@dataclass(frozen=True)
class Parameter:
    """One parameter, what it means, and what it can be."""

    name: str
    meaning: str | Promise
    schema: dict = field(default_factory=dict)
    explode: bool = True  # given once a value, not once with commas between them

    def described(self) -> dict:
        """As OpenAPI tells it."""
        told = {"name": self.name, "in": "query", "description": str(self.meaning)}
        told["schema"] = self.schema
        if self.schema["type"] == "array":
            told |= {"style": "form", "explode": self.explode}
        return told


def several(values: dict) -> dict:
    """The schema of a parameter with several values; to repeat one does no harm."""
    return {"type": "array", "items": {"type": "string"} | values}


def filters(words: Vocabulary) -> Iterator[Parameter]:
    """The filters of the site, with the values that there are today."""
    meaning = str(WORDS).format(words=MOST_WORDS)
    yield Parameter("q", meaning, {"type": "string", "maxLength": LONGEST_QUERY})
    for name, facet in FACETS.items():
        if words[name]:
            enum = {"enum": [*words[name]]}
            yield Parameter(name, facet.label, several(enum))
    for name, pair in PAIRS.items():
        second = dict.fromkeys(v for level in pair.second for v in words[level])
        pattern = f"^({'|'.join(words[pair.first])})~({'|'.join(second)})$"
        meaning = f"{pair.label}. {PAIR}"
        yield Parameter(name, meaning, several({"pattern": pattern}))
    for name, of in MATCHES.items():
        meaning = f"{ALL[of].label}: {MATCH}"
        yield Parameter(name, meaning, {"type": "string", "enum": ["any", "all", ""]})
    yield Parameter("sort", ORDER, {"type": "string", "enum": [*SORTS]})


def paging() -> Iterator[Parameter]:
    """What else can be asked of every table."""
    yield Parameter(CASE, CODES, several({"pattern": "^C[0-9]{3,7}$"}))
    yield Parameter(
        asking.LIMIT,
        ROWS,
        {
            "type": "integer",
            "minimum": 1,
            "maximum": asking.MOST_ROWS,
            "default": asking.USUAL_ROWS,
        },
    )
    yield Parameter(asking.CURSOR, NEXT, {"type": "string"})


def parts(table: Table) -> Iterator[Parameter]:
    """What can be asked of each row."""
    names = {"enum": table.names}
    schema = several(names) | {"minItems": 1}
    yield Parameter(asking.FIELDS, COLUMNS, schema, explode=False)
    if inner := includable(table):
        schema = several({"enum": inner}) | {"minItems": 1}
        yield Parameter(asking.INCLUDE, INNER, schema, explode=False)


def description(words: Vocabulary) -> dict:
    """The whole description."""
    finding, paths = [*filters(words)], {}
    shared = [*finding, *paging()]
    for table in TABLES.values():
        paths[f"{asking.HOME}{table.name}"] = {"get": of_table(table, shared)}
        if table.key:
            keys = "/".join(f"{{{name}}}" for name in table.key)
            paths[f"{asking.HOME}{table.name}/{keys}"] = {"get": of_record(table)}
    paths[f"{asking.HOME}facets"] = {"get": of_facets(finding)}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": str(SITE),
            "version": VERSION,
            "description": f"{SAMPLING} {str(MANY).format(most=MOST_VALUES)}",
            "license": {"name": str(LICENCE), "url": LICENCE_ADDRESS},
        },
        "servers": [{"url": absolute("")}],
        "paths": paths,
        "components": {
            "schemas": SCHEMAS | {t.name: schema_of(t) for t in TABLES.values()},
            "parameters": {one.name: one.described() for one in shared},
            "responses": {status: response(status) for status in STATUSES},
        },
    }


def of_table(table: Table, shared: list[Parameter]) -> dict:
    """Reading some rows of a table."""
    rows = {"type": "array", "items": named(table.name)}
    body = {"about": named("About"), "rows": rows, "next": {"type": ["string", "null"]}}
    return {
        "operationId": f"list_{table.name}",
        "summary": str(table.label),
        "description": str(table.meaning),
        "parameters": [
            *map(shared_one, shared),
            *(p.described() for p in parts(table)),
        ],
        "responses": answers(OF_LISTS, whole(body)),
    }


def of_record(table: Table) -> dict:
    """Reading one row of a table."""
    columns = (table.column(name) for name in table.key)
    path = [
        {
            "name": column.name,
            "in": "path",
            "required": True,
            "description": str(column.meaning),
            "schema": schema_of_column(column) | {"minLength": 1}
            if column.kind != Kind.INTEGER
            else {"type": "integer", "minimum": 1},
        }
        for column in columns
    ]
    return {
        "operationId": f"read_{table.name}",
        "summary": f"{table.label}: {', '.join(table.key)}",
        "parameters": [*path, *(p.described() for p in parts(table))],
        "responses": answers(OF_RECORDS, named(table.name)),
    }


def of_facets(finding: list[Parameter]) -> dict:
    """Counting the values of all facets."""
    facet = {"type": "array", "items": named("Facet")}
    body = {"about": named("About"), "facets": facet, "pairs": facet}
    return {
        "operationId": "count_facets",
        "summary": str(
            _("Each value of each filter, and how many cases it would find")
        ),
        "parameters": [*map(shared_one, finding)],
        "responses": answers(OF_LISTS, whole(body)),
    }


def shared_one(parameter: Parameter) -> dict:
    return {"$ref": f"#/components/parameters/{parameter.name}"}


def answers(statuses: tuple[str, ...], body: dict) -> dict:
    """What can be answered."""
    links = {
        status: {"$ref": f"#/components/responses/{status}"} for status in statuses
    }
    content = {"application/json": {"schema": body}}
    return {"200": {"description": "OK", "content": content}, **links}


def response(status: str) -> dict:
    """An answer that is not the one hoped for."""
    told: dict = {"description": str(STATUSES[status])}
    if int(status) >= 400:
        told["content"] = {KIND: {"schema": named("Problem")}}
    if status == "301":
        moved = whole({"moved_to": {"type": "string"}})
        told["content"] = {"application/json": {"schema": moved}}
    return told


# Schemas


def named(name: str) -> dict:
    return {"$ref": f"#/components/schemas/{name}"}


def whole(properties: dict, *left_out: str) -> dict:
    """An object that has all of these, and nothing else."""
    return {
        "type": "object",
        "properties": properties,
        "required": [name for name in properties if name not in left_out],
        "additionalProperties": False,
    }


def schema_of(table: Table) -> dict:
    """A row of a table. With “fields”, it has some of the columns only."""
    columns = {column.name: schema_of_column(column) for column in table.columns}
    inner = {
        name: {"type": "array", "items": named(name)} for name in includable(table)
    }
    return whole(columns | inner, *columns, *inner) | {"title": str(table.label)}


def schema_of_column(column: Column) -> dict:
    """What stands in a column."""
    told = {"title": str(column.label), "description": str(column.meaning)}
    match column.kind:
        case Kind.LIST:
            return told | {"type": "array", "items": {"type": "string"}}
        case Kind.INTEGER:
            number = {"type": "integer"}
            silent = {"const": NOT_STATED} if column.silent else {"type": "null"}
            return told | {"anyOf": [number, silent]}
        case Kind.DATE:
            return told | {"type": "string", "format": "date"}
    if column.choices:
        told["enum"] = [*dict.fromkeys([*dict(column.values), column.silent])]
    return told | {"type": "string"}


TEXT, NUMBER = {"type": "string"}, {"type": "integer", "minimum": 0}
VALUE = {
    **dict.fromkeys(("value", "label", "group"), TEXT),
    "picked": {"type": "boolean"},
    "any": NUMBER,
    "all": {"type": ["integer", "null"]},
}
FACET = {"name": TEXT, "label": TEXT, "match": {"enum": ["any", "all"]}}
SCHEMAS = {
    "About": whole(
        {
            **dict.fromkeys(("contents", "address"), TEXT),
            **dict.fromkeys(("cases", "all_cases"), NUMBER),
            "version": TEXT | {"description": str(VERSION_OF)},
            "date": {"type": ["string", "null"], "format": "date"},
            **dict.fromkeys(("sampling", "licence", "how_to_cite"), TEXT),
        }
    ),
    "Facet": whole(FACET | {"values": {"type": "array", "items": whole(VALUE)}}),
    "Problem": whole(
        {
            "type": TEXT,
            "title": TEXT,
            "status": {"type": "integer"},
            "detail": TEXT,
            "parameters": {"type": "array", "items": TEXT},
        },
        "parameters",
    ),
}
