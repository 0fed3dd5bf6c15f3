"""What a hand-out is asked for: cases by their codes, or one strategy."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain

from django.http import QueryDict
from django.utils.functional import Promise, cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from cases import facets
from cases.filters import readable
from cases.models import Case, Encounter, Lesson, Response, is_code
from cases.selection import Selection
from cases.silence import not_stated
from cases.views.case import cited
from sources.citing import Reference, number
from sources.doors import published_or_gone
from sources.models import Citation
from strategies.models import Strategy

MOST_CASES = 8
MOST_ASKED = 20
MOST_USES = 12  # of a strategy: so many fit on its pages
PAPERS = {"a4": gettext_lazy("A4"), "letter": gettext_lazy("Letter")}
NAMES = "case", "strategy", "paper"


@dataclass(frozen=True)
class Told:
    """A case as a hand-out tells it."""

    case: Case
    not_stated: list[str | Promise]


@dataclass(frozen=True)
class Use:
    """One use of a strategy: the case, what it met, and the answer."""

    case: Case
    encounter: Encounter
    response: Response


@dataclass(frozen=True)
class Used:
    """A strategy as a hand-out tells it."""

    strategy: Strategy
    lessons: list[Lesson]
    uses: list[Use]
    total: int  # of the cases that it was used in

    def cited(self) -> Iterator[Citation]:
        """Every citation, in the order in which the hand-out shows them."""
        yield from self.strategy.citations.all()
        for use in self.uses:
            yield from use.response.citations.all()
        for lesson in self.lessons:
            yield from lesson.citations.all()


@dataclass(frozen=True)
class Asked:
    """The query string of a hand-out, and the public records that it names."""

    data: QueryDict

    @cached_property
    def codes(self) -> list[str]:
        """The codes asked for, each once."""
        return list(dict.fromkeys(self.data.getlist("case")))

    @cached_property
    def found(self) -> list[Case]:
        """The public cases among those asked for, in the order asked for.

        None where a strategy is asked for: a hand-out is of one or the other.
        """
        if self.used:
            return []
        codes = [code for code in self.codes if is_code(code)][:MOST_ASKED]
        cases = Case.objects.published().for_display().by_key(codes)
        by_code = {case.code: case for case in (cases if codes else ())}
        return [by_code[code] for code in codes if code in by_code]

    @cached_property
    def cases(self) -> list[Told]:
        """The cases that the hand-out tells."""
        return [Told(case, not_stated(case)) for case in self.found[:MOST_CASES]]

    @cached_property
    def used(self) -> Used | None:
        """The strategy that is asked for; 404 or 410 where there is none."""
        slug = self.data.get("strategy", "")
        if not slug or "\0" in slug:
            return None
        found = Strategy.objects.for_display()
        return used(published_or_gone(found, slug=slug))

    @cached_property
    def references(self) -> list[Reference]:
        """The sources of all of it, numbered."""
        of_cases = chain.from_iterable(cited(told.case) for told in self.cases)
        return number(chain(self.used.cited() if self.used else (), of_cases))

    @property
    def left_out(self) -> int:
        """How many cases are more than a hand-out takes."""
        return max(0, len(self.found) - MOST_CASES)

    @property
    def paper(self) -> str:
        """The size of the paper."""
        paper = self.data.get("paper", "a4")
        return paper if paper in PAPERS else "a4"

    @property
    def title(self) -> str:
        """What the hand-out is of."""
        if self.used:
            return self.used.strategy.name
        if len(self.cases) == 1:
            return self.cases[0].case.title
        count = len(self.cases)
        return ngettext("%(n)s case", "%(n)s cases", count) % {"n": count}

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to tell."""
        return not (self.cases or self.used)

    def query(self, **more: str) -> str:
        """The canonical query string of what was found."""
        asked = QueryDict(mutable=True)
        asked.setlist("case", [told.case.code for told in self.cases])
        if self.used:
            asked["strategy"] = self.used.strategy.slug
        for name, value in more.items():
            asked[name] = value
        return f"?{asked.urlencode()}"

    def unused(self) -> list[str]:
        """What was asked and not used, as “name=value”, shortened."""
        codes = {case.code for case in self.found}
        used = {
            "case": codes,
            "strategy": {self.used.strategy.slug} if self.used else {""},
            "paper": set(PAPERS),
        }
        return [
            readable(name, value)
            for name in self.data
            for value in self.data.getlist(name)
            if value not in used.get(name, ())
        ][:MOST_ASKED]


def used(strategy: Strategy) -> Used:
    """A strategy, with the first cases that used it and the lessons on it."""
    selection = Selection().adding("strategy", strategy.slug)
    found = facets.found(replace(selection, sort="code"))
    cases = Case.objects.published().for_display().in_order_of(found[:MOST_USES])
    uses = [
        Use(case, encounter, response)
        for case in cases
        for encounter in case.encounters.all()
        for response in encounter.responses.all()
        if response.strategy_id == strategy.pk
    ]
    lessons = list(strategy.lessons.published().prefetch_related("citations__source"))
    return Used(strategy, lessons, uses[:MOST_USES], len(found))


def how_many(asked: Asked) -> str:
    """Why there are fewer cases than were asked for; empty where there are not."""
    if not asked.left_out:
        return ""
    return _("A hand-out takes %(most)s cases at most; the first ones are here.") % {
        "most": MOST_CASES
    }
