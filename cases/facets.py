"""Which cases a selection finds, and how many each further value would.

Its public face: FACETS, PAIRS, AXES, view(), vocabulary(), found(), shown(),
offered(), shown_pairs(), counts_of() and table(). They count in sets of keys
(cases/index.py); cases/plain.py says the same in SQL. A view is what may be seen at one
moment: whoever asks several things for one page asks them of one view.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial, reduce
from heapq import nsmallest
from itertools import islice
from operator import attrgetter, or_

from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from pyroaring import BitMap

from cases import keeping, search
from cases.choices import Actor, Effect, Evidence, Mode, Setting, Telling, Visibility
from cases.index import MEETS, View
from cases.models import Country, Organisation, Region, SearchEntry
from cases.models import ResistanceForm as Form
from cases.querysets import line_has
from cases.selection import Selection
from sources.choices import NOT_STATED
from sources.models import Record
from strategies.models import Strategy, StrategyFamily

MOST_OFFERED = 1_000  # values of a facet, also where more are asked for
MOST_REMEMBERED = 200  # queries whose cases are remembered until something changes
MOST_BYTES = 16_000_000  # that these take together
MOST_OTHERS = 6  # records beside cases that a query shows


@dataclass(frozen=True)
class Option:
    """A value of a facet, with the words that stand for it."""

    value: str
    label: str | Promise
    group: str | Promise = ""
    parent: str = ""  # the value of the wider facet that holds it
    place: int = 0  # among the values of its facet


@dataclass(frozen=True)
class Facet:
    """One thing to filter by: where its values stand in a line, and their names."""

    name: str
    label: str | Promise
    path: str
    options: Callable[[View], Iterable[Option]]
    or_path: str = ""  # where the value stands if not there
    many: bool = True  # a case can have several of its values, so “all” makes sense
    most: int = MOST_OFFERED  # values to offer before more are asked for

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


def forms(_seen: View) -> list[Option]:
    rows = Form.objects.published()
    return [
        *(Option(form.slug, form.name, Mode(form.mode).label) for form in rows),
        Option(NOT_STATED, _("Form not stated")),
    ]


def strategies(_seen: View) -> list[Option]:
    rows = Strategy.objects.published().select_related("family")
    return [
        *(Option(row.slug, row.name, row.family.name, row.family.slug) for row in rows),
        Option(NOT_STATED, _("No response stated")),
    ]


def families(_seen: View) -> list[Option]:
    rows = StrategyFamily.objects.published()
    return [
        *(Option(row.slug, row.name) for row in rows),
        Option(NOT_STATED, _("No response stated")),
    ]


def countries(seen: View) -> list[Option]:
    counts = seen.count("country", seen.seen)
    rows = Country.objects.values_list("code", "name")
    told = [Option(code, name) for code, name in rows if counts.get(code)]
    return told + untold(counts)


def regions(seen: View) -> list[Option]:
    counts = seen.count("region", seen.seen)
    rows = Region.objects.values_list("code", "name")
    told = [Option(code, name) for code, name in rows if counts.get(code)]
    return told + untold(counts)


def untold(counts: dict[str, int]) -> list[Option]:
    """“Not told”, where a public case keeps its place to itself."""
    return [Option(NOT_STATED, _("Not told"))] if counts.get(NOT_STATED) else []


def organisations(seen: View) -> list[Option]:
    counts = seen.count("organisation", seen.seen)
    rows = Organisation.objects.published().values_list("slug", "name")
    return [
        *(Option(slug, name) for slug, name in rows if counts.get(slug)),
        Option(NOT_STATED, _("Not named by the source")),
    ]


def closed(choices) -> Callable[[View], list[Option]]:
    """The options of a closed list."""
    return lambda _seen: [Option(value, label) for value, label in choices.choices]


def modes(_seen: View) -> list[Option]:
    return [*closed(Mode)(_seen), Option(NOT_STATED, _("Form not stated"))]


FACETS: dict[str, Facet] = {
    facet.name: facet
    for facet in (
        Facet("form", _("Form of resistance"), "encounters__form__slug", forms),
        Facet("mode", _("Passive or active"), "encounters__form__mode", modes),
        Facet(
            "family",
            _("Kind of response"),
            "encounters__responses__strategy__family__slug",
            families,
        ),
        Facet(
            "strategy",
            _("Response strategy"),
            "encounters__responses__strategy__slug",
            strategies,
        ),
        Facet(
            "country",
            _("Country"),
            "country__code",
            countries,
            many=False,
            most=30,  # all of 249 are a fifth of the page, on every page
        ),
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
        Facet(
            "organisation",
            _("Organisation"),
            "organisations__slug",
            organisations,
            most=30,
        ),
    )
}
PAIRS: dict[str, Pair] = {
    pair.name: pair
    for pair in (
        Pair("answer", _("Answered how"), "form", MEETS["answer"]),
        Pair("met_by", _("Which form from whom"), "form", MEETS["met_by"]),
        Pair("met_in", _("Which form where"), "form", MEETS["met_in"]),
    )
}
ALL = {**FACETS, **PAIRS}

type Vocabulary = dict[str, dict[str, Option]]


def view() -> View:
    """What may be seen now."""
    return keeping.current()


def vocabulary(seen: View | None = None) -> Vocabulary:
    """Every value a reader can pick, by facet. What is not in it is refused."""
    seen = seen or view()
    if "vocabulary" not in seen.kept:
        seen.kept["vocabulary"] = {
            name: {
                option.value: replace(option, place=place)
                for place, option in enumerate(facet.options(seen))
            }
            for name, facet in FACETS.items()
        }
    return seen.kept["vocabulary"]


@dataclass(frozen=True)
class Found:
    """The cases that a selection finds, as keys, in an order."""

    view: View
    keys: BitMap
    sort: str = ""
    words: str = ""  # that were looked for: those that they fit best come first

    def __len__(self) -> int:
        return len(self.keys)

    def __getitem__(self, places: slice) -> list[int]:
        """The keys that stand at these places."""
        start, stop = places.start or 0, places.stop
        if self.words and not self.sort:
            return with_words(self.words, self.view).ranked(self.keys, stop)[start:]
        return self.view.index.first(self.keys, self.sort, start, stop)


def found(selection: Selection, seen: View | None = None) -> Found:
    """What a selection finds now, or found in an earlier view."""
    seen = seen or view()
    keys = matching(selection, seen)
    return Found(seen, keys, selection.sort, selection.words)


def matching(selection: Selection, seen: View) -> BitMap:
    """The keys of the cases that a selection finds.

    Those of the last one are remembered: a page asks for them in several places.
    """
    last, keys = seen.kept.get("matching", (None, None))
    if last is not selection:
        keys = crossed(selection, seen)
        seen.kept["matching"] = selection, keys
    return keys


def crossed(selection: Selection, seen: View) -> BitMap:
    """The same, found anew."""
    words = selection.words
    texts = with_words(words, seen).numbers if words else None
    return seen.matching(selection, texts)


def with_words(words: str, seen: View) -> search.Hits:
    """The cases that words find, remembered until something changes."""
    find = partial(search.find_cases, kept=seen.index.remembered)
    return remembered("words", words, seen, find, size=attrgetter("size"))


def beside_cases(words: str, seen: View) -> list[tuple[Record, SearchEntry]]:
    """The best of the other records that words find, remembered likewise."""
    kept = seen.index.remembered
    find = partial(search.others, most=MOST_OTHERS, kept=kept)
    return remembered("others", words, seen, find)


def remembered[T](
    kind: str,
    words: str,
    seen: View,
    find: Callable[[str], T],
    *,
    size: Callable[[T], int] = lambda _found: 0,
) -> T:
    """What words find, sought once for each version of the content.

    size: bytes that something found takes. All is forgotten where it gets too much.
    """
    known = seen.index.remembered.setdefault(kind, {})
    found = known.get(words)
    if found is None:
        found = find(words)
        taken = sum(map(size, [*known.values(), found]))
        if len(known) >= MOST_REMEMBERED or taken > MOST_BYTES:
            known.clear()
        known[words] = found
    return found


def shown(
    selection: Selection, words: Vocabulary, seen: View | None = None
) -> dict[str, dict[str, int]]:
    """For each facet: value → the number of cases once that value is picked too."""
    seen = seen or view()
    here = matching(selection, seen)
    return each_value(
        selection,
        words,
        len(here),
        lambda name: adding(selection, here, name, name, seen),
    )


def each_value(
    selection: Selection, words: Vocabulary, total: int, adding: Callable[[str], dict]
) -> dict[str, dict[str, int]]:
    """The number beside each value, from what adding one of a facet finds."""
    return {
        name: beside(options, selection, total, name, adding(name))
        for name, options in words.items()
    }


def beside(
    options: dict[str, Option], selection: Selection, total: int, name: str, more: dict
) -> dict[str, int]:
    """The number beside each value of a facet, from what adding one finds.

    No loop over the values: a page has hundreds.
    """
    # Picked again, or brought in as an alternative that no other case has.
    same = selection.values(name)
    rest = total if same and name not in selection.every else 0
    counts = dict.fromkeys(options, rest) | more | dict.fromkeys(same, total)
    for value in counts.keys() - options.keys() if len(counts) > len(options) else ():
        del counts[value]  # cases have it, and nobody may pick it
    return counts


def offered(
    selection: Selection, words: Vocabulary, of: Found, more: str = ""
) -> dict[str, dict[str, int]]:
    """The same for the values to offer: of very many, those with most cases here.

    “Not told” is always among them where cases have it: no word finds those. more: the
    facet of which more are asked for.
    """
    seen, here, counts = of.view, of.keys, {}
    for name, options in words.items():
        most = MOST_OFFERED if name == more else FACETS[name].most
        ticked = selection.values(name)
        if ticked or len(options) <= most:
            known = None if ticked else seen.in_step(selection.only, name, options)
            if known is None:
                added = adding(selection, here, name, name, seen)
                known = beside(options, selection, len(here), name, added)
            counts[name] = foremost(options, known, most, ticked)
        else:
            enough = most + unoffered(name, options, seen)
            leading = dict(seen.leading(name, here, enough, selection.only))
            if NOT_STATED in options and NOT_STATED not in leading:
                untold = seen.index.having(name, NOT_STATED)
                leading[NOT_STATED] = untold.intersection_cardinality(here)
            counts[name] = foremost(options, leading, most)
    return counts


def unoffered(name: str, options: dict[str, Option], seen: View) -> int:
    """How many values of a facet cases have that are not offered, as nobody may see it.

    An organisation may be withdrawn while what is told of its cases stays.
    """
    key = "unoffered", name
    if key not in seen.kept:
        seen.kept[key] = len(seen.index.sets.get(name, {}).keys() - options.keys())
    return seen.kept[key]


def foremost(
    options: dict[str, Option], counts: dict[str, int], most: int, ticked: tuple = ()
) -> dict[str, int]:
    """So many values with the highest counts, “not told”, those ticked; as they stood.

    Of equal ones the first of the facet. Those left out of counts count nothing.
    """
    if len(options) <= most:
        return counts
    known = [
        (-n, options[value].place, value)
        for value, n in counts.items()
        if n and value in options
    ]
    chosen = {value for *_order, value in nsmallest(most, known)} | {*ticked}
    if counts.get(NOT_STATED):
        chosen.add(NOT_STATED)
    rest = (value for value in options if not counts.get(value))
    chosen.update(islice(rest, max(0, most - len(known))))
    in_order = sorted(chosen, key=lambda value: options[value].place)
    return {value: counts.get(value, 0) for value in in_order}


def total() -> int:
    """How many cases are public now."""
    return len(view().seen)


def counts_of(name: str) -> dict[str, int]:
    """How many published cases have each value of a facet."""
    seen = view()
    return {value: n for value, n in seen.count(name, seen.seen).items() if n}


def countries_with_cases() -> list[Country]:
    """The countries of published cases, each with how many it has (case_count)."""
    counts = counts_of("country")
    found = list(Country.objects.for_display().filter(code__in=counts))
    for country in found:
        country.case_count = counts[country.code]
    return found


def shown_pairs(
    selection: Selection, name: str, seen: View | None = None
) -> dict[str, int]:
    """The same for a pair of facets, less those that no case has."""
    seen = seen or view()
    here = matching(selection, seen)
    more = adding(selection, here, name, PAIRS[name].second[-1], seen)
    counts = {f"{first}~{second}": n for (first, second), n in more.items() if n}
    return counts | dict.fromkeys(selection.values(name), len(here))


def adding(
    selection: Selection, here: BitMap, name: str, counted: str, seen: View
) -> dict:
    """How many cases a selection finds with one more value of the facet named.

    here is what it finds now. counted is what to count: the facet, or, for a pair, what
    meets a form in one line. Values that find none may be missing.
    """
    level = counted if name in FACETS else (PAIRS[name].first, counted)
    only = selection.only
    if not selection.values(name) or name in selection.every:
        return seen.count(level, here, only)
    # Alternatives: what is found now, and what only the further value brings in.
    more = seen.count_rest(level, crossed(selection.without(name), seen), here, only)
    return {value: len(here) + n for value, n in more.items() if n}


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
    base: Found  # the cases that cells are counted over
    keeps_pairs: bool  # whether pairs that were picked stay in force


def table(
    selection: Selection, axes: Axes, words: Vocabulary, seen: View | None = None
) -> Table:
    """Lay out what a selection finds.

    Values picked on an axis choose its rows or columns. Pairs picked as alternatives
    are set aside, since each cell is a pair of its own.
    """
    seen = seen or view()
    keeps_pairs = axes.pair in selection.every
    if axes.pair and not keeps_pairs:
        selection = selection.without(axes.pair)
    sides = axes.rows, axes.columns
    free = selection.without(*(s for s in sides if s not in selection.every))

    def options(side: str) -> list[Option]:
        all_of_them = list(words[side].values())
        if side not in selection.every and selection.values(side):
            return [o for o in all_of_them if o.value in selection.values(side)]
        wider = WIDER.get(side, "")
        if wider not in selection.every and selection.values(wider):
            return [o for o in all_of_them if o.parent in selection.values(wider)]
        return all_of_them

    def picking(base: Selection, side: str, value: str) -> Selection:
        if side in selection.every:
            return base.adding(side, value)
        return base.putting(side, {value})

    def totals(side: str) -> dict[str, Cell]:
        base = selection if side in selection.every else selection.without(side)
        counts = seen.count(side, matching(base, seen), base.only)
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

    base = found(free, seen)
    counts = seen.count((axes.rows, axes.columns), base.keys)
    rows, columns = options(axes.rows), options(axes.columns)
    return Table(
        rows=rows,
        columns=columns,
        cells={
            (r.value, c.value): cell(r.value, c.value) for r in rows for c in columns
        },
        row_totals=totals(axes.rows),
        column_totals=totals(axes.columns),
        total=Cell(len(matching(selection, seen)), selection),
        base=base,
        keeps_pairs=keeps_pairs,
    )
