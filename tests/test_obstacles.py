"""What stands in the way of a release, down to the last nested row and the last day."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from cases.models import Case
from curation.drafts import draft_of
from curation.models import Approval, Explanation, Release, Schedule
from curation.releasing import Refused, release, review, schedule, standing
from sources.models import Change, Source
from tests.desk import person
from tests.drafts import judged, sourced, written
from tests.factories import (
    CaseFactory,
    ConsentFactory,
    CountryFactory,
    EncounterFactory,
    FormFactory,
    OrganisationFactory,
    ResponseFactory,
    RiskFactory,
    SourceFactory,
    cite,
)

pytestmark = pytest.mark.django_db


class Desk:
    """Who is there."""

    def __init__(self):
        self.author = person("author", "Authors")
        self.reviewer = person("reviewer", "Reviewers")
        self.second = person("second", "Reviewers")
        self.publisher = person("publisher", "Publishers")


@pytest.fixture
def desk():
    return Desk()


@pytest.fixture
def case(desk):
    """A draft that was never public."""
    made = sourced(CaseFactory(draft=True, slug="quagmire"))
    return written(made, desk.author, snapshot="Told anew.")


def refused(record, by, **values):
    """The reasons why somebody may not release it, as one text."""
    before = Case.objects.values().get(pk=record.pk) if record.pk else None
    with pytest.raises(Refused) as no:
        release(record, by=by, **values)
    assert not Release.objects.exists()
    assert not Change.objects.exists()
    if isinstance(record, Case):
        assert Case.objects.values().get(pk=record.pk) == before
    return " ".join(str(reason) for reason in no.value.reasons)


# People


def test_nobody_is_above_that(desk, case):
    admin = person("root")
    admin.is_superuser = True
    admin.save()
    judged(case, desk.reviewer)
    assert "Only a publisher releases." in refused(case, admin)


def test_a_reviewer_who_becomes_an_author_does_not_count(desk, case):
    both = person("both", "Authors", "Reviewers")
    judged(case, both)
    case = written(case, both)  # the very same text
    assert draft_of(case).digest == Approval.objects.get().digest
    assert "A reviewer who did not write it must approve." in refused(
        case, desk.publisher
    )


@pytest.mark.parametrize("how", ["disabled", "of another role"])
def test_a_reviewer_who_is_none_any_more_does_not_count(desk, case, how):
    judged(case, desk.reviewer)
    if how == "disabled":
        desk.reviewer.is_active = False
        desk.reviewer.save()
    else:
        desk.reviewer.groups.clear()
    assert "must approve" in refused(case, desk.publisher)


def test_only_a_reviewer_reviews(desk, case):
    with pytest.raises(Refused, match="Only a reviewer reviews"):
        judged(case, desk.publisher)


def test_a_reviewer_may_publish_what_somebody_else_wrote(desk, case):
    both = person("both", "Reviewers", "Publishers")
    release(judged(case, both), by=both)
    assert Release.objects.get().reviewer == both


def test_nobody_alone_publishes_what_came_from_files(desk):
    both = person("both", "Reviewers", "Publishers")
    case = written(sourced(CaseFactory(draft=True)), None, title="Anew")
    judged(case, both)
    assert "You alone reviewed it" in refused(case, both)
    release(judged(case, desk.reviewer), by=both)
    row = Release.objects.get()
    assert (row.author, row.reviewer) == (None, desk.reviewer)


def test_asking_for_changes_says_which(desk, case):
    with pytest.raises(Refused, match="Say what to change"):
        judged(case, desk.reviewer, opinion="change", comment=" ")


def test_a_text_that_changed_meanwhile_is_not_reviewed(desk, case):
    digest = draft_of(case).digest
    case = written(case, desk.author, snapshot="Something else.")
    with pytest.raises(Refused, match="changed while you looked"):
        review(case, by=desk.reviewer, digest=digest, opinion="approve")


# The text


def test_words_that_were_explained_explain_no_others(desk, case):
    case = written(case, desk.author, snapshot="Write to office@example.org.")
    for finding in standing(case).findings:
        Explanation.objects.create(
            kind="case", record_id=case.pk, finding=finding.key, by=desk.second, why="."
        )
    case = written(case, desk.author, snapshot="Write to home@example.org.")
    judged(case, desk.reviewer)
    assert "neither mended nor explained" in refused(case, desk.publisher)


def test_a_draft_that_breaks_a_promise_is_not_released(desk, case):
    broken = case.get_latest_revision_as_object()
    broken.period_from = 2014
    broken.save_revision(user=desk.author, clean=False)
    case = Case.objects.get(pk=case.pk)
    judged(case, desk.reviewer)
    assert "Say whether it is stated" in refused(case, desk.publisher)


@pytest.mark.parametrize("what", ["case", "encounter", "response"])
def test_every_statement_has_a_source(desk, what):
    case = CaseFactory(draft=True)
    RiskFactory(case=case)
    encounter = EncounterFactory(case=case, form=None)
    rows = {
        "case": case,
        "encounter": encounter,
        "response": ResponseFactory(encounter=encounter, strategy=None),
    }
    for name, row in rows.items():
        if name != what:
            cite(row)
    judged(written(case, desk.author), desk.reviewer)
    assert f"{rows[what]} cites no source." in refused(case, desk.publisher)


@pytest.mark.parametrize("hidden", ["draft", "withdrawn"])
@pytest.mark.parametrize("what", ["source", "form"])
def test_what_it_shows_is_public_first(desk, case, what, hidden):
    if what == "source":
        other = SourceFactory(**{hidden: True})
        cite(case, other)
    else:
        other = FormFactory(**{hidden: True})
        cite(EncounterFactory(case=case, form=other))
    stored = Case.objects.get(pk=case.pk)
    stored.save_revision(user=desk.author)
    judged(stored, desk.reviewer)
    assert f"{other} is not public: release it first." in refused(
        stored, desk.publisher
    )


def test_what_it_shows_is_not_merged_into_another(desk, case):
    target = SourceFactory(title="The one that stays")
    source = SourceFactory(title="The double")
    cite(case, source)
    Source.objects.filter(pk=source.pk).update(live=False, merged_into=target)
    stored = Case.objects.get(pk=case.pk)
    stored.save_revision(user=desk.author)
    judged(stored, desk.reviewer)
    assert "The double was merged: choose The one that stays." in refused(
        stored, desk.publisher
    )


def test_what_was_merged_is_not_released(desk):
    target = SourceFactory()
    source = SourceFactory(draft=True, merged_into=target)
    judged(written(source, desk.author, title="Anew"), desk.reviewer)
    with pytest.raises(Refused, match="merged into another record"):
        release(source, by=desk.publisher)


# What allows it

CONSENT = {"given_on": date(2026, 1, 1), "expires_on": date(2027, 1, 1)}
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
NOT_ALLOWED = {
    "nobody consented": ({}, None, "Nobody’s consent is recorded."),
    "the consent was withdrawn": (
        {},
        CONSENT | {"withdrawn_on": date(2026, 5, 1)},
        "The consent was withdrawn.",
    ),
    "no text": (
        {},
        CONSENT | {"scopes": ["country", "organisation"]},
        "does not cover: publish the text",
    ),
    "no country": (
        {},
        CONSENT | {"scopes": ["text", "organisation"]},
        "does not cover: name the country",
    ),
    "no name": (
        {"names": True},
        CONSENT | {"scopes": ["text", "country"]},
        "does not cover: name the organisation",
    ),
    "it is over": (
        {},
        CONSENT | {"expires_on": date(2026, 6, 1)},
        "out of date",
    ),
    "the risk was refused": ({"decision": "refuse"}, CONSENT, "decided against it"),
    "aggregates only": ({"decision": "aggregate"}, CONSENT, "decided against it"),
    "it is not redacted": ({"decision": "redacted"}, CONSENT, "hide the country or"),
    "a review is overdue": (
        {"likelihood": 4, "severity": 4, "review_due": date(2026, 6, 1)},
        CONSENT,
        "out of date",
    ),
    "the embargo outlasts the consent": (
        {"decision": "delay", "embargo_until": date(2027, 1, 1)},
        CONSENT,
        "out of date",
    ),
}


def submitted(desk, risk, consent):
    """A reviewed draft of a case that came from those whose story it is."""
    country = CountryFactory()
    risk = dict(risk)
    organisations = []
    if risk.pop("names", False):
        organisations = [OrganisationFactory(country=country)]
    case = CaseFactory(
        draft=True, origin="submitted", country=country, organisations=organisations
    )
    RiskFactory(case=sourced(case), **risk)
    if consent:
        ConsentFactory(case=case, **consent)
    return judged(written(case, desk.author, title="Anew"), desk.reviewer, desk.second)


@pytest.mark.parametrize("why", NOT_ALLOWED)
def test_it_is_released_only_where_that_is_allowed(desk, why):
    risk, consent, reason = NOT_ALLOWED[why]
    with time_machine.travel(NOON, tick=False):
        case = submitted(desk, risk, consent)
        assert reason in refused(case, desk.publisher)


def test_with_consent_it_may_be_seen_until_that_ends(desk):
    with time_machine.travel(NOON, tick=False) as clock:
        case = submitted(desk, {"names": True}, CONSENT)
        release(case, by=desk.publisher)
        assert Case.objects.published().count() == 1
        clock.move_to(datetime(2027, 1, 1, tzinfo=UTC))
        assert Case.objects.published().count() == 0


def test_an_embargo_lets_it_be_released_and_not_seen(desk):
    with time_machine.travel(NOON, tick=False) as clock:
        risk = {"decision": "delay", "embargo_until": date(2026, 7, 1)}
        release(submitted(desk, risk, CONSENT), by=desk.publisher)
        assert Case.objects.published().count() == 0
        clock.move_to(datetime(2026, 7, 1, tzinfo=UTC))
        assert Case.objects.published().count() == 1


@pytest.mark.parametrize("field", ["go_live_at", "expire_at"])
def test_a_date_of_wagtail_neither_delays_nor_ends_it(desk, case, field):
    case = written(case, desk.author, **{field: timezone.now() + timedelta(days=9)})
    release(judged(case, desk.reviewer), by=desk.publisher)
    assert Case.objects.published().get().snapshot == "Told anew."


# A release that waits


def test_a_schedule_needs_what_a_release_needs(desk, case):
    at = timezone.now() + timedelta(days=1)
    with pytest.raises(Refused, match="must approve"):
        schedule(case, by=desk.publisher, at=at, words="")
    judged(case, desk.reviewer)
    with pytest.raises(Refused, match="Only a publisher"):
        schedule(case, by=desk.author, at=at, words="")
    for _ in range(2):
        schedule(case, by=desk.publisher, at=at, words="")
    assert Schedule.objects.get().publisher == desk.publisher
