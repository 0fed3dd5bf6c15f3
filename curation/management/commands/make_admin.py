"""Make the first admin of the desk."""

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from curation.accounts.invitations import invite, set_up_address


class Command(BaseCommand):
    help = "Make an admin of the desk; print the one-time address to set a password."

    def add_arguments(self, parser):
        parser.add_argument("name", help="The account’s name; not a real one.")

    def handle(self, *, name, **options):
        if get_user_model().objects.filter(username=name).exists():
            raise CommandError(f"There is an account “{name}” already.")
        try:
            user = invite(name, groups=[], admin=True)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        self.stdout.write("Open this address on the site, once, within three days:")
        self.stdout.write(set_up_address(user))
