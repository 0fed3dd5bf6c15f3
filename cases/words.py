"""Turn text into the tokens that search looks up.

Neither database splits, folds or stems alike, so neither is asked to. A text becomes
tokens here, a query goes the same way (cases/asking.py), and cases/postings.py only
keeps which record holds what.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

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
    stems: frozenset[str]


@lru_cache(2**17)
def shape(written: str, language: str) -> Shape:
    """What one written word is found by, in a language."""
    sequence = folded(written)
    if is_burmese(written):
        return Shape(sequence, frozenset({*sequence, *pairs(sequence)}), frozenset())
    found = stems(written, language) if len(sequence) == 1 else ()
    return Shape(
        sequence, frozenset(sequence), frozenset(s[:LONGEST_WORD] for s in found)
    )


def folded(written: str) -> tuple[str, ...]:
    """The folded words of one written word: mostly one; of Burmese, its syllables."""
    words = WORD.findall(fold(written))
    parts = [syllables(word) if is_burmese(word) else [word] for word in words]
    return tuple(word[:LONGEST_WORD] for part in parts for word in part)


def pairs(sequence: tuple[str, ...]) -> list[str]:
    """Each two syllables that follow one another, as one word."""
    return [first + second for first, second in pairwise(sequence)]


def shapes(text: str, language: str) -> list[Shape]:
    """The words of a text."""
    return [shape(written, language) for written in WORD.findall(text)]


def sequence(text: str) -> str:
    """The folded words of a text, spaces around each: phrases are looked for here."""
    words = [word for found in shapes(text, "") for word in found.sequence]
    return f" {' '.join(words)} "


def tokens(title: str, text: str, language: str) -> set[str]:
    """What the index holds of a record: words and stems, and where they stand.

    A stem carries its language, so that no language’s stems are another’s words.
    """
    in_title, in_text = shapes(title, language), shapes(text, language)
    found = {STEM + language}
    for each in (*in_title, *in_text):
        found |= each.words
        found.update(stemmed(each.stems, language))
    for each in in_title:
        found.update(TITLE + word for word in each.words)
        found.update(TITLE + stem for stem in stemmed(each.stems, language))
    for each in in_text[:FIRST_LINES]:
        found.update(
            FIRST + stem for stem in stemmed(each.stems, language) or each.words
        )
    return found


def stemmed(found: Iterable[str], language: str) -> list[str]:
    """Stems as the index spells them."""
    return [f"{STEM}{language}{STEM}{stem}" for stem in found]
