"""Pages come from replicas of the database: one for each request, none that is late.

What real servers do is in test_replication.py.
"""

import os
import socket
import subprocess
import sys
import threading
from contextlib import nullcontext
from math import inf
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.conf import settings as installed
from django.core.exceptions import MiddlewareNotUsed
from django.db import OperationalError
from django.http import HttpResponse, StreamingHttpResponse

from cases.models import Case
from kb.pages.errors import ErrorPages
from kb.replicas import pin, reading
from kb.replicas.pin import PRIMARY, Router, pinned, server
from kb.replicas.watch import BEAT, PATIENCE, Position, Watch, up_to

ROOT = Path(__file__).resolve().parents[1]
MARKS = [(1.0, 100), (2.0, 100), (3.0, 250)]


class Line:
    """What we know of one of Django’s connections."""

    def __init__(self, alias, connection):
        self.alias = alias
        self.connection = connection
        self.errors_occurred = False
        self.is_open = True

    def breaks(self):
        self.errors_occurred = True
        self.connection = None

    def close(self):
        self.is_open = False


# What is known of a replica


@pytest.mark.parametrize(
    ("has", "at"), [(99, -inf), (100, 2.0), (249, 2.0), (250, 3.0), (300, 3.0)]
)
def test_a_replica_knows_all_up_to_the_last_mark_that_it_reached(has, at):
    assert up_to(MARKS, has) == at


@pytest.fixture
def clock(monkeypatch):
    """A clock that goes when told to."""
    now = SimpleNamespace(time=1000.0)
    monkeypatch.setattr("kb.replicas.watch.monotonic", lambda: now.time)
    return now


@pytest.fixture
def watch(clock):
    """A watch over two replicas, ten seconds of lag allowed; nobody asks by itself."""
    found = Watch(["a", "b"], 10)
    found.began = clock.time
    return found


def hear(watch, clock, seconds=1, **told):
    """After some seconds each server named tells how far it is."""
    for _n in range(seconds):
        clock.time += 1
        for alias, has in told.items():
            name = PRIMARY if alias == "primary" else alias
            position = has if isinstance(has, tuple) else (has, has)
            watch.note(name, clock.time, Position(alias != "primary", *position))


def test_replicas_take_turns(watch, clock):
    hear(watch, clock, primary=5, a=5, b=5)
    assert [watch.usable()[0] for _n in range(4)] == ["a", "b", "a", "b"]
    assert sorted(watch.usable()) == ["a", "b"]


def test_a_replica_that_stands_still_is_left_out_once_it_is_late(watch, clock):
    hear(watch, clock, primary=5, a=5, b=5)
    hear(watch, clock, 10, primary=9, a=9, b=5)
    assert sorted(watch.usable()) == ["a", "b"]
    hear(watch, clock, primary=9, a=9, b=5)
    assert watch.usable() == ["a"]
    hear(watch, clock, primary=9, a=9, b=9)
    assert sorted(watch.usable()) == ["a", "b"]


def test_where_nothing_is_written_nobody_is_late(watch, clock):
    hear(watch, clock, 100, primary=5, a=5, b=5)
    assert sorted(watch.usable()) == ["a", "b"]


def test_a_silent_replica_is_left_out_at_once(watch, clock):
    hear(watch, clock, primary=5, a=5, b=5)
    watch.lose("b")
    assert watch.usable() == ["a"]
    hear(watch, clock, primary=5, b=5)
    assert watch.usable() == ["b"]


def test_without_the_primary_the_best_replica_sets_the_pace(watch, clock):
    hear(watch, clock, primary=9, a=8, b=5)
    hear(watch, clock, 30, a=8, b=(5, 8))
    assert not watch.is_writable()
    assert watch.usable() == ["a"]


def test_a_primary_that_misses_an_answer_makes_no_late_replica_good(watch, clock):
    hear(watch, clock, primary=5, a=5, b=5)
    for _n in range(4):
        hear(watch, clock, primary=9, a=5, b=5)
        hear(watch, clock, 3, a=5, b=5)
    assert watch.usable() == []


def test_a_second_primary_is_no_replica_while_the_first_answers(watch, clock):
    hear(watch, clock, primary=5, a=5)
    watch.note("b", clock.time, Position(is_replica=False, has=5, got=5))
    assert watch.usable() == ["a"]
    watch.lose(PRIMARY)
    assert sorted(watch.usable()) == ["a", "b"]


