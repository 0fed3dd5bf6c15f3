"""Search on rows of our own: other names, drafts, other scripts, snippets."""

import pytest

from cases import keeping, search
from cases.asking import meant_by
from cases.models import Case, SearchEntry
from cases.snippets import Marker
from cases.words import fold, tokens
from tests.factories import CaseFactory, FormFactory, call

pytestmark = pytest.mark.django_db


def found(query):
    """Codes of the published cases that a query finds."""
    keys = search.cases_with_words(query)
    return set(
        Case.objects.published().filter(pk__in=keys).values_list("code", flat=True)
    )


def test_an_alias_of_a_form_finds_its_cases():
    form = FormFactory(name="Deflection")
    call(form, "Disavowal")
    CaseFactory(code="C100", lines=[(form,)])
    search.refresh()
    assert found("disavowal") == {"C100"}


def test_where_search_knows_nothing_it_catches_up_with_all_that_is_public():
    CaseFactory(code="C100")
    FormFactory(name="Quagmire")
    CaseFactory(draft=True)

    assert search.catch_up(keeping.current().seen) == 1

    assert found("C100") == {"C100"}
    assert [str(record) for record, _entry in search.others("quagmire", 5)] == [
        "Quagmire"
    ]
    assert search.catch_up(keeping.current().seen) == 0


@pytest.mark.parametrize("hidden", ["draft", "withdrawn"])
def test_what_is_not_public_is_not_found(hidden):
    case = CaseFactory(title="Quagmire")
    search.refresh()
    assert found("quagmire")

    Case.objects.filter(pk=case.pk).update(
        live=False, withdrawn_at="2026-01-01T00:00Z" if hidden == "withdrawn" else None
    )

    assert not found("quagmire")
    search.refresh()
    assert not SearchEntry.objects.exists()


@pytest.mark.parametrize(
    "title",
    [
        "العنف ضد المرأة",
        "နေပြည်တော်",
        "नेपाल सरकार",
        "Հայաստան",
        "Насиље над женама",
        "İstanbul Sözleşmesi",
        "violencia machista",
        "تشدد",
    ],
)
def test_words_of_other_scripts_are_found_whole_and_by_their_beginning(title):
    CaseFactory(code="C100", title=title)
    search.refresh()
    word = meant_by(title)[0]
    assert found(word) == {"C100"}
    assert found(word[:3]) == {"C100"}


def test_folding_makes_accents_and_case_equal():
    assert fold("TÜRKİYE Éà") == fold("türki\u0307ye ea") == "turkiye ea"


def test_irregular_plurals_are_one_word():
    CaseFactory(code="C100", title="A meeting of women")
    search.refresh()
    assert found("woman") == {"C100"}


def test_tokens_hold_words_and_stems():
    assert {"campaigns", "/en/campaign"} <= tokens("", "Campaigns", "en")


def test_a_snippet_marks_hits_and_stays_text():
    text = "First part. They <b>watched</b> the office & its campaigns closely. End."
    told = Marker("campaign").snippet(text)
    assert "<mark>campaigns</mark>" in told
    assert "&lt;b&gt;" in told
    assert "<b>" not in told


def test_a_snippet_without_a_hit_is_empty():
    assert Marker("surveillance").snippet("Nothing here.") == ""
