"""The draft of a record: its text, who wrote it, and what stands for that text."""

import hashlib
import json
from dataclasses import dataclass

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
    if Release.objects.filter(revision=revision, digest=digest).exists():
        return None
    authors = authors_since_release(record) | authors_of(record, digest)
    return Draft(revision, record.with_content_json(revision.content), digest, authors)


def digest_of(content: dict) -> str:
    """What stands for a text: the same for the same text, different for any other."""
    text = {name: value for name, value in content.items() if name not in STATE}
    told = json.dumps(text, sort_keys=True, ensure_ascii=False, cls=DjangoJSONEncoder)
    return hashlib.sha256(told.encode()).hexdigest()


def authors_of(record: Record, digest: str) -> frozenset[int]:
    """Every account that ever saved this very text, before going back to it."""
    revisions = record.revisions.filter(user__isnull=False).only("user_id", "content")
    return frozenset(r.user_id for r in revisions if digest_of(r.content) == digest)


def authors_since_release(record: Record) -> frozenset[int]:
    """Every account that saved a revision since the text that was last released."""
    revisions = record.revisions.filter(user__isnull=False)
    last = Release.objects.of(record).first()
    if last:
        since = revisions.filter(created_at__gt=last.at)
        if since.exists():
            revisions = since
    return frozenset(revisions.values_list("user_id", flat=True))
