"""What a program asks for: the filters of the site, and which part of which table."""

import base64
import json
import re
from dataclasses import dataclass
from typing import NoReturn

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from pyroaring import BitMap

from cases import facets
from cases.choices import Scope
from cases.filters import CaseFilter, readable
from cases.models import Case, Lesson, is_code
from cases.querysets import IsAmong
from cases.reading import code_number
from kb.api.problems import Problem
from kb.exports.about import absolute
from kb.exports.choosing import CASE, MOST_CODES, MOST_TOLD, Chosen
from kb.exports.columns import Part
from kb.exports.tables import CITATIONS

USUAL_ROWS, MOST_ROWS = 50, 200  # in one answer
LIMIT, CURSOR, FIELDS, INCLUDE = "limit", "cursor", "fields", "include"
OF_LISTS = (LIMIT, CURSOR, FIELDS, INCLUDE)
KEY = r"[A-Za-z0-9~-]{1,90}"  # what a cursor says instead of keys of ours
LARGEST = 2**60
OF_RECORDS = (FIELDS, INCLUDE)

HOME = "/api/v1/"
NO_SUCH = _("There is no parameter or value like that. What there is: {address}")


@dataclass(frozen=True)
class Asked(Chosen):
    """The cases chosen, counted in what may be given away."""

    @cached_property
    def keys(self) -> BitMap:
        found = facets.matching(self.selection, self.seen)
        if not self.codes:
            return found
        return found & self.seen.index.coded(map(code_number, self.codes))

    def of(self, part: Part) -> QuerySet:
        """The rows of a part of a table that stand beside these cases."""
        if part.case is None:
            return self.beside(part)
        path = f"{part.case}__" if part.case else ""
        rows = part.model._default_manager.filter(Case.is_public(path))
        if self.is_everything:
            return rows.exclude(IsAmong(f"{path}pk", self.back)) if self.back else rows
        return rows.filter(IsAmong(f"{path}pk", self.keys))

    def lessons(self) -> QuerySet:
        links = Lesson.cases.through.objects.order_by()
        return links.filter(IsAmong("case", self.keys)).values("lesson")

    def sources(self) -> QuerySet:
        first, *others = (
            self.of(part).order_by().values("source") for part in CITATIONS.parts
        )
        return first.union(*others, all=True).order_by()

    @cached_property
    def ranked(self) -> list[int]:
        """The cases that the words find, the best first."""
        return facets.with_words(self.selection.words, self.seen).ranked(self.keys)


def asked(data: QueryDict, *, also: tuple[str, ...] = OF_LISTS) -> Asked:
    """What a query string asks for. Raises a Problem that names what is of no use.

    also: names that are read elsewhere, each of which can be given once.
    """
    data = data.copy()
    codes = list(dict.fromkeys(data.pop(CASE, [])))
    seen = facets.view().allowed(Scope.EXPORT)
    filters = CaseFilter(data, also=also, seen=seen)
    bad = [readable(CASE, code) for code in codes if not stands(code, seen)]
    if codes[MOST_CODES:]:
        bad = [readable(CASE, code) for code in codes]
    if bad or filters.ignored:
        refuse(filters.ignored + bad[:MOST_TOLD])
    return Asked(filters.selection, tuple(codes), seen)


def stands(code: str, seen) -> bool:
    """Whether a case of this code may be given away."""
    return is_code(code) and bool(seen.index.coded([code_number(code)]) & seen.seen)


def refuse(parameters: list[str]) -> NoReturn:
    """400, with the parameters that cannot be used."""
    raise Problem(400, str(NO_SUCH).format(address=absolute(HOME)), parameters)


# Which part of a table


def limit(data: QueryDict) -> int:
    """How many rows an answer may have."""
    text = data.get(LIMIT, str(USUAL_ROWS))
    number = int(text) if text.isascii() and text.isdigit() and text[:4] == text else 0
    if not 1 <= number <= MOST_ROWS:
        refuse([readable(LIMIT, text)])
    return number


def names(data: QueryDict, name: str, known: list[str]) -> list[str]:
    """The names, with commas between them, that a parameter picks."""
    if name not in data:
        return []
    found = list(dict.fromkeys(",".join(data.getlist(name)).split(",")))
    if bad := [one for one in found if one not in known]:
        refuse([readable(name, ",".join(bad))])
    return found


def after(data: QueryDict, name: str, *kinds: type) -> list | None:
    """What the cursor of the answer before holds; nothing for the first answer.

    A cursor says after which row to go on, so that rows that come or go meanwhile
    neither repeat others nor hide them.
    """
    if CURSOR not in data:
        return None
    text = data[CURSOR]
    try:
        padded = text + "=" * (-len(text) % 4)
        told = json.loads(base64.b64decode(padded, altchars="-_", validate=True))
        fits = told[0] == name and tuple(map(type, told[1:])) == kinds
        if fits and all(map(usable, told)):
            return told[1:]
    except (ValueError, TypeError, LookupError, RecursionError):
        pass
    refuse([readable(CURSOR, text)])


def usable(held: str | int) -> bool:
    """Whether a cursor can hold this."""
    if isinstance(held, int):
        return 0 <= held < LARGEST
    return bool(re.fullmatch(KEY, held, re.ASCII))


def cursor(*held: str | int) -> str:
    """A cursor that holds this; the first is the name of the list that it is of."""
    text = json.dumps(held, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")
