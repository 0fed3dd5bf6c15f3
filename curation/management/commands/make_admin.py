"""Make an admin of the desk: the first one, or one who is locked out."""

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from curation.accounts import people
from curation.accounts.invitations import invite, set_up_path
from curation.roles import ADMINS


class Command(BaseCommand):
    help = "Make an admin of the desk; print the one-time address to set a password."

    def add_arguments(self, parser):
        parser.add_argument("name", help="The account’s name; not a real one.")
        parser.add_argument(
            "--again",
            action="store_true",
            help=(
                "For an account that is there and locked out: make it an admin, "
                "enable it, and take its password, factors and sessions away."
            ),
        )

    def handle(self, *, name, again, **options):
        user = get_user_model().objects.filter(username=name).first()
        if again and user is None:
            raise CommandError(f"There is no account “{name}”.")
        if user is not None and not again:
            raise CommandError(
                f"There is an account “{name}” already. If it is locked out: "
                f"make_admin {name} --again"
            )
        user = start_over(user) if again else make(name)
        self.stdout.write("Open this address once, within three days:")
        self.stdout.write(f"{settings.WAGTAILADMIN_BASE_URL}{set_up_path(user)}")


def make(name: str) -> AbstractBaseUser:
    try:
        return invite(name, groups=[ADMINS], by=None)
    except ValidationError as error:
        raise CommandError(" ".join(error.messages)) from error


@transaction.atomic
def start_over(user: AbstractBaseUser) -> AbstractBaseUser:
    """Whoever can run a command on the server may do what an admin may."""
    roles = {*user.groups.values_list("name", flat=True), ADMINS}
    people.set_roles(user, roles, by=None)
    people.reset_factor(user, by=None)
    people.enable(user, by=None)
    return user
