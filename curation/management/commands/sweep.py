"""Do what is due: see curation/sweeping.py and the README, “Every minute”."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.module_loading import import_string

from curation.sweeping import sweep

TOLD = ("withdrawn", "written", "hidden", "settled", "released", "unscheduled")


class Command(BaseCommand):
    help = (
        "Take away what may no longer be seen, release what is due, and withdraw again "
        "what an old copy of the database brought back. Run it every minute."
    )

    def handle(self, **options):
        counts = sweep()
        told = ", ".join(f"{counts[name]} {name}" for name in (*TOLD, "indexed"))
        if options["verbosity"]:
            self.stdout.write(told)
        if counts["failed"]:
            raise CommandError(f"{counts['failed']} failed: see the errors above.")
        for path in settings.AFTER_SWEEP:
            import_string(path)()
