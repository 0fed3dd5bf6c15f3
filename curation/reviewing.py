"""What waits for a review: drafts whose authors say that they are ready."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.contrib.auth.models import AbstractBaseUser
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _
from modelcluster.models import ClusterableModel, get_all_child_relations

from cases.models import WarningSign
from curation import audit, notices
from curation.checking import findings
from curation.choices import Action, Opinion
from curation.drafts import Draft, draft_of
from curation.kinds import KINDS
from curation.models import Approval, Explanation, Submission
from curation.releasing import Refused, locked_with_draft
from curation.roles import AUTHORS, REVIEWERS, has_role
from sources.differences import Difference, differences
from sources.history import content_of
from sources.models import Record


@dataclass(frozen=True)
class Waiting:
    """A draft in the queue."""

    record: Record
    submission: Submission


def queue() -> list[Waiting]:
    """Every draft that is ready for review and not yet released, oldest first."""
    found = []
    for kind, model in KINDS.items():
        ready = {
            submission.revision_id: submission
            for submission in Submission.objects.filter(kind=kind).select_related("by")
        }
        records = model.objects.filter(latest_revision__in=ready, withdrawn_at=None)
        found += [
            Waiting(record, ready[record.latest_revision_id])
            for record in records.exclude(live=True, has_unpublished_changes=False)
        ]
    return sorted(found, key=lambda waiting: waiting.submission.at)


def changes(record: Record, draft: Draft) -> list[Difference]:
    """What the draft would change of the public text; all of it the first time."""
    before = content_of(record) if record.live else {}
    return differences(type(record), before, draft.revision.content)


def beside(row: models.Model) -> Iterator[tuple[str, models.Model]]:
    """Each statement of a record with each citation that it rests on."""
    if hasattr(row, "citations"):
        for citation in row.citations.all():
            yield said_by(row), citation
    for relation in get_all_child_relations(type(row)):
        for child in getattr(row, relation.get_accessor_name()).all():
            if isinstance(child, ClusterableModel):
                yield from beside(child)
            elif isinstance(child, WarningSign):
                yield child.text, child


def said_by(row: models.Model) -> str:
    """The words of a row that its sources must bear out."""
    texts = ("snapshot", "definition", "text", "name")
    return next((text for name in texts if (text := getattr(row, name, ""))), str(row))


@transaction.atomic
def submit(record: Record, *, by: AbstractBaseUser) -> Submission:
    """Say that the newest text is ready for review."""
    record, draft = locked_with_draft(record)
    if draft is None:
        raise Refused(_("There is no draft: what is public is the newest text."))
    if by.pk not in draft.authors and not has_role(by, AUTHORS):
        raise Refused(_("Only an author sends a draft to review."))
    notices.to_role(REVIEWERS, but=by)
    audit.note(by, Action.SUBMITTED, record.key)
    return Submission.objects.create(
        kind=record._meta.model_name,
        record_id=record.pk,
        revision=draft.revision,
        by=by,
    )


def is_ready(record: Record) -> bool:
    """Whether the newest text was sent to review."""
    ready = Submission.objects.of(record)
    return ready.filter(revision=record.latest_revision_id).exists()


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
    record, draft = locked_with_draft(record)
    if draft is None or draft.digest != digest:
        raise Refused(_("The text was changed while you looked: look again."))
    if not has_role(by, REVIEWERS):
        raise Refused(_("Only a reviewer reviews."))
    if by.pk in draft.authors:
        raise Refused(_("You wrote on this draft: somebody else must review it."))
    if opinion == Opinion.CHANGE and not comment.strip():
        raise Refused(_("Say what to change."))
    approved = opinion == Opinion.APPROVE
    if not approved:
        notices.to_accounts(draft.authors, but=by)
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


@transaction.atomic
def explain(record: Record, *, finding: str, why: str, by: AbstractBaseUser) -> None:
    """Say why a finding may stay. The first explanation stands."""
    draft = draft_of(record)
    if not has_role(by, REVIEWERS) or (draft and by.pk in draft.authors):
        raise Refused(_("A reviewer who did not write it explains what may stay."))
    if not why.strip():
        raise Refused(_("Say why it may stay."))
    if draft is None or finding not in {f.key for f in findings(draft.record)}:
        raise Refused(_("The text was changed while you looked: look again."))
    _row, is_new = Explanation.objects.get_or_create(
        kind=record._meta.model_name,
        record_id=record.pk,
        finding=finding,
        defaults={"why": why.strip()[:300], "by": by},
    )
    if is_new:
        audit.note(by, Action.EXPLAINED, record.key)
