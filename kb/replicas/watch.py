"""Which servers answer, and up to when each replica knows everything.

One thread a server asks it over and over how far it has come. A replica that has
reached the position which the primary had at a moment knows all that was committed by
then. So nothing is written for it, no two clocks are compared, and a primary where
nothing happens makes nobody look late.
"""

import logging
import os
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from itertools import count
from math import inf
from socket import SHUT_RDWR, socket
from threading import Event, Lock, Thread
from time import monotonic, sleep

import psycopg
from django.conf import settings
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from kb.replicas.pin import PRIMARY

logger = logging.getLogger("kb")

# Seconds. A replica that hangs is found out in less than one.
BEAT = 0.3  # between two questions to a replica
SLOW_BEAT = 1.0  # … to the primary, which every process of every node asks
PATIENCE = 0.5  # for an answer
LOOK = 0.1  # between two looks for replicas that hang

POSITION = """
SELECT is_replica, has - zero, greatest(has, pg_last_wal_receive_lsn()) - zero
  FROM (SELECT pg_is_in_recovery() AS is_replica, '0/0'::pg_lsn AS zero,
               CASE WHEN pg_is_in_recovery()
                    THEN coalesce(pg_last_wal_replay_lsn(), '0/0')
                    ELSE pg_current_wal_flush_lsn() END AS has) AS here
"""


@dataclass(frozen=True)
class Position:
    """How far a server has come, in bytes of the log of all writes."""

    is_replica: bool
    has: int  # what its readers see
    got: int  # what it was sent


def up_to(marks: Iterable[tuple[float, int]], has: int) -> float:
    """The last moment of which everything is known, by what was there at each mark."""
    return max((at for at, position in marks if position <= has), default=-inf)


