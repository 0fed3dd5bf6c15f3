"""Drafts for tests: written by somebody, and looked at by others."""

from curation.drafts import draft_of
from curation.reviewing import review
from tests.factories import RiskFactory, SourceFactory, cite


def sourced(record):
    """A record with a source, and a case with its risk assessed."""
    cite(record, SourceFactory())
    if record._meta.model_name == "case":
        RiskFactory(case=record)
    return record


def written(record, by, **values):
    """Save a draft of a record with other values; give the record as it is stored."""
    stored = type(record).objects.get(pk=record.pk)
    draft = stored.get_latest_revision_as_object()
    for name, value in values.items():
        setattr(draft, name, value)
    draft.save_revision(user=by)
    return type(record).objects.get(pk=record.pk)


def judged(record, *reviewers, opinion="approve", comment=""):
    """Let reviewers say what they think of the draft."""
    digest = draft_of(record).digest
    for reviewer in reviewers:
        review(record, by=reviewer, digest=digest, opinion=opinion, comment=comment)
    return record
