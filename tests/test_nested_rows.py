"""What is checked before a release looks into every nested row, not only at the top."""

import pytest

from curation.checking import texts
from curation.faults import pointing_at_drafts, unsourced
from tests import factories as make
from tests.factories import call, cite

pytestmark = pytest.mark.django_db


def test_the_words_of_nested_rows_are_looked_at():
    response = make.ResponseFactory(text="Call 555 0199 now.")
    case = response.encounter.case
    cite(response, locator="Page seven")
    call(case, "Another word")
    found = [text for _field, text in texts(case)]
    for words in ("Call 555 0199 now.", "What they met.", "Page seven", "Another word"):
        assert words in found


def test_a_response_without_a_source_is_named():
    response = make.ResponseFactory()
    case = response.encounter.case
    cite(case)
    cite(response.encounter)
    assert [str(words) for words in unsourced(case)] == [f"{response} cites no source."]


def test_a_nested_row_that_points_at_a_draft_is_named():
    strategy = make.StrategyFactory(draft=True)
    response = make.ResponseFactory(strategy=strategy)
    source = make.SourceFactory(draft=True)
    cite(response, source)
    found = [str(words) for words in pointing_at_drafts(response.encounter.case)]
    assert any(str(strategy) in words for words in found)
    assert any(str(source) in words for words in found)


def test_a_case_that_was_never_public_does_not_point_at_itself():
    case = make.CaseFactory(draft=True, lines=[(make.FormFactory(), None)])
    assert list(pointing_at_drafts(case)) == []
