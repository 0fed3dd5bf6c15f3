"""What happens without anybody: nothing stays that may not, and nothing comes back."""

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from io import StringIO

import pytest
import time_machine
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.models import Case, ContextNote, SearchEntry
from cases.visibility import NEVER, settle
from curation import sweeping
from curation.drafts import draft_of
from curation.models import AuditEntry, Release, Schedule
from curation.releasing import Refused, release, schedule
from curation.reviewing import review
from curation.withdrawing import record_consent, record_risk, withdraw
from kb.exports import versions
from sources import ledger
from sources.models import Change, Source
from tests.desk import person
from tests.factories import (
    CaseFactory,
    ConsentFactory,
    NoteFactory,
    RiskFactory,
    SourceFactory,
    cite,
)

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def sweep():
    out = StringIO()
    call_command("sweep", stdout=out)
    return {
        name: int(n)
        for n, name in (part.split(" ") for part in out.getvalue().strip().split(", "))
        if n != "0"
    }


def case(risk=(), consent=None, **values):
    """A public case that was assessed, as a release leaves it."""
    made = CaseFactory(**values)
    RiskFactory(case=made, **dict(risk))
    if consent is not None:
        ConsentFactory(case=made, **consent)
    settle(made)
    sweeping.search.follow(made)
    return made


def is_public(record):
    return type(record).objects.published().filter(pk=record.pk).exists()


def test_nothing_is_due_at_first():
    case()
    assert sweep() == {}


def test_a_consent_that_ended_takes_its_case_back():
    with time_machine.travel(NOON, tick=False) as clock:
        told = case(origin="submitted", consent={"expires_on": date(2026, 7, 1)})
        assert sweep() == {}
        clock.move_to(datetime(2026, 6, 30, 23, 59, 59, tzinfo=UTC))
        assert sweep() == {}
        assert is_public(told)

        clock.move_to(datetime(2026, 7, 1, tzinfo=UTC))
        assert not is_public(told)  # even before the sweep
        assert sweep() == {"hidden": 1}
        assert sweep() == {}

    told.refresh_from_db()
    assert not told.live
    assert told.latest_revision.as_object().title == told.title
    assert not SearchEntry.objects.filter(kind="case").exists()
    assert Change.objects.get().what == "hidden"
    assert AuditEntry.objects.get().account is None


def test_a_review_of_a_high_risk_that_is_overdue_takes_its_case_back():
    high = {"likelihood": 4, "severity": 4, "review_due": date(2026, 7, 1)}
    with time_machine.travel(NOON, tick=False) as clock:
        high, low = case(high), case({"review_due": date(2026, 7, 1)})
        clock.move_to(datetime(2026, 7, 1, tzinfo=UTC))
        assert sweep() == {"hidden": 1}
        assert (is_public(high), is_public(low)) == (False, True)


def test_search_finds_a_case_once_its_embargo_is_over():
    with time_machine.travel(NOON, tick=False) as clock:
        told = case({"decision": "delay", "embargo_until": date(2026, 7, 1)})
        assert not SearchEntry.objects.exists()
        clock.move_to(datetime(2026, 7, 1, tzinfo=UTC))
        assert sweep() == {"indexed": 1}
        assert is_public(told)
        assert SearchEntry.objects.get().record_id == told.pk


def test_what_was_written_past_the_rules_is_put_right():
    told, draft = case(), case(draft=True)
    RiskFactory(case=told, decision="refuse")
    Case.objects.filter(pk=draft.pk).update(visible_from=NEVER - timedelta(days=1))

    assert sweep() == {"hidden": 1, "settled": 1}
    assert not is_public(told)


def ready(**values):
    """A draft that an author wrote and a reviewer approved, and a publisher."""
    told = case(**values)
    told.latest_revision = None
    cite(told, SourceFactory())
    author, reviewer, publisher = (
        person(f"{role}-{told.code}", role)
        for role in ("Authors", "Reviewers", "Publishers")
    )
    told.snapshot = "Told anew."
    told.save_revision(user=author)
    digest = draft_of(told).digest
    review(told, by=reviewer, digest=digest, opinion="approve")
    return told, publisher


def test_a_release_waits_for_its_time():
    with time_machine.travel(NOON, tick=False) as clock:
        told, publisher = ready()
        at = NOON + timedelta(hours=1)
        schedule(told, by=publisher, at=at, words="It is told anew.")
        assert sweep() == {}
        clock.move_to(at)
        assert sweep() == {"released": 1}
        assert sweep() == {}

    assert Case.objects.get(pk=told.pk).snapshot == "Told anew."
    assert Release.objects.get().publisher == publisher
    assert Change.objects.get().words == "It is told anew."


def spoil_text(told, publisher):
    told.snapshot = "Told otherwise."
    author = told.latest_revision.user
    told.save_revision(user=author)
    reviewer = person("another", "Reviewers")
    digest = draft_of(told).digest
    review(told, by=reviewer, digest=digest, opinion="approve")


