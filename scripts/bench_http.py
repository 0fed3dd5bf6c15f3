"""Whole pages over HTTP: our server, the plain ORM page, and Datasette, in turn."""

import gzip
import http.client
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from statistics import median
from tempfile import NamedTemporaryFile
from urllib.parse import quote, urlencode

SCRIPTS = Path(__file__).resolve().parent
STARTING = 120  # seconds until a server must answer
PATIENCE = 1  # seconds for one kind of request, past the fewest
FEWEST = 3  # different requests, however long they take: one may be of a rare value
BUSY = 1  # seconds in which a server has all the work that it can do, after each kind
CONNECTIONS = 8
HEADERS = {"Host": "127.0.0.1", "Accept-Encoding": "gzip"}
# Datasette reads one table. Ours are in many: it gets the lines of each case as lists.
DATASETTE_TABLE = """
CREATE TABLE bench_cases AS SELECT c.id, c.code, c.title, c.snapshot, c.telling,
    c.evidence, coalesce(c.country_id, 'not-stated') AS country,
    (SELECT json_group_array(DISTINCT w.to_region_id) FROM cases_region_within w
     JOIN cases_country k ON k.code = c.country_id
     WHERE w.from_region_id = k.region_id) AS region,
    (SELECT json_group_array(DISTINCT o.slug) FROM cases_case_organisations l
     JOIN cases_organisation o ON o.id = l.organisation_id
     WHERE l.case_id = c.id) AS organisation,
    json_group_array(DISTINCT coalesce(f.slug, 'not-stated')) AS form,
    json_group_array(DISTINCT coalesce(f.mode, 'not-stated')) AS mode,
    json_group_array(DISTINCT coalesce(e.actor, 'not-stated')) AS actor,
    json_group_array(DISTINCT coalesce(e.setting, 'not-stated')) AS setting,
    json_group_array(DISTINCT coalesce(s.slug, 'not-stated')) AS strategy,
    json_group_array(DISTINCT coalesce(y.slug, 'not-stated')) AS family,
    json_group_array(DISTINCT coalesce(r.effect, 'not-stated')) AS effect,
    json_group_array(DISTINCT coalesce(r.visibility, 'not-stated')) AS visibility
FROM cases_case c LEFT JOIN cases_encounter e ON e.case_id = c.id
LEFT JOIN cases_resistanceform f ON f.id = e.form_id
LEFT JOIN cases_response r ON r.encounter_id = e.id
LEFT JOIN strategies_strategy s ON s.id = r.strategy_id
LEFT JOIN strategies_strategyfamily y ON y.id = s.family_id
WHERE c.live AND c.withdrawn_at IS NULL AND c.visible_from <= datetime('now')
    AND c.visible_until > datetime('now') GROUP BY c.id
"""
# Its own full-text search, as its documentation sets it up. Numbers of cases are keys.
DATASETTE_WORDS = """
CREATE VIRTUAL TABLE bench_words USING fts5(
    title, text, content='cases_searchentry', content_rowid='id')
"""
DATASETTE_WORD = """id IN (SELECT rowid FROM bench_words
    WHERE bench_words MATCH '"{}"')"""
PLAIN = ("country", "telling", "evidence")
LISTS = ("form", "mode", "family", "strategy", "region", "actor", "setting")
LISTS += ("effect", "visibility", "organisation")
LIMITS = ("sql_time_limit_ms", "facet_time_limit_ms")


class NotMeasuredError(Exception):
    """A measurement that could not be made, and why."""


def free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return trial.getsockname()[1]


@contextmanager
def serving(command: list, port: int, path: str, env: dict) -> Iterator["Server"]:
    """A server that answers, for as long as the block runs."""
    process = subprocess.Popen(
        [str(part) for part in command], env=env, stdout=sys.stderr, process_group=0
    )
    try:
        server = Server(process.pid, port)
        end = time.monotonic() + STARTING
        while True:
            try:
                server.get(path)
                break
            except OSError as error:
                if process.poll() is not None or time.monotonic() > end:
                    raise NotMeasuredError(f"{command[0]} does not answer") from error
                time.sleep(0.1)
        yield server
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def processor(pid: int) -> float:
    """Milliseconds of processor time so far of a process and its living descendants.

    Raises OSError where that cannot be read. Of threads and descendants that end
    meanwhile it is not known any more: workers and connections go on.
    """
    total, waiting = 0, [Path(f"/proc/{pid}")]
    for name in ("schedstat", "children"):
        (waiting[0] / "task" / str(pid) / name).read_text()
    while waiting:
        with suppress(FileNotFoundError, ProcessLookupError):  # it ended
            for thread in (waiting.pop() / "task").iterdir():
                with suppress(FileNotFoundError, ProcessLookupError):
                    total += int((thread / "schedstat").read_text().split()[0])
                    children = (thread / "children").read_text().split()
                    waiting += [Path(f"/proc/{child}") for child in children]
    return total / 1e6


