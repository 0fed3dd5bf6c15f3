"""The draft of a record: its text, who wrote it, and what stands for that text."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime

from django.core.serializers.json import DjangoJSONEncoder
from wagtail.models import Revision

from curation.models import Release
from sources.models import STATE, Record


@dataclass(frozen=True)
class Draft:
    """What would become public: a revision, and the record as it would then be."""

    revision: Revision
    record: Record
    digest: str
    authors: frozenset[int]  # accounts that wrote on it since the last release


def draft_of(record: Record) -> Draft | None:
    """The newest text of a record, where it is not the public one."""
    revision = record.latest_revision
    if revision is None or (record.live and not record.has_unpublished_changes):
        return None
    digest = digest_of(revision.content)
    releases = Release.objects.of(record).values_list("revision", "digest", "at")
    released = [*releases]  # the last one first
    if (revision.pk, digest) in (row[:2] for row in released):
        return None
    authors = authors_of(record, digest, released[0][2] if released else None)
    return Draft(revision, record.with_content_json(revision.content), digest, authors)


def digest_of(content: dict) -> str:
    """What stands for a text: the same for the same text, different for any other."""
    text = {name: value for name, value in content.items() if name not in STATE}
    told = json.dumps(text, sort_keys=True, ensure_ascii=False, cls=DjangoJSONEncoder)
    return hashlib.sha256(told.encode()).hexdigest()


def authors_of(record: Record, digest: str, last: datetime | None) -> frozenset[int]:
    """Every account that wrote on a text. last: when one was released last, if ever.

    That is who saved any text since then, or ever, if nobody did since; and who saved
    this very text before somebody went back to it.
    """
    asked = record.revisions.filter(user__isnull=False)
    saved = [*asked.values_list("user", "created_at", "content")]
    since = {user for user, at, _text in saved if last and at > last}
    same = {user for user, _at, text in saved if digest_of(text) == digest}
    return frozenset(same | (since or {user for user, _at, _text in saved}))
