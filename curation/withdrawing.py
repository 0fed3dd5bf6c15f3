"""The ways out: withdrawn by a person, or taken back because nothing allows it now."""

import logging

from django.contrib.auth.models import AbstractBaseUser
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases import search
from cases.models import Case, Consent, RiskAssessment
from cases.visibility import settle
from curation import audit
from curation.choices import Action
from curation.drafts import draft_of
from curation.releasing import Refused, change, conclude, ending, locked, taken
from curation.roles import AUTHORS, PUBLISHERS, REVIEWERS, has_role
from sources import ledger
from sources.choices import ChangeKind
from sources.models import Record
from sources.prepared import in_groups
from sources.uses import public_uses
from sources.writing import Row

logger = logging.getLogger("kb")


@transaction.atomic
def withdraw(record: Record, *, by: AbstractBaseUser | None) -> None:
    """Take a record away at once, and for good as far as files and copies go.

    Raises Refused where public records would be left without it: a term or a source
    is merged into another one instead. Where the ledger says that it is gone (by is
    None), nothing is refused: what shows it is taken back too.
    """
    record, *told = taken(record, search.known_of(record), ending(record))
    if by is not None and not has_role(by, PUBLISHERS):
        raise Refused(_("Only a publisher withdraws."))
    if record.withdrawn_at:
        return
    users = [] if isinstance(record, Case) else public_uses(record)
    if users and by is not None:
        raise Refused(
            _(
                "Public records stand on it: {records}. Merge it, or mend them first."
            ).format(records=", ".join(str(user) for user in users[:5]))
        )
    write_down(record)
    for user in users:
        take_back(user)
    known, ended = told
    if users:  # what was told has changed
        known, ended = in_groups(search.known_of(record), ending(record))
    record.live, record.withdrawn_at = False, timezone.now()
    conclude(
        record,
        by,
        Action.WITHDREW,
        ended,
        Row(record, ("live", "withdrawn_at")),
        *search.exchange(known, []),
        Row(change(record, ChangeKind.WITHDRAWN)),
    )
    search.renew_naming(record)


def write_down(record: Record) -> None:
    """Note in the ledger that a record is gone.

    A full disk keeps nothing public: the next sweep tries again.
    """
    try:
        ledger.write(record, gone=True)
    except OSError as error:
        logger.error("The ledger of withdrawals: %s", error.strerror)


def uphold(case: Case) -> bool:
    """Take a public case back where nothing allows it any more; say whether it was.

    Call it inside a transaction.
    """
    case = locked(case)
    was_public = case.live
    verdict = settle(case)
    if not was_public or (verdict.is_open and timezone.now() < verdict.until):
        return False
    take_back(case)
    return True


def take_back(record: Record) -> None:
    """Make a public record a draft again."""
    type(record).objects.filter(pk=record.pk).update(
        live=False, has_unpublished_changes=True
    )
    record.refresh_from_db()
    if draft_of(record) is None:
        record.save_revision(clean=False)  # so that there is something to review
    search.follow(record)
    change(record, ChangeKind.HIDDEN).save()
    audit.note(None, Action.HID, record.key)


@transaction.atomic
def record_consent(consent: Consent, *, by: AbstractBaseUser) -> None:
    """Add to a case’s safety file, and let it count at once."""
    if not has_role(by, AUTHORS, REVIEWERS):
        raise Refused(_("Only an author or a reviewer records a consent."))
    keep(consent, Action.CONSENT, by)


@transaction.atomic
def record_risk(assessment: RiskAssessment, *, by: AbstractBaseUser) -> None:
    """Add to a case’s safety file, and let it count at once."""
    if not has_role(by, REVIEWERS):
        raise Refused(_("Only a reviewer assesses a risk."))
    draft = draft_of(assessment.case)
    if draft and by.pk in draft.authors:
        raise Refused(_("You wrote on this draft: somebody else must assess it."))
    keep(assessment, Action.RISK, by)


def keep(row: models.Model, action: Action, by: AbstractBaseUser) -> None:
    row.recorded_by = by
    row.recorded_at = timezone.now()
    row.save(force_insert=True)
    audit.note(by, action, row.case.key)
    uphold(row.case)
