"""Fill a database with made-up cases, to measure on.

    DATABASE_URL=sqlite:///many.sqlite3 python -m tests.scale.generate --size 100k

The database is made if need be: migrations, the content of load_kb, then the cases. It
must hold no made-up case yet. The same seed and size give the same cases, in SQLite and
in PostgreSQL.
"""

import argparse
import os
import re
import sys
import time
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kb.settings")

SIZES = {"": 1, "k": 1000, "m": 1_000_000}
SEED = 20240607


def size(text: str) -> int:
    """A number of cases, from 1 to 8 million: 300, 10k or 1m."""
    found = re.fullmatch(r"(\d{1,7})([km]?)", text.lower(), re.ASCII)
    number = int(found[1]) * SIZES[found[2]] if found else 0
    if not 0 < number <= 8_000_000:  # a code has at most seven digits
        raise argparse.ArgumentTypeError(f"{text!r}: write 300, 10k or 1m")
    return number


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.scale.generate",
        description="Fill the database of DATABASE_URL with made-up cases.",
    )
    parser.add_argument("--size", type=size, default="10k", help="300, 10k, 100k, 1m")
    parser.add_argument("--seed", type=int, default=SEED, help="of all chances")
    parser.add_argument(
        "--shared",
        type=Path,
        help="a folder, where one other database gets the same cases at the same time:"
        " each case is made up once",
    )
    return parser.parse_args()


def fill(cases: int, seed: int, shared: Path | None = None) -> dict[str, int]:
    """Make the tables, load the content and write the cases; count them by fate."""
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", interactive=False, verbosity=0)
    call_command("load_kb", verbosity=0)
    from cases.models import Case
    from tests.scale.inventing import FIRST, World
    from tests.scale.loading import load

    if Case.objects.filter(pk__gte=FIRST).exists():
        sys.exit(
            "There are cases with numbers that made-up ones get: take an empty one."
        )
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:  # a crash would spoil it: then make it anew
            cursor.execute("PRAGMA synchronous = OFF")
            cursor.execute("PRAGMA cache_size = -500000")
    return dict(load(World(seed, cases), Progress(cases), shared))


class Progress:
    """One line on the screen that says how far it is."""

    def __init__(self, cases: int):
        self.cases, self.start = cases, time.monotonic()

    def __call__(self, done: int) -> None:
        seconds = time.monotonic() - self.start
        end = "\n" if done == self.cases else ""
        told = f"\r{done:,} of {self.cases:,} cases, {done / seconds:,.0f} a second"
        print(told, end=end, file=sys.stderr, flush=True)


def main() -> None:
    asked = arguments()
    django.setup()
    start = time.monotonic()
    fates = fill(asked.size, asked.seed, asked.shared)
    told = ", ".join(f"{number:,} {fate}" for fate, number in fates.items())
    print(f"{told}: {time.monotonic() - start:.0f} s")


if __name__ == "__main__":
    main()
