"""The same hits in the same order on both databases, in ten languages.

A run sees one database. Both are held to tests/search_expected.json, which the plain
reference has written: when search is to find other things, delete the file and run
these tests once.
"""

import json
from pathlib import Path

import pytest

from cases import search
from cases.entries import entry_of
from cases.models import SearchEntry
from tests import search_reference
from tests.search_texts import OTHERWISE, TEXTS

EXPECTED = Path(__file__).with_name("search_expected.json")
ENTRIES = dict(enumerate(TEXTS, 1))


def queries():
    """Every kind of query, from the words of each text, and some written by hand."""
    found = [*OTHERWISE]
    for _language, title, text in TEXTS:
        first, second, *_rest = search_reference.WORD.findall(title)
        words = search_reference.WORD.findall(text)
        longest = sorted(words, key=len)[-2:]
        found += [
            [first],
            [f"{longest[1][:5]}*"],
            longest,
            [f'"{words[1]} {words[2]}"'],
            [second, first],
            [words[0], f"-{words[3]}"],
        ]
    return {" ".join(parts): parts for parts in found}


def as_json(value):
    return json.dumps(value, ensure_ascii=False)


@pytest.fixture(scope="module")
def expected():
    """What each query finds, best first, as the reference says."""
    found = {
        query: search_reference.result(ENTRIES, parts)
        for query, parts in queries().items()
    }
    if not EXPECTED.exists():
        lines = (f"{as_json(query)}: {as_json(keys)}" for query, keys in found.items())
        EXPECTED.write_text("{\n" + ",\n".join(lines) + "\n}\n")
    return found


@pytest.fixture
def known(db):
    """The texts, as search knows them."""
    made = [
        entry_of("case", key, title=title, text=text, language=language)
        for key, (language, title, text) in ENTRIES.items()
    ]
    search.replace("case", ENTRIES, made)


def test_there_are_enough_queries_and_most_find_something(expected):
    assert len(expected) >= 200
    assert sum(map(bool, expected.values())) >= 190
    languages = {ENTRIES[keys[0]][0] for keys in expected.values() if keys}
    assert languages == {language for language, _title, _text in TEXTS}


def test_the_file_says_what_the_reference_says(expected):
    assert json.loads(EXPECTED.read_text()) == expected


def test_every_query_finds_what_it_should_in_order(known, expected):
    hits = {query: search.find_cases(query) for query in expected}
    found = {query: of.ranked(of.numbers) for query, of in hits.items()}

    assert found == expected


def test_writing_all_anew_finds_the_same(known, expected):
    search.index_anew()

    query = "violen*"
    hits = search.find_cases(query)
    assert hits.ranked(hits.numbers) == search_reference.result(ENTRIES, [query])
    assert SearchEntry.objects.count() == len(ENTRIES)
