"""manage.py check_index."""

from django.core.management.base import BaseCommand, CommandError

from cases import keeping


class Command(BaseCommand):
    help = "Compare the index that a process starts from with the tables."

    def handle(self, **options):
        if found := keeping.differences():
            raise CommandError("\n".join(found))
        self.stdout.write("The index says what the tables say.")
