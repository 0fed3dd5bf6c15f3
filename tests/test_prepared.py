"""A question that is compiled once gives what the ORM gives, each time."""

from datetime import UTC, datetime

import pytest
import time_machine

from cases.cards import CARDS, FACTS
from cases.models import Case
from cases.prepared import Prepared
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def cases():
    """Three public cases and a draft."""
    made = [factories.CaseFactory() for _n in range(3)]
    return [*made, factories.CaseFactory(live=False)]


def test_the_answer_is_what_the_orm_answers_now(cases):
    keys = [case.pk for case in cases]
    for some in (keys, keys[1:], keys[:1], keys[::-1]):
        expected = Case.objects.published().filter(pk__in=some).order_by()
        assert sorted(CARDS.rows(some)) == sorted(expected.values_list(*FACTS))


def test_a_case_is_left_out_from_the_minute_when_it_may_no_longer_be_seen(cases):
    case, until = cases[0], datetime(2031, 5, 1, tzinfo=UTC)
    Case.objects.filter(pk=case.pk).update(visible_until=until)
    with time_machine.travel(datetime(2031, 4, 30, 23, 59, tzinfo=UTC), tick=False):
        assert len(CARDS.rows([case.pk])) == 1
    with time_machine.travel(until, tick=False):
        assert CARDS.rows([case.pk]) == []


def test_the_statement_is_made_once_for_up_to_a_page_of_keys(cases):
    asked = []

    def question(keys, now):
        asked.append(keys)
        found = Case.objects.published(now).filter(pk__in=keys)
        return found.order_by().values_list("pk")

    prepared = Prepared(question)
    for key in [cases[0].pk, cases[1].pk]:
        assert prepared.rows([key]) == [(key,)]
    assert len(prepared.rows([case.pk for case in cases])) == 3
    assert len(asked) == 1
