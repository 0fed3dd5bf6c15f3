"""A question that is compiled once gives what the ORM gives, each time."""

from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from functools import partial
from threading import Semaphore

import pytest
import time_machine
from django.conf import settings
from django.db import (
    DatabaseError,
    IntegrityError,
    OperationalError,
    ProgrammingError,
    connection,
    transaction,
)
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from psycopg import Connection, IsolationLevel
from psycopg.pq import TransactionStatus

from cases.cards import CARDS, FACTS
from cases.models import Case
from sources.prepared import Prepared, together
from sources.sending import Asked, Plan, keeps_plans, sent
from sources.turns import TURN
from tests import factories
from tests.serving import hang_up

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
        found = CARDS(some, timezone.now())
        assert sorted(found) == sorted(expected.values_list(*FACTS))


def test_a_case_is_left_out_from_the_minute_when_it_may_no_longer_be_seen(cases):
    case, until = cases[0], datetime(2031, 5, 1, tzinfo=UTC)
    Case.objects.filter(pk=case.pk).update(visible_until=until)
    with time_machine.travel(datetime(2031, 4, 30, 23, 59, tzinfo=UTC), tick=False):
        assert len(CARDS([case.pk], timezone.now())) == 1
    with time_machine.travel(until, tick=False):
        assert CARDS([case.pk], timezone.now()) == []


def test_the_statement_is_made_once_for_up_to_a_page_of_keys(cases):
    asked = []

    def question(keys):
        asked.append(keys)
        return Case.objects.filter(pk__in=keys).order_by().values_list("pk")

    prepared = Prepared(question)
    for key in [cases[0].pk, cases[1].pk]:
        assert prepared([key]) == [(key,)]
    assert len(prepared([case.pk for case in cases])) == 4
    assert len(asked) == 1


def test_records_are_those_of_the_orm_field_by_field(cases):
    prepared = Prepared(lambda code: Case.objects.filter(code=code))
    for case in cases:
        [found] = prepared(case.code)
        assert found == case
        expected = Case.objects.get(pk=case.pk)
        for field in Case._meta.concrete_fields:
            assert getattr(found, field.attname) == getattr(expected, field.attname)


def test_values_of_all_kinds_stand_where_they_belong(cases):
    def question(keys, now, code, year):
        found = Case.objects.published(now).filter(pk__in=keys).exclude(code=code)
        return found.filter(period_from=year).order_by("pk").values_list("pk", "code")

    prepared, now = Prepared(question), timezone.now()
    keys = [case.pk for case in cases]
    Case.objects.filter(pk=keys[1]).update(period_from=2015, period_basis="stated")
    for values in (
        (keys, now, cases[0].code, None),
        (keys, now, cases[1].code, None),
        (keys, now, cases[0].code, 2015),
        (keys[1:], now, cases[2].code, 2015),
        (keys, now, cases[1].code, 2015),
    ):
        assert prepared(*values) == list(question(*values))


@pytest.mark.parametrize(
    "text",
    ["plain", "it's", "50 %", "%s", "%%", "a\\b", "42", "²", "ß", "$1", "a;b", "", " "],
)
def test_a_text_is_asked_for_as_it_is_written(cases, text):
    called = Prepared(lambda title: Case.objects.filter(title=title).values_list("pk"))
    Case.objects.filter(pk=cases[0].pk).update(title=text)
    assert called(text) == [(cases[0].pk,)]
    assert called(f"{text}.") == []


@pytest.mark.parametrize(
    "moment",
    [
        datetime(1, 1, 1, tzinfo=UTC),
        datetime(
            2024, 2, 29, 23, 59, 59, 999_999, tzinfo=timezone.get_fixed_timezone(345)
        ),
        datetime(9999, 12, 30, tzinfo=UTC),
    ],
)
def test_a_moment_is_asked_for_to_the_microsecond(cases, moment):
    told = Prepared(
        lambda at: Case.objects.filter(last_published_at=at).values_list("pk")
    )
    Case.objects.filter(pk=cases[0].pk).update(last_published_at=moment)
    assert told(moment) == [(cases[0].pk,)]
    assert told(moment + timedelta(microseconds=-1 if moment.year > 1 else 1)) == []


