"""What the database says of public cases, as the index of them keeps it."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from itertools import count
from typing import Self

import numpy as np
from django.db.models import (
    Func,
    IntegerField,
    Manager,
    Max,
    QuerySet,
    StringAgg,
    TextField,
    Value,
)
from django.db.models.functions import Cast, Coalesce, Length, Substr
from pyroaring import BitMap

from cases.choices import Telling
from cases.contents import Version
from cases.crossings import Crossings
from cases.index import (
    COLUMNS,
    COUNTRY_LAST,
    KEPT_BACK,
    LINE_PAIRS,
    Entry,
    Index,
)
from cases.models import (
    Case,
    Country,
    Encounter,
    Organisation,
    Region,
    ResistanceForm,
    Response,
)
from cases.tallies import set_of
from cases.visibility import CONSENTED, EVER, NEVER, consented, uncovered
from cases.windows import Window, Windows
from sources.choices import NOT_STATED
from sources.prepared import Prepared, together
from strategies.models import Strategy

SEPARATOR = "|"  # no value of a line holds it: they are keys and choices
BREAK = "\n"  # between values of a column, none of which holds it
AT_ONCE = 20_000  # keys looked at by one question
MOST_ASKED = 500  # keys in one question
FACTS = ("code", "telling", "evidence", "last_checked", "country", "region")
TOLD = ("telling", "evidence", "country", "region")  # those that many cases share
# A line: what a case met in one encounter, and one response to that.
MET = ("form", "actor", "setting")
ANSWERED = ("strategy", "effect", "visibility")
TERMS_IN_LINE = ("form", "strategy")  # which are keys, and no choices
LINE_OF_CASE = (
    *(f"encounters__{name}" for name in MET),
    *(f"encounters__responses__{name}" for name in ANSWERED),
)
WINDOW = ("visible_from", "visible_until")
EPOCH = date(1970, 1, 1)
TELLING = {value: n for n, value in enumerate(sorted(Telling.values))}


def rows(records: Manager, *fields: str) -> dict[int, tuple]:
    """Some fields of all records, by key."""
    found = records.order_by().values_list("pk", *fields)
    return {key: tuple(told) for key, *told in found}


@dataclass(frozen=True)
class Terms:
    """How terms and places hang together, and what the filters call them."""

    forms: dict[int, tuple[str, str]]  # key → slug, mode
    strategies: dict[int, tuple[str, str]]  # key → slug, family
    organisations: dict[int, tuple[str]]  # key → slug
    regions: dict[str, frozenset[str]]  # region → itself and all that contain it
    countries: dict[str, tuple[int, frozenset[str]]]  # code → place by name, regions

    @classmethod
    def now(cls) -> "Terms":
        """As the database has them: whatever is live or not, since cases may use it."""
        within = defaultdict(set)
        for inner, outer in Region.within.through.objects.values_list(
            "from_region", "to_region"
        ):
            within[inner].add(outer)
        regions = {code: frozenset(found) for code, found in within.items()}
        places = Country.objects.order_by().values_list("code", "name", "region")
        return cls(
            forms=rows(ResistanceForm.objects, "slug", "mode"),
            strategies=rows(Strategy.objects, "slug", "family__slug"),
            organisations=rows(Organisation.objects, "slug"),
            regions=regions,
            countries={
                code: (n, regions.get(region, frozenset()))
                for n, (code, _name, region) in enumerate(
                    sorted(places, key=lambda place: (place[1].casefold(), place[0]))
                )
            },
        )

    def names(self) -> dict[str, dict[int, tuple]]:
        """What terms are called, and what they belong to, by facet."""
        return {
            "form": self.forms,
            "strategy": self.strategies,
            "organisation": self.organisations,
        }

    def places(self) -> tuple:
        """How places hang together."""
        return self.countries, self.regions

    def told(self) -> dict:
        """All of it as JSON can hold it."""
        return {
            "names": [[*found.items()] for found in self.names().values()],
            "regions": [(code, sorted(found)) for code, found in self.regions.items()],
            "countries": [
                (code, n, sorted(found)) for code, (n, found) in self.countries.items()
            ],
        }

    @classmethod
    def of(cls, told: dict) -> "Terms":
        """What was told."""
        names = ({key: tuple(t) for key, t in found} for found in told["names"])
        return cls(
            *names,
            {code: frozenset(found) for code, found in told["regions"]},
            {code: (n, frozenset(found)) for code, n, found in told["countries"]},
        )

    def form(self, key: int | None) -> tuple[str, str]:
        """Slug and mode of a form; not stated where a line has none."""
        return self.forms.get(key, (NOT_STATED, NOT_STATED))

    def strategy(self, key: int | None) -> tuple[str, str]:
        """Slug and family of a strategy; not stated where a line has none."""
        return self.strategies.get(key, (NOT_STATED, NOT_STATED))

    def of_line(self, form, actor, setting, strategy, effect, visibility) -> dict:
        """What a line of a case has, facet by facet; not stated where it is open."""
        slug, mode = self.form(form)
        how, family = self.strategy(strategy)
        return {
            "form": slug,
            "mode": mode,
            "strategy": how,
            "family": family,
            "actor": actor or NOT_STATED,
            "setting": setting or NOT_STATED,
            "effect": effect or NOT_STATED,
            "visibility": visibility or NOT_STATED,
        }

    def of_place(self, country: str | None, region: str | None) -> Iterator[tuple]:
        """The country that a case tells, and the regions that it counts for."""
        yield "country", country or NOT_STATED
        if country:
            _place, regions = self.countries[country]
        else:
            regions = self.regions.get(region, ())
        for code in regions or [NOT_STATED]:
            yield "region", code

    def place(self, country: str | None) -> int:
        """Where a country stands in the alphabet; last, where it is not told."""
        return self.countries[country][0] if country else COUNTRY_LAST


def orders(terms: Terms) -> dict[str, tuple[str, Callable]]:
    """How cases are sorted: the column of the index, the field, and its number."""
    return {
        "code": ("code", code_number),
        "telling": ("telling", TELLING.get),
        "checked": ("last_checked", days),
        "country": ("country", terms.place),
    }


def code_number(code: str) -> int:
    """A code as a number; C0012 and C012 are two codes."""
    return int(code[1:]) * 8 + len(code) - 1


def days(day: date) -> int:
    """A day as a number that its column can hold: a slip of the pen breaks no list."""
    return min(max((day - EPOCH).days, 0), np.iinfo(COLUMNS["checked"]).max)


def seconds_of(told: str) -> float:
    """A moment as a database tells it, in seconds; SQLite does not say “UTC”."""
    moment = datetime.fromisoformat(told)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def window(since, until) -> Window | None:
    """When a case may be seen; nothing where that is always."""
    if since == EVER and until == NEVER:
        return None
    return Window(since.timestamp(), until.timestamp())


def released() -> QuerySet[Case]:
    """Cases that are public, or will be at some minute, or were until one."""
    return Case.objects.filter(Case.is_released()).order_by()


FACTS_OF = Prepared(
    lambda keys: released().filter(pk__in=keys).values_list("pk", *FACTS, *WINDOW)
)
ORGANISATIONS_OF = Prepared(
    lambda keys: Case.organisations.through.objects.filter(case__in=keys).values_list(
        "case", "organisation"
    )
)
LINES_OF = Prepared(
    lambda keys: (
        Case.objects.order_by().filter(pk__in=keys).values_list("pk", *LINE_OF_CASE)
    )
)


def entries(keys: Iterable[int], terms: Terms) -> Iterator[Entry]:
    """These cases as the index knows them, those of them that are public."""
    keys = sorted(keys)
    for at in range(0, len(keys), MOST_ASKED):
        yield from told(together(*asked(keys[at : at + MOST_ASKED])), terms)


def asked(keys: list[int]) -> list[tuple]:
    """The questions for as many cases as one question takes."""
    return [
        (FACTS_OF, keys),
        (ORGANISATIONS_OF, keys),
        (LINES_OF, keys),
        (CONSENTED, keys),
    ]


def told(answers: list[list[tuple]], terms: Terms) -> Iterator[Entry]:
    """The cases that the answers to what was asked tell of."""
    found, organisations, met, allowed = answers
    facts = {key: told for key, *told in found}
    of_case = defaultdict(list)
    for key, organisation in organisations:
        if key in facts:
            of_case[key].append(terms.organisations[organisation][0])
    lines = defaultdict(list)
    for key, *line in met:
        if key in facts:
            lines[key].append(terms.of_line(*line))
    back = defaultdict(set)
    for key, scope in uncovered(allowed):
        back[key].add((KEPT_BACK, scope))
    for key, (*told, since, until) in facts.items():
        _code, telling, evidence, _checked, country, region = told
        values = {("telling", telling), ("evidence", evidence)}
        values |= {("organisation", slug) for slug in of_case[key] or [NOT_STATED]}
        values |= {*terms.of_place(country, region)} | back[key]
        for line in lines[key]:
            values |= line.items()
        pairs = {
            (second, line["form"], line[second])
            for line in lines[key]
            for second in LINE_PAIRS
        }
        yield Entry(
            key,
            tuple(
                as_number(told[FACTS.index(name)])
                for name, as_number in orders(terms).values()
            ),
            frozenset(values),
            frozenset(pairs),
            window(since, until),
        )


@dataclass
class Table:
    """The answer to a question, column by column: each value once, and its places.

    keys: of what a row belongs to, a case as a rule. own: the row’s own number, or
    nothing where none was asked for.
    """

    keys: np.ndarray
    own: np.ndarray
    values: dict[str, dict]  # field → value → place
    places: dict[str, np.ndarray]

    @classmethod
    def of(cls, found: QuerySet, key: str, *fields: str, number: str = "") -> Self:
        """Read a question’s answer, some keys of its table at a time.

        key: what a row belongs to. number: the row’s own, if it is asked for.
        """
        numbers = [key, number] if number else [key]
        values = {name: defaultdict(count().__next__) for name in fields}
        read = {name: [np.zeros(0, np.uint32)] for name in numbers}
        parts = {name: [np.zeros(0, np.int32)] for name in fields}
        for row in answer(found, *numbers, *fields):
            for name, column in zip(numbers, row, strict=False):
                read[name].append(np.fromstring(column, np.uint32, sep=BREAK))
            for name, column in zip(fields, row[len(numbers) :], strict=True):
                told = column.split(BREAK)
                places = map(values[name].__getitem__, told)
                parts[name].append(np.fromiter(places, np.int32, len(told)))
        keys, *own = map(np.concatenate, read.values())
        return cls(
            keys,
            *(own or [np.zeros(0, np.uint32)]),
            values,
            {name: np.concatenate(part) for name, part in parts.items()},
        )

    def at(self, name: str, rows: np.ndarray) -> np.ndarray:
        """The places of a column in some rows; in none (-1) stands nothing."""
        return np.append(self.places[name], self.values[name][None])[rows]

    def parted(self, name: str, *fields: str) -> None:
        """Read a column that tells several fields in one text as a column for each.

        PostgreSQL hands over one text sooner than many, and the same come up again and
        again.
        """
        codes = {field: [] for field in fields}
        self.values |= {field: defaultdict(count().__next__) for field in fields}
        for text in self.values.pop(name):
            told = text.split(SEPARATOR) if text else [""] * len(fields)
            for field, part in zip(fields, told, strict=True):
                value = int(part) if part and field in TERMS_IN_LINE else part or None
                codes[field].append(self.values[field][value])
        places = self.places.pop(name)
        for field, code in codes.items():
            self.places[field] = np.array(code, np.int32)[places]

    def sets(self, name: str) -> dict:
        """Each value of a column, with the cases that have it."""
        values = list(self.values[name])
        return {values[n]: found for n, found in grouped(self.places[name], self.keys)}

    def meetings(self, first: str, second: str) -> dict:
        """Each pair of values that stand in one row, with the cases."""
        left, right = list(self.values[first]), list(self.values[second])
        both = self.places[first] * len(right) + self.places[second]
        return {
            (left[n // len(right)], right[n % len(right)]): found
            for n, found in grouped(both, self.keys)
        }

    def moments(self, name: str) -> np.ndarray:
        """A column of moments as seconds since 1970."""
        seconds = [seconds_of(moment) for moment in self.values[name]]
        return np.array(seconds, np.float64)[self.places[name]]

    def numbers(self, name: str, as_number: Callable, kind: type) -> np.ndarray:
        """A column as numbers, by case key."""
        table = np.array([as_number(value) for value in self.values[name]], kind)
        return by_key(self.keys, table[self.places[name]] if len(table) else table)


def answer(found: QuerySet, *fields: str) -> Iterator[list[str]]:
    """Columns of an answer, each as one text, for some keys of its table at a time.

    To hand over row by row took SQLite 1.7 times as long.
    """
    ask = Prepared(partial(in_one_row, found.order_by(), fields))
    last = found.model._base_manager.aggregate(last=Max("pk"))["last"] or 0
    spans = ((low, low + AT_ONCE) for low in range(0, last + 1, AT_ONCE))
    for rows in ask.ahead(spans):
        yield from (row for row in rows if row[0] is not None)


def in_one_row(found: QuerySet, fields: Iterable[str], low: int, high: int) -> QuerySet:
    """The question for fields of all rows between two keys, one column a field.

    None of them may be empty (NULL): it would be left out, and the next take its place.
    """
    columns = {
        f"column_{name}": StringAgg(Cast(name, TextField()), Value(BREAK))
        for name in fields
    }
    some = found.filter(pk__gte=low, pk__lt=high)
    alike = some.values(alike=Value(1))  # one group of all
    return alike.annotate(**columns).values_list(*columns)


def by_key(keys: np.ndarray, numbers: np.ndarray) -> np.ndarray:
    """A column in which each number stands at its key."""
    column = np.zeros(int(keys.max(initial=0)) + 1, numbers.dtype)
    column[keys] = numbers
    return column


def grouped(places: np.ndarray, keys: np.ndarray) -> Iterator[tuple[int, BitMap]]:
    """Each number with the keys at which it stands."""
    if not len(places):
        return
    places = places.astype(np.min_scalar_type(places.max()))  # small is sorted sooner
    order = np.argsort(places, kind="stable")
    found, starts = np.unique(places[order], return_index=True)
    for n, part in zip(found.tolist(), np.split(keys[order], starts[1:]), strict=True):
        yield n, set_of(part)


def everything(version: Version, terms: Terms) -> Index:
    """The index of all public cases, read from the tables at once."""
    cases = facts()
    public = set_of(cases.keys)
    lines = lines_of(cases.keys)
    sets = {name: merged(cases.sets(name)) for name in ("telling", "evidence")}
    sets |= {
        name: merged(lines.sets(name))
        for name in (*MET, *ANSWERED)
        if name not in TERMS_IN_LINE
    }
    forms, strategies = lines.sets("form"), lines.sets("strategy")
    sets["form"] = merged(forms, lambda key: terms.form(key)[0])
    sets["mode"] = merged(forms, lambda key: terms.form(key)[1])
    sets["strategy"] = merged(strategies, lambda key: terms.strategy(key)[0])
    sets["family"] = merged(strategies, lambda key: terms.strategy(key)[1])
    sets |= places(cases, terms) | organisations(public, terms)
    sets[KEPT_BACK] = kept_back()
    return Index(
        version=version,
        everything=public,
        sets=sets,
        pairs=pairs(lines, terms),
        columns=columns(cases, terms),
        windows=windows(),
        crossings=Crossings.of(sets),
    )


def facts() -> Table:
    """What is told of each public case as a whole; own is its code as a number.

    The database makes numbers of codes, and texts of days: a million Python objects,
    most of them different, took longer than all the rest.
    """
    asked = released().annotate(
        number=Cast(Substr("code", 2), IntegerField()) * 8 + Length("code") - 1,
        told=as_one_text(TOLD),
        day=Cast("last_checked", TextField()),
    )
    cases = Table.of(asked, "pk", "told", "day", number="number")
    cases.parted("told", *TOLD)
    cases.places["last_checked"] = cases.places.pop("day")
    cases.values["last_checked"] = {
        date.fromisoformat(day): place for day, place in cases.values.pop("day").items()
    }
    return cases


def lines_of(cases: np.ndarray) -> Table:
    """What these cases met, and how they answered.

    Each table is read from end to end and joined here: to go from each case to its
    encounters and their responses took SQLite three times as long.
    """
    met = Encounter.objects.order_by().annotate(told=as_one_text(MET))
    answered = Response.objects.order_by().annotate(told=as_one_text(ANSWERED))
    encounters = Table.of(met, "case", "told", number="pk")
    responses = Table.of(answered, "encounter", "told")
    encounter, response = beside(encounters.own, responses.keys)
    case, line = beside(cases, encounters.keys[encounter])
    encounter, response = (np.append(rows, -1)[line] for rows in (encounter, response))
    lines = Table(
        cases[case],
        np.arange(len(case)),
        {"met": encounters.values["told"], "answered": responses.values["told"]},
        {
            "met": encounters.at("told", encounter),
            "answered": responses.at("told", response),
        },
    )
    lines.parted("met", *MET)
    lines.parted("answered", *ANSWERED)
    return lines


def beside(parents: np.ndarray, parent_of: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rows of parents, and beside each the row of one of its children, or -1.

    parents are their keys, each once; a parent without children stands alone. Children
    whose parent is not among them are left out.
    """
    size = int(max(parents.max(initial=0), parent_of.max(initial=0))) + 1
    row_of = np.full(size, -1, np.int32)
    row_of[parents] = np.arange(len(parents))
    row = row_of[parent_of]
    child = np.flatnonzero(row >= 0)
    has_none = np.ones(len(parents), bool)
    has_none[row[child]] = False
    alone = np.flatnonzero(has_none)
    return (
        np.concatenate([row[child], alone]),
        np.concatenate([child, np.full(len(alone), -1)]),
    )


