"""Turn text into the tokens that search looks up.

Neither database splits, folds or stems alike, so neither is asked to. A text becomes
tokens here, a query goes the same way (cases/asking.py), and cases/postings.py only
keeps which record holds what.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import chain, pairwise, repeat
from operator import attrgetter

from cases.languages import is_burmese, stems, syllables
from sources.names import fold

# Vowel signs belong to the word they stand in, and signs of no width part nothing;
# Python’s \w leaves both out.
INSIDE = "".join(
    c
    for c in map(chr, range(0x10000))
    if unicodedata.category(c)[0] == "M" or unicodedata.category(c) == "Cf"
)
WORD = re.compile(rf"[^\W_](?:[^\W_]|[{re.escape(INSIDE)}])*")
LONGEST_WORD = 40  # longer than any word in the nine languages
FIRST_LINES = 40  # words of a text that say what it is about
# Where a token stands, as its first letter: no word begins so.
TITLE, FIRST, STEM = "^", ">", "/"


@dataclass(frozen=True)
class Shape:
    """One written word: its folded words in order, what it is found by, its stems."""

    sequence: tuple[str, ...]
    words: frozenset[str]
    stems: frozenset[str]  # as the index spells them, each with its language

    @cached_property
    def tokens(self) -> frozenset[str]:
        """What stands for it wherever it is."""
        return self.words | self.stems

    @cached_property
    def tokens_in_title(self) -> frozenset[str]:
        """What stands for it in a title."""
        return frozenset(TITLE + token for token in self.tokens)

    @cached_property
    def tokens_in_front(self) -> frozenset[str]:
        """What stands for it in the first lines: its stems, where it has any."""
        return frozenset(FIRST + token for token in self.stems or self.words)


@lru_cache(2**17)
def shape(written: str, language: str) -> Shape:
    """What one written word is found by, in a language."""
    words = folded(written)
    if is_burmese(written):
        return Shape(words, frozenset({*words, *pairs(words)}), frozenset())
    found = stems(written, language) if len(words) == 1 else ()
    spelled = (f"{STEM}{language}{STEM}{stem[:LONGEST_WORD]}" for stem in found)
    return Shape(words, frozenset(words), frozenset(spelled))


def folded(written: str) -> tuple[str, ...]:
    """The folded words of one written word: mostly one; of Burmese, its syllables."""
    words = WORD.findall(fold(written))
    parts = [syllables(word) if is_burmese(word) else [word] for word in words]
    return tuple(word[:LONGEST_WORD] for part in parts for word in part)


def pairs(sequence: tuple[str, ...]) -> list[str]:
    """Each two syllables that follow one another, as one word."""
    return [first + second for first, second in pairwise(sequence)]


SEQUENCE = attrgetter("sequence")
TOKENS, IN_TITLE = attrgetter("tokens"), attrgetter("tokens_in_title")
IN_FRONT = attrgetter("tokens_in_front")


def sequence(text: str, language: str = "") -> str:
    """The folded words of a text, spaces around each: phrases are looked for here.

    They are the same in each language; where it is told, each word is shaped once for
    this and for tokens().
    """
    found = map(SEQUENCE, shapes(WORD.findall(text), language))
    return f" {' '.join(chain.from_iterable(found))} "


def tokens(title: str, text: str, language: str) -> set[str]:
    """What the index holds of a record: words and stems, and where they stand.

    A stem carries its language, so that no language’s stems are another’s words.
    """
    in_title, in_text = WORD.findall(title), WORD.findall(text)
    return {STEM + language}.union(
        *map(TOKENS, shapes({*in_title, *in_text}, language)),
        *map(IN_TITLE, shapes(in_title, language)),
        *map(IN_FRONT, shapes(in_text[:FIRST_LINES], language)),
    )


def shapes(written: Iterable[str], language: str) -> Iterator[Shape]:
    """What each of some written words is found by."""
    return map(shape, written, repeat(language))