def test_a_question_without_values_may_hold_the_sign_of_one(cases):
    Case.objects.filter(pk=cases[0].pk).update(title=f"About {cases[0].code}")
    naming = Prepared(
        lambda: Case.objects.filter(title__endswith=F("code")).values_list("pk")
    )
    assert naming() == [(cases[0].pk,)]


def test_questions_that_are_asked_together_are_answered_each_by_itself(cases):
    codes = Prepared(lambda keys: Case.objects.filter(pk__in=keys).values_list("code"))
    whole = Prepared(lambda code: Case.objects.filter(code=code, title__contains="%"))
    Case.objects.filter(pk=cases[1].pk).update(title="A half; 50 % of it")
    first, second = cases[:2]
    assert together() == []
    assert together(
        (codes, [first.pk]), (whole, second.code), (whole, first.code), (TURN,)
    )[:3] == [[(first.code,)], [second], []]


CODES_BETWEEN = Prepared(
    lambda low, high: (
        Case.objects.filter(pk__gte=low, pk__lt=high).order_by().values_list("code")
    )
)


def test_what_is_asked_ahead_is_answered_in_its_order(cases):
    spans = [(case.pk, case.pk + 1) for case in cases[::-1]]
    told = [[(case.code,)] for case in cases[::-1]]
    assert [*CODES_BETWEEN.ahead(spans)] == told
    assert [*CODES_BETWEEN.ahead([(1, 1), *spans, (1, 1)])] == [[], *told, []]
    assert [*CODES_BETWEEN.ahead([])] == []


def test_the_next_is_sought_while_an_answer_is_used(cases):
    sought = Semaphore(0)

    def told(execute, *asked):
        answer = execute(*asked)
        sought.release()
        return answer

    with connection.execute_wrapper(told):
        found = CODES_BETWEEN.ahead([(case.pk, case.pk + 1) for case in cases])
        for _case in cases[:-1]:
            next(found)
            assert sought.acquire(timeout=30)
        assert sought.acquire(timeout=30)  # the last, which nobody has taken yet
        assert [*found] == [[(cases[-1].code,)]]


def test_who_stops_asking_ahead_has_the_line_alone_again(cases):
    spans = [(case.pk, case.pk + 1) for case in cases]
    found = CODES_BETWEEN.ahead(spans)
    next(found)
    assert connection.allow_thread_sharing
    found.close()
    assert not connection.allow_thread_sharing
    wrong = Prepared(lambda low, high: Case.objects.extra(where=["no_such"]))
    with pytest.raises((OperationalError, ProgrammingError)), transaction.atomic():
        list(wrong.ahead(spans))
    assert not connection.allow_thread_sharing
    assert CODES_BETWEEN(*spans[0]) == [(cases[0].code,)]


def test_a_hundred_keys_are_no_more_than_they_are(cases):
    codes = Prepared(lambda keys: Case.objects.filter(pk__in=keys).values_list("code"))
    keys = [*range(900_000, 900_100), cases[0].pk]
    assert codes(keys) == [(cases[0].code,)]
    with pytest.raises(ValueError, match="20481 keys are too many"):
        codes([*range(20_481)])


where_plans_are_kept = pytest.mark.skipif(
    not keeps_plans(connection), reason="this server keeps no plans"
)


