"""A piece of a text around what a query found, with that marked."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from cases.asking import Phrase, Query, understood
from cases.languages import SYLLABLE, is_burmese
from cases.words import WORD, Shape, shape

SNIPPET_LENGTH = 200


@dataclass(frozen=True)
class Place:
    """Where a word stands in a text. A Burmese syllable is one here."""

    start: int
    stop: int
    found: Shape


def snippet(text: str, query: str, language: str = "en") -> SafeString:
    """A piece of the text around the first hit, every hit marked."""
    hits = joined(hits_in(list(places(text, language)), understood(query), language))
    if not hits:
        return SafeString("")
    first = hits[0]
    start = text.rfind(". ", 0, first.start) + 2
    start = 0 if start == 1 else max(start, first.start - SNIPPET_LENGTH // 2)
    stop = min(len(text), start + SNIPPET_LENGTH)
    stop = max(text.rfind(" ", start, stop) if stop < len(text) else stop, start)
    stop = max(stop, first.stop)
    return format_html(
        "{}{}{}",
        "… " if start else "",
        format_html_join("", "{}", ((p,) for p in marked(text, hits, start, stop))),
        " …" if stop < len(text) else "",
    )


def places(text: str, language: str) -> Iterator[Place]:
    """The words of a text, in order."""
    for match in WORD.finditer(text):
        at = match.start()
        written = match.group()
        parts = SYLLABLE.split(written) if is_burmese(written) else [written]
        for part in filter(None, parts):
            yield Place(at, at + len(part), shape(part, language))
            at += len(part)


def hits_in(found: list[Place], query: Query, language: str) -> list[Place]:
    """The places that hold what is wanted, in order."""
    hits: set[int] = set()
    asked = [word for word in query.wanted if language not in word.needless_in]
    for at, place in enumerate(found):
        if any(word.is_in(place.found) for word in asked):
            hits.add(at)
        if at and found[at - 1].stop == place.start:
            pair = shape_of_pair(found[at - 1], place)
            if any(word.is_in(pair) for word in asked):
                hits |= {at - 1, at}
    for phrase in query.phrases:
        hits |= phrase_in(found, phrase)
    return [found[at] for at in sorted(hits)]


def shape_of_pair(first: Place, second: Place) -> Shape:
    """Two syllables that touch, as one word."""
    word = "".join((*first.found.sequence, *second.found.sequence))
    return Shape((word,), frozenset({word}), frozenset())


def phrase_in(found: list[Place], phrase: Phrase) -> set[int]:
    """The places that a phrase takes up, wherever it stands."""
    words = [
        (word, at) for at, place in enumerate(found) for word in place.found.sequence
    ]
    size = len(phrase.words)
    return {
        at
        for start in range(len(words) - size + 1)
        if tuple(word for word, _at in words[start : start + size]) == phrase.words
        for _word, at in words[start : start + size]
    }


def joined(hits: list[Place]) -> list[Place]:
    """The hits, those that touch made one: syllables of a word are one mark."""
    found: list[Place] = []
    for hit in hits:
        if found and found[-1].stop == hit.start:
            hit = Place(found.pop().start, hit.stop, hit.found)
        found.append(hit)
    return found


def marked(text: str, hits: list[Place], start: int, stop: int) -> Iterator[str]:
    """The pieces of text[start:stop], hits inside a mark."""
    at = start
    for hit in hits:
        if hit.stop > stop:
            break
        yield text[at : hit.start]
        yield format_html("<mark>{}</mark>", text[hit.start : hit.stop])
        at = hit.stop
    yield text[at:stop]