def spoil_risk(told, publisher):
    RiskFactory(case=told, decision="refuse")


def spoil_publisher(told, publisher):
    publisher.is_active = False
    publisher.save()


@pytest.mark.parametrize("spoil", [spoil_text, spoil_risk, spoil_publisher])
def test_a_release_that_may_not_be_any_more_is_called_off(spoil):
    told, publisher = ready()
    schedule(told, by=publisher, at=NOON, words="It is told anew.")
    spoil(told, publisher)

    assert sweep()["unscheduled"] == 1

    assert not Schedule.objects.exists()
    assert not Release.objects.exists()
    assert Case.objects.get(pk=told.pk).snapshot != "Told anew."
    assert AuditEntry.objects.filter(action="unscheduled", account=None).count() == 1


def test_a_release_of_what_is_not_there_any_more_is_called_off():
    Schedule.objects.create(
        kind="case",
        record_id=999_999,
        at=NOON - timedelta(days=1),
        digest="0" * 64,
        publisher=person("publisher", "Publishers"),
    )
    with time_machine.travel(NOON, tick=False):
        assert sweep() == {"unscheduled": 1}
    assert not Schedule.objects.exists()


def test_a_failure_stops_nothing_else(monkeypatch):
    told, others = ready(), [ready(), ready()]
    for record, publisher in (told, *others):
        schedule(record, by=publisher, at=NOON, words="Anew.")
    real = sweeping.release

    def broken(record, **values):
        if record.pk == told[0].pk:
            raise RuntimeError("secret words")
        return real(record, **values)

    monkeypatch.setattr(sweeping, "release", broken)
    with pytest.raises(CommandError, match="1 failed"):
        sweep()
    assert Release.objects.count() == 2
    assert Schedule.objects.get().record_id == told[0].pk


def test_many_cases_ask_no_more_than_few():
    def asked():
        with CaptureQueriesContext(connection) as queries:
            assert sweep() == {}
        return len(queries)

    for number in (1, 2):
        sweep()  # the first keeps the index, and the next reads its terms
        for _ in range(number):
            case()
    versions.keep_up()  # the dataset with them is written down, once
    few = asked()
    for _ in range(20):
        case()
    versions.keep_up()
    assert asked() == few


def test_where_there_are_very_many_each_minute_judges_a_part(monkeypatch):
    monkeypatch.setattr(sweeping, "AT_ONCE", 10)
    keys = [case().pk for _ in range(25)]
    wrong = Case.objects.filter(pk__in=keys)
    wrong.update(visible_until=datetime(2050, 1, 1, tzinfo=UTC))  # nothing says so
    settled = []
    for part in range(len(sweeping.parts())):
        with time_machine.travel(60 * (len(sweeping.parts()) * 1000 + part)):
            settled.append(sweep().get("settled", 0))
    assert sum(settled) == len(keys)
    assert max(settled) <= 10


def test_every_case_is_judged_where_that_is_asked_for(monkeypatch):
    monkeypatch.setattr(sweeping, "AT_ONCE", 10)
    for _ in range(25):
        case()
    Case.objects.update(visible_until=datetime(2050, 1, 1, tzinfo=UTC))
    assert sweeping.sweep(every_case=True)["settled"] == 25


def test_what_is_past_its_time_goes_whichever_part_is_judged(monkeypatch):
    monkeypatch.setattr(sweeping, "unsettled", lambda now, keys: [])
    key = case().pk
    Case.objects.filter(pk=key).update(visible_until=datetime(2020, 1, 1, tzinfo=UTC))
    assert sweep() == {"settled": 1}


# What is gone stays gone.


def test_an_old_database_forgets_no_withdrawal(client, ledger):
    public, draft = case(), case(draft=True)
    publisher = person("publisher", "Publishers")
    for record in (public, draft):
        withdraw(record, by=publisher)
    # the old copy
    Case.objects.update(withdrawn_at=None)
    Case.objects.filter(pk=public.pk).update(live=True)
    assert is_public(public)

    assert sweep() == {"withdrawn": 2}
    assert sweep() == {}
    assert client.get(public.get_absolute_url()).status_code == 410
    assert Case.objects.withdrawn().count() == 2


def test_what_shows_a_source_that_is_gone_goes_too():
    source = SourceFactory(title="Secret title")
    told = case(code="C001")
    withdraw(source, by=None)
    Source.objects.update(withdrawn_at=None, live=True)  # the old copy
    cite(told, source)

    assert sweep() == {"withdrawn": 1}
    assert not is_public(told)
    assert not is_public(source)
    assert [c.what for c in Change.objects.order_by("pk")][-2:] == [
        "hidden",
        "withdrawn",
    ]


def test_a_person_cannot_take_the_ground_from_under_public_records():
    source = SourceFactory()
    cite(case(), source)
    with pytest.raises(Refused, match="Public records stand on it"):
        withdraw(source, by=person("publisher", "Publishers"))
    assert is_public(source)


