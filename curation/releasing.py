"""The one way from draft to public: every condition, and the release itself.

Whoever calls release(), a screen, a command or a schedule, passes through here. The
database holds the two-person rule once more (curation.models.Release).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from modelcluster.models import get_all_child_relations
from wagtail.models import DraftStateMixin

from cases import search
from cases.models import Case, Encounter, Response
from cases.visibility import newest, verdict_now
from curation import audit
from curation.checking import Finding, findings
from curation.choices import Action, Opinion
from curation.drafts import Draft, draft_of
from curation.models import Approval, Release, Schedule
from curation.roles import PUBLISHERS, REVIEWERS, has_role
from sources import ledger
from sources.choices import ChangeKind
from sources.models import Change, Record
from sources.statements import is_parent


class Refused(Exception):  # noqa: N818 — it is an answer, not a fault
    """Why a release, a review or a withdrawal may not be: reasons, in words."""

    def __init__(self, *reasons: str | Promise):
        super().__init__(*reasons)
        self.reasons = reasons


@dataclass(frozen=True)
class Standing:
    """How far a draft has come, and what still stands in its way."""

    draft: Draft
    opinions: list[Approval]  # of this very text, the last one of each reviewer
    approvals: list[Approval]  # those that count
    needed: int
    findings: list[Finding]
    obstacles: list[str | Promise]  # whoever releases it

    def against(self, by: AbstractBaseUser) -> list[str | Promise]:
        """What keeps this person from releasing it."""
        return [*self.obstacles, *not_by(by, self)]


def standing(record: Record) -> Standing | None:
    """Where a record’s draft stands; nothing where there is no draft."""
    draft = draft_of(record)
    if draft is None:
        return None
    approvals = Approval.objects.of(record)
    counted = [
        approval
        for approval in approvals.approving(draft.digest)
        if approval.reviewer_id not in draft.authors
        and has_role(approval.reviewer, REVIEWERS)
    ]
    needed = 2 if is_high(record) else 1
    found = findings(draft.record)
    obstacles = [*unready(draft), *unreviewed(record, draft, counted, needed)]
    open_findings = sum(not finding.explanation for finding in found)
    if open_findings:
        obstacles.append(_("Some findings are neither mended nor explained."))
    return Standing(
        draft, approvals.standing(draft.digest), counted, needed, found, obstacles
    )


def is_high(record: Record) -> bool:
    """Whether two reviewers are needed."""
    if not isinstance(record, Case):
        return False
    risk = newest(record.assessments.all())
    return bool(risk and risk.is_high)


def unreviewed(
    record: Record, draft: Draft, counted: list[Approval], needed: int
) -> Iterator[str | Promise]:
    """What the reviewers have not done."""
    last = Approval.objects.of(record).standing(draft.digest)
    if any(word.opinion == Opinion.CHANGE for word in last):
        yield _("A reviewer asks for changes.")
    elif len(counted) < needed and needed > 1:
        yield _("The risk is high: two reviewers who did not write it must approve.")
    elif len(counted) < needed:
        yield _("A reviewer who did not write it must approve.")


def unready(draft: Draft) -> Iterator[str | Promise]:
    """What is wrong with the text itself, or with what it points at."""
    record = draft.record
    if record.merged_into_id:
        yield _("It was merged into another record.")
    try:
        record.full_clean()
    except ValidationError as error:
        yield from error.messages
    yield from unsourced(record)
    yield from dict.fromkeys(pointing_at_drafts(record))
    if isinstance(record, Case):
        found = verdict_now(record)
        yield from found.obstacles
        if not found.obstacles and not (found.is_open and timezone.now() < found.until):
            yield _("The consent, or the review of a high risk, is out of date.")


def unsourced(row: models.Model) -> Iterator[str | Promise]:
    """Statements without a source."""
    if hasattr(row, "citations") and not row.citations.all():
        yield _("{what} cites no source.").format(what=row)
    for relation in get_all_child_relations(row):
        for child in getattr(row, relation.get_accessor_name()).all():
            if isinstance(child, Encounter | Response):
                yield from unsourced(child)


def pointing_at_drafts(row: models.Model) -> Iterator[str | Promise]:
    """Records that the text shows, and that are not public themselves."""
    for field in row._meta.fields:
        if is_parent(field) or field.name in ("merged_into", "replaced_by"):
            continue
        other = field.is_relation and getattr(row, field.name)
        if not isinstance(other, Record):
            continue
        if other.merged_into_id:
            yield _("{what} was merged: choose {instead}.").format(
                what=other, instead=other.merged_into
            )
        elif not other.live:
            yield _("{what} is not public: release it first.").format(what=other)
    for relation in get_all_child_relations(row):
        for child in getattr(row, relation.get_accessor_name()).all():
            yield from pointing_at_drafts(child)


def not_by(by: AbstractBaseUser, found: Standing) -> Iterator[str | Promise]:
    """What keeps a person from releasing a draft that others may release."""
    if not has_role(by, PUBLISHERS):
        yield _("Only a publisher releases.")
    if by.pk in found.draft.authors:
        yield _("You wrote on this draft: somebody else must release it.")
    only = {approval.reviewer_id for approval in found.approvals}
    if not found.draft.authors and only == {by.pk}:
        yield _("You alone reviewed it: somebody else must release it.")


@transaction.atomic
def release(record: Record, *, by: AbstractBaseUser, words: str = "") -> Release:
    """Make the newest text of a record public. Raises Refused with the reasons."""
    record = locked(record)
    found = standing(record)
    if found is None:
        raise Refused(_("There is no draft to release: it is public already."))
    reasons = found.against(by)
    is_change = record.first_published_at is not None
    if is_change and not words.strip():
        reasons.append(_("Say in a sentence what changed: readers will see it."))
    if reasons:
        raise Refused(*reasons)
    row = written_down(record, found, by)
    if record.withdrawn_at:
        # Not before it is certain: an old database must not bring it back for nothing.
        transaction.on_commit(partial(ledger.write, record, gone=False))
    let_in(record, found.draft)
    publish(record, found.draft, by)
    tell(record, ChangeKind.CHANGED if is_change else ChangeKind.PUBLISHED, words)
    Schedule.objects.of(record).delete()
    audit.note(by, Action.RELEASED, record.key)
    return row


def locked(record: Record) -> Record:
    """The record as it is now; nobody else changes it until this is done."""
    return type(record).objects.select_for_update().get(pk=record.pk)


def written_down(record: Record, found: Standing, by: AbstractBaseUser) -> Release:
    """The row that says who stood for the text."""
    reviewers = [a.reviewer_id for a in found.approvals]
    if not found.draft.authors:
        reviewers.sort(key=lambda pk: pk == by.pk)  # one who is not the publisher
    author = found.draft.revision.user_id
    if author is None and found.draft.authors:
        author = min(found.draft.authors)
    return Release.objects.create(
        kind=record._meta.model_name,
        record_id=record.pk,
        revision=found.draft.revision,
        digest=found.draft.digest,
        author_id=author,
        publisher=by,
        reviewer_id=reviewers[0],
        second_reviewer_id=reviewers[1] if len(reviewers) > 1 else None,
        is_high=found.needed > 1,
    )


def let_in(record: Record, draft: Draft) -> None:
    """Keep on the row what allows it to be public, before it is."""
    values = {"withdrawn_at": None}
    if isinstance(record, Case):
        allowed = verdict_now(draft.record)
        values |= {"visible_from": allowed.since, "visible_until": allowed.until}
    type(record).objects.filter(pk=record.pk).update(**values)


def publish(record: Record, draft: Draft, by: AbstractBaseUser) -> None:
    """Let Wagtail write the revision onto the record, past our own refusal."""
    revision = type(draft.revision).objects.get(pk=draft.revision.pk)
    DraftStateMixin.publish(record, revision, user=by, skip_permission_checks=True)
    record.refresh_from_db()


def tell(record: Record, what: ChangeKind, words: str = "") -> None:
    """Bring search in step and tell the public, in the same transaction."""
    audit.take_turn()
    search.follow(record)
    Change.objects.create(
        kind=record._meta.model_name,
        record_id=record.pk,
        what=what,
        words=words.strip(),
    )


@transaction.atomic
def schedule(
    record: Record, *, by: AbstractBaseUser, at: datetime, words: str
) -> Schedule:
    """Let a release wait until a time; all that holds now must hold then too."""
    record = locked(record)
    found = standing(record)
    if found is None:
        raise Refused(_("There is no draft to release: it is public already."))
    if reasons := found.against(by):
        raise Refused(*reasons)
    waiting, _made = Schedule.objects.update_or_create(
        kind=record._meta.model_name,
        record_id=record.pk,
        defaults={
            "at": at,
            "digest": found.draft.digest,
            "publisher": by,
            "words": words,
        },
    )
    audit.note(by, Action.SCHEDULED, record.key)
    return waiting


@transaction.atomic
def review(
    record: Record,
    *,
    by: AbstractBaseUser,
    digest: str,
    opinion: Opinion,
    comment: str = "",
    field: str = "",
) -> Approval:
    """Write down what a reviewer says of the text that they have seen."""
    record = locked(record)
    draft = draft_of(record)
    if draft is None or draft.digest != digest:
        raise Refused(_("The text was changed while you looked: look again."))
    if not has_role(by, REVIEWERS):
        raise Refused(_("Only a reviewer reviews."))
    if by.pk in draft.authors:
        raise Refused(_("You wrote on this draft: somebody else must review it."))
    if opinion == Opinion.CHANGE and not comment.strip():
        raise Refused(_("Say what to change."))
    approved = opinion == Opinion.APPROVE
    audit.note(by, Action.APPROVED if approved else Action.ASKED, record.key)
    return Approval.objects.create(
        kind=record._meta.model_name,
        record_id=record.pk,
        digest=digest,
        reviewer=by,
        opinion=opinion,
        field=field[:200],
        comment=comment.strip(),
    )
