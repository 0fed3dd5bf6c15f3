"""Make the offline edition: see kb/offline/ and the README, “Offline edition”."""

from django.core.management.base import BaseCommand, CommandError

from kb.offline import files, shelf


class Command(BaseCommand):
    help = (
        "Make the files that are read without a network (ZIP, EPUB, and ZIM where "
        "libzim is installed), and take the old ones away."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "--if-stale",
            action="store_true",
            help="Do nothing where the files hold exactly what may be given away now.",
        )

    def handle(self, *, if_stale: bool, verbosity: int, **options):
        if if_stale and shelf.offered():
            return
        try:
            built = shelf.build()
        except shelf.Unsettled:
            raise CommandError(
                "What is public kept changing; the old files are away. Run it again."
            ) from None
        if verbosity:
            self.tell(built)

    def tell(self, built: shelf.Shelved) -> None:
        """Say what was made, and what was not."""
        self.stdout.write(f"{built.cases} cases, {built.built_on}")
        for file in built.files:
            self.stdout.write(f"{file.sha256}  {file.name}  {file.size} bytes")
        if not files.can_zim():
            self.stdout.write("No ZIM: libzim is not installed.")
