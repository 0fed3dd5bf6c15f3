"""Load the fixtures: vocabularies, sources, cases, lessons and context notes."""

from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from cases.importing import FixtureError, load, read


class Command(BaseCommand):
    help = (
        "Bring the database in step with the fixtures. All or nothing, and safe to run "
        "again. Records withdrawn, or edited on the desk, are kept as they are."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "folder",
            type=Path,
            nargs="?",
            default=settings.BASE_DIR / "fixtures",
            help="The folder with the YAML files; the project’s own by default.",
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="Check everything; write nothing."
        )

    def handle(self, *, folder, dry_run, **options):
        try:
            counts = load(read(folder), dry_run=dry_run)
        except FixtureError as error:
            raise CommandError(error) from error
        told = ", ".join(
            f"{counts[verb]} {verb}"
            for verb in ("created", "updated", "unchanged", "kept", "not in the files")
        )
        self.stdout.write(f"Nothing written. Would be: {told}." if dry_run else told)
