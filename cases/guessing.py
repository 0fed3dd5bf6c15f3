"""Guess what a reader means: a word spelled otherwise, or one not yet written out.

Both guess from the words that search holds, and offer only what leads to something
that may be seen.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import batched, chain, islice

from django.db import connections, router
from pyroaring import BitMap

from cases import postings
from cases.asking import Wanted, understood
from cases.models import Case, SearchEntry
from cases.postings import Sets, between
from cases.search import hits, holders, in_title, published
from cases.words import TITLE
from sources.models import Record
from sources.names import fold

MOST_MISTAKES = 2  # letters left out, put in, changed, or swapped with the next
SHORTEST_GUESSED = 4  # letters: shorter words are all alike
MOST_WEIGHED = 50  # words equally alike of which the most frequent is sought
MOST_TRIED = 8  # guesses
MOST_LOOKED_AT = 80  # hits that may turn out not to be public
AT_ONCE = 16
MOST_SUGGESTED = 8
SHORTEST_BEGINNING = 2

WORDS = """
    SELECT DISTINCT token FROM cases_searchword
    WHERE token >= %s AND token < %s AND LENGTH(token) BETWEEN %s AND %s
"""


def did_you_mean(query: str) -> str | None:
    """The query with each word that finds nothing changed to one that is much alike.

    None where all words find something, where nothing is alike, and where the guess
    finds nothing public, so that it tells no word of a draft.
    """
    asked = understood(query)
    if asked.is_empty or asked.phrases or asked.unwanted:
        return None
    guesses = {word: nearest(word) for word in unfound(asked.wanted)}
    if not guesses or not all(guesses.values()):
        return None
    guess = " ".join(guesses.get(one.word) or one.word for one in asked.wanted)
    found = (hits(understood(guess), of_cases=side).numbers for side in (True, False))
    return guess if is_any_public(*found) else None


def unfound(wanted: Iterable[Wanted]) -> list[str]:
    """The words that no record holds, of any kind."""
    words = list(wanted)
    tokens = [token for one in words for token in one.spellings]
    begun = [one.word for one in words if one.is_beginning]
    sides = [postings.read(tokens, begun, of_cases=side) for side in (True, False)]
    return [one.word for one in words if not any(holders(s, one) for s in sides)]


def nearest(word: str) -> str | None:
    """The word most like this one that stands in something public."""
    if len(word) < SHORTEST_GUESSED or any(map(str.isdigit, word)):
        return None
    near = sorted((mistakes(word, other), other) for other in alike(word))
    near = [(n, other) for n, other in near if n <= MOST_MISTAKES][:MOST_WEIGHED]
    words = [other for _n, other in near]
    cases, rest = (postings.read(words, [], of_cases=s) for s in (True, False))
    found = {word: (cases.union([word]), rest.union([word])) for word in words}
    near.sort(key=lambda one: (one[0], -sum(map(len, found[one[1]])), one[1]))
    tried = near[:MOST_TRIED]
    return next((word for _n, word in tried if is_any_public(*found[word])), None)


def alike(word: str) -> Iterator[str]:
    """Words that may be alike.

    The first letter is taken to be right, or swapped with or preceded by another.
    """
    letters = set(word)
    size, slack = len(word.encode()), MOST_MISTAKES * len(word[0].encode())
    with connections[router.db_for_read(SearchEntry)].cursor() as cursor:
        for first in dict.fromkeys(word[:2]):
            cursor.execute(WORDS, [*between(first), size - slack, size + slack])
            for (token,) in cursor:
                other = bytes(token).decode()
                # Each mistake adds a letter to one of the two, or to both.
                if len(letters ^ set(other)) <= 2 * MOST_MISTAKES:
                    yield other


def mistakes(written: str, meant: str) -> int:
    """How many letters were left out, put in, changed or swapped, if not too many."""
    before, row = [], list(range(len(meant) + 1))
    for at, letter in enumerate(written, 1):
        earlier, before, row = before, row, [at]
        for n, other in enumerate(meant, 1):
            cost = min(before[n] + 1, row[-1] + 1, before[n - 1] + (letter != other))
            if at > 1 and n > 1 and written[at - 2] == other and letter == meant[n - 2]:
                cost = min(cost, earlier[n - 2] + 1)
            row.append(cost)
        if min(*row, *before) > MOST_MISTAKES:
            return MOST_MISTAKES + 1  # no less, whatever follows
    return row[-1]


def is_any_public(cases: BitMap, others: BitMap) -> bool:
    """Whether one of the first of these may be seen."""
    some = list(islice(cases, MOST_LOOKED_AT))
    if Case.objects.published().filter(pk__in=some).exists():
        return True
    return any(public_of(islice(others, MOST_LOOKED_AT)))


def public_of(found: Iterable[int]) -> Iterator[tuple[SearchEntry, Record]]:
    """The records among these that may be seen, looked at a few at a time."""
    for some in batched(found, AT_ONCE, strict=False):
        rows = SearchEntry.objects.defer("text", "sequence").in_bulk(some)
        records = published(rows.values())
        yield from ((rows[of], records[of]) for of in some if of in records)


@dataclass(frozen=True)
class Suggestion:
    """A record whose title, or the other name told, has words that begin as asked."""

    name: str
    record: Record


def suggestions(beginning: str) -> list[Suggestion]:
    """What may be seen and is called as a reader began to write, terms before cases."""
    asked = understood(f"{beginning.rstrip()}*").wanted
    if not asked or len(asked[-1].word) < SHORTEST_BEGINNING:
        return []
    found = chain.from_iterable(
        public_of(islice(called(asked, of_cases=side), MOST_LOOKED_AT))
        for side in (False, True)
    )
    return [
        Suggestion(name_that_fits(row, asked), record)
        for row, record in islice(found, MOST_SUGGESTED)
    ]


def called(asked: Iterable[Wanted], *, of_cases: bool) -> Iterator[int]:
    """The numbers of records that have these words in a title or name, newest first."""
    words = list(asked)
    tokens = [token for one in words for token in in_title(one)]
    begun = [TITLE + one.word for one in words if one.is_beginning]
    sets: Sets = postings.read(tokens, begun, of_cases=of_cases)
    each = [
        sets.union(in_title(one), TITLE + one.word if one.is_beginning else "")
        for one in words
    ]
    found = BitMap.intersection(*each)
    return reversed(found.to_array()) if of_cases else iter(found)


def name_that_fits(row: SearchEntry, asked: Iterable[Wanted]) -> str:
    """The title, or the other name where only that has what was begun."""
    words = [one.word for one in asked]
    for name in (row.title, *row.names.split(" | ")):
        text = f" {fold(name)}"
        if all(f" {word}" in text for word in words):
            return name
    return row.title
