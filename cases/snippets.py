"""A piece of a text around what a query found, with that marked."""

from collections.abc import Iterator
from html import escape
from itertools import pairwise
from typing import NamedTuple

from django.utils.safestring import SafeString

from cases.asking import Phrase, Query, understood
from cases.languages import SYLLABLE, is_burmese
from cases.words import WORD, Shape, shape

SNIPPET_LENGTH = 200


class Place(NamedTuple):
    """Where something stands in a text, in characters."""

    start: int
    stop: int


class Marker:
    """Marks in texts of one language what a query asks for.

    It remembers each written word that it saw: the texts of a page share most of them.
    """

    def __init__(self, query: str, language: str = "en"):
        self.query: Query = understood(query)
        self.language = language
        wanted = [w for w in self.query.wanted if language not in w.needless_in]
        self.tokens = {token for word in wanted for token in word.spellings}
        self.beginnings = tuple(word.word for word in wanted if word.is_beginning)
        self.known: dict[str, list[Place]] = {}

    def snippet(self, text: str) -> SafeString:
        """A piece of a text around the first hit, every hit marked; or nothing."""
        first = next(self.hits(text, 0, len(text)), None)
        if first is None:
            return SafeString("")
        start, stop = piece_around(text, first)
        told, at = ["… " if start else ""], start
        for hit in joined(first, self.hits(text, first.start, stop)):
            found = escape(text[hit.start : hit.stop])
            told += [escape(text[at : hit.start]), "<mark>", found, "</mark>"]
            at = hit.stop
        told += [escape(text[at:stop]), " …" if stop < len(text) else ""]
        return SafeString("".join(told))

    def hits(self, text: str, start: int, stop: int) -> Iterator[Place]:
        """The places that hold what is asked for, in order, of a part of a text."""
        if self.query.phrases:
            found = {hit for p in self.query.phrases for hit in phrase_in(text, p)}
            within = {hit for hit in found if start <= hit.start and hit.stop <= stop}
            yield from sorted({*self.words(text, start, stop), *within})
        else:
            yield from self.words(text, start, stop)

    def words(self, text: str, start: int, stop: int) -> Iterator[Place]:
        """The places of the words that are asked for, in order, of a part of a text."""
        for match in WORD.finditer(text, start, stop):
            written = match.group()
            found = self.known.get(written)
            if found is None:
                found = self.known[written] = self.inside(written)
            if found:
                at = match.start()
                for start, stop in found:
                    yield Place(at + start, at + stop)

    def inside(self, written: str) -> list[Place]:
        """The parts of one written word that are asked for: of Burmese, syllables."""
        if not is_burmese(written):
            is_asked = self.asks_for(shape(written, self.language))
            return [Place(0, len(written))] if is_asked else []
        parts = list(syllables_of(written))
        shapes = [shape(written[start:stop], self.language) for start, stop in parts]
        pairs = [pair(first, second) for first, second in pairwise(shapes)]
        return [
            place
            for at, place in enumerate(parts)
            if any(map(self.asks_for, [shapes[at], *pairs[max(0, at - 1) : at + 1]]))
        ]

    def asks_for(self, word: Shape) -> bool:
        """Whether a word is what the query asks for."""
        if not self.tokens.isdisjoint(word.tokens):
            return True
        begun = self.beginnings
        return bool(begun) and any(found.startswith(begun) for found in word.words)


def syllables_of(written: str) -> Iterator[Place]:
    """Where the syllables of a Burmese word stand: it has no spaces."""
    at = 0
    for part in SYLLABLE.split(written):
        if part:
            yield Place(at, at + len(part))
            at += len(part)


def pair(first: Shape, second: Shape) -> Shape:
    """Two syllables that touch, as one word."""
    word = "".join((*first.sequence, *second.sequence))
    return Shape((word,), frozenset({word}), frozenset())


def phrase_in(text: str, phrase: Phrase) -> Iterator[Place]:
    """The places that a phrase takes up, wherever it stands."""
    words = [
        (word, Place(match.start() + start, match.start() + stop))
        for match in WORD.finditer(text)
        for start, stop in syllables_of(match.group())
        for word in shape(match.group()[start:stop], "").sequence
    ]
    size = len(phrase.words)
    for start in range(len(words) - size + 1):
        here = words[start : start + size]
        if tuple(word for word, _place in here) == phrase.words:
            yield from (place for _word, place in here)


def piece_around(text: str, hit: Place) -> Place:
    """From the sentence of a hit, or from shortly before it; never through the hit."""
    ended = text.rfind(". ", 0, hit.start)
    start = max(ended + 2 if ended >= 0 else 0, hit.start - SNIPPET_LENGTH // 2)
    stop = min(len(text), start + SNIPPET_LENGTH)
    stop = max(text.rfind(" ", start, stop) if stop < len(text) else stop, start)
    return Place(start, max(stop, hit.stop))


def joined(first: Place, hits: Iterator[Place]) -> Iterator[Place]:
    """The hits, those that touch made one: syllables of a word are one mark."""
    last = first  # which may be among the hits
    for hit in hits:
        if hit.start < last.stop:
            continue
        if hit.start == last.stop:
            last = Place(last.start, hit.stop)
        else:
            yield last
            last = hit
    yield last
