"""What a reader asks of search: words, "a phrase", begin* of words, -this left out."""

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from cases.languages import STEMMERS, is_burmese, without
from cases.words import STEM, WORD, folded, pairs, sequence, shape

SHORTEST_BEGINNING = 3
MOST_UNDERSTOOD = 64  # queries: a page asks in several places what one means
QUOTES = str.maketrans("“”„«»", '"""""')
# A phrase or a piece without spaces; a minus counts at the start of a word only.
ASKED = re.compile(r'(?P<minus>(?<!\S)-)?(?:"(?P<phrase>[^"]*)"|(?P<piece>[^\s"]+))')


@dataclass(frozen=True)
class Wanted:
    """One word of a query."""

    word: str
    stems: tuple[str, ...] = ()  # as the index spells them
    is_beginning: bool = False
    needless_in: frozenset[str] = frozenset()  # languages that have it in every text

    @property
    def spellings(self) -> tuple[str, ...]:
        """The tokens that it is found by, those that only begin so left out."""
        return (self.word, *self.stems)

    @property
    def needless(self) -> tuple[str, ...]:
        """The tokens of the languages in which it is not asked for."""
        return tuple(STEM + language for language in sorted(self.needless_in))


@dataclass(frozen=True)
class Phrase:
    """Words that follow one another, none of them stemmed."""

    words: tuple[str, ...]

    @property
    def text(self) -> str:
        """As it stands in the sequence of a text."""
        return f" {' '.join(self.words)} "

    @property
    def parts(self) -> tuple[Wanted, ...]:
        """What must be there for the phrase to be."""
        return tuple(Wanted(word) for word in dict.fromkeys(self.words))


@dataclass(frozen=True)
class Query:
    """What a reader asks for, and what not to find."""

    wanted: tuple[Wanted, ...] = ()
    phrases: tuple[Phrase, ...] = ()
    unwanted: tuple[Wanted | Phrase, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing is asked for."""
        return not (self.wanted or self.phrases)

    @property
    def telling(self) -> tuple[Wanted, ...]:
        """The words that say something in every language: they decide the order."""
        quoted = [word for phrase in self.phrases for word in phrase.parts]
        found = [word for word in (*self.wanted, *quoted) if not word.needless_in]
        return tuple(dict.fromkeys(found))


@lru_cache(MOST_UNDERSTOOD)
def understood(query: str) -> Query:
    """What a query asks. It never fails: what has no letters asks for nothing."""
    text = paired(query.translate(QUOTES))
    wanted, phrases, unwanted = [], [], []
    asked = list(ASKED.finditer(text))
    for match in asked:
        if match["piece"] is None:
            found = phrase_of(match["phrase"])
            into = phrases
        else:
            is_last = match is asked[-1] and not match["minus"]
            found = words_of(match["piece"], may_begin=is_last)
            into = wanted
        (unwanted if match["minus"] else into).extend(found)
    return Query(
        tuple(with_needless(list(dict.fromkeys(wanted)), alone=not phrases)),
        tuple(dict.fromkeys(phrases)),
        tuple(dict.fromkeys(unwanted)),
    )


def paired(text: str) -> str:
    """The text without its last quotation mark, where that has no other."""
    if text.count('"') % 2 == 0:
        return text
    before, _mark, after = text.rpartition('"')
    return f"{before} {after}"


def phrase_of(text: str) -> list[Phrase]:
    """The phrase inside quotation marks, where there are words."""
    words = tuple(sequence(text).split())
    return [Phrase(words)] if words else []


def words_of(piece: str, *, may_begin: bool) -> list[Wanted]:
    """What a piece of a query without spaces asks for."""
    is_asked = piece.endswith("*")
    words = [word for written in WORD.findall(piece) for word in wanted(written)]
    if words and (is_asked or (may_begin and is_long_enough(words[-1].word))):
        words[-1] = replace(words[-1], is_beginning=True)
    return words


def is_long_enough(word: str) -> bool:
    """Whether a word may be the beginning of others unasked: no number or code is."""
    return len(word) >= SHORTEST_BEGINNING and not any(map(str.isdigit, word))


def wanted(written: str) -> list[Wanted]:
    """What one written word asks for."""
    words = folded(written)
    if words[1:]:
        parts = pairs(words) if is_burmese(written) else words
        return [Wanted(word) for word in parts]
    return [Wanted(word, stems_of(written)) for word in words]


def stems_of(written: str) -> tuple[str, ...]:
    """The stems that a word may have in any language, as the index spells them."""
    return tuple(
        token
        for language in STEMMERS
        for token in sorted(shape(written, language).stems)
    )


def with_needless(words: list[Wanted], *, alone: bool) -> list[Wanted]:
    """Tell of each word where it is not needed: in no language that leaves no other."""
    languages = [without(word.word) for word in words]
    if alone and languages:
        only = frozenset.intersection(*languages)
        languages = [found - only for found in languages]
    return [
        replace(word, needless_in=found)
        for word, found in zip(words, languages, strict=True)
    ]


def meant_by(query: str) -> list[str]:
    """The different words that a query asks for, in order."""
    asked = understood(query)
    quoted = [word for phrase in asked.phrases for word in phrase.words]
    return list(dict.fromkeys([*(one.word for one in asked.wanted), *quoted]))
