"""Do what is due: see curation/sweeping.py and the README, “Every minute”."""

from django.core.management.base import BaseCommand, CommandError

from curation.sweeping import sweep

TOLD = ("withdrawn", "written", "hidden", "settled", "released", "unscheduled")


class Command(BaseCommand):
    help = (
        "Take away what may no longer be seen, release what is due, and withdraw again "
        "what an old copy of the database brought back. Run it every minute."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "--all",
            action="store_true",
            help="judge every case, also where there are so many that each minute "
            "judges a part of them: before a server serves what may be an old copy",
        )

    def handle(self, **options):
        counts = sweep(every_case=options["all"])
        told = ", ".join(f"{counts[name]} {name}" for name in (*TOLD, "indexed"))
        if options["verbosity"]:
            self.stdout.write(told)
        if counts["failed"]:
            raise CommandError(f"{counts['failed']} failed: see the errors above.")