def plans():
    """The names of all that the server has been told on this line."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM pg_prepared_statements WHERE from_sql")
        return {name for (name,) in cursor.fetchall()}


@where_plans_are_kept
def test_a_server_is_told_a_question_once_and_again_on_another_line(transactional_db):
    case, codes, before = factories.CaseFactory(), Prepared(by_code), plans()
    with transaction.atomic():
        assert codes(case.code, "%") == [(case.pk,)]
        transaction.set_rollback(True)
    [name] = plans() - before
    with CaptureQueriesContext(connection) as sent:
        assert codes(case.code, "%") == [(case.pk,)]
    assert [q["sql"].split("(")[0] for q in sent] == [f"EXECUTE {name}"]
    assert plans() - before == {name}
    connection.close()
    assert codes(case.code, "%") == [(case.pk,)]
    assert plans() == {name}


@where_plans_are_kept
def test_plans_are_made_anew_after_a_while_since_tables_grow(monkeypatch):
    case, codes, other = factories.CaseFactory(), Prepared(by_code), Prepared(by_code)
    codes(case.code, "%")
    others = plans()
    other(case.code, "%")
    monkeypatch.setattr("sources.sending.PLANS_LAST", 0)
    first, second = together((codes, case.code, "%"), (codes, case.code, "none"))
    assert (first, second) == ([(case.pk,)], [(case.pk,)])
    assert len(plans()) == 1
    assert plans() <= others


@where_plans_are_kept
def test_a_plan_that_a_server_refuses_takes_no_other_with_it(transactional_db):
    case, codes = factories.CaseFactory(), Prepared(by_code)
    asked = codes.put(connection, case.code, "%")
    wrong = Asked("EXECUTE wrong", [], list, Plan("wrong", "SELECT none FROM none", ()))
    with pytest.raises(ProgrammingError):
        sent(connection, [asked, wrong])
    assert codes(case.code, "%") == [(case.pk,)]


def test_a_number_that_no_column_holds_is_in_no_row():
    years = Prepared(lambda year: Case.objects.filter(period_from=year))
    factories.CaseFactory(period_from=2015, period_basis="stated")
    assert len(years(2015)) == 1
    assert years(40_000) == []


@where_plans_are_kept
def test_a_server_behind_a_pooler_is_told_all_of_it_each_time(monkeypatch):
    case, codes = factories.CaseFactory(), Prepared(by_code)
    assert codes(case.code, "%") == [(case.pk,)]
    monkeypatch.setitem(connection.settings_dict, "DISABLE_SERVER_SIDE_CURSORS", True)
    with CaptureQueriesContext(connection) as sent:
        assert codes(case.code, "%") == [(case.pk,)]
    assert [q["sql"].split()[0] for q in sent] == ["SELECT"]


@where_plans_are_kept
def test_what_others_told_a_server_behind_a_pooler_stays(monkeypatch):
    monkeypatch.setitem(connection.settings_dict, "DISABLE_SERVER_SIDE_CURSORS", True)
    monkeypatch.setattr("sources.sending.PLANS_LAST", -1)
    with connection.cursor() as cursor:
        cursor.execute("PREPARE of_somebody_else AS SELECT 1")
    sent(connection, [Asked("SELECT 'x'", [], list)])
    sent(connection, [Asked("SELECT 'x'", [], list)])
    assert "of_somebody_else" in plans()


@where_plans_are_kept
def test_to_break_off_while_something_waits_for_an_answer_is_told_as_that(monkeypatch):
    wait = Connection.wait

    def break_off(self, answer):
        wait(self, answer)  # as psycopg does before it says so
        raise KeyboardInterrupt

    def ask():
        with connection.cursor() as cursor, monkeypatch.context() as patch:
            patch.setattr(Connection, "wait", break_off)
            cursor.execute("SELECT 1")

    with pytest.raises(KeyboardInterrupt):
        sent(connection, [Asked("SELECT 'x'", [], list)], ask)


@where_plans_are_kept
def test_an_error_that_ends_the_answer_is_djangos_for_who_waits_too():
    told = []

    def ask():
        try:
            together((Prepared(by_code), "C001", "%"))
        except DatabaseError as error:
            told.append(error)

    with pytest.raises(ProgrammingError), transaction.atomic():
        sent(connection, [Asked("SELECT 1 FROM nowhere", [], list)], ask)
    assert "nowhere" in str(told[0])


def by_code(code, nothing):
    """A question with a value twice, one of its own, and a sign that SQL is made of."""
    found = Case.objects.filter(code=code, title__contains="").exclude(title=nothing)
    return found.filter(code__gte=code).values_list("pk")[:7]


@pytest.mark.parametrize("is_watched", [True, False])
def test_it_is_asked_and_refused_alike_whoever_watches(is_watched):
    watching = CaptureQueriesContext(connection) if is_watched else nullcontext()
    with watching as seen:
        asked = Asked("SELECT '100%%', '%%s', %s", ["a%sb ?"], list)
        assert sent(connection, [asked, asked]) == [[("100%", "%s", "a%sb ?")]] * 2
        with pytest.raises(DatabaseError), transaction.atomic():
            sent(connection, [Asked("SELECT nothing FROM nowhere", [], list)])
        with transaction.atomic():
            transaction.set_rollback(True)
            with pytest.raises(transaction.TransactionManagementError):
                sent(connection, [asked])
    assert seen is None or len(seen) > 1


@pytest.mark.parametrize("is_watched", [True, False])
def test_what_is_done_meanwhile_is_done_once_and_in_nobodys_way(is_watched):
    done, asked = [], Asked("SELECT 'x'", [], list)

    def fail():
        raise ValueError

    watching = CaptureQueriesContext(connection) if is_watched else nullcontext()
    with watching:
        assert sent(connection, [asked], lambda: done.append(1)) == [[("x",)]]
        assert sent(connection, [], lambda: done.append(2)) == []
        with pytest.raises(ValueError):  # noqa: PT011 — it is that one
            sent(connection, [asked], fail)
        assert sent(connection, [asked]) == [[("x",)]]
        # What is asked then waits for the answer, and ends with it.
        more = partial(together, (Prepared(by_code), "C001", "%"))
        assert sent(connection, [asked], lambda: done.append(more())) == [[("x",)]]
        wrong = Asked("SELECT 1 FROM nowhere", [], list)
        with pytest.raises(DatabaseError, match="nowhere"), transaction.atomic():
            sent(connection, [wrong], more)
        assert sent(connection, [asked]) == [[("x",)]]
    assert done == [1, 2, [[]]]


@where_plans_are_kept
def test_it_is_done_while_the_server_looks_for_the_answer():
    seen, codes = [], Prepared(by_code)
    together(
        (codes, "C001", "%"),
        meanwhile=lambda: seen.append(connection.connection.pgconn.transaction_status),
    )
    assert seen == [TransactionStatus.ACTIVE]


@pytest.mark.parametrize("is_watched", [True, False])
def test_what_is_asked_in_a_transaction_is_undone_with_it(transactional_db, is_watched):
    case = factories.CaseFactory()
    told = Asked("UPDATE cases_case SET title = %s WHERE id = %s", ["x", case.pk], list)
    back = Asked("SELECT title FROM cases_case WHERE id = %s", [case.pk], list)
    watching = CaptureQueriesContext(connection) if is_watched else nullcontext()
    with watching:
        with transaction.atomic():
            assert sent(connection, [told, back]) == [[], [("x",)]]
            transaction.set_rollback(True)
        assert sent(connection, [back]) == [[(case.title,)]]
        with pytest.raises(DatabaseError), transaction.atomic():
            sent(connection, [told, Asked("SELECT nothing FROM nowhere", [], list)])
        assert sent(connection, [back]) == [[(case.title,)]]
        sent(connection, [told])  # outside a transaction
    connection.close()
    assert sent(connection, [back]) == [[("x",)]]


@pytest.mark.parametrize("is_watched", [True, False])
def test_a_rule_of_the_tables_refuses_alike_whoever_watches(is_watched):
    case = factories.CaseFactory()
    same = Asked("UPDATE cases_case SET code = 'x' WHERE id = %s", [case.pk], list)
    watching = CaptureQueriesContext(connection) if is_watched else nullcontext()
    with watching, pytest.raises(IntegrityError), transaction.atomic():
        sent(connection, [same, same])


@pytest.mark.skipif(
    settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"),
    reason="SQLite is no server that could hang up",
)
def test_a_server_that_hung_up_is_called_again_for_the_next_request(transactional_db):
    case, codes = factories.CaseFactory(), Prepared(by_code)
    assert codes(case.code, "%") == [(case.pk,)]
    hang_up(connection)
    with pytest.raises(OperationalError):
        codes(case.code, "%")
    assert connection.connection.closed
    connection.close_if_unusable_or_obsolete()  # as at the start of each request
    assert codes(case.code, "%") == [(case.pk,)]
    hang_up(connection)
    connection.close_if_unusable_or_obsolete()
    assert codes(case.code, "%") == [(case.pk,)]


@pytest.mark.skipif(
    settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"),
    reason="all transactions of SQLite are of one kind",
)
def test_a_transaction_is_of_the_kind_that_is_set(transactional_db, monkeypatch):
    kind = Asked("SHOW transaction_isolation", [], list)
    with transaction.atomic():
        assert sent(connection, [kind]) == [[("read committed",)]]
    options = {"isolation_level": IsolationLevel.SERIALIZABLE}
    with monkeypatch.context() as patch:
        patch.setitem(
            connection.settings_dict,
            "OPTIONS",
            connection.settings_dict["OPTIONS"] | options,
        )
        connection.close()
        with transaction.atomic():
            assert sent(connection, [kind]) == [[("serializable",)]]
        connection.close()
