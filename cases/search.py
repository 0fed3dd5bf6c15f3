"""Full-text search over every published record.

SearchEntry has one row a record, with its texts. Which records hold which words is kept
beside it (cases/postings.py), and both are written in the transaction that changes what
is public. A query is answered by algebra on sets of numbers; order, too, is decided by
which sets a number is in, so that it is the same on both databases.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import batched, chain, islice

from django.apps import apps
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone
from pyroaring import BitMap

from cases import contents, postings
from cases.asking import Phrase, Query, Wanted, understood
from cases.entries import (
    KIND_NUMBERS,
    KINDS,
    call_also,
    entries_for,
    entry,
    held,
    named_in,
    other_words,
)
from cases.languages import LANGUAGES
from cases.models import Case, SearchEntry
from cases.postings import Sets
from cases.words import FIRST, STEM, TITLE
from sources.models import Record
from sources.prepared import Prepared, together
from sources.turns import TURN, take_turn
from sources.writing import Gone, Row, write

# Where a case names a record, so that the words for that find the case too.
NAMED_BY_CASES = {
    "form": "encounters__form",
    "strategy": "encounters__responses__strategy",
    "organisation": "organisations",
}
PUBLIC = {
    kind: Prepared(
        lambda key, now, of=model: (
            of.objects.published(now).filter(pk=key).values_list("pk")
        )
    )
    for kind, model in KINDS.items()
}
ENTRIES = Prepared(lambda numbers: SearchEntry.objects.filter(pk__in=numbers))
TOLD = "language", "title", "names", "text", "sequence"  # what changes of an entry
AT_ONCE = 5_000  # entries looked at or written by one statement
MOST_UNPUBLISHED = 4  # times as many others are looked at as are asked for


@dataclass(frozen=True)
class Hits:
    """What a query finds among cases, or among all else.

    criteria: what decides the order, the weightiest first, each as some sets of
    numbers. Numbers that are in more of the sets come first.
    """

    numbers: BitMap
    criteria: list[list[BitMap]]

    def ranked(self, among: BitMap, most: int | None = None) -> list[int]:
        """Of these numbers those that were found, best first; only so many, if told.

        First those with most words in a title or name, then those with most words
        exactly so and not only a stem or beginning, then those with most in the first
        lines, then the newest.
        """
        levels = in_order(self.numbers & among, self.criteria)
        found = chain.from_iterable(reversed(level.to_array()) for level in levels)
        return list(islice(found, most))

    @cached_property
    def size(self) -> int:
        """Bytes of memory that it takes at most: two a number, or a bit for each."""
        sets = filter(None, [self.numbers, *chain.from_iterable(self.criteria)])
        return sum(min(2 * len(found), found.max() // 8 + 1) for found in sets)

    def foremost(self, most: int) -> list[int]:
        """So many numbers, best first; of equally good ones the lowest."""
        levels = in_order(self.numbers, self.criteria)
        return list(islice(chain.from_iterable(levels), most))


def find_cases(query: str, kept: dict | None = None) -> Hits:
    """The cases that a query finds, by their keys, in one question.

    Whether they may be seen is not asked here. kept: see postings.read().
    """
    return hits(understood(query), of_cases=True, kept=kept)


def cases_with_words(query: str) -> list[int]:
    """The keys of cases that the query finds, as a list: start from published."""
    return list(find_cases(query).numbers)


def entries(query: str) -> QuerySet[SearchEntry]:
    """The rows that a query finds, of all kinds."""
    asked = understood(query)
    found = [hits(asked, of_cases=side).numbers for side in (True, False)]
    return SearchEntry.objects.filter(pk__in=list(BitMap.union(*found)))


def hits(query: Query, *, of_cases: bool, kept: dict | None = None) -> Hits:
    """What a query finds, among cases or among all else. kept: see postings.read()."""
    if query.is_empty:
        return Hits(BitMap(), [])
    required = [*query.wanted, *chain.from_iterable(p.parts for p in query.phrases)]
    refused = chain.from_iterable(
        one.parts if isinstance(one, Phrase) else [one] for one in query.unwanted
    )
    words, telling = [*required, *refused], query.telling
    spelled = ((*word.spellings, *word.needless) for word in words)
    placed = ((*in_title(word), *in_first_lines(word)) for word in telling)
    begun = [word.word for word in words if word.is_beginning]
    begun += [TITLE + word.word for word in telling if word.is_beginning]
    tokens = chain.from_iterable(chain(spelled, placed))
    sets = postings.read(tokens, begun, of_cases=of_cases, kept=kept)
    found = BitMap.intersection(*(holders(sets, word) for word in required))
    for phrase in query.phrases:
        found = saying(found, phrase)
    for one in query.unwanted:
        found -= having(sets, found, one)
    return Hits(found, criteria(sets, found, telling))


def criteria(sets: Sets, found: BitMap, words: Iterable[Wanted]) -> list[list[BitMap]]:
    """Where words stand in what was found: a title, the text exactly so, its start."""
    title, exact, first = [], [], []
    for word in words:
        beginning = TITLE + word.word if word.is_beginning else ""
        title.append(found & sets.union(in_title(word), beginning))
        exact.append(found & sets.union([word.word]))
        first.append(found & sets.union(in_first_lines(word)))
    return [title, exact, first]


def having(sets: Sets, among: BitMap, one: Wanted | Phrase) -> BitMap:
    """Those that have a word or phrase."""
    if isinstance(one, Phrase):
        parts = (holders(sets, word) for word in one.parts)
        return saying(BitMap.intersection(among, *parts), one)
    return among & holders(sets, one)


def holders(sets: Sets, wanted: Wanted) -> BitMap:
    """The numbers of what a word finds, those included that need not have it."""
    beginning = wanted.word if wanted.is_beginning else ""
    return sets.union((*wanted.spellings, *wanted.needless), beginning)


def saying(among: BitMap, phrase: Phrase) -> BitMap:
    """Those in which the words of a phrase follow one another.

    The index knows no positions: the texts of those that hold all the words are read.
    """
    if len(phrase.words) == 1:
        return among
    found = BitMap()
    for some in batched(among, AT_ONCE, strict=False):
        holding = SearchEntry.objects.filter(
            pk__in=some, sequence__contains=phrase.text
        )
        found.update(holding.values_list("pk", flat=True))
    return found


def in_title(wanted: Wanted) -> list[str]:
    """The tokens of a word that stands in a title."""
    return [TITLE + token for token in wanted.spellings]


def in_first_lines(wanted: Wanted) -> list[str]:
    """The tokens of a word that stands in the first lines of a text."""
    return [FIRST + token for token in wanted.spellings]


def in_order(found: BitMap, criteria: list[list[BitMap]]) -> Iterator[BitMap]:
    """Numbers by how many sets of the first criterion they are in, then of the next."""
    if not found:
        return
    if not criteria:
        yield found
        return
    for level in by_count(found, criteria[0]):
        yield from in_order(level, criteria[1:])


def by_count(found: BitMap, sets: list[BitMap]) -> list[BitMap]:
    """The numbers apart by how many of the sets they are in, most first."""
    at_least = [found]  # of so many sets
    for one in sets:
        reached = [fewer & one for fewer in at_least]
        at_least = [
            more | (at_least[n] if n < len(at_least) else BitMap())
            for n, more in enumerate([found, *reached])
        ]
    above = [*at_least[1:], BitMap()]
    return [have - more for have, more in zip(at_least, above, strict=True)][::-1]


def texts_of_cases(keys: list[int]) -> dict[int, str]:
    """What search knows of these cases, by key."""
    rows = SearchEntry.objects.filter(kind="case", record_id__in=keys)
    return dict(rows.values_list("record_id", "text"))


def others(
    query: str, most: int, kept: dict | None = None
) -> list[tuple[Record, SearchEntry]]:
    """Published records that are not cases, best first, ordered like cases.

    kept: see postings.read().
    """
    found = hits(understood(query), of_cases=False, kept=kept)
    best = found.foremost(most * MOST_UNPUBLISHED)
    rows = SearchEntry.objects.in_bulk(best)
    records = published(rows.values())
    shown = [(records[key], rows[key]) for key in best if key in records]
    return shown[:most]


def published(rows: Iterable[SearchEntry]) -> dict[int, Record]:
    """The records that these entries stand for and that may be seen, by number."""
    by_kind: dict[str, dict[int, int]] = {}
    for row in rows:
        by_kind.setdefault(row.kind, {})[row.record_id] = row.pk
    return {
        numbers_of[record.pk]: record
        for kind, numbers_of in by_kind.items()
        for record in KINDS[kind].objects.published().filter(pk__in=numbers_of)
    }


@transaction.atomic(savepoint=False)
def follow(record: Record) -> None:
    """Make the index say what is public of one record, and of all that name it."""
    kind = kind_of(record)
    _turn, public, *known = together(
        (TURN,), (PUBLIC[kind], record.pk, timezone.now()), *known_of(record)
    )
    write(*exchange(known, [*entries_for(kind, [key for (key,) in public])]))
    renew_naming(record)


def kind_of(record: Record) -> str:
    """What search calls records of this kind."""
    return next(kind for kind, model in KINDS.items() if isinstance(record, model))


def known_of(record: Record) -> list[tuple]:
    """The questions for what exchange() must know, of one record."""
    number = postings.number(KIND_NUMBERS[kind_of(record)], record.pk)
    return [(ENTRIES, [number]), (postings.WAITING,)]


def asked(record: Record) -> list[tuple]:
    """The questions whose answers following() is told, once one’s turn was taken."""
    return [*known_of(record), *other_words(named_in(record))]


def following(
    record: Record, answers: list[list], *, is_public: bool
) -> list[Row | Gone]:
    """What is to be written with a record that is about to be stored as it stands here.

    answers: to what was asked. All that name it are to be renewed afterwards.
    """
    if not is_public:
        return exchange(answers[:2], [])
    call_also(named_in(record), answers[2:])
    return exchange(answers[:2], [entry(kind_of(record), record)])


def renew_naming(record: Record) -> None:
    """Write the entries of the cases anew that name a record."""
    if path := NAMED_BY_CASES.get(kind_of(record)):
        renew("case", Case.objects.filter(**{path: record}).distinct())


def renew(kind: str, records: QuerySet) -> None:
    """Write the entries of these records anew, for those that are public."""
    for some in batched(keys_of(records), AT_ONCE, strict=False):
        public = keys_of(KINDS[kind].objects.published().filter(pk__in=some))
        replace(kind, some, entries_for(kind, public))


def keys_of(records: QuerySet) -> QuerySet[int]:
    """The keys of records, in order."""
    return records.order_by("pk").values_list("pk", flat=True)


@transaction.atomic(savepoint=False)
def replace(kind: str, keys: Iterable[int], made: Iterable[SearchEntry]) -> None:
    """Put entries in the place of those that these records had."""
    numbers = [postings.number(KIND_NUMBERS[kind], key) for key in keys]
    if numbers:
        _turn, *known = together((TURN,), (ENTRIES, numbers), (postings.WAITING,))
        write(*exchange(known, [*made]))


def exchange(known: list[list], made: list[SearchEntry]) -> list[Row | Gone]:
    """What is to be written to put entries in the place of others.

    known: the old ones, and the records of which the sets do not yet say what they
    hold; both asked in the same transaction, since it took its turn.
    """
    old, waiting = known
    before = {row.pk: held(row) for row in old}
    after = {row.pk: held(row) for row in made}
    moves = {
        of: (before.get(of, set()), after.get(of, set()))
        for of in before.keys() | after.keys()
    }
    gone = (Gone(SearchEntry, number) for number in before.keys() - after.keys())
    waits = postings.change(moves, len(waiting))
    return [*waits, *gone, *(Row(row, TOLD, or_new=True) for row in made)]


def catch_up(public: BitMap) -> int:
    """Take in cases whose time has come, drop those whose time is over; count both.

    public are the keys of the cases that may be seen now.

    Where search knows nothing, as after an upgrade that changed what it keeps, it
    learns all that is public.
    """
    postings.settle()
    if not SearchEntry.objects.exists():
        refresh()
        return SearchEntry.objects.filter(kind="case").count()
    known = known_cases()
    dropped, made = known - public, public - known
    for some in batched(dropped, AT_ONCE, strict=False):
        replace("case", some, [])
    for some in batched(made, AT_ONCE, strict=False):
        shown = keys_of(Case.objects.published().filter(pk__in=some))
        replace("case", some, entries_for("case", shown))
    if dropped or made:
        contents.touch()
    return len(dropped) + len(made)


def known_cases() -> BitMap:
    """The keys of the cases that search knows: each holds its language as a token."""
    languages = [STEM + language for language in LANGUAGES]
    return postings.read(languages, [], of_cases=True).union(languages)


@transaction.atomic
def refresh() -> None:
    """Make the index say what is published now. Call it where that changes."""
    contents.touch()
    SearchEntry.objects.all().delete()
    for kind, model in KINDS.items():
        found = entries_for(kind, keys_of(model.objects.published()).iterator())
        for some in batched(found, AT_ONCE, strict=False):
            SearchEntry.objects.bulk_create(some)
    index_anew()


@transaction.atomic
def index_anew() -> None:
    """Read every entry, and write anew which of them hold which words."""
    take_turn()
    rows = SearchEntry.objects.order_by("pk").defer("sequence")
    postings.fill((row.pk, held(row)) for row in rows.iterator(AT_ONCE))


def count_anew() -> None:
    """Let PostgreSQL look at how much there is, where a lot has just been written.

    Until it does, it takes the tables for empty, and a search of eight cases took three
    seconds. SQLite plans without counting.
    """
    if connection.vendor == "postgresql":
        tables = [model._meta.db_table for model in apps.get_models()]
        names = ", ".join(map(connection.ops.quote_name, tables))
        with connection.cursor() as cursor:
            cursor.execute(f"ANALYZE {names}")
