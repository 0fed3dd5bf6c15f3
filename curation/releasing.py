"""The one way from draft to public: every condition, and the release itself.

Whoever calls release(), a screen, a command or a schedule, passes through here. The
database holds the two-person rule once more (curation.models.Release).
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from wagtail.log_actions import get_active_log_context
from wagtail.models import ModelLogEntry

from cases import search
from cases.models import Case
from cases.visibility import EVER, SafetyFile, Verdict, verdict_now
from curation import audit, drafts, faults
from curation.checking import (
    EXPLAINED,
    NAMES,
    REASONS,
    Finding,
    all_pointers,
    combinations,
    is_known,
    judged,
    pointers,
    rare,
    texts,
)
from curation.choices import Action, Opinion
from curation.drafts import Draft, draft_in, draft_of
from curation.faults import disallowed, unready
from curation.models import Approval, Release, Schedule
from curation.querysets import said_of
from curation.roles import PUBLISHERS, REVIEWERS, has_role
from sources import ledger, rows
from sources.choices import ChangeKind
from sources.models import Change, Record
from sources.prepared import Prepared, in_groups
from sources.turns import TURN
from sources.writing import Gone, Row, write

LAST_CHANGE = Prepared(
    lambda kind, key: Change.objects.filter(kind=kind, record_id=key).values_list("at")[
        :1
    ]
)
OPINIONS = Prepared(
    lambda kind, key, digest: Approval.objects.filter(
        kind=kind, record_id=key, digest=digest
    ).order_by("at", "pk")
)
REVIEWING = Prepared(
    lambda kind, key: (
        Approval.objects.filter(kind=kind, record_id=key)
        .filter(reviewer__is_active=True, reviewer__groups__name=REVIEWERS)
        .order_by()
        .values_list("reviewer")
    )
)
SCHEDULED = said_of(Schedule, "pk")


class Refused(Exception):  # noqa: N818 — it is an answer, not a fault
    """Why a release, a review or a withdrawal may not be: reasons, in words."""

    def __init__(self, *reasons: str | Promise):
        super().__init__(*reasons)
        self.reasons = reasons


@dataclass(frozen=True)
class Standing:
    """How far a draft has come, and what still stands in its way."""

    draft: Draft
    approvals: list[Approval]  # of this very text, those that count
    needed: int
    findings: list[Finding]
    known: str  # names that may be told
    allowed: Verdict | None  # of a case: when it may be seen
    obstacles: list[str | Promise]  # whoever releases it

    @property
    def is_open(self) -> bool:
        """Whether its text may be seen as soon as it is released."""
        return self.allowed is None or self.allowed.is_open_at(timezone.now())

    def against(self, by: AbstractBaseUser) -> list[str | Promise]:
        """What keeps this person from releasing it."""
        return [*self.obstacles, *not_by(by, self)]


def standing(record: Record) -> Standing | None:
    """Where a record’s draft stands; nothing where there is no draft."""
    draft = draft_of(record)
    return weighed(record, draft)[0] if draft else None


def weighed(record: Record, draft: Draft, *groups: Iterable[tuple]) -> list:
    """Where a draft stands, and the answers to groups of questions asked with it.

    record: as it is stored.
    """
    is_case, of = isinstance(record, Case), (record._meta.model_name, record.pk)
    shared, named = combinations(draft.record), NAMES.kept
    words, pointing = [*texts(draft.record)], []
    said_of_it, alike, filed, kept, *answers = in_groups(
        [
            (LAST_CHANGE, *of),
            (OPINIONS, *of, draft.digest),
            (REVIEWING, *of),
            named.asked(),
            (EXPLAINED, *of),
        ],
        [question for _words, question in shared],
        SafetyFile.asked(record) if is_case else [],
        faults.asked(draft.record),
        *groups,
        meanwhile=lambda: pointing.extend(all_pointers(words)),
    )
    changes, said, reviewers, news, explained = said_of_it
    file = SafetyFile.told(*filed) if is_case else SafetyFile()
    opinions = last_words(said, since=last_event(changes, file))
    approvals = [
        word
        for word in opinions
        if word.opinion == Opinion.APPROVE
        and word.reviewer_id in {key for (key,) in reviewers} - draft.authors
    ]
    needed = 2 if is_high(file) else 1
    known = NAMES.now(named, news)
    found = judged(pointing, known, explained, rare(shared, alike))
    allowed = verdict_now(draft.record, file) if is_case else None
    obstacles = [
        *unready(draft.record, record, kept),
        *(disallowed(allowed) if allowed else ()),
        *unreviewed(opinions, approvals, needed),
    ]
    if not all(finding.explanation for finding in found):
        obstacles.append(_("Some findings are neither mended nor explained."))
    reached = Standing(draft, approvals, needed, found, known, allowed, obstacles)
    return [reached, *answers]


def last_event(changes: list[tuple], file: SafetyFile) -> datetime:
    """Since when approvals count: since then neither page nor safety file changed.

    So no approval from before a withdrawal, or before a new assessment, lets it back.
    """
    times = [at for (at,) in changes]
    times += [row.recorded_at for row in (file.consent, file.risk) if row]
    return max(times, default=EVER)


def last_words(said: list[Approval], since: datetime) -> list[Approval]:
    """What each reviewer said last, of what was said since a moment."""
    last = {word.reviewer_id: word for word in said if word.at >= since}
    return [*last.values()]


def is_high(file: SafetyFile) -> bool:
    """Whether two reviewers are needed.

    A risk that was found high stays so until two people have found it lower since.
    """
    lower = set()
    for risk in file.risks:
        if risk.is_high:
            return len(lower) < 2
        lower.add(risk.recorded_by_id)
    return False


def unreviewed(
    opinions: list[Approval], approvals: list[Approval], needed: int
) -> Iterator[str | Promise]:
    """What the reviewers have not done."""
    if any(word.opinion == Opinion.CHANGE for word in opinions):
        yield _("A reviewer asks for changes.")
    elif len(approvals) < needed and needed > 1:
        yield _("The risk is high: two reviewers who did not write it must approve.")
    elif len(approvals) < needed:
        yield _("A reviewer who did not write it must approve.")


def unfit(words: str, known: str, *, is_change: bool) -> Iterator[str | Promise]:
    """What is wrong with the sentence that readers are told of a release."""
    if is_change and not words.strip():
        yield _("Say in a sentence what changed: readers will see it.")
    for reason, found in pointers(words):
        if is_known(reason, found, known):
            continue
        yield _("Your sentence is public, too. {what}: “{found}”.").format(
            what=REASONS[reason], found=found
        )


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
    record, draft = locked_with_draft(record)
    found, stored, indexed, ended = cleared(
        record, draft, by, words, rows.asked, search.asked, ending
    )
    if record.withdrawn_at:
        # Not before it is certain: an old database must not bring it back for nothing.
        transaction.on_commit(partial(ledger.write, record, gone=False))
    is_known = record.first_published_at is not None
    what = ChangeKind.CHANGED if is_known else ChangeKind.PUBLISHED
    public = published(found)
    rows.write_nested(public, stored)
    row, findable = signed(record, found, by), []

    def index() -> None:
        told = search.following(public, indexed, is_public=found.is_open)
        findable.extend(told)

    write(
        rows.row_of(public),
        Row(row),
        *map(Row, in_history(public, by, before=str(record))),
        Row(change(record, what, words)),
        meanwhile=index,
    )
    conclude(record, by, Action.RELEASED, ended, *findable)
    search.renew_naming(public)
    return row


def ending(record: Record) -> list[tuple]:
    """The questions whose answers conclude() is told."""
    return [(SCHEDULED, record._meta.model_name, record.pk), (audit.LAST,)]


def conclude(
    record: Record,
    by: AbstractBaseUser | None,
    action: Action,
    answers: list[list],
    *told: Row | Gone,
) -> None:
    """End a release or a withdrawal: write all of it, and note it in the log.

    Whatever waited for its time does not wait any more.
    """
    scheduled, last = answers
    if scheduled:
        Schedule.objects.of(record).delete()
    write(*told, Row(audit.entry(by, action, record.key, last)))


def cleared(
    record: Record,
    draft: Draft | None,
    by: AbstractBaseUser,
    words: str,
    *asking: Callable[[Record], list[tuple]],
) -> list:
    """Where the draft stands, if nothing is in the way. Raises Refused.

    After it, the answers to groups of questions that are asked of its record.
    """
    if draft is None:
        raise Refused(_("There is no draft to release: it is public already."))
    found, *answers = weighed(record, draft, *(ask(draft.record) for ask in asking))
    is_known = record.first_published_at is not None
    if reasons := [*found.against(by), *unfit(words, found.known, is_change=is_known)]:
        raise Refused(*reasons)
    return [found, *answers]


def locked_with_draft(record: Record) -> tuple[Record, Draft | None]:
    """A record as it is now, and its draft; nobody changes it until this is done."""
    record, told = taken(record, drafts.asked(record))
    return record, draft_in(record, told)


def locked(record: Record) -> Record:
    """The record as it is now; nobody else changes it until this is done."""
    return taken(record)[0]


def taken(record: Record, *groups: Iterable[tuple]) -> list:
    """The same, and after it the answers to groups of questions asked with it."""
    mine = [(TURN,), (held(type(record)), record.pk)]
    [_turn, found], *answers = in_groups(mine, *groups)
    if not found:
        raise type(record).DoesNotExist
    return [*found, *answers]


@cache
def held(model: type[Record]) -> Prepared:
    """The question for a record that nobody else shall change meanwhile."""
    return Prepared(lambda key: model.objects.select_for_update().filter(pk=key))


def signed(record: Record, found: Standing, by: AbstractBaseUser) -> Release:
    """The row that says who stood for the text."""
    reviewers = [a.reviewer_id for a in found.approvals]
    if not found.draft.authors:
        reviewers.sort(key=lambda pk: pk == by.pk)  # one who is not the publisher
    author = found.draft.revision.user_id
    if author is None and found.draft.authors:
        author = min(found.draft.authors)
    return Release(
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


def published(found: Standing) -> Record:
    """The record as a draft tells it, with what allows it to be public.

    Wagtail’s own way, which is shut (sources/models.py), asks for the text and for each
    of its rows once more.
    """
    record, revision = found.draft.record, found.draft.revision
    record.live, record.withdrawn_at, record.expired = True, None, False
    record.has_unpublished_changes = False  # it is the newest text, and nobody writes
    record.live_revision = revision
    record.last_published_at = timezone.now()
    record.first_published_at = record.first_published_at or record.last_published_at
    if found.allowed:
        record.visible_from = found.allowed.since
        record.visible_until = found.allowed.until
    return record


def in_history(
    record: Record, by: AbstractBaseUser, before: str
) -> Iterator[ModelLogEntry]:
    """For the desk’s history: that a record was published, and perhaps renamed.

    before: what it was called until now. Wagtail’s own log() asks whether the person,
    the version and the kind of record are there: they have just been read.
    """
    actions, data = ["wagtail.publish"], {}
    if str(record) != before:
        actions.insert(0, "wagtail.rename")
        data = {"title": {"old": before, "new": str(record)}}
    for action in actions:
        yield ModelLogEntry(
            content_type_id=record.live_revision.content_type_id,
            object_id=str(record.pk),
            label=str(record),
            action=action,
            data=data,
            content_changed=action == "wagtail.publish",
            timestamp=timezone.now(),
            user=by,
            revision=record.live_revision,
            uuid=get_active_log_context().uuid,
        )


def change(record: Record, what: ChangeKind, words: str = "") -> Change:
    """What the public is told of a record, to be written with what happened."""
    return Change(
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
    record, draft = locked_with_draft(record)
    [found] = cleared(record, draft, by, words)
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
def unschedule(record: Record, *, by: AbstractBaseUser | None) -> None:
    """Call off a release that waits for its time."""
    record = locked(record)
    if by is not None and not has_role(by, PUBLISHERS):
        raise Refused(_("Only a publisher calls a release off."))
    called_off, _rows = Schedule.objects.of(record).delete()
    if called_off:
        audit.note(by, Action.UNSCHEDULED, record.key)
