"""Measure how fast it is, against what must hold, the plain ORM and Datasette.

    make bench              # 10,000 and 100,000 cases
    make bench SIZE=1m      # a million

Databases are made in var/bench and used again while what made them is the same. The
report goes to the screen and to var/bench/report.md. What could not be measured is
named, and then the command fails; a limit that does not hold is shown, and is no
failure of the measuring.
"""

import argparse
import hashlib
import json
import os
import platform
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from io import TextIOWrapper
from pathlib import Path
from tempfile import TemporaryDirectory

import bench_http
import bench_report
import psycopg
import with_postgres

SCRIPTS = Path(__file__).resolve().parent
ROOT = SCRIPTS.parent
FOLDER = ROOT / "var/bench"
# Not the migrations: those that are new are run before anything is measured.
MADE_BY = ("tests/scale/[!t]*.py", "fixtures/**/*.yaml")
MADE_BY += ("cases/entries.py", "cases/postings.py", "cases/words.py")
MADE_BY += ("sources/names.py",)
SEED = "20240607"
VENDORS = ("sqlite", "postgresql")
FAILURES = (bench_http.NotMeasuredError, OSError, KeyError, psycopg.Error)
FAILURES += (SystemExit,)  # of with_postgres, where no server is found or starts
SERVER = ("shared_buffers=1GB", "work_mem=64MB", "max_wal_size=8GB", "jit=off")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("sizes", nargs="*", help="of 10k, 100k, 1m")
    asked = parser.parse_args()
    asked.sizes = [size.lower() for size in asked.sizes] or ["10k", "100k"]
    if wrong := set(asked.sizes) - set(bench_report.SIZES):
        parser.error(f"{', '.join(wrong)}: choose of {', '.join(bench_report.SIZES)}")
    return asked


def recipe(size: str) -> str:
    """What decides on the content of a database of this size."""
    told = hashlib.sha256(f"{SEED} {size}".encode())
    for pattern in MADE_BY:
        for path in sorted(ROOT.glob(pattern)):
            told.update(path.read_bytes())
    return told.hexdigest()


def method(size: str) -> str:
    """What decides whether results of a size can stand beside those of now."""
    told = hashlib.sha256(recipe(size).encode())
    for path in sorted(SCRIPTS.glob("bench*")):
        told.update(path.read_bytes())
    return told.hexdigest()


def environment(address: str) -> dict:
    """What programs of ours run in. No letters, no ledger of this machine."""
    return os.environ | {
        "DATABASE_URL": address,
        "WITHDRAWAL_LEDGER": str(FOLDER / "withdrawals.jsonl"),
        "MAIL_URL": "",
        "PYTHONPATH": str(ROOT),
    }


def run(command: list, env: dict | None = None, name: str = "") -> None:
    """Run a program of ours; what it prints goes where complaints go.

    name: stands before each line, where two programs run side by side.
    """
    told = [str(part) for part in command]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    with subprocess.Popen(told, env=env, cwd=ROOT, **pipes) as running:
        for line in TextIOWrapper(running.stdout):  # \r ends one, too
            if line.strip():
                print(f"{name}{line}", end="", file=sys.stderr, flush=True)
    if running.returncode:
        told = " ".join(told[1:])
        raise bench_http.NotMeasuredError(f"{told} ended with {running.returncode}")


@contextmanager
def server() -> Iterator[str]:
    """A PostgreSQL server whose data stay in var/bench; the start of its addresses."""
    account = with_postgres.owner()
    data = FOLDER / "postgresql"
    with with_postgres.home(account) as folder:
        binaries = with_postgres.reachable(with_postgres.find_server(), folder, account)
        process = {"cwd": folder, "start_new_session": True, **account}
        if not (data / "PG_VERSION").exists():
            shutil.rmtree(data, ignore_errors=True)
            data.mkdir(parents=True)
            if account:
                os.chown(data, account["user"], account["group"])
            with_postgres.initialise(binaries, data, process)
        settings = [part for setting in SERVER for part in ("-c", setting)]
        log = folder / "log"
        command = [binaries / "postgres", "-D", data, "-k", folder, *settings]
        with log.open("wb") as output:
            running = subprocess.Popen(
                [*command, "-c", "listen_addresses="],
                stdout=output,
                stderr=subprocess.STDOUT,
                **process,
            )
        try:
            with_postgres.wait_until_ready(running, data, log)
            yield f"postgresql://kb@{str(folder).replace('/', '%2F')}"
        finally:
            running.send_signal(signal.SIGINT)  # the data are wanted again
            running.wait(120)


def postmaster() -> int:
    """The number of the process that started all others of the PostgreSQL server."""
    return int((FOLDER / "postgresql/postmaster.pid").read_text().split()[0])


