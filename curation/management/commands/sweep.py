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

    def handle(self, **options):
        counts = sweep()
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
