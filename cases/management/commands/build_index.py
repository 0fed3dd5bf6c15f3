"""manage.py build_index."""

from django.core.management.base import BaseCommand

from cases import keeping


class Command(BaseCommand):
    help = (
        "Read what is public from the tables and keep the index of it in the database,"
        " for processes that start. Safe to run at any time, and twice."
    )

    def handle(self, **options):
        index = keeping.save().index
        self.stdout.write(
            f"{len(index.everything)} cases, {index.size() / 1e6:.1f} MB,"
            f" at change {index.version.number}"
        )
