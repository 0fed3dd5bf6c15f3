"""The draft of a record: its text, who wrote it, and what stands for that text."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from django.contrib.contenttypes.models import ContentType
from django.core.serializers.json import DjangoJSONEncoder
from wagtail.models import Revision

from curation.models import Release
from curation.querysets import said_of
from sources.models import Record
from sources.pointing import STATE
from sources.prepared import Prepared, together

RELEASES = said_of(Release, "revision", "digest", "at")  # the last one first
SAVED = Prepared(
    lambda kind, key: Revision.objects.filter(
        content_type=kind, object_id=key, user__isnull=False
    ).values_list("pk", "user", "created_at")
)
TEXTS = Prepared(
    lambda keys: Revision.objects.filter(pk__in=keys).values_list("user", "content")
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
    return draft_in(record, together(*asked(record))) if has_draft(record) else None


def has_draft(record: Record) -> bool:
    """Whether the newest text of a record may be another than the public one."""
    if record.latest_revision_id is None:
        return False
    return record.has_unpublished_changes or not record.live


def asked(record: Record) -> list[tuple]:
    """The questions that a draft is the answer to."""
    kind = ContentType.objects.get_for_model(record, for_concrete_model=False).pk
    return [
        (newest(type(record)), record.pk),
        (RELEASES, record._meta.model_name, record.pk),
        (SAVED, kind, str(record.pk)),
    ]


@cache
def newest(model: type[Record]) -> Prepared:
    """The question for the newest version of a record."""
    return Prepared(
        lambda key: Revision.objects.filter(
            pk__in=model._base_manager.filter(pk=key).values("latest_revision")
        )
    )


def draft_in(record: Record, answers: list[list]) -> Draft | None:
    """The draft that the answers to what was asked tell of."""
    found, released, saved = answers
    if not has_draft(record):
        return None
    [revision] = found
    record.latest_revision = revision  # or Wagtail reads it once more
    digest = digest_of(revision.content)
    if (revision.pk, digest) in (row[:2] for row in released):
        return None
    authors = authors_of(saved, digest, released[0] if released else None)
    return Draft(revision, record.with_content_json(revision.content), digest, authors)


def digest_of(content: dict) -> str:
    """What stands for a text: the same for the same text, different for any other."""
    text = {name: value for name, value in content.items() if name not in STATE}
    told = json.dumps(text, sort_keys=True, ensure_ascii=False, cls=DjangoJSONEncoder)
    return hashlib.sha256(told.encode()).hexdigest()


def authors_of(
    saved: list[tuple], digest: str, last: tuple[int, str, datetime] | None
) -> frozenset[int]:
    """Every account that wrote on a text, by its key.

    saved: the key, account and moment of each version. last: the version that was
    released last, if ever, its digest and when. Who wrote is who saved any text since
    then, or ever, if nobody did since; and who saved this very text before somebody
    went back to it. A version may have been begun before a release and stored after it.
    """
    since = set()
    if last:
        released, _digest, moment = last
        since = {user for key, user, at in saved if key > released or at > moment}
    found = since or {user for _key, user, _at in saved}
    others = [key for key, user, _at in saved if user not in found]
    texts = TEXTS(others) if others else ()
    return frozenset(
        found | {user for user, text in texts if digest_of(text) == digest}
    )