def as_one_text(fields: Iterable[str]) -> Func:
    """Some fields of a row as one text; what is not there is empty."""
    return Func(
        *(Coalesce(Cast(field, TextField()), Value("")) for field in fields),
        template="%(expressions)s",
        arg_joiner=f" || '{SEPARATOR}' || ",
        output_field=TextField(),
    )


def merged(sets: dict, named: Callable = lambda value: value) -> dict[str, BitMap]:
    """The same under the names that filters use; what has none is not stated."""
    made: dict[str, BitMap] = {}
    for value, found in sets.items():
        name = named(value) or NOT_STATED
        made[name] = made[name] | found if name in made else found
    return made


def places(cases: Table, terms: Terms) -> dict[str, dict[str, BitMap]]:
    """Cases by country, and by region."""
    countries, told = cases.sets("country"), cases.sets("region")
    by_region: dict[str, list[BitMap]] = defaultdict(list)
    for country, found in countries.items():
        inside = terms.countries[country][1] if country else ()
        for region in inside or ([NOT_STATED] if country else []):
            by_region[region].append(found)
    untold = countries.get(None, BitMap())
    for region, found in told.items():
        for name in terms.regions.get(region, ()) or [NOT_STATED]:
            by_region[name].append(found & untold)
    united = {name: BitMap.union(*found) for name, found in by_region.items()}
    return {
        "country": merged(countries),
        "region": {name: found for name, found in united.items() if found},
    }


