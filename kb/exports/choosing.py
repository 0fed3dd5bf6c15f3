"""Which cases a file holds: those that a filter finds and that may be given away."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import reduce
from itertools import batched
from operator import or_

from django.db.models import Exists, Model, OuterRef, QuerySet
from django.http import QueryDict
from django.utils.functional import cached_property
from pyroaring import BitMap

from cases import facets
from cases.choices import Origin, Scope
from cases.facets import Found
from cases.filters import CaseFilter, readable
from cases.index import View
from cases.models import Case, Country, Lesson, Organisation, ResistanceForm, is_code
from cases.selection import Selection
from kb.exports.columns import Part
from kb.exports.tables import CITATIONS
from sources.models import Source
from strategies.models import Strategy, StrategyFamily

AT_ONCE = 500  # cases that are read together
MOST_CODES = 60  # cases asked for by their codes
MOST_TOLD = 20  # parts of a query that are named as of no use
CASE = "case"
# The facet that says which records of a kind the cases have.
FACET_OF = {
    ResistanceForm: "form",
    Strategy: "strategy",
    StrategyFamily: "family",
    Organisation: "organisation",
}


class BadFilter(ValueError):  # noqa: N818 — it is an answer, not a fault
    """What of a query string cannot be used, part by part."""

    def __init__(self, parts: list[str]):
        super().__init__(", ".join(parts))
        self.parts = parts


@dataclass(frozen=True)
class Chosen:
    """The cases of a file, as they may be seen at one moment.

    codes: the cases asked for by code; empty where all that the selection finds are.
    """

    selection: Selection = field(default_factory=Selection)
    codes: tuple[str, ...] = ()
    seen: View = field(default_factory=facets.view)
    scope: Scope = Scope.EXPORT

    @property
    def back(self) -> BitMap:
        """Cases that may be seen, and that nobody allowed to be given away so."""
        return self.seen.kept_back(self.scope)

    @cached_property
    def keys(self) -> BitMap:
        """The cases in the file."""
        found = facets.matching(self.selection, self.seen)
        if back := self.back:
            found = found - back
        if self.codes:
            rows = Case.objects.published().by_key(self.codes)
            found = found & BitMap(rows.values_list("pk", flat=True))
        return found

    @property
    def is_everything(self) -> bool:
        """Whether nothing is left out by a filter."""
        return not (self.selection.count or self.codes)

    def __len__(self) -> int:
        return len(self.keys)

    def query(self, **more: str) -> str:
        """The query string that finds the same, “?” included."""
        query = self.selection.query(**more)
        codes = "&".join(f"{CASE}={code}" for code in self.codes)
        return f"{query}{'&' if query else '?'}{codes}" if codes else query

    def batches(self) -> Iterator[list[int]]:
        """The keys of the cases in the order of the list, some at a time."""
        chosen = self.selection
        found = Found(self.seen, self.keys, chosen.sort, chosen.words)
        yield from map(list, batched(found[0 : len(found)], AT_ONCE, strict=False))

    def values(self, facet: str) -> set[str]:
        """The values of a facet that the cases have."""
        counts = self.seen.count(facet, self.keys)
        return {value for value, n in counts.items() if n}

    def records(self, model: type[Model]) -> QuerySet:
        """The public records of a kind that stand beside the cases in a file.

        With all cases go all terms and lessons. An organisation, a country or a source
        is there only for a row of another table that names it.
        """
        if model is Country:
            return self.countries()
        if model is Source:
            return model.objects.published().filter(pk__in=self.sources())
        found = model.objects.published()
        if self.is_everything and model is not Organisation:
            return found
        if model is Lesson:
            return found.filter(pk__in=self.lessons())
        return found.filter(slug__in=self.values(FACET_OF[model]))

    def countries(self) -> QuerySet[Country]:
        """The countries of the cases, and of their organisations."""
        of_organisations = self.records(Organisation).order_by().values("country")
        mine = Country.objects.filter(code__in=self.values("country"))
        return mine | Country.objects.filter(code__in=of_organisations)

    def lessons(self) -> set[int]:
        """Keys of the lessons that the cases teach."""
        links = Lesson.cases.through.objects.order_by()
        found: set[int] = set()
        for keys in self.batches():
            found.update(links.filter(case__in=keys).values_list("lesson", flat=True))
        return found

    def sources(self) -> set[int]:
        """Keys of the sources that rows of the other tables cite."""
        found: set[int] = set()
        for part in CITATIONS.parts:
            if part.case is None or not self.is_everything:
                for _keys, rows in self.rows(part):
                    found.update(rows.order_by().values_list("source", flat=True))
        return found | self.cited_by_any() if self.is_everything else found

    def cited_by_any(self) -> set[int]:
        """Keys of the sources that cases cite, found without reading every case.

        Most are cited by a case that may be given away without being asked about; of
        the others each case that cites them is looked at.
        """
        parts = [part for part in CITATIONS.parts if part.case is not None]
        public = Source.objects.published().order_by()
        is_cited = reduce(or_, map(is_cited_freely, parts))
        found = set(public.filter(is_cited).values_list("pk", flat=True))
        others = public.filter(~is_cited).values_list("pk", flat=True)
        for some in batched(others, AT_ONCE, strict=False):
            for part in parts:
                rows = part.model._default_manager.filter(source__in=some)
                pairs = rows.values_list("source", f"{part.case}__pk").distinct()
                found.update(source for source, case in pairs if case in self.keys)
        return found

    def rows(self, part: Part) -> Iterator[tuple[list[int], QuerySet]]:
        """The public rows of a part of a table: those of some cases at a time."""
        if part.case is None:
            yield [], self.beside(part)
            return
        for keys in self.batches():
            yield keys, of_cases(part, keys)

    def beside(self, part: Part) -> QuerySet:
        """The rows of a part that belong to no case."""
        rows = part.model._default_manager.all()
        model = rows.model
        if part.record:
            model = model._meta.get_field(part.record).related_model
        records = self.records(model).order_by().values("pk")
        return rows.filter(**{f"{part.record or 'pk'}__in": records})


def is_cited_freely(part: Part) -> Exists:
    """Whether a case that needs nobody’s consent cites a source in rows of a part."""
    origin = {f"{part.case}__origin": Origin.PUBLISHED}
    rows = part.model._default_manager.filter(Case.is_public(f"{part.case}__"))
    return Exists(rows.filter(source=OuterRef("pk"), **origin))


def of_cases(part: Part, keys: list[int]) -> QuerySet:
    """The rows of a part that belong to these cases, if they are public."""
    path = f"{part.case}__" if part.case else ""
    rows = part.model._default_manager
    return rows.filter(Case.is_public(path), **{f"{path}pk__in": keys})


def chosen(data: QueryDict, *, also: tuple[str, ...] = ()) -> Chosen:
    """What a query string asks for. Raises BadFilter for what cannot be used.

    also: names that the caller reads itself.
    """
    data = data.copy()
    codes = list(dict.fromkeys(data.pop(CASE, [])))
    filters = CaseFilter(data, also=also)
    known = {code for code in codes[:MOST_CODES] if is_code(code)}
    if known:
        public = Case.objects.published().by_key(list(known))
        known = set(public.values_list("code", flat=True))
    bad = [readable(CASE, code) for code in codes if code not in known]
    if bad or filters.ignored:
        raise BadFilter(filters.ignored + bad[:MOST_TOLD])
    return Chosen(filters.selection, tuple(codes), filters.seen)