def reached(vendor: str) -> AbstractContextManager[str]:
    """The start of the addresses of its databases, while they can be reached."""
    return server() if vendor == "postgresql" else nullcontext("")


def address_of(vendor: str, name: str, base: str) -> str:
    """The address of a database by its name."""
    if vendor == "sqlite":
        return f"sqlite:///{FOLDER / name}.sqlite3"
    return f"{base}/{name}"


def new(vendor: str, name: str, base: str, like: str = "") -> str:
    """Forget a database of this name; the address of a new one, like another one."""
    if vendor == "sqlite":
        for path in FOLDER.glob(f"{name}.sqlite3*"):
            path.unlink()
        if like:
            shutil.copy(FOLDER / f"{like}.sqlite3", FOLDER / f"{name}.sqlite3")
    else:
        template = f' TEMPLATE "{like}"' if like else ""
        with psycopg.connect(f"{base}/postgres", autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}"')
            connection.execute(f'CREATE DATABASE "{name}"{template}')
    return address_of(vendor, name, base)


def note(vendor: str, size: str) -> Path:
    """The file that says of which recipe a database is."""
    return FOLDER / f"{vendor}-{size}.recipe"


def is_made(vendor: str, size: str) -> bool:
    """Whether there is a database of this size and recipe."""
    told = note(vendor, size)
    return told.exists() and told.read_text() == recipe(size)


def made(vendor: str, size: str, base: str, shared: str = "") -> str:
    """The address of a database of this size, made if there is none of this recipe.

    shared: a folder for what the other database is to hold, too.
    """
    if is_made(vendor, size):
        return address_of(vendor, size, base)
    note(vendor, size).unlink(missing_ok=True)
    address = new(vendor, size, base, like="empty")
    print(f"Making {size} cases in {vendor}", file=sys.stderr)
    generate = [sys.executable, "-m", "tests.scale.generate"]
    asked = ["--size", size, "--seed", SEED, *(["--shared", shared] if shared else [])]
    run([*generate, *asked], environment(address), f"{vendor} {size}: ")
    note(vendor, size).write_text(recipe(size))
    return address


def make_all(sizes: list[str]) -> dict[str, list[str]]:
    """Make what is missing in both databases side by side, each case once for both.

    Gives the sizes that were made in each: their tables are those of now.
    """
    missing = {
        vendor: [s for s in sizes if not is_made(vendor, s)] for vendor in VENDORS
    }
    both = [size for size in sizes if all(size in few for few in missing.values())]
    with TemporaryDirectory(dir=FOLDER) as shared, ThreadPoolExecutor() as pool:
        folders = dict.fromkeys(both, shared)
        list(pool.map(lambda vendor: make(vendor, missing[vendor], folders), VENDORS))
    return missing


def make(vendor: str, missing: list[str], shared: dict[str, str]) -> None:
    """Make some, one after the other. Measuring tells what could not be."""
    if not missing:
        return
    with suppress(*FAILURES), reached(vendor) as base:
        tables = environment(new(vendor, "empty", base))
        print(f"Making the tables in {vendor}", file=sys.stderr)
        run([sys.executable, "manage.py", "migrate", "-v0"], tables)
        for size in missing:
            made(vendor, size, base, shared.get(size, ""))


def datasette() -> Path:
    """Datasette, in an environment of its own: nothing of it gets into ours."""
    folder = FOLDER / "datasette"
    wanted = (ROOT / "requirements-bench.txt").read_text()
    note = folder / "installed"
    if not note.exists() or note.read_text() != wanted:
        print("Installing Datasette", file=sys.stderr)
        run([sys.executable, "-m", "venv", "--clear", folder])
        pip = [folder / "bin/python", "-m", "pip", "install", "-qq", "--require-hashes"]
        run([*pip, "-r", ROOT / "requirements-bench.txt"])
        note.write_text(wanted)
    return folder / "bin/datasette"


def measured(vendor: str, size: str, address: str, program: Path | None) -> dict:
    """Everything that is measured of one database, with what is asked of all.

    What noise can spoil is measured twice, with all that is slow in between.
    """
    asked = requests(size)
    env = environment(address) | {"BENCH_REQUESTS": str(asked)}
    file = FOLDER / f"{size}.sqlite3" if vendor == "sqlite" else None
    inside = [sys.executable, SCRIPTS / "bench_inside.py"]
    if not asked.exists():
        run([*inside, asked, "requests"], env)
    results = {}

    def in_one(*parts: str) -> None:
        """Measure some parts in a process of their own."""
        print(f"Measuring {', '.join(parts)}: {size}, {vendor}", file=sys.stderr)
        answer = FOLDER / "measured.json"
        run([*inside, answer, *parts], env)
        for part, times in json.loads(answer.read_text()).items():
            results[part] = quietest(results.get(part, {}), times)

    in_one("rebuild")
    in_one("cold", "server")
    in_one("write")
    in_one("reference")
    print(f"Measuring pages: {size}, {vendor}", file=sys.stderr)
    if file and program:
        bench_http.prepare_datasette(file)
    told = json.loads(asked.read_text())["requests"]
    postgres = None if file else postmaster()
    results["pages"] = bench_http.pages(told, env, file, program, postgres)
    in_one("server")
    in_one("write")
    return results


