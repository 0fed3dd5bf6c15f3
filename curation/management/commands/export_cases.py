"""Write every case, drafts included, into a file that can be imported again."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from cases.importing import FixtureError
from curation.exporting import WRITERS, write
from curation.template import template
from curation.texts import exported


class Command(BaseCommand):
    help = (
        "Write the newest text of every case, drafts included and withdrawn ones left "
        "out, into an XLSX, CSV or YAML file of the shape that import_cases reads. "
        "The file is not for the public: keep it as you keep drafts."
    )

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path, help="Ends in .xlsx, .csv or .yaml.")
        parser.add_argument(
            "--template",
            action="store_true",
            help="Write a file to fill in instead: an example and all allowed values.",
        )

    def handle(self, *, file, **options):
        ending = file.suffix.lower()
        if ending not in WRITERS:
            raise CommandError(f"A file ends in {', '.join(WRITERS)}.")
        try:
            if options["template"]:
                file.write_bytes(template(ending))
                return
            cases = exported()
            self.stderr.write(f"Writing {len(cases)} cases.")
            file.write_bytes(write(ending, cases))
        except (OSError, FixtureError) as error:
            raise CommandError(error) from error
        self.stdout.write(f"Wrote {len(cases)} cases to {file}.")
