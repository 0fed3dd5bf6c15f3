"""Which cases a selection finds, and how many each further value would.

Its public face: FACETS, PAIRS, AXES, vocabulary(), matching(), shown(), shown_pairs(),
counts_of() and table(). Who uses it does not know how it counts.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import reduce
from operator import or_

from django.db.models import Count, F, Q, Value
from django.db.models.functions import Coalesce
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cases.choices import Actor, Effect, Evidence, Mode, Setting, Telling, Visibility
from cases.models import Case, Country, Organisation, Region
from cases.models import ResistanceForm as Form
from cases.querysets import CaseQuerySet, has_published_case, line_has
from cases.search import cases_with_words
from cases.selection import Selection
from sources.choices import NOT_STATED
from strategies.models import Strategy, StrategyFamily

FORM = "encounters__form__slug"
STRATEGY = "encounters__responses__strategy__slug"
FAMILY = "encounters__responses__strategy__family__slug"


@dataclass(frozen=True)
class Option:
    """A value of a facet, with the words that stand for it."""

    value: str
    label: str | Promise
    group: str | Promise = ""
    parent: str = ""  # the value of the wider facet that holds it


@dataclass(frozen=True)
class Facet:
    """One thing to filter by: where its values stand in a line, and their names."""

    name: str
    label: str | Promise
    path: str
    options: Callable[[], Iterable[Option]]
    or_path: str = ""  # where the value stands if not there
    many: bool = True  # a case can have several of its values, so “all” makes sense

    def condition(self, value: str) -> Q:
        """What a line must be to have the value."""
        return line_has(self.path, value)

    def of_line(self) -> Coalesce:
        """The value of a line, as the database reads it."""
        paths = [F(path) for path in (self.path, self.or_path) if path]
        return Coalesce(*paths, Value(NOT_STATED))


class Place(Facet):
    """The regions that hold the country of a case, or the region that it tells."""

    def condition(self, value: str) -> Q:
        if value == NOT_STATED:
            return Q(country__region__isnull=True, region__isnull=True)
        inner = Region.objects.filter(within=value).values("pk")
        countries = Country.objects.filter(region__in=inner).values("pk")
        return Q(country__in=countries) | Q(region__in=inner)


@dataclass(frozen=True)
class Pair:
    """Two facets that must meet in one line: repression~engagement.

    The second half may be told at several levels: by strategy or by family.
    """

    name: str
    label: str | Promise
    first: str
    second: tuple[str, ...]
    many = True

    def condition(self, value: str) -> Q:
        """What a line must be to have both halves."""
        first, _tilde, second = value.partition("~")
        halves = [line_has(FACETS[name].path, second) for name in self.second]
        return line_has(FACETS[self.first].path, first) & reduce(or_, halves)


def forms() -> list[Option]:
    rows = Form.objects.published()
    return [
        *(Option(form.slug, form.name, form.get_mode_display()) for form in rows),
        Option(NOT_STATED, _("Form not stated")),
    ]


def strategies() -> list[Option]:
    rows = Strategy.objects.published().select_related("family")
    return [
        *(Option(row.slug, row.name, row.family.name, row.family.slug) for row in rows),
        Option(NOT_STATED, _("No response stated")),
    ]


def families() -> list[Option]:
    rows = StrategyFamily.objects.published()
    return [
        *(Option(row.slug, row.name) for row in rows),
        Option(NOT_STATED, _("No response stated")),
    ]


def countries() -> list[Option]:
    rows = Country.objects.filter(has_published_case("country", Case))
    return [Option(row.code, row.name) for row in rows] + untold(country=None)


def regions() -> list[Option]:
    rows = Region.objects.filter(
        has_published_case("country__region__within", Case)
        | has_published_case("region__within", Case)
    )
    return [Option(row.code, row.name) for row in rows] + untold(
        region=None, country__region=None
    )


def untold(**where) -> list[Option]:
    """“Not told”, where a public case keeps its place to itself."""
    if Case.objects.published().filter(**where).exists():
        return [Option(NOT_STATED, _("Not told"))]
    return []


def organisations() -> list[Option]:
    rows = Organisation.objects.published().filter(
        has_published_case("organisations", Case)
    )
    return [
        *(Option(row.slug, row.name) for row in rows),
        Option(NOT_STATED, _("Not named by the source")),
    ]


def closed(choices) -> Callable[[], list[Option]]:
    """The options of a closed list."""
    return lambda: [Option(value, label) for value, label in choices.choices]


def modes() -> list[Option]:
    return [*closed(Mode)(), Option(NOT_STATED, _("Form not stated"))]


FACETS: dict[str, Facet] = {
    facet.name: facet
    for facet in (
        Facet("form", _("Form of resistance"), FORM, forms),
        Facet("mode", _("Passive or active"), "encounters__form__mode", modes),
        Facet("family", _("Kind of response"), FAMILY, families),
        Facet("strategy", _("Response strategy"), STRATEGY, strategies),
        Facet("country", _("Country"), "country__code", countries, many=False),
        Place(
            "region",
            _("Region"),
            "country__region__within__code",
            regions,
            "region__within__code",
        ),
        Facet("actor", _("Who resists"), "encounters__actor", closed(Actor)),
        Facet("setting", _("Setting"), "encounters__setting", closed(Setting)),
        Facet("effect", _("Effect"), "encounters__responses__effect", closed(Effect)),
        Facet(
            "visibility",
            _("Visibility of the response"),
            "encounters__responses__visibility",
            closed(Visibility),
        ),
        Facet("telling", _("How much is told"), "telling", closed(Telling), many=False),
        Facet(
            "evidence", _("Kind of evidence"), "evidence", closed(Evidence), many=False
        ),
        Facet("organisation", _("Organisation"), "organisations__slug", organisations),
    )
}
PAIRS: dict[str, Pair] = {
    pair.name: pair
    for pair in (
        Pair("answer", _("Answered how"), "form", ("strategy", "family")),
        Pair("met_by", _("Which form from whom"), "form", ("actor",)),
        Pair("met_in", _("Which form where"), "form", ("setting",)),
    )
}
ALL = {**FACETS, **PAIRS}

type Vocabulary = dict[str, dict[str, Option]]


def vocabulary() -> Vocabulary:
    """Every value a reader can pick, by facet. What is not in it is refused."""
    return {
        name: {option.value: option for option in facet.options()}
        for name, facet in FACETS.items()
    }


def matching(selection: Selection) -> CaseQuerySet:
    """The published cases that a selection finds, in no particular order."""
    cases = Case.objects.published().order_by()
    if selection.words:
        cases = cases.filter(pk__in=cases_with_words(selection.words))
    for name, values in selection.picked.items():
        conditions = [ALL[name].condition(value) for value in values]
        if name not in selection.every:
            conditions = [reduce(or_, conditions)]
        for condition in conditions:
            cases = cases.with_line(condition)
    return cases


def shown(selection: Selection, words: Vocabulary) -> dict[str, dict[str, int]]:
    """For each facet: value → the number of cases once that value is picked too."""
    total = matching(selection).count()
    counts = {}
    for name, options in words.items():
        more = adding(selection, name, FACETS[name])
        # Picked again, or brought in as an alternative that no other case has.
        same = selection.values(name)
        rest = total if same and name not in selection.every else 0
        counts[name] = {
            value: total if value in same else more.get(value, rest)
            for value in options
        }
    return counts


def counts_of(name: str) -> dict[str, int]:
    """How many published cases have each value of a facet."""
    return count_by(matching(Selection()), FACETS[name])


def shown_pairs(selection: Selection, name: str) -> dict[str, int]:
    """The same for a pair of facets, less those that no case has."""
    pair = PAIRS[name]
    levels = FACETS[pair.first], FACETS[pair.second[-1]]
    total = matching(selection).count()
    counts = {
        f"{first}~{second}": n
        for (first, second), n in adding(selection, name, *levels).items()
    }
    return counts | dict.fromkeys(selection.values(name), total)


def adding(selection: Selection, name: str, *levels: Facet) -> dict:
    """How many cases a selection finds with one more value of the facet named."""
    here = matching(selection)
    if not selection.values(name) or name in selection.every:
        return count_by(here, *levels)
    # Alternatives: what is found now, and what only the further value brings in.
    others = matching(selection.without(name)).exclude(pk__in=here.values("pk"))
    total = here.count()
    return {value: total + n for value, n in count_by(others, *levels).items()}


def count_by(cases: CaseQuerySet, *levels: Facet) -> dict:
    """Count cases by value, or by values that meet in one line."""
    keys = {f"value_{n}": facet.of_line() for n, facet in enumerate(levels)}
    lines = Case.objects.filter(pk__in=cases.values("pk")).order_by()
    rows = lines.values(**keys).annotate(n=Count("pk", distinct=True))
    return {
        (values[0] if len(values) == 1 else tuple(values)): n
        for *values, n in rows.values_list(*keys, "n")
    }


@dataclass(frozen=True)
class Axes:
    """Two facets to lay out as a table, and the pair that says they meet.

    Without a pair, one of the two is a fact of the whole case, such as its country.
    """

    name: str
    label: str | Promise
    rows: str
    columns: str
    pair: str = ""


AXES: dict[str, Axes] = {
    axes.name: axes
    for axes in (
        Axes("form-family", _("Form by kind of response"), "form", "family", "answer"),
        Axes("form-strategy", _("Form by strategy"), "form", "strategy", "answer"),
        Axes("form-country", _("Form by country"), "form", "country"),
        Axes("strategy-country", _("Strategy by country"), "strategy", "country"),
        Axes("form-actor", _("Form by who resists"), "form", "actor", "met_by"),
        Axes("form-setting", _("Form by setting"), "form", "setting", "met_in"),
    )
}


# Picking families opens the table to their strategies.
WIDER = {"strategy": "family"}
NARROWER = {"form-family": "form-strategy"}


@dataclass(frozen=True)
class Cell:
    """A number in the table, and the selection that finds exactly that many."""

    count: int
    selection: Selection


@dataclass(frozen=True)
class Table:
    """Counts by two facets: one cell a (row, column), totals that count cases once."""

    rows: list[Option]
    columns: list[Option]
    cells: dict[tuple[str, str], Cell]
    row_totals: dict[str, Cell]
    column_totals: dict[str, Cell]
    total: Cell
    base: CaseQuerySet  # the cases that cells are counted over
    keeps_pairs: bool  # whether pairs that were picked stay in force


def table(selection: Selection, axes: Axes, words: Vocabulary) -> Table:
    """Lay out what a selection finds.

    Values picked on an axis choose its rows or columns. Pairs picked as alternatives
    are set aside, since each cell is a pair of its own.
    """
    keeps_pairs = axes.pair in selection.every
    if axes.pair and not keeps_pairs:
        selection = selection.without(axes.pair)
    sides = axes.rows, axes.columns
    free = selection.without(*(s for s in sides if s not in selection.every))

    def options(side: str) -> list[Option]:
        found = list(words[side].values())
        if side not in selection.every and selection.values(side):
            return [o for o in found if o.value in selection.values(side)]
        wider = WIDER.get(side, "")
        if wider not in selection.every and selection.values(wider):
            return [o for o in found if o.parent in selection.values(wider)]
        return found

    def picking(base: Selection, side: str, value: str) -> Selection:
        if side in selection.every:
            return base.adding(side, value)
        return base.putting(side, {value})

    def totals(side: str) -> dict[str, Cell]:
        base = selection if side in selection.every else selection.without(side)
        counts = count_by(matching(base), FACETS[side])
        return {
            o.value: Cell(counts.get(o.value, 0), picking(selection, side, o.value))
            for o in options(side)
        }

    def cell(row: str, column: str) -> Cell:
        if axes.pair:
            chosen = free.adding(axes.pair, f"{row}~{column}")
        else:
            chosen = picking(picking(free, axes.rows, row), axes.columns, column)
        return Cell(counts.get((row, column), 0), chosen)

    counts = count_by(matching(free), FACETS[axes.rows], FACETS[axes.columns])
    rows, columns = options(axes.rows), options(axes.columns)
    return Table(
        rows=rows,
        columns=columns,
        cells={
            (r.value, c.value): cell(r.value, c.value) for r in rows for c in columns
        },
        row_totals=totals(axes.rows),
        column_totals=totals(axes.columns),
        total=Cell(matching(selection).count(), selection),
        base=matching(free),
        keeps_pairs=keeps_pairs,
    )