def quietest(before: dict[str, list], now: dict[str, list]) -> dict[str, list]:
    """Of two turns, each series as it was when it took less in all; the most queries.

    What else the machine does, or another on the same processor, makes the same work
    dearer and never cheaper.
    """
    return {
        name: (max if name.endswith("queries") else min)(
            before.get(name, told), told, key=sum
        )
        for name, told in now.items()
    }


def requests(size: str) -> Path:
    """What is asked of both databases of a size: drawn from the first that is there."""
    return FOLDER / f"requests-{size}.json"


def shut_out(account: dict, folder: Path) -> Path | None:
    """The folder above that this account may not enter, if there is one."""
    above = folder.resolve().parents if account else ()
    return next((one for one in above if not one.stat().st_mode & 0o001), None)


def system() -> str:
    """What runs here, as it calls itself."""
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except OSError:
        return platform.system()


def machine() -> str:
    """Where and when it was measured."""
    load = " ".join(f"{n:.1f}" for n in os.getloadavg())
    cores, day = os.cpu_count(), time.strftime("%Y-%m-%d")
    whose = "of the system" if sys.base_prefix == "/usr" else "of another make"
    return (
        f"{day}, {platform.machine()}, {cores} cores,"
        f" {system()}, Python {platform.python_version()} {whose},"
        f" load at the end {load}."
        " p50 and p95 of the requests that the second table counts; pages"
        " of ours and of the others are asked in turn. Server time, writes and CPU are"
        " measured in turns, minutes apart where others are slow, and the turn that"
        " took least counts."
    )


def kept(vendor: str, size: str, results: dict) -> None:
    """Keep what was measured, for a report that covers other sizes too."""
    told = {"method": method(size), **results}
    (FOLDER / f"{vendor}-{size}.json").write_text(json.dumps(told))


def all_kept() -> dict:
    """The newest results of each size and database, of these very programs."""
    found = {}
    for vendor in VENDORS:
        for size in bench_report.SIZES:
            path = FOLDER / f"{vendor}-{size}.json"
            told = json.loads(path.read_text()) if path.exists() else {}
            if told.pop("method", "") == method(size):
                found[vendor, size] = told
    return found


def measure(
    vendor: str, sizes: list[str], new: list[str], program: Path | None
) -> list[str]:
    """Measure one database in all sizes, and keep the results; what could not be."""
    failures = []
    try:
        with reached(vendor) as base:
            for size in sizes:
                try:
                    address = made(vendor, size, base)
                    if size not in new:
                        migrate = [sys.executable, "manage.py", "migrate", "-v0"]
                        run(migrate, environment(address))
                    kept(vendor, size, measured(vendor, size, address, program))
                except FAILURES as error:
                    failures.append(f"{vendor}, {size}: {error}")
    except FAILURES as error:
        failures.append(f"{vendor}: {error}")
    return failures


def main() -> int:
    asked, failures = arguments(), []
    if not shutil.which("wrk"):
        sys.exit("The bench needs wrk (on Debian and Ubuntu: apt install wrk).")
    FOLDER.mkdir(parents=True, exist_ok=True)
    if shut := shut_out(with_postgres.owner(), FOLDER / "postgresql"):
        sys.exit(
            f"PostgreSQL does not run as root, and no other account may enter {shut}:"
            " move the project to where others may, or be somebody who is not root."
        )
    run([sys.executable, "manage.py", "collectstatic", "--noinput", "-v0"])
    program = None
    with ThreadPoolExecutor() as pool:
        installing = pool.submit(datasette)
        new = make_all(asked.sizes)
    try:
        program = installing.result()
    except (bench_http.NotMeasuredError, OSError) as error:
        failures.append(f"Datasette: {error}")
    for size in asked.sizes:
        requests(size).unlink(missing_ok=True)
    for vendor in VENDORS:
        for size in asked.sizes:
            (FOLDER / f"{vendor}-{size}.json").unlink(missing_ok=True)
        failures += measure(vendor, asked.sizes, new[vendor], program)
    report = bench_report.report(all_kept(), failures, machine())
    (FOLDER / "report.md").write_text(report)
    print(report)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
