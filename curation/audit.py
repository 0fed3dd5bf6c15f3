"""The log that cannot be rewritten unseen: each row seals all before it."""

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

from curation.choices import Action
from curation.models import AuditEntry
from sources.prepared import Prepared, together
from sources.turns import TURN

START = "0" * 64
LAST = Prepared(lambda: AuditEntry.objects.order_by("-pk").values_list("seal")[:1])


def note(by: AbstractBaseUser | None, action: Action, code: str) -> AuditEntry:
    """Add a row. It stands or falls with the transaction that it is written in."""
    with transaction.atomic(savepoint=False):
        _turn, last = together((TURN,), (LAST,))
        row = entry(by, action, code, last)
        row.save(force_insert=True)
        return row


def entry(
    by: AbstractBaseUser | None, action: Action, code: str, last: list[tuple]
) -> AuditEntry:
    """The row to add. last: the answer to LAST, asked since one’s turn was taken."""
    row = AuditEntry(
        account=by.pk if by else None,
        action=action,
        code=code,
        minute=timezone.now().replace(second=0, microsecond=0),
    )
    [row.before] = last[0] if last else [START]
    row.seal = seal(row)
    return row


def seal(entry: AuditEntry) -> str:
    """A seal over a row and the seal of the row before it."""
    minute = entry.minute.astimezone(UTC).isoformat()
    told = [entry.before, entry.account, entry.action, entry.code, minute]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def breaks() -> Iterator[AuditEntry]:
    """The rows whose seal does not fit: changed, or put where another was removed."""
    before = START
    for entry in AuditEntry.objects.order_by("pk").iterator():
        if entry.before != before or entry.seal != seal(entry):
            yield entry
        before = entry.seal
