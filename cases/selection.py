"""What a reader picked: words, values of facets, and how they combine.

Values of one facet are alternatives, unless the facet is set to “all”; facets add up.
The order in which things were picked never matters, and there is one canonical link
for each selection.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Self
from urllib.parse import urlencode

type Picked = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Selection:
    """A set of filters. picked: facet → values; every: facets that need all of them."""

    words: str = ""
    picked: Picked = field(default_factory=dict)
    every: frozenset[str] = frozenset()
    sort: str = ""

    def values(self, facet: str) -> tuple[str, ...]:
        """The values picked in one facet, in alphabetical order."""
        return tuple(sorted(self.picked[facet])) if facet in self.picked else ()

    def adding(self, facet: str, value: str) -> Self:
        """The selection with one more value."""
        return self.putting(facet, {*self.values(facet), value})

    def dropping(self, facet: str, value: str) -> Self:
        """The selection with one value less."""
        return self.putting(facet, set(self.values(facet)) - {value})

    def putting(self, facet: str, values: set[str] | tuple[str, ...]) -> Self:
        """The selection with exactly these values in one facet."""
        picked = {**self.picked, facet: tuple(sorted(values))}
        return replace(self, picked={k: v for k, v in picked.items() if v})

    def without(self, *facets: str) -> Self:
        """The selection with nothing picked in these facets."""
        picked = {k: v for k, v in self.picked.items() if k not in facets}
        return replace(self, picked=picked)

    def sorted_by(self, sort: str) -> Self:
        """The selection in another order."""
        return replace(self, sort=sort)

    @property
    def count(self) -> int:
        """How many filters are set: words count as one."""
        return bool(self.words) + sum(len(values) for values in self.picked.values())

    @property
    def only(self) -> tuple[str, str] | None:
        """Facet and value, if one value is picked and no words are asked for."""
        if self.words or len(self.picked) != 1:
            return None
        [(facet, values)] = self.picked.items()
        return (facet, values[0]) if len(values) == 1 else None

    def query(self, **more: str | int) -> str:
        """The canonical query string, “?” included; empty when nothing is picked."""
        pairs = [("q", self.words)] if self.words else []
        for facet in sorted(self.picked):
            pairs += [(facet, value) for value in self.values(facet)]
            if facet in self.every and len(self.picked[facet]) > 1:
                pairs.append((f"{facet}_match", "all"))
        if self.sort:
            pairs.append(("sort", self.sort))
        pairs += [(name, value) for name, value in more.items() if value]
        return f"?{urlencode(pairs, safe='~')}" if pairs else ""
