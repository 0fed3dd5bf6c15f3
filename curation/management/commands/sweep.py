"""Do what is due: see curation/sweeping.py and the README, “Every minute”."""

import logging
import traceback
from collections.abc import Callable

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.module_loading import import_string

from curation.sweeping import sweep

logger = logging.getLogger("kb")

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
        for path in settings.AFTER_SWEEP:
            counts["failed"] += not done(import_string(path))
        if counts["failed"]:
            raise CommandError(f"{counts['failed']} failed: see the errors above.")


def done(act: Callable[[], object]) -> bool:
    """Whether something could be done; where it broke is logged, and not on what."""
    try:
        act()
    except Exception as error:
        where = "".join(traceback.format_tb(error.__traceback__))
        logger.error("%s\n%s", type(error).__name__, where)
        return False
    return True
