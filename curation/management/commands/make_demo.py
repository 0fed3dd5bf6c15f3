"""Make the demo accounts."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from curation.accounts import demo


class Command(BaseCommand):
    help = "Make a demo account for each role; only with DEBUG=1."

    def handle(self, **options):
        if not settings.DEMO:
            raise CommandError("Demo accounts are for DEBUG=1 only.")
        names = ", ".join(user.username for user in demo.make())
        self.stdout.write(f"DEBUG=1: anybody can sign in at /desk/ as {names}.")
