"""The draft of a record: its text, who wrote it, and what stands for that text."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime

from django.core.serializers.json import DjangoJSONEncoder
from wagtail.models import Revision

from curation.models import Release
from sources.models import STATE, Record
from sources.prepared import Prepared

NEWEST = Prepared(lambda key: Revision.objects.filter(pk=key))
RELEASES = Prepared(
    lambda kind, key: Release.objects.filter(kind=kind, record_id=key).values_list(
        "revision", "digest", "at"
    )
)
SAVED = Prepared(
    lambda kind, key, newest: (
        Revision.objects.filter(content_type=kind, object_id=key, user__isnull=False)
        .exclude(pk=newest)
        .values_list("user", "created_at", "content")
    )
)


@dataclass(frozen=True)
class Draft:
    """What would become public: a revision, and the record as it would then be."""

    revision: Revision
    record: Record
    digest: str
    authors: frozenset[int]  # accounts that wrote on it since the last release


def draft_of(record: Record) -> Draft | None:
    """The newest text of a record, where it is not the public one."""
    key = record.latest_revision_id
    if key is None or (record.live and not record.has_unpublished_changes):
        return None
    [revision] = NEWEST(key)
    digest = digest_of(revision.content)
    released = RELEASES(record._meta.model_name, record.pk)  # the last one first
    if (revision.pk, digest) in (row[:2] for row in released):
        return None
    authors = authors_of(revision, digest, released[0][2] if released else None)
    return Draft(revision, record.with_content_json(revision.content), digest, authors)


def digest_of(content: dict) -> str:
    """What stands for a text: the same for the same text, different for any other."""
    text = {name: value for name, value in content.items() if name not in STATE}
    told = json.dumps(text, sort_keys=True, ensure_ascii=False, cls=DjangoJSONEncoder)
    return hashlib.sha256(told.encode()).hexdigest()


def authors_of(newest: Revision, digest: str, last: datetime | None) -> frozenset[int]:
    """Every account that wrote on a text. last: when one was released last, if ever.

    newest: the revision that holds the text, and its digest.

    That is who saved any text since then, or ever, if nobody did since; and who saved
    this very text before somebody went back to it.
    """
    saved = SAVED(newest.content_type_id, newest.object_id, newest.pk)
    told = [(user, at, digest_of(text)) for user, at, text in saved]
    if newest.user_id:
        told.append((newest.user_id, newest.created_at, digest))
    since = {user for user, at, _digest in told if last and at > last}
    same = {user for user, _at, other in told if other == digest}
    return frozenset(same | (since or {user for user, _at, _digest in told}))