class Server:
    """A server that was started, asked over one connection that stays open."""

    def __init__(self, pid: int, port: int):
        self.pids = [pid]  # whose processor time is its cost: itself, first
        self.port = port
        self.http = http.client.HTTPConnection("127.0.0.1", port, timeout=600)

    def get(self, path: str, **headers: str) -> http.client.HTTPResponse:
        """The whole answer; its body in .body.

        A server may close a connection that was idle while others were asked.
        """
        for attempt in range(2):
            try:
                self.http.request("GET", path, headers={**HEADERS, **headers})
                response = self.http.getresponse()
                response.body = response.read()
                break
            except (http.client.HTTPException, OSError) as error:
                self.http.close()
                if attempt or not isinstance(error, ConnectionError):
                    raise OSError(f"{path}: {error!r}") from error
        return response

    def timed(self, path: str) -> float:
        """How many milliseconds the whole page takes. A page with an error is none."""
        start = time.perf_counter()
        response = self.get(path)
        taken = (time.perf_counter() - start) * 1000
        if response.status != 200 or not response.body:
            raise NotMeasuredError(f"{path} answers {response.status}")
        body = response.body
        if response.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        if b"timed out" in body or b"<title>Error" in body:
            raise NotMeasuredError(f"{path} is not the page")
        return taken

    def cost(self, *arguments: str, **headers: str) -> dict[int, float]:
        """Milliseconds of processor time a request while the server is always busy.

        By process: of the server, and of its database if that is one. One request at a
        time wakes the server anew for each, which costs more than a page that is kept.
        arguments: of wrk, the path last or in its script.
        """
        options = [f"-c{CONNECTIONS}", "-t1", f"-d{BUSY}"]
        for name, value in {**HEADERS, **headers}.items():
            options += ["-H", f"{name}: {value}"]
        before = {pid: processor(pid) for pid in self.pids}
        told = subprocess.run(
            ["wrk", *options, *arguments], capture_output=True, text=True
        ).stdout
        spent = {pid: processor(pid) - before[pid] for pid in self.pids}
        if min(spent.values()) <= 0:
            raise NotMeasuredError("a server took no processor time, as it seems")
        done = re.search(r"(\d+) requests in", told)
        if not done or "Non-2xx" in told or "Socket errors" in told:
            raise NotMeasuredError(f"wrk {' '.join(arguments)}: {told}")
        return {pid: time / int(done[1]) for pid, time in spent.items()}

    def size(self, path: str) -> float:
        """How many KB a page is on the wire, with its headers."""
        response = self.get(path)
        head = sum(len(f"{name}: {value}\r\n") for name, value in response.getheaders())
        return (len("HTTP/1.1 200 OK\r\n\r\n") + head + len(response.body)) / 1000

    def address(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"


def production(app: str) -> list:
    """The command that serves in production, in the environment of the benchmark."""
    return [sys.executable, SCRIPTS / "bench_server.py", app]


def datasette(program: Path, file: Path, port: int) -> list:
    limits = [part for name in LIMITS for part in ("--setting", name, "3600000")]
    return [program, "serve", file, "--port", port, *limits]


def prepare_datasette(file: Path) -> None:
    """Make the one table that Datasette reads, and what makes it quick, in our file."""
    with sqlite3.connect(file) as database:
        database.execute("DROP TABLE IF EXISTS bench_cases")
        database.execute(DATASETTE_TABLE)
        database.execute("CREATE UNIQUE INDEX bench_key ON bench_cases (id)")
        for name in PLAIN:
            database.execute(f"CREATE INDEX bench_{name} ON bench_cases ({name})")
        database.execute("DROP TABLE IF EXISTS bench_words")
        database.execute(DATASETTE_WORDS)
        database.execute("INSERT INTO bench_words (bench_words) VALUES ('rebuild')")
    database.close()


def our_path(pairs: list, kind: str) -> str:
    place = "/matrix/" if kind == "M1" else "/cases/"
    return f"{place}?{urlencode(list(map(tuple, pairs)))}" if pairs else place


def datasette_path(pairs: list, file: Path) -> str:
    """The same page of Datasette: 20 rows, the same facets, the same filters."""
    asked = [("_size", "20")]
    asked += [("_facet", name) for name in PLAIN]
    asked += [("_facet_array", name) for name in LISTS]
    for name, value in pairs:
        if name == "q":
            asked.append(("_where", DATASETTE_WORD.format(value)))
        else:
            lookup = "exact" if name in PLAIN else "arraycontains"
            asked.append((f"{name}__{lookup}", value))
    return f"/{quote(file.stem)}/bench_cases?{urlencode(asked)}"


def pages(
    requests: dict,
    env: dict,
    file: Path | None,
    program: Path | None,
    postgres: int | None,
) -> dict:
    """Times of whole pages by kind and server, asked in turn; processor time; sizes.

    postgres: the process whose descendants are the database, if that is one.
    """
    with ExitStack() as stack:

        def start(command, port, path, env=env):
            return stack.enter_context(serving(command, port, path, env))

        ports = [free_port() for _ in range(4)]
        of_ours = [{**env, "PORT": str(port)} for port in ports]
        of_ours[1]["PYTHONPATH"] = of_ours[3]["PYTHONPATH"] = str(SCRIPTS)
        us = start(production("kb.wsgi:application"), ports[0], "/healthz", of_ours[0])
        orm = start(
            production("bench_plain:application"),
            *(ports[1], "/healthz", of_ours[1]),
        )
        if postgres:
            us.pids.append(postgres)
        servers = {"us": (us, our_path), "ORM": (orm, our_path)}
        if file and program:
            other = start(
                datasette(program, file, ports[2]), ports[2], "/-/versions.json"
            )
            servers["Datasette"] = (
                other,
                lambda pairs, _kind: datasette_path(pairs, file),
            )
        for server, path in servers.values():
            server.timed(path(requests["P3"][0], ""))  # what is done once is done
        bare = start(production("bench_hello:application"), ports[3], "/", of_ours[3])
        results, spent = {}, []
        for kind, asked in requests.items():
            if kind != "M1":
                results[kind] = in_turn(servers, kind, asked)
                spent.append(costs(us, bare, requests))
        return results | {
            "cpu": {name: min(t[name] for t in spent) for name in spent[0]},
            "wire": [us.size(our_path(pairs, "P1")) for pairs in requests["P1"]],
        }


def in_turn(servers: dict, kind: str, requests: list) -> dict[str, list[float]]:
    """Ask each server each request, one server after the other.

    Ours is asked three times, and the one in the middle counts: while the others
    answer, which takes minutes where there are many cases, the machine may take back
    the memory of a process that waits.
    """
    found = {name: [] for name in servers}
    server, path = servers["us"]
    server.timed(path(requests[0], kind))  # what is done once a kind is done
    end = time.monotonic() + PATIENCE
    fewest = FEWEST if len(requests) > 1 else 1  # all cases, the slowest
    for number, pairs in enumerate(requests if len(requests) > 1 else requests * 8):
        for name, (server, path) in servers.items():
            address = path(pairs, kind)
            if name == "us":
                times = (server.timed(unlike(address, f"{number}-{n}")) for n in "123")
                found[name].append(median(times))
            elif len(found[name]) < fewest or time.monotonic() < end:
                # Datasette keeps no pages.
                other = address if name == "Datasette" else unlike(address, str(number))
                found[name].append(server.timed(other))
    return found


def unlike(path: str, number: str) -> str:
    """The same page under an address that nobody asked for, so that none is kept."""
    return f"{path}{'&' if '?' in path else '?'}bench={time.time_ns()}{number}"


def costs(us: Server, bare: Server, requests: dict) -> dict[str, float]:
    """Processor time a request: a page made anew, the same page again, and a 304.

    Of the server, and of PostgreSQL, which a 304 asks for the version of the content.
    Also of a bare Django page on this machine, as a yardstick. Measured after each kind
    of pages, and the least counts of each: what else the machine does, or another on
    the same processor, makes the same work dearer and never cheaper.
    """
    paths = [our_path(pairs, "P1") for pairs in requests["P1"]]
    known = us.address(paths[0])
    tag = us.get(paths[0]).headers.get("ETag")
    if not tag or us.get(paths[0], **{"If-None-Match": tag}).status != 304:
        raise NotMeasuredError("a known page is not answered with 304")
    with NamedTemporaryFile("w", suffix=".txt") as file:
        file.write("\n".join(paths) + "\n")
        file.flush()
        fresh = ["-s", str(SCRIPTS / "bench_fresh.lua"), us.address("")]
        spent = {
            "uncached list": us.cost(*fresh, "--", file.name, str(time.time_ns())),
            "cached page": us.cost(known),
            "304": us.cost(known, **{"If-None-Match": tag}),
            "bare Django page": bare.cost(bare.address("/")),
        }
    found = {what: next(iter(times.values())) for what, times in spent.items()}
    for database in us.pids[1:]:
        found["PostgreSQL, uncached list"] = spent["uncached list"][database]
        found["PostgreSQL, 304"] = spent["304"][database]
    return found