def test_a_lost_ledger_is_written_again(ledger):
    told = case(code="C007")
    withdraw(told, by=None)
    ledger.unlink()
    assert sweep() == {"written": 1}
    assert sweep() == {}
    assert json.loads(ledger.read_text())["key"] == "C007"


def test_a_full_disk_keeps_nothing_public(settings, tmp_path, caplog):
    told = case(code="C007")
    (tmp_path / "file").write_text("")
    settings.WITHDRAWAL_LEDGER = str(tmp_path / "file/withdrawals.jsonl")
    withdraw(told, by=None)
    assert not is_public(told)


def test_a_line_that_was_cut_short_swallows_no_other(ledger):
    ledger.write_text('{"kind": "case", "key": "C0')
    from sources import ledger as book

    withdraw(case(code="C007"), by=None)
    assert book.gone() == {("case", "C007")}


def again(told, publisher, captured):
    """Release a withdrawn case anew."""
    author, reviewer = told.latest_revision.user, person("third", "Reviewers")
    told.snapshot = "And again."
    told.save_revision(user=author)
    digest = draft_of(told).digest
    review(told, by=reviewer, digest=digest, opinion="approve")
    with captured(execute=True):
        release(told, by=publisher, words="It may be told again.")


def test_what_is_released_again_is_not_gone(django_capture_on_commit_callbacks):
    told, publisher = ready()
    withdraw(told, by=publisher)
    told.refresh_from_db()
    again(told, publisher, django_capture_on_commit_callbacks)

    assert ledger.gone() == set()
    assert sweep() == {}
    assert is_public(told)


def test_a_release_that_fails_at_the_end_leaves_it_gone(monkeypatch):
    told, publisher = ready()
    withdraw(told, by=publisher)
    told.refresh_from_db()
    monkeypatch.setattr("curation.releasing.conclude", 1 / 1)
    with pytest.raises(TypeError):
        again(told, publisher, lambda execute: pytest.MonkeyPatch.context())
    assert ledger.gone() == {("case", told.code)}


def test_the_files_bring_nothing_back_to_an_empty_database(client):
    withdrawn = CaseFactory(code="C004", slug="nepal")
    note = NoteFactory(slug="anything")
    withdraw(withdrawn, by=None)
    withdraw(note, by=None)
    ContextNote.objects.all().delete()
    Case.objects.all().delete()

    for _ in range(2):
        call_command("load_kb", verbosity=0, stdout=StringIO())
        assert client.get("/cases/nepal/").status_code == 410
        assert "C004" not in client.get("/cases/").text
        assert Case.objects.published().count() == 7
    assert "withdrawn" not in sweep()


def test_the_files_show_nothing_that_would_show_what_is_gone(client):
    source = SourceFactory(slug="untf-brief-resistance", title="Secret title")
    withdraw(source, by=None)
    Source.objects.all().delete()

    for _ in range(2):
        call_command("load_kb", verbosity=0, stdout=StringIO())
        assert not Case.objects.published().exists()
        assert client.get("/sources/untf-brief-resistance/").status_code == 410
        for address in ("/", "/cases/", "/sources/", "/forms/", "/lessons/"):
            assert "Preventing backlash" not in client.get(address).text


def test_a_consent_that_is_withdrawn_counts_at_once():
    told = case(origin="submitted", consent={})
    curator = person("curator", "Authors", "Reviewers")
    record_risk(RiskFactory.build(case=told), by=curator)
    assert is_public(told)
    over = ConsentFactory.build(case=told, withdrawn_on=date(2026, 2, 1))
    record_consent(over, by=curator)
    assert not is_public(told)
    record_consent(ConsentFactory.build(case=told), by=curator)
    assert not is_public(told)  # somebody looks at it first


@pytest.mark.once
def test_a_server_never_serves_what_an_old_database_brings_back(tmp_path):
    database, ledger = tmp_path / "kb.sqlite3", tmp_path / "withdrawals.jsonl"
    environment = os.environ | {
        "DATABASE_URL": f"sqlite:///{database}",
        "WITHDRAWAL_LEDGER": str(ledger),
    }

    def run(*command):
        return subprocess.run(  # noqa: S603
            [sys.executable, *command],
            cwd=settings.BASE_DIR,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    for command in ("migrate", "load_kb"):
        assert run("manage.py", command, "-v0").returncode == 0
    ledger.write_text(
        '{"kind": "case", "key": "C004", "at": "2026-01-01T00:00:00Z", "gone": true}\n'
    )
    start = "from scripts import server; server.sweep()"
    started = run("-c", start)
    assert started.returncode == 0, started.stderr
    with closing(sqlite3.connect(database)) as found:
        live = found.execute("SELECT code FROM cases_case WHERE live").fetchall()
    assert len(live) == 7
    assert ("C004",) not in live

    database.unlink()
    assert "sweep failed" in run("-c", start).stderr
