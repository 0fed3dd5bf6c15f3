"""The query string of /cases/: one language for pages, files, feeds and the API.

What it does not know, or cannot use, it leaves out and names in `ignored`, so that a
page can say so and a file can refuse.
"""

from collections.abc import Iterator

from django.http import QueryDict
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from cases import facets
from cases.asking import meant_by
from cases.facets import ALL, FACETS, PAIRS
from cases.index import View
from cases.selection import Selection

MOST_VALUES = 60  # of one facet in one link
MOST_ALL = 12  # of one facet that a case must have all of
LONGEST_QUERY = 200  # letters
MOST_WORDS = 12
LONGEST_TOLD = 60  # letters of what could not be used
PAGE = "page"
MORE = "more"  # the facet of which a page is to offer more values
SORTS = {
    "": _("Most told first"),
    "code": _("Case code"),
    "country": _("Country"),
    "checked": _("Last checked, newest first"),
}


MATCHES = {f"{name}_match": name for name in ALL if ALL[name].many}
ONE = ("q", "sort", *MATCHES)  # what can be asked for once


class CaseFilter:
    """What a query string asks for, and what may be seen at the moment it is asked."""

    def __init__(
        self,
        data: QueryDict,
        *,
        also: tuple[str, ...] = (PAGE,),
        seen: View | None = None,
    ):
        """also: names that the page reads itself, so that they are not unknown.

        seen: the view to count in, where somebody has asked for it already.
        """
        self.data = data
        self.also = also
        self.seen = seen or facets.view()
        self.vocabulary = facets.vocabulary(self.seen)

    def knows(self, name: str, value: str) -> bool:
        """Whether a facet or pair has a value."""
        if name in FACETS:
            return value in self.vocabulary[name]
        pair = PAIRS[name]
        first, _tilde, second = value.partition("~")
        return first in self.vocabulary[pair.first] and any(
            second in self.vocabulary[level] for level in pair.second
        )

    @cached_property
    def selection(self) -> Selection:
        """What the reader picked, as far as it can be used."""
        picked = {
            name: tuple(sorted(known))
            for name in ALL
            if (known := self.known(name) if name in self.data else ())
        }
        every = frozenset(
            name
            for match, name in MATCHES.items()
            if name in picked
            and self.one(match) == "all"
            and len(picked[name]) <= MOST_ALL
        )
        words, sort = self.one("q").strip(), self.one("sort")
        return Selection(
            words=words if usable(words) else "",
            picked=picked,
            every=every,
            sort=sort if sort in SORTS else "",
        )

    def known(self, name: str) -> list[str]:
        """The values asked of a facet that it has, not too many of them."""
        asked = sorted({*self.data.getlist(name)})  # their order must not decide
        return [v for v in asked if self.knows(name, v)][:MOST_VALUES]

    def one(self, name: str) -> str:
        """The answer to a question with one; two are none: order must not decide."""
        answers = set(self.data.getlist(name))
        return answers.pop() if len(answers) == 1 else ""

    @cached_property
    def ignored(self) -> list[str]:
        """What was asked and not used, as “name=value”, shortened."""
        return [readable(name, value) for name, value in self.unused()][:20]

    def unused(self) -> Iterator[tuple[str, str]]:
        """Names and values that were asked, and that nothing came of."""
        for name in sorted(self.data):
            values = sorted(self.data.getlist(name))
            if name in ALL:
                picked = self.selection.values(name)
                values = [value for value in values if value not in picked]
            elif len(set(values)) == 1 and name in ONE:
                values = [] if self.is_used(name, values[0]) else values
            elif len(set(values)) == 1 and name in self.also:
                values = []
            yield from ((name, value) for value in values)

    def is_used(self, name: str, value: str) -> bool:
        """Whether something came of the only answer to a question with one."""
        if not value or (name == "q" and not value.strip()):
            return True
        if name == "q":
            return bool(self.selection.words)
        if name == "sort":
            return value in SORTS
        facet = MATCHES[name]
        many = len(self.selection.values(facet)) > MOST_ALL
        return value == "any" or (value == "all" and not many)

    @cached_property
    def found(self) -> facets.Found:
        """The cases found, in the order asked for."""
        return facets.found(self.selection, self.seen)


def usable(words: str) -> bool:
    """Whether words can be looked for: some letters, not too many."""
    if len(words) > LONGEST_QUERY or "\0" in words:
        return False
    return 0 < len(meant_by(words)) <= MOST_WORDS


def readable(name: str, value: str) -> str:
    """A parameter as it can be shown: short, without control characters."""
    text = f"{name}={value}" if value else name
    text = "".join(c for c in text if c.isprintable())
    return text if len(text) <= LONGEST_TOLD else f"{text[: LONGEST_TOLD - 1]}…"
