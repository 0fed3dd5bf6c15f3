"""Import cases from a file, as drafts."""

from pathlib import Path

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from curation.importing import Fate, Outdated, Plan, apply, plan
from curation.roles import AUTHORS, has_role
from curation.sheets import MOST_BYTES, read
from curation.tables import FileError


class Command(BaseCommand):
    help = (
        "Import cases from an XLSX, CSV or YAML file. Everything becomes a draft: "
        "nothing public changes. All or nothing, and safe to run again: a file that was"
        " imported already changes nothing. export_cases --template writes a file to "
        "fill in."
    )

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path, help="Ends in .xlsx, .csv or .yaml.")
        parser.add_argument(
            "--as",
            dest="account",
            required=True,
            help="The account that the drafts are by. It needs the role Authors.",
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="Check and tell; write nothing."
        )

    def handle(self, *, file, account, dry_run, **options):
        by = get_user_model().objects.filter(username=account).first()
        if by is None or not has_role(by, AUTHORS):
            raise CommandError(f"There is no account “{account}” in the role Authors.")
        try:
            with file.open("rb") as opened:
                items = read(file.name, opened.read(MOST_BYTES + 1))
            with transaction.atomic():
                found = plan(items, by=by, tell=self.progress)
                if found.errors:
                    raise FileError(*found.errors)
                if not dry_run:
                    apply(found, by=by, tell=self.progress)
        except (OSError, FileError) as error:
            raise CommandError(f"Nothing was imported.\n{error}") from error
        except Outdated as error:
            said = "Somebody changed these cases meanwhile: nothing was imported."
            raise CommandError(f"{said} Run it again.") from error
        self.report(found, dry_run)

    def progress(self, what: str, done: int, total: int) -> None:
        """Say how far it is, beside the output."""
        self.stderr.write(f"{done} of {total} {what}")

    def report(self, found: Plan, dry_run: bool) -> None:
        """Say what was done with each case."""
        for step in found.steps:
            if step.fate == Fate.UNCHANGED:
                continue
            self.stdout.write(f"{step.code}: {step.fate.label}. {step.reason}".strip())
            for change in step.changes if step.fate == Fate.CHANGED else ():
                self.stdout.write(f"    {change.where}: {change.kind.label}")
        told = ", ".join(f"{found.counts[fate]} {fate.label}" for fate in Fate)
        self.stdout.write(f"Nothing written. Would be: {told}." if dry_run else told)
