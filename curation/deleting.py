"""Deleting a draft that never was public, and that nothing refers to."""

from collections.abc import Iterator

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from wagtail.log_actions import log

from curation import audit
from curation.choices import Action
from curation.models import Schedule
from curation.releasing import Refused, locked
from curation.roles import ADMINS, has_role
from sources.models import Record
from sources.uses import uses, versions_with


def obstacles(record: Record) -> Iterator[str | Promise]:
    """Why a record may not be deleted: each thing that refers to it, by name."""
    if record.live or record.first_published_at or record.withdrawn_at:
        yield _("It was public once: it is withdrawn, not deleted.")
    if record.merged_into_id:
        yield _("It was merged: its address leads to the other record.")
    users = uses(record)
    for user in users:
        yield _("{kind} “{name}” refers to it.").format(
            kind=user._meta.verbose_name, name=user
        )
    for user in versions_with(record):
        if user not in users:
            yield _("A draft or an earlier version of “{name}” refers to it.").format(
                name=user
            )


@transaction.atomic
def delete(record: Record, *, by: AbstractBaseUser) -> None:
    """Delete a draft with its history. Raises Refused with the reasons."""
    if not has_role(by, ADMINS):
        raise Refused(_("Only an admin deletes."))
    record = locked(record)
    if reasons := [*obstacles(record)]:
        raise Refused(*reasons)
    Schedule.objects.of(record).delete()
    audit.note(by, Action.DELETED, record.key)
    log(record, "wagtail.delete", user=by, deleted=True)
    record.delete()
