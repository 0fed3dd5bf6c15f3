"""The report of the benchmark says what holds and what does not, from the results."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).resolve().parent.parent.parent / "scripts"


@pytest.fixture
def bench_report(monkeypatch):
    monkeypatch.syspath_prepend(SCRIPTS)
    import bench_report

    return bench_report


def results(ms, orm=1000.0):
    """What was measured where everything of ours takes so many milliseconds."""
    kinds = ("P0", "P1", "P3", "PT")
    return {
        "server": {kind: [ms] * 3 for kind in (*kinds, "M1", "PT cold")},
        "pages": {
            **{kind: {"us": [ms], "ORM": [orm], "Datasette": [orm]} for kind in kinds},
            "cpu": {"uncached list": ms, "cached page": ms, "304": ms},
            "wire": [14.0],
        },
        "write": {"publish": [ms], "withdraw": [ms]},
        "reference": {},
        "rebuild": {"rebuild": [ms]},
        "cold": {"cold start": [ms], "index MB": [ms]},
    }


def test_everything_holds_where_it_is_fast(bench_report):
    assert all(row.holds for row in bench_report.rows("sqlite", "1m", results(0.1)))


def test_nothing_holds_where_it_is_slow(bench_report):
    slow = results(100_000.0)

    assert not any(row.holds for row in bench_report.rows("postgresql", "1m", slow))


def test_a_slow_cold_search_alone_is_told(bench_report):
    found = results(0.1)
    found["server"]["PT cold"] = [0.1, 300.0]

    rows = bench_report.rows("postgresql", "1m", found)

    assert [row.what for row in rows if not row.holds] == [
        "server p95 ms, text + filter, cold"
    ]


def test_how_much_faster_is_told_request_by_request(bench_report):
    found = results(1.0)
    # The others were asked for the first of three requests only, a slow one.
    found["pages"]["P1"] = {"us": [8.0, 1.0, 1.0], "Datasette": [80.0], "ORM": [16.0]}

    told = {row.what: row.value for row in bench_report.rows("sqlite", "10k", found)}

    assert told["page p50, times faster than Datasette, 1 filter"] == 10


def test_growth_is_the_exponent_of_the_size(bench_report):
    grown = {("sqlite", "10k"): results(1.0), ("sqlite", "1m"): results(10.0)}

    rows = bench_report.growth(grown)

    assert {row.value for row in rows} == {0.5}
    assert not any(row.holds for row in rows)


def test_the_report_names_what_was_not_measured(bench_report):
    told = bench_report.report({("sqlite", "10k"): results(1.0)}, ["Datasette: x"], "")

    assert "- Not measured: Datasette: x" in told
    assert "| sqlite | 10k | page ms, P0 us | 1 | 1 | 1 |" in told


def test_processor_time_is_that_of_children_too(monkeypatch):
    monkeypatch.syspath_prepend(SCRIPTS)
    import bench_http

    before = bench_http.processor(os.getpid())
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    work = (
        "import sys, time\nwhile time.process_time() < 0.3: pass\n"
        "print(flush=True)\nsys.stdin.read()"
    )
    busy = [sys.executable, "-c", work]
    with subprocess.Popen(busy, **pipes) as child:  # noqa: S603
        child.stdout.readline()
        assert bench_http.processor(os.getpid()) - before > 250
    with pytest.raises(OSError, match=str(child.pid)):
        bench_http.processor(child.pid)


def test_what_is_measured_inside_a_process_sets_it_up_first():
    done = subprocess.run(
        [sys.executable, "-c", "import bench_inside"],
        cwd=SCRIPTS,
        env=os.environ | {"DATABASE_URL": "sqlite://:memory:"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_of_two_turns_each_series_of_the_quieter_one_counts(monkeypatch):
    monkeypatch.syspath_prepend(SCRIPTS)
    from bench import quietest

    loud = {"P0": [1, 9, 9], "P1": [3, 3], "P1 queries": [2]}
    quiet = {"P0": [2, 2, 8], "P1": [4, 4], "P1 queries": [1]}

    assert quietest({}, loud) == loud
    assert quietest(loud, quiet) == {"P0": [2, 2, 8], "P1": [3, 3], "P1 queries": [2]}


def test_a_folder_that_the_server_cannot_enter_is_found(monkeypatch, tmp_path):
    monkeypatch.syspath_prepend(SCRIPTS)
    import bench

    shut = tmp_path / "shut"
    data = shut / "project" / "data"
    data.parent.mkdir(parents=True)
    for folder in (shut, data.parent):
        folder.chmod(0o711)
    assert bench.shut_out({"user": 1}, data) != shut  # pytest’s own may be
    shut.chmod(0o700)
    assert bench.shut_out({"user": 1}, data) == shut
    assert bench.shut_out({}, data) is None  # it runs as whoever asks


def test_without_postgresql_the_report_says_so(monkeypatch):
    monkeypatch.syspath_prepend(SCRIPTS)
    import bench

    def find_server():
        sys.exit("No server is installed.")

    monkeypatch.setattr(bench.with_postgres, "find_server", find_server)
    told = bench.measure("postgresql", ["10k"], [], None)

    assert told == ["postgresql: No server is installed."]
    bench.make("postgresql", ["10k"], {})  # what it cannot make is told later
