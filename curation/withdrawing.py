"""The ways out: withdrawn by a person, or taken back because nothing allows it now."""

from django.contrib.auth.models import AbstractBaseUser
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.models import Case, Consent, RiskAssessment
from cases.visibility import settle
from curation import audit, ledger
from curation.choices import Action
from curation.drafts import draft_of
from curation.models import Schedule
from curation.releasing import Refused, locked, tell
from curation.roles import AUTHORS, PUBLISHERS, REVIEWERS, has_role
from sources.choices import ChangeKind
from sources.models import Record
from sources.uses import public_uses


@transaction.atomic
def withdraw(record: Record, *, by: AbstractBaseUser | None) -> None:
    """Take a record away at once, and for good as far as files and copies go.

    Raises Refused where public records would be left without it: a term or a source
    is merged into another one instead.
    """
    record = locked(record)
    if by is not None and not has_role(by, PUBLISHERS):
        raise Refused(_("Only a publisher withdraws."))
    if record.withdrawn_at:
        return
    if not isinstance(record, Case) and (users := public_uses(record)):
        raise Refused(
            _(
                "Public records stand on it: {records}. Merge it, or mend them first."
            ).format(records=", ".join(str(user) for user in users[:5]))
        )
    ledger.write(record, gone=True)
    type(record).objects.filter(pk=record.pk).update(
        live=False, withdrawn_at=timezone.now()
    )
    record.refresh_from_db()
    Schedule.objects.of(record).delete()
    tell(record, ChangeKind.WITHDRAWN)
    audit.note(by, Action.WITHDREW, record.key)


def uphold(case: Case) -> bool:
    """Take a public case back where nothing allows it any more; say whether it was.

    Call it inside a transaction.
    """
    case = locked(case)
    was_public = case.live
    verdict = settle(case)
    if not was_public or (verdict.is_open and timezone.now() < verdict.until):
        return False
    Case.objects.filter(pk=case.pk).update(live=False, has_unpublished_changes=True)
    case.refresh_from_db()
    if draft_of(case) is None:
        case.save_revision(clean=False)  # so that there is something to review
    tell(case, ChangeKind.HIDDEN)
    audit.note(None, Action.HID, case.key)
    return True


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
    keep(assessment, Action.RISK, by)


def keep(row: models.Model, action: Action, by: AbstractBaseUser) -> None:
    row.recorded_by = by
    row.recorded_at = timezone.now()
    row.save(force_insert=True)
    audit.note(by, action, row.case.key)
    uphold(row.case)