def test_a_slow_answer_is_no_silence_afterwards(watch, clock, monkeypatch):
    """The next question comes at its time, however late the last answer came."""
    answers = iter([0.001, PATIENCE, 0.001])
    asked = []

    class Slow:
        def __enter__(self):
            return self

        def __exit__(self, *error):
            pass

        def execute(self, question):
            asked.append(clock.time)
            clock.time += next(answers)
            return self

        def fetchone(self):
            return True, 5, 5

    def sleep(seconds):
        clock.time += seconds
        if len(asked) == 3:
            raise SystemExit

    monkeypatch.setattr("psycopg.connect", lambda **line: Slow())
    monkeypatch.setattr("kb.replicas.watch.line_to", lambda alias: {})
    monkeypatch.setattr("kb.replicas.watch.sleep", sleep)
    with pytest.raises(SystemExit):
        watch.follow("a")
    assert asked[1] - asked[0] == pytest.approx(BEAT)
    assert asked[2] - asked[1] == pytest.approx(PATIENCE)


def test_who_waits_for_a_server_that_hangs_is_freed(watch, monkeypatch):
    here, there = socket.socketpair()
    line = Line("a", here)
    monkeypatch.setattr("kb.replicas.watch.connections", {"a": line})
    got = []
    with here, there, watch.reading("a"):
        waits = threading.Thread(target=lambda: got.append(here.recv(1)))
        waits.start()
        watch.hang_up("b")
        assert not got
        watch.hang_up("a")
        waits.join(5)
    assert got == [b""]


# One server a request


def test_threads_are_pinned_each_by_itself():
    seen = []
    with pinned("a"):
        thread = threading.Thread(target=lambda: seen.append(server.get()))
        thread.start()
        thread.join()
        seen.append(server.get())
    assert seen == [PRIMARY, "a"]
    assert server.get() == PRIMARY


@pytest.fixture
def outside_a_write(monkeypatch):
    """Tests run inside a transaction, which the router takes for a write."""
    lines = {PRIMARY: SimpleNamespace(in_atomic_block=False)}
    monkeypatch.setattr(pin, "connections", lines)
    return lines[PRIMARY]


def test_reads_are_pinned_and_writes_are_not(outside_a_write):
    router, case = Router(), Case()
    case._state.db = "a"
    assert router.db_for_read(Case, instance=case) == PRIMARY
    with pinned("a"):
        assert router.db_for_read(Case) == "a"
        assert router.db_for_write(Case, instance=case) == PRIMARY
        outside_a_write.in_atomic_block = True
        assert router.db_for_read(Case) == PRIMARY


def test_only_the_primary_gets_tables():
    assert Router().allow_migrate(PRIMARY, "cases")
    assert not Router().allow_migrate("replica1", "cases")


@pytest.fixture
def site(monkeypatch, settings, rf):
    """The middleware over two replicas, with a view that says where it reads."""
    settings.REPLICAS, settings.REPLICA_MAX_LAG = ["a", "b"], 10
    settings.REPLICA_IS_CURRENT = None  # these servers hold nothing
    lines = {
        alias: Line(alias, SimpleNamespace(closed=False))
        for alias in (PRIMARY, "a", "b")
    }
    monkeypatch.setattr(reading, "connections", lines)
    watch = SimpleNamespace(
        start=lambda: None,
        usable=lambda: [a for a in ("a", "b") if a in found.up],
        is_writable=lambda: PRIMARY in found.up,
        reading=lambda alias: nullcontext(),
    )
    monkeypatch.setattr(reading, "watch", lambda: watch)

    def view(request):
        alias = server.get()
        found.asked.append(alias)
        if alias in found.broken or (not alias and request.path != "/healthz"):
            if alias:
                lines[alias].breaks()
            return HttpResponse(status=500)
        return found.answer(alias)

    found = SimpleNamespace(
        up=[PRIMARY, "a", "b"], broken=set(), asked=[], lines=lines, rf=rf
    )
    found.answer = HttpResponse
    found.middleware = reading.ReadFromReplicas(ErrorPages(view))
    found.get = lambda path="/": found.middleware(rf.get(path))
    return found


def test_a_page_is_read_from_a_replica(site):
    assert site.get().text == "a"
    assert site.middleware(site.rf.head("/")).text == "a"
    assert site.asked == ["a", "a"]


def test_the_desk_and_what_is_sent_go_to_the_primary(site):
    assert site.get("/desk/").text == PRIMARY
    assert site.middleware(site.rf.post("/leave/")).text == PRIMARY


def test_a_broken_server_is_passed_over(site):
    site.broken = {"a"}
    assert site.get().text == "b"
    assert site.asked == ["a", "b"]
    assert not site.lines["a"].is_open
    site.broken = {"a", "b"}
    assert site.get().text == PRIMARY


def test_a_mistake_of_ours_is_told_as_one(site):
    """A question that every server refuses is not asked for ever, nor excused."""

    def view(request):
        site.asked.append(server.get())
        site.lines[server.get()].errors_occurred = True
        return HttpResponse(status=500)

    site.middleware.get_response = view
    assert site.get().status_code == 500
    assert site.asked == ["a", "b", PRIMARY]


