"""Check that nobody rewrote the log."""

from django.core.management.base import BaseCommand, CommandError

from curation import audit
from curation.models import AuditEntry


class Command(BaseCommand):
    help = (
        "Check the chain of seals in the log. Write the seal down elsewhere: rows that "
        "were cut off at the end leave a whole chain, with another seal."
    )

    def handle(self, **options):
        broken = [str(entry.pk) for entry in audit.breaks()]
        if broken:
            raise CommandError(
                f"The log was changed: no fitting seal in row {', '.join(broken)}."
            )
        last = AuditEntry.objects.order_by("-pk").first()
        count = AuditEntry.objects.count()
        self.stdout.write(f"The log is whole: {count} rows.")
        self.stdout.write(f"Seal of the last row: {last.seal if last else audit.START}")
