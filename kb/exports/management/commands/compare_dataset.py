"""manage.py compare_dataset."""

from django.core.management.base import BaseCommand

from kb.exports.versions import keep_up


class Command(BaseCommand):
    help = (
        "Compare every record with the newest version of the dataset, and make another"
        " one where something differs. The sweep of each minute reads only what"
        " changed. Safe to run at any time, and twice."
    )

    def handle(self, **options):
        made = keep_up(every_case=True)
        self.stdout.write(f"The newest version is {made.number}.")