def organisations(public: BitMap, terms: Terms) -> dict[str, dict[str, BitMap]]:
    """Cases by organisation."""
    through = Case.organisations.through.objects.order_by()
    links = Table.of(through, "case", "organisation").sets("organisation")
    sets = {terms.organisations[int(key)][0]: found for key, found in links.items()}
    named = BitMap.union(*sets.values()) if sets else BitMap()
    sets = {slug: found & public for slug, found in sets.items()}
    sets[NOT_STATED] = public - named
    return {"organisation": {slug: found for slug, found in sets.items() if found}}


def kept_back() -> dict[str, BitMap]:
    """Cases by what their newest consent does not allow."""
    sets: dict[str, BitMap] = defaultdict(BitMap)
    for key, scope in uncovered(consented()):
        sets[scope].add(key)
    return dict(sets)


def pairs(lines: Table, terms: Terms) -> dict[str, dict[tuple[str, str], BitMap]]:
    """Cases by what meets a form in one line."""
    made: dict[str, dict] = {}
    answers = lines.meetings("form", "strategy")
    for n, name in enumerate(("strategy", "family")):
        made[name] = merged(
            answers, lambda key, n=n: (terms.form(key[0])[0], terms.strategy(key[1])[n])
        )
    for name in ("actor", "setting"):
        made[name] = merged(
            lines.meetings("form", name),
            lambda key: (terms.form(key[0])[0], key[1] or NOT_STATED),
        )
    return made


def columns(cases: Table, terms: Terms) -> dict[str, np.ndarray]:
    """What cases are sorted by."""
    made = {
        name: cases.numbers(field, as_number, COLUMNS[name])
        for name, (field, as_number) in orders(terms).items()
        if name != "code"
    }
    return {"code": by_key(cases.keys, cases.own.astype(COLUMNS["code"])), **made}


def windows() -> Windows:
    """When those cases may be seen that may not be seen always."""
    some = released().exclude(visible_from=EVER, visible_until=NEVER)
    told = {f"{name}_told": Cast(name, TextField()) for name in WINDOW}
    found = Table.of(some.annotate(**told), "pk", *told)
    order = np.argsort(found.keys)
    return Windows(found.keys[order], *(found.moments(name)[order] for name in told))
