"""A real primary, a real streaming replica, and a web node that uses both.

They are made where the tests have PostgreSQL, as copies of its server.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import SimpleNamespace
from urllib.error import HTTPError
from urllib.request import urlopen

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from scripts import with_postgres

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(
        "sqlite" in settings.DATABASES["default"]["ENGINE"],
        reason="replicas are PostgreSQL’s",
    ),
]
ROOT = Path(__file__).resolve().parents[1]
PAGE = "/cases/here/"
MOST_LAG = 5


class Server:
    """A PostgreSQL server of our own, made as a copy of another one."""

    def __init__(self, stack, source, *options):
        account = with_postgres.owner()
        self.folder = stack.enter_context(with_postgres.home(account))
        self.data, self.log = self.folder / "data", self.folder / "log"
        self.binaries = with_postgres.reachable(
            with_postgres.find_server(), self.folder, account
        )
        self.process = {"cwd": self.folder, "start_new_session": True, **account}
        copy = [self.binaries / "pg_basebackup", "--pgdata", self.data, *options]
        copy += ["--host", source, "--username", "kb", "--checkpoint", "fast"]
        subprocess.run([*copy, "--no-sync"], check=True, **self.process)  # noqa: S603
        with (self.data / "postgresql.auto.conf").open("a") as file:
            file.write("wal_retrieve_retry_interval = '100ms'\n")
        self.start()
        stack.callback(self.end)

    @property
    def url(self):
        name = connection.settings_dict["NAME"]
        return f"postgresql://kb@{str(self.folder).replace('/', '%2F')}/{name}"

    def start(self):
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        self.running = with_postgres.start(
            self.binaries, self.data, self.log, self.process
        )
        with_postgres.wait_until_ready(self.running, self.data, self.log)

    def end(self):
        with_postgres.stop(self.running)

    def sql(self, statement, *values):
        """The first value of what a statement gives."""
        with psycopg.connect(self.url, autocommit=True) as line:
            done = line.execute(statement, values)
            return done.fetchone()[0] if done.description else None

    @contextmanager
    def frozen(self):
        """While none of its processes does anything, and no connection breaks."""
        told = subprocess.run(  # noqa: S603
            ["pgrep", "-P", str(self.running.pid)],  # noqa: S607
            capture_output=True,
            text=True,
            check=True,
        )
        all_of_it = [self.running.pid, *map(int, told.stdout.split())]
        for number in all_of_it:
            os.kill(number, signal.SIGSTOP)
        try:
            yield
        finally:
            for number in all_of_it:
                os.kill(number, signal.SIGCONT)


@pytest.fixture(scope="module")
def replicated(django_db_setup, tmp_path_factory):
    """A primary, a replica, and a web node: as in the README, on one machine."""
    with ExitStack() as stack:
        primary = Server(stack, connection.settings_dict["HOST"])
        replica = Server(stack, primary.folder, "--write-recovery-conf")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        environment = os.environ | {
            "DATABASE_URL": primary.url,
            "DATABASE_REPLICA_URLS": replica.url,
            "REPLICA_MAX_LAG": str(MOST_LAG),
            "PYTHONPATH": str(ROOT),
            "WITHDRAWAL_LEDGER": str(tmp_path_factory.mktemp("node") / "ledger"),
        }
        command = [sys.executable, "-m", "granian", "--interface", "wsgi"]
        command += ["--blocking-threads", "4", "--port", str(port)]
        node = subprocess.Popen(  # noqa: S603
            [*command, "--log-level", "error", "tests.web_node:application"],
            env=environment,
            cwd=ROOT,
        )
        stack.callback(node.wait)
        stack.callback(node.terminate)
        subprocess.run(
            [sys.executable, "tests/web_node.py"],
            env=environment | {"DATABASE_REPLICA_URLS": ""},
            cwd=ROOT,
            check=True,
        )
        found = SimpleNamespace(
            primary=primary, replica=replica, address=f"http://127.0.0.1:{port}"
        )
        within(20, lambda: get(found, "/healthz")[0] == 200)
        yield found


@pytest.fixture
def pair(replicated):
    """Both servers well, the replica in use, the case public."""
    set_case(replicated, title="As it was", live=True, withdrawn_at=None)
    is_live = "SELECT live FROM cases_case WHERE code = 'C900'"
    within(10, lambda: replicated.replica.sql(is_live))  # the last test made it late
    within(10, lambda: is_read_at(replicated.replica, replicated))
    within(5, lambda: "As it was" in get(replicated)[1])
    return replicated


def set_case(pair, **values):
    names = ", ".join(f"{name} = %s" for name in values)
    change = f"UPDATE cases_case SET {names} WHERE code = 'C900'"  # noqa: S608
    pair.primary.sql(change, *values.values())


def get(pair, path=PAGE):
    """Status and text of a page; 0 where nobody listens yet."""
    try:
        with urlopen(f"{pair.address}{path}", timeout=10) as answer:  # noqa: S310
            return answer.status, answer.read().decode()
    except HTTPError as error:
        with error:
            return error.code, error.read().decode()
    except OSError:
        return 0, ""


def within(seconds, holds):
    """Wait for something to be so; gives how long that took."""
    began = time.monotonic()
    while not holds():
        assert time.monotonic() - began < seconds, "it did not come about"
        time.sleep(0.05)
    return time.monotonic() - began


def is_read_at(one, pair):
    """Whether this server is asked when somebody reads the page."""
    begin = one.sql("SELECT clock_timestamp()")
    assert get(pair)[0] == 200
    return one.sql(
        "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE query_start > %s"
        " AND query LIKE 'SELECT %%\"%%' AND pid <> pg_backend_pid())",
        begin,
    )


def test_pages_come_from_the_replica_and_follow_the_primary(pair):
    assert not is_read_at(pair.primary, pair)
    set_case(pair, title="As it is now")
    assert within(2, lambda: "As it is now" in get(pair)[1]) < 1
    assert is_read_at(pair.replica, pair)


def test_a_late_replica_shows_no_withdrawn_case_past_the_limit(pair):
    pair.replica.sql("SELECT pg_wal_replay_pause()")
    try:
        set_case(pair, live=False, withdrawn_at="2026-01-01")
        assert get(pair)[0] == 200  # it is the replica that is read
        within(MOST_LAG + 1, lambda: get(pair)[0] == 410)
        assert {get(pair)[0] for _n in range(20)} == {410}
    finally:
        pair.replica.sql("SELECT pg_wal_replay_resume()")


def test_a_replica_that_died_costs_nobody_a_page(pair):
    pair.replica.running.kill()
    began = time.monotonic()
    assert {get(pair)[0] for _n in range(10)} == {200}
    assert time.monotonic() - began < 2
    assert is_read_at(pair.primary, pair)
    pair.replica.running.wait()
    pair.replica.start()
    within(5, lambda: is_read_at(pair.replica, pair))


def test_a_replica_that_hangs_holds_a_reader_up_for_a_second_at_most(pair):
    usual = min(timed(pair) for _n in range(3))
    with pair.replica.frozen():
        slowest = max(timed(pair) for _n in range(5))
    assert slowest - usual < 1.5
    within(5, lambda: is_read_at(pair.replica, pair))


def timed(pair):
    """How long the page takes, in seconds."""
    began = time.monotonic()
    assert get(pair)[0] == 200
    return time.monotonic() - began


def test_while_the_primary_is_away_pages_are_there_and_the_desk_says_so(pair):
    pair.primary.running.kill()
    pair.primary.running.wait()
    try:
        assert get(pair)[0] == 200
        within(3, lambda: "the desk is closed" in get(pair, "/readyz")[1])
        status, page = get(pair, "/desk/account/login/")
        assert status == 503
        assert "Nothing is lost" in page
        began = time.monotonic()
        while time.monotonic() - began < MOST_LAG + 1:  # late, if it were
            assert timed(pair) < 1
            time.sleep(0.1)
        assert is_read_at(pair.replica, pair)
    finally:
        pair.primary.start()
    within(5, lambda: get(pair, "/readyz") == (200, "ready\n"))
    assert get(pair, "/desk/account/login/")[0] == 200