class Watch:
    """What this process knows of the servers. It asks nobody before start()."""

    def __init__(self, replicas: list[str], most_lag: float):
        self.replicas = replicas
        self.most_lag = most_lag
        self.marks: deque[tuple[float, int]] = deque()
        self.heard: dict[str, tuple[float, Position]] = {}
        self.lost: set[str] = set()
        self.knows: dict[str, float] = {}  # up to when each replica knows everything
        self.busy: set[BaseDatabaseWrapper] = set()
        self.turn = count()
        self.lock = Lock()
        self.process = 0
        self.began = -inf
        self.asked_all = Event()

    def usable(self) -> list[str]:
        """The replicas that a page may be read from, each of them first in its turn."""
        now = monotonic()
        found = [alias for alias in self.replicas if self.is_usable(alias, now)]
        first = next(self.turn) % (len(found) or 1)
        return found[first:] + found[:first]

    def is_usable(self, alias: str, now: float) -> bool:
        """Whether it answers, is not too late, and is no primary beside the primary."""
        if not self.answers(alias, now):
            return False
        _at, position = self.heard[alias]
        follows = position.is_replica or not self.answers(PRIMARY, now)
        return follows and now - self.knows.get(alias, -inf) <= self.most_lag

    def answers(self, alias: str, now: float) -> bool:
        """Whether a server answered when it was asked last, and that was just now."""
        if alias in self.lost or alias not in self.heard:
            return False
        at, _position = self.heard[alias]
        return now - at <= (SLOW_BEAT if alias == PRIMARY else BEAT) + PATIENCE

    def is_writable(self) -> bool:
        """Whether the primary answers; nobody asks the only server that there is."""
        return not self.replicas or self.answers(PRIMARY, monotonic())

    @contextmanager
    def reading(self, alias: str) -> Iterator[None]:
        """While a page is read: should the server hang, the reading ends with an error.

        Only for what may be begun anew at another server.
        """
        line = connections[alias]
        with self.lock:
            self.busy.add(line)
        try:
            yield
        finally:
            with self.lock:
                self.busy.discard(line)

    def start(self) -> None:
        """Begin to ask, once a process, and wait a little for the first answers.

        A fork of the process has no threads: it begins anew.
        """
        with self.lock:
            if self.process != os.getpid():
                self.process, self.began = os.getpid(), monotonic()
                for alias in (PRIMARY, *self.replicas):
                    Thread(target=self.follow, args=(alias,), daemon=True).start()
                Thread(target=self.guard, daemon=True).start()
        self.asked_all.wait(max(0, self.began + PATIENCE - monotonic()))

    def follow(self, alias: str) -> None:
        """Ask one server for as long as the process lives."""
        beat = SLOW_BEAT if alias == PRIMARY else BEAT
        while True:
            with suppress(psycopg.Error), psycopg.connect(**line_to(alias)) as line:
                while True:
                    at = monotonic()
                    row = line.execute(POSITION).fetchone()
                    self.note(alias, at, Position(*map(int, row)))
                    # After a slow answer at once: or it would soon look like silence.
                    sleep(max(0, at + beat - monotonic()))
            self.lose(alias)
            sleep(BEAT)

    def note(self, alias: str, at: float, position: Position) -> None:
        """Keep what a server said when it was asked at a moment."""
        with self.lock:
            self.heard[alias] = (at, position)
            self.lost.discard(alias)
            self.mark(alias, at)
            for name in self.replicas:
                if name in self.heard:
                    _at, known = self.heard[name]
                    self.knows[name] = up_to(self.marks, known.has)
        self.count_answers()

    def mark(self, alias: str, at: float) -> None:
        """Keep how much there was to know at a moment.

        The primary says it. Once it has long been silent nobody writes, or we do not
        see it: then it is the most that any replica was sent.
        """
        last, _position = self.heard.get(PRIMARY, (self.began, None))
        if alias == PRIMARY:
            self.marks.append((at, self.heard[alias][1].has))
        elif at - last > self.most_lag / 2:
            sent = [self.heard[a][1].got for a in self.replicas if self.answers(a, at)]
            self.marks.append((at, max(sent)))
        while self.marks and self.marks[0][0] < at - self.most_lag:
            self.marks.popleft()

    def lose(self, alias: str) -> None:
        """Keep that a server cannot be reached."""
        with self.lock:
            self.lost.add(alias)
        self.count_answers()

    def count_answers(self) -> None:
        """Let the first requests go on when every server was asked."""
        if self.heard.keys() | self.lost >= {PRIMARY, *self.replicas}:
            self.asked_all.set()

    def guard(self) -> None:
        """Free those who read from a replica that hangs, and say what changes."""
        used = {PRIMARY, *self.replicas}
        self.asked_all.wait(PATIENCE)
        while True:
            now = monotonic()
            for alias in self.replicas:
                if not self.answers(alias, now):
                    self.hang_up(alias)
            was_used, used = used, {a for a in self.replicas if self.is_usable(a, now)}
            used |= {PRIMARY} if self.answers(PRIMARY, now) else set()
            for alias in sorted(was_used ^ used):
                state = "used again" if alias in used else "not used: silent or late"
                logger.warning("The database %s is %s.", alias, state)
            sleep(LOOK)

    def hang_up(self, alias: str) -> None:
        """Cut the lines on which somebody waits for a server."""
        with self.lock:
            for line in self.busy:
                if line.alias == alias and line.connection is not None:
                    # Closed in the meantime: nobody waits any more.
                    with suppress(psycopg.Error, OSError):
                        cut(line.connection.fileno())


def cut(number: int) -> None:
    """End both directions of a socket that another thread waits on."""
    with socket(fileno=os.dup(number)) as end:
        end.shutdown(SHUT_RDWR)


def line_to(alias: str) -> dict:
    """How to reach a server, for psycopg: Django’s own lines belong to requests."""
    line = connections[alias].get_connection_params()
    ours = line.keys() - {"cursor_factory", "context"}
    return {name: line[name] for name in ours} | {"autocommit": True}


@cache
def watch() -> Watch:
    """The watch of this process."""
    return Watch(settings.REPLICAS, settings.REPLICA_MAX_LAG)
