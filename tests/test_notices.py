"""Letters to curators say that something waits, and nothing of what it is."""

import re

import pytest
from django.core import mail

from curation import reviewing
from curation.choices import Opinion
from curation.drafts import draft_of
from curation.roles import AUTHORS, REVIEWERS
from tests import factories as make
from tests.desk import person

pytestmark = pytest.mark.django_db


@pytest.fixture
def drafted(settings):
    """A case with a draft, its author and a reviewer, both with an address."""
    settings.MAILERS = {
        "default": {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"}
    }
    author, reviewer = person("writer", AUTHORS), person("reader", REVIEWERS)
    for user in (author, reviewer):
        user.email = f"{user.username}@example.org"
        user.save()
    case = make.CaseFactory(title="A title that nobody may read on the way")
    case.save_revision(user=author)
    case.refresh_from_db()
    return case, author, reviewer


def is_silent(letter, case):
    """Whether a letter gives away neither record, person nor number."""
    text = f"{letter.subject} {letter.body}"
    told = (case.title, case.code, case.slug, "writer", "reader")
    return not any(word in text for word in told) and not re.search(r"desk/.*\d", text)


def test_reviewers_hear_that_a_draft_waits(drafted, django_capture_on_commit_callbacks):
    case, author, _reviewer = drafted
    with django_capture_on_commit_callbacks(execute=True):
        reviewing.submit(case, by=author)

    assert [letter.to for letter in mail.outbox] == [["reader@example.org"]]
    assert is_silent(mail.outbox[0], case)


def test_authors_hear_that_changes_are_asked(
    drafted, django_capture_on_commit_callbacks
):
    case, _author, reviewer = drafted
    with django_capture_on_commit_callbacks(execute=True):
        reviewing.review(
            case,
            by=reviewer,
            digest=draft_of(case).digest,
            opinion=Opinion.CHANGE,
            comment="Say who resisted.",
        )

    assert [letter.to for letter in mail.outbox] == [["writer@example.org"]]
    assert is_silent(mail.outbox[0], case)
    assert "resisted" not in mail.outbox[0].body


def test_a_draft_waits_until_it_is_released_or_written_anew(drafted):
    case, author, _reviewer = drafted
    assert reviewing.queue() == []
    reviewing.submit(case, by=author)
    assert [waiting.record for waiting in reviewing.queue()] == [case]
    case.refresh_from_db()
    case.save_revision(user=author)
    assert reviewing.queue() == []