def test_a_replica_behind_what_was_shown_is_passed_over(site, settings):
    settings.REPLICA_IS_CURRENT = "tests.test_replicas.only_b"
    site.middleware = reading.ReadFromReplicas(site.middleware.get_response)
    assert site.get().text == "b"
    site.up.remove("b")
    assert site.get().text == PRIMARY
    assert site.asked == ["b", PRIMARY]


def test_a_replica_behind_what_was_shown_is_better_than_none(site, settings):
    settings.REPLICA_IS_CURRENT = "tests.test_replicas.only_b"
    site.middleware = reading.ReadFromReplicas(site.middleware.get_response)
    site.up, site.broken = ["a", PRIMARY], {PRIMARY}
    assert site.get().text == "a"


def only_b(alias):
    """Say that the first replica is behind, and that the primary needs no asking."""
    if alias not in ("a", "b"):
        raise AssertionError(alias)
    if alias == "a":
        raise OperationalError
    return True


def test_a_streamed_file_is_read_from_one_server_to_its_end(site):
    def parts():
        for _n in range(3):
            yield f"{server.get()} ".encode()

    site.answer = lambda alias: StreamingHttpResponse(parts())
    assert b"".join(site.get()) == b"a a a "
    assert server.get() == PRIMARY


def test_who_changed_something_reads_from_the_primary_for_a_while(site):
    answer = site.middleware(site.rf.post("/desk/withdraw/"))
    cookie = answer.cookies[reading.WROTE]
    assert cookie["max-age"] == 11
    assert (cookie["path"], cookie["samesite"]) == ("/", "Strict")
    assert cookie["httponly"]

    site.rf.cookies[reading.WROTE] = cookie.value
    assert site.get().text == PRIMARY
    site.up.remove(PRIMARY)
    assert site.get().text == "a"
    site.up.append(PRIMARY)
    site.rf.cookies[reading.WROTE] = "1:made-up"
    assert site.get().text == "a"


def test_no_reader_gets_a_cookie(site):
    answers = [site.get(), site.get("/desk/"), site.middleware(site.rf.post("/leave/"))]
    assert not any(answer.cookies for answer in answers)


def test_without_the_primary_the_desk_is_closed_and_pages_are_not(site):
    site.up.remove(PRIMARY)
    desk = site.get("/desk/")
    assert desk.status_code == 503
    assert "Nothing is lost" in desk.text
    assert site.get().text == "a"


def test_a_primary_that_breaks_under_the_desk_is_told_calmly(site):
    site.broken = {PRIMARY}
    assert site.get("/desk/").status_code == 503


def test_without_any_server_a_page_that_needs_none_is_there(site):
    site.up = []
    assert site.get("/healthz").status_code == 200
    assert site.get("/cases/").status_code == 503


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/", "/cases/", "/matrix/", "/desk/login/"])
def test_a_page_that_is_away_is_as_safe_as_any(client, settings, address):
    settings.DATABASE_ROUTERS = ["kb.replicas.pin.Router"]
    client.raise_request_exception = False
    with pinned(pin.NOWHERE):
        response = client.get(address)
    assert response.status_code == 503
    assert "no-store" in response["Cache-Control"]
    assert "default-src 'none'" in response["Content-Security-Policy"]
    assert "Nothing is lost" in response.text


def test_nobody_waits_for_a_database_that_is_away():
    with pinned(pin.NOWHERE):
        with pytest.raises(OperationalError):
            Router().db_for_read(Case)
        with pytest.raises(OperationalError):
            Router().db_for_write(Case)


# Settings


def test_without_replicas_there_is_nothing_in_the_way(settings):
    assert installed.REPLICAS == []
    assert installed.DATABASE_ROUTERS == []
    with pytest.raises(MiddlewareNotUsed):
        reading.ReadFromReplicas(HttpResponse)


REFUSED = [
    ({"DATABASE_URL": "sqlite://:memory:"}, "DATABASE_URL is no PostgreSQL"),
    ({"DATABASE_REPLICA_URLS": "mysql://kb:secret@x/kb"}, "address 1 must begin"),
    ({"REPLICA_MAX_LAG": "4"}, "from 5 to 10"),
    ({"REPLICA_MAX_LAG": "11"}, "from 5 to 10"),
    ({"REPLICA_MAX_LAG": "²"}, "from 5 to 10"),
]


@pytest.mark.parametrize(("wrong", "words"), REFUSED)
def test_settings_that_cannot_be_are_refused(wrong, words):
    right = {
        "DATABASE_URL": "postgresql://kb@x/kb",
        "DATABASE_REPLICA_URLS": "postgresql://kb@y/kb postgresql://kb@z/kb",
    }
    code = "from django.conf import settings; print(settings.REPLICAS)"
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "kb.settings"} | right | wrong,
        capture_output=True,
        text=True,
    )
    assert done.returncode
    assert words in done.stderr
    assert "secret" not in done.stderr
