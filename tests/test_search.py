"""Search finds every published record by its title and by its other names."""

import pytest
from django.db import transaction
from pyroaring import BitMap

from cases import postings, search
from cases.asking import meant_by
from cases.models import Case, SearchEntry, SearchWord
from sources.prepared import together
from sources.writing import write

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("content")]


def found(query):
    """Codes of the published cases that a query finds."""
    keys = search.cases_with_words(query)
    return set(
        Case.objects.published().filter(pk__in=keys).values_list("code", flat=True)
    )


def test_every_record_is_found_by_its_title_and_other_names():
    for kind, model in search.KINDS.items():
        for record in model.objects.published():
            names = [str(record)]
            if hasattr(record, "aliases"):
                names += [alias.name for alias in record.aliases.all()]
            for name in names:
                hits = search.entries(" ".join(meant_by(name)[:12]))
                assert hits.filter(kind=kind, record_id=record.pk).exists(), name


@pytest.mark.parametrize(
    ("query", "codes"),
    [
        ("surveillance", {"C006"}),
        ("SURVEILLANCE", {"C006"}),
        ("surveil", {"C006"}),
        ("campaigns", {"C001"}),
        ("campaign", {"C001"}),
        ("Türkiye", {"C008"}),
        ("turkiye", {"C008"}),
        ("turkey", {"C008"}),
        ("burma", {"C003"}),
        ("C005", {"C005"}),
        ("male allies", {"C006"}),
        ("allies male", {"C006"}),
        ("surveillance campaigns", set()),
        ("nonexistentword", set()),
        ("", set()),
        ("\u00b2", set()),
        ('"', set()),
    ],
)
def test_words_find_cases(query, codes):
    assert found(query) == codes


def test_another_lists_word_leads_to_the_form():
    assert [str(record) for record, _entry in search.others("disavowal", 5)] == [
        "Deflection"
    ]


def numbers(word):
    return BitMap.deserialize(bytes(word.numbers))


def written():
    """All that the index holds, once its sets say it all."""
    postings.settle()
    words = SearchWord.objects.order_by("token", "part")
    return (
        set(SearchEntry.objects.values_list("kind", "record_id", "title", "text")),
        {(bytes(w.token), w.part): set(numbers(w)) for w in words},
    )


@pytest.mark.parametrize("is_as_stored", [True, False])
@pytest.mark.parametrize("kind", search.KINDS)
def test_following_one_record_is_as_good_as_writing_all_anew(kind, is_as_stored):
    record = search.KINDS[kind].objects.published().order_by("pk").first()
    field = "title" if hasattr(record, "title") else "name"
    values = {field: "Quagmire"} if kind != "note" else {"live": False}
    type(record).objects.filter(pk=record.pk).update(**values)
    if is_as_stored:
        record.refresh_from_db()
        with transaction.atomic():
            answers = together(*search.asked(record))
            rows = search.following(record, answers, is_public=kind != "note")
            write(*rows)
            search.renew_naming(record)
    else:
        search.follow(record)
    followed = written()
    search.refresh()
    assert followed == written()


def test_words_that_bring_quotation_marks_get_no_more(client):
    page = client.get("/cases/", {"q": '"risk assessment"'}).text
    assert "with the words &quot;risk assessment&quot;" in page
    assert "with the words “risk”" in client.get("/cases/", {"q": "risk"}).text


def test_where_nothing_is_found_the_beginnings_of_names_are_offered(client):
    page = client.get("/cases/", {"q": "a&b zzzz"}).text
    assert 'href="/suggest/?q=a%26b%20zzzz"' in page
    assert client.get("/suggest/?q=a%26b%20zzzz").status_code == 200
