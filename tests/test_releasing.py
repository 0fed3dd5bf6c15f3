"""A draft becomes public by one way only, and that way holds every condition."""

import re
import sqlite3
import threading
import time
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, connections, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from wagtail.log_actions import registry
from wagtail.models import Revision

from cases import search
from cases.models import Case, ContextNote, Country, Region, WaitingEntry
from cases.visibility import SafetyFile
from curation import audit, releasing, reviewing
from curation.checking import NAMES, is_named, pointers
from curation.choices import Opinion
from curation.drafts import draft_of
from curation.models import AuditEntry, Explanation, Release
from curation.releasing import Refused
from curation.roles import ADMINS, AUTHORS, PUBLISHERS, REVIEWERS
from curation.withdrawing import record_risk, withdraw
from sources.models import Change
from sources.prepared import together
from sources.turns import take_turn
from tests.desk import person
from tests.drafts import judged, sourced, written
from tests.factories import (
    CaseFactory,
    ConsentFactory,
    CountryFactory,
    FormFactory,
    NoteFactory,
    OrganisationFactory,
    ResponseFactory,
    RiskFactory,
    SourceFactory,
    StrategyFactory,
    cite,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def people():
    """An author, two reviewers, a publisher, and one who is all of it."""
    return {
        "author": person("author", AUTHORS),
        "reviewer": person("reviewer", REVIEWERS),
        "second": person("second", REVIEWERS),
        "publisher": person("publisher", PUBLISHERS),
        "all": person("all", AUTHORS, REVIEWERS, PUBLISHERS, ADMINS),
    }


def drafted(by, *, risk=(), live=False, **values):
    """A case with a draft by somebody, with nothing in its way but review."""
    case = CaseFactory(live=live, lines=[(FormFactory(), StrategyFactory())], **values)
    encounter = case.encounters.get()
    for row in (case, encounter, encounter.responses.get()):
        cite(row)
    RiskFactory(case=case, **dict(risk))
    return saved(case, by)


def saved(case, by, title="A case that was told"):
    """The case with one more draft; what is rare about it is explained."""
    case = Case.objects.get(pk=case.pk)
    case = case.get_latest_revision_as_object()
    case.title = title
    case.save_revision(user=by)
    case.refresh_from_db()
    for finding in releasing.standing(case).findings:
        Explanation.objects.get_or_create(
            kind="case",
            record_id=case.pk,
            finding=finding.key,
            defaults={"why": "It is published.", "by": by},
        )
    return case


def approve(case, *people):
    for reviewer in people:
        digest = draft_of(case).digest
        reviewing.review(case, by=reviewer, digest=digest, opinion=Opinion.APPROVE)


def refused(case, by, words="Something changed."):
    """The reasons why it may not be released, as one text."""
    with pytest.raises(Refused) as refusal:
        releasing.release(case, by=by, words=words)
    return " ".join(str(reason) for reason in refusal.value.reasons)


def test_what_is_reviewed_is_released_once(people):
    case = drafted(people["author"])
    approve(case, people["reviewer"])

    row = releasing.release(case, by=people["publisher"])

    case.refresh_from_db()
    assert case in Case.objects.published()
    assert case.title == "A case that was told"
    assert (row.author, row.reviewer) == (people["author"], people["reviewer"])
    assert Change.objects.of(case).get().what == "published"
    assert "public already" in refused(case, people["publisher"])
    assert not list(audit.breaks())


def test_a_release_asks_few_questions_and_postgresql_is_sent_several_at_once(people):
    for _ in range(2):  # the second finds every question put into SQL
        case = drafted(people["author"])
        approve(case, people["reviewer"])
        with CaptureQueriesContext(connection) as sent:
            releasing.release(case, by=people["publisher"])
    assert len(sent) <= {"sqlite": 44, "postgresql": 9}[connection.vendor]


def test_a_release_may_have_to_settle_what_waits(people, monkeypatch):
    monkeypatch.setattr("cases.postings.MOST_WAITING", 0)
    case = drafted(people["author"])
    approve(case, people["reviewer"])

    releasing.release(case, by=people["publisher"])

    assert not WaitingEntry.objects.exists()
    assert search.cases_with_words("told") == [case.pk]


def test_what_is_answered_by_no_known_strategy_is_released(people):
    case = drafted(people["author"])
    cite(ResponseFactory(encounter=case.encounters.get(), strategy=None))
    Case.objects.filter(pk=case.pk).update(latest_revision=None)
    case = saved(case, people["author"])
    approve(case, people["reviewer"])
    releasing.release(case, by=people["publisher"])
    assert Case.objects.published().get().encounters.get().responses.count() == 2


def test_a_draft_that_points_at_nothing_is_refused_and_no_failure(people):
    case = drafted(people["author"])
    version = case.latest_revision
    version.content["encounters"][0]["responses"][0]["strategy"] = 999_999
    version.save()
    assert "must approve" in refused(case, people["publisher"])


def test_two_nested_rows_where_there_may_be_one_are_told_of(people):
    case = drafted(people["author"])
    version = case.latest_revision
    [encounter] = version.content["encounters"]
    version.content["encounters"] = [encounter, encounter | {"pk": None}]
    version.save()
    assert "already has that form" in refused(case, people["publisher"])


@pytest.fixture
def once_public():
    """A case whose address was public."""
    case = CaseFactory(slug="old", code="C500")
    Case.objects.filter(pk=case.pk).update(first_published_at=timezone.now())
    return Case.objects.get(pk=case.pk)


def in_memory(case):
    return case


def of_a_version(case):
    case.save_revision(clean=False)
    return Case.objects.get(pk=case.pk).get_latest_revision_as_object()


def of_the_same_instance(case):
    case.save_revision(clean=False)
    return case.get_latest_revision_as_object()


@pytest.mark.parametrize("made", [in_memory, of_a_version, of_the_same_instance])
@pytest.mark.parametrize("other", [{"slug": "new"}, {"code": "C501"}])
def test_an_address_that_was_public_never_changes(once_public, made, other):
    for name, value in other.items():
        setattr(once_public, name, value)
    with pytest.raises(ValidationError, match="never changes"):
        made(once_public).full_clean()


@pytest.mark.parametrize("other", [{"slug": "new"}, {"code": "C501"}])
def test_no_release_changes_an_address_that_was_public(people, other):
    case = drafted(people["author"])
    approve(case, people["reviewer"])
    releasing.release(case, by=people["publisher"])
    version = saved(case, people["author"], title="Told anew").latest_revision
    version.content |= other
    version.save()
    assert "never changes" in refused(case, people["publisher"])


def test_an_address_may_change_until_the_first_release(people):
    case = drafted(people["author"])
    draft = case.get_latest_revision_as_object()
    draft.slug = "another"
    draft.save_revision(user=people["author"])
    case = saved(case, people["author"])
    approve(case, people["reviewer"])
    releasing.release(case, by=people["publisher"])
    assert Case.objects.published().get().slug == "another"


def test_nobody_reviews_or_releases_what_they_wrote(people):
    case = drafted(people["all"])
    with pytest.raises(Refused, match="somebody else must review"):
        approve(case, people["all"])
    approve(case, people["reviewer"])
    assert "somebody else must release" in refused(case, people["all"])


def test_whoever_began_before_a_release_and_stored_after_it_is_an_author(people):
    case = drafted(people["author"])
    approve(case, people["reviewer"])
    releasing.release(case, by=people["publisher"])
    case = saved(case, people["all"], "Begun before it was public")
    begun = Release.objects.of(case).get().at - timedelta(seconds=1)
    Revision.objects.filter(pk=case.latest_revision_id).update(created_at=begun)
    case = saved(case, people["author"], "Written on by another")
    assert draft_of(case).authors == {people["all"].pk, people["author"].pk}


def test_whoever_wrote_any_part_of_a_draft_is_its_author(people):
    case = saved(drafted(people["all"]), people["author"], "Written by another")
    approve(case, people["reviewer"])
    assert "somebody else must release" in refused(case, people["all"])


@pytest.mark.parametrize("who", ["author", "reviewer", "second"])
def test_only_a_publisher_releases(people, who):
    case = drafted(people["author"])
    approve(case, people["reviewer"])
    assert "Only a publisher" in refused(case, people[who])


def test_an_account_that_is_disabled_stands_for_nothing(people):
    case = drafted(people["author"])
    approve(case, people["reviewer"])
    people["reviewer"].is_active = False
    people["reviewer"].save()
    assert "must approve" in refused(case, people["publisher"])


def test_an_approval_is_for_one_text(people):
    case = drafted(people["author"])
    approve(case, people["reviewer"])
    case = saved(case, people["author"], "Other words")
    assert "must approve" in refused(case, people["publisher"])


def test_a_text_that_was_saved_over_needs_a_new_approval(people):
    case = drafted(people["author"])
    approve(case, people["reviewer"])
    latest = case.get_latest_revision_as_object()
    latest.title = "Slipped in later"
    latest.save_revision(user=people["author"], overwrite_revision=case.latest_revision)
    assert "must approve" in refused(case, people["publisher"])


def test_one_who_asks_for_changes_holds_it_up(people):
    case = drafted(people["author"])
    approve(case, people["reviewer"])
    reviewing.review(
        case,
        by=people["second"],
        digest=draft_of(case).digest,
        opinion=Opinion.CHANGE,
        comment="Say when.",
    )
    assert "asks for changes" in refused(case, people["publisher"])
    approve(case, people["second"])
    releasing.release(case, by=people["publisher"])


def test_a_high_risk_needs_two_reviewers(people):
    case = drafted(people["author"], risk={"likelihood": 4, "severity": 4})
    approve(case, people["reviewer"])
    assert "two reviewers" in refused(case, people["publisher"])
    approve(case, people["reviewer"])
    assert "two reviewers" in refused(case, people["publisher"])
    approve(case, people["second"])
    row = releasing.release(case, by=people["publisher"])
    assert row.is_high
    assert row.second_reviewer == people["second"]


def test_a_risk_that_turns_out_high_asks_for_a_second_reviewer(people):
    case = drafted(people["author"])
    approve(case, people["reviewer"])
    worse = RiskFactory.build(case=case, likelihood=5, severity=5)
    record_risk(worse, by=people["second"])
    assert "two reviewers" in refused(case, people["publisher"])


def test_a_risk_that_was_high_stays_so_until_two_find_it_lower(people):
    case = drafted(people["author"], risk={"likelihood": 5, "severity": 5})
    third = person("third", REVIEWERS)
    record_risk(RiskFactory.build(case=case), by=people["reviewer"])
    assert releasing.is_high(SafetyFile.of(case))
    record_risk(RiskFactory.build(case=case), by=people["reviewer"])
    assert releasing.is_high(SafetyFile.of(case))
    record_risk(RiskFactory.build(case=case), by=third)
    assert not releasing.is_high(SafetyFile.of(case))


def test_nobody_assesses_the_risk_of_their_own_draft(people):
    case = drafted(people["all"])
    with pytest.raises(Refused, match="somebody else must assess"):
        record_risk(RiskFactory.build(case=case), by=people["all"])


def test_an_approval_does_not_outlive_a_new_assessment(people):
    case = drafted(people["author"])
    approve(case, people["reviewer"])
    record_risk(RiskFactory.build(case=case), by=people["second"])
    assert "must approve" in refused(case, people["publisher"])


def test_what_was_withdrawn_is_reviewed_anew(people):
    case = drafted(people["author"])
    approve(case, people["reviewer"])
    releasing.release(case, by=people["publisher"])
    withdraw(case, by=people["publisher"])
    case = saved(case, people["author"])  # the same words
    assert "must approve" in refused(case, people["publisher"])
    approve(case, people["reviewer"])
    releasing.release(case, by=people["publisher"], words="It may be told again.")
    assert case in Case.objects.published()


def test_going_back_to_words_makes_their_writer_an_author(people):
    case = drafted(people["all"])
    case = saved(case, people["author"], "Other words")
    approve(case, people["reviewer"])
    releasing.release(case, by=people["publisher"])
    case = saved(case, people["author"])  # back to the first words
    approve(case, people["reviewer"])
    assert "somebody else must release" in refused(case, people["all"])


@pytest.mark.parametrize(
    "words",
    [
        "Amina Diallo asked for it.",
        "Call +93 700 123 456.",
        "Written to a@example.org.",
    ],
)
def test_the_sentence_for_readers_points_at_nobody(people, words):
    case = drafted(people["author"])
    approve(case, people["reviewer"])
    assert "Your sentence is public" in refused(case, people["publisher"], words=words)


def test_an_organisation_that_is_named_is_public(people):
    case = drafted(people["author"])
    hidden = OrganisationFactory(draft=True)
    case = Case.objects.get(pk=case.pk).get_latest_revision_as_object()
    case.organisations.add(hidden)
    case.save_revision(user=people["author"])
    case.refresh_from_db()
    approve(case, people["reviewer"])
    assert f"{hidden} is not public" in refused(case, people["publisher"])


def test_what_waits_for_its_time_is_told_in_words_too(people):
    case = drafted(people["author"])
    approve(case, people["reviewer"])
    releasing.release(case, by=people["publisher"])
    case = saved(case, people["author"], "A better title")
    approve(case, people["reviewer"])
    later = timezone.now() + timedelta(days=1)
    with pytest.raises(Refused, match="what changed"):
        releasing.schedule(case, by=people["publisher"], at=later, words="")


FOUND = {
    "They were threatened. Amina Diallo said so.": "Amina Diallo",
    "Amina de la Cruz was there.": "Amina de la Cruz",
    "Later Амина Диалло spoke.": "Амина Диалло",
    "One woman, آمنة, spoke.": "آمنة",
    "It was told to Amina.": "Amina",
    "On 12 Mar 2024 they came.": "12 Mar",
    "On 2024/03/12 they came.": "2024/03/12",
    "Call 12 34 56.": "12 34 56",
    "It was Dr Diallo.": "Dr Diallo",
    "At 40.1872, 44.5152 they met.": "40.1872, 44.5152",
}


@pytest.mark.parametrize("text", FOUND)
def test_what_points_at_somebody_is_found(text):
    assert FOUND[text] in [words for _what, words in pointers(text)]


@pytest.mark.parametrize(
    "text",
    ["एक महिलाले भनिन्", "အမျိုးသမီးများ ပြောသည်", "امرأةٌ تكلّمت", "Ami\u0301na Dialló"],
)
def test_signs_within_a_word_do_not_part_it(text):
    assert [*pointers(f"1. {text}။ 2")] == [("name", text)]


def test_an_address_is_found_however_long_it_is():
    text = f"Write to {'x' * 300}@example.org"
    assert "e-mail" in [what for what, _words in pointers(text)]


def test_plain_words_point_at_nobody():
    text = "The staff stopped. Women came in 2014, and 30 of them stayed. A CSO helped."
    assert not list(pointers(text))


@given(
    st.from_regex(r"[a-cé](?:[a-cé ’-]{0,3}[a-cé])?", fullmatch=True),
    st.text("abcé ’-_1\n.", max_size=12),
)
def test_a_name_is_known_where_it_stands_as_whole_words(words, known):
    expected = re.search(rf"\b{re.escape(words)}\b", known) is not None
    assert is_named(words, known) == expected


def told_names():
    """The names that a release would know of, and the questions that it took."""
    kept = NAMES.kept
    with CaptureQueriesContext(connection) as asked:
        [changes] = together(kept.asked())
        known = NAMES.now(kept, changes)
    return {*known.split("\n")}, len(asked)


def test_names_are_read_once_and_again_when_one_changes():
    source = SourceFactory(title="First told", publisher="A house")
    assert {"first told", "a house"} <= told_names()[0]
    case = CaseFactory(country=CountryFactory(name="Aland"))
    assert "aland" in told_names()[0]
    assert told_names()[1] == 1
    Case.objects.filter(pk=case.pk).update(title="Told anew")  # a name of nobody
    assert told_names()[1] == told_names()[1] == 1
    kinds = OrganisationFactory, FormFactory, StrategyFactory
    for record in (*(kind(name=f"Name {n}") for n, kind in enumerate(kinds)), source):
        field = "title" if record is source else "name"
        setattr(record, field, f"New {record._meta.model_name}")
        record.save()
        assert f"new {record._meta.model_name}" in told_names()[0]
        type(record).objects.filter(pk=record.pk).update(live=False)
        assert f"new {record._meta.model_name}" not in told_names()[0]
    Country.objects.filter(pk=case.country_id).update(name="Elsewhere")
    Region.objects.filter(countries=case.country_id).update(name="Beyond")
    assert {"elsewhere", "beyond"} <= told_names()[0]
    assert told_names()[1] == 1


def test_names_read_in_what_did_not_come_to_pass_are_forgotten():
    kept = OrganisationFactory(name="A house")
    assert "a house" in told_names()[0]
    with transaction.atomic():
        OrganisationFactory(name="Never there")
        assert "never there" in told_names()[0]
        transaction.set_rollback(True)
    assert "never there" not in told_names()[0]
    with transaction.atomic():
        type(kept).objects.filter(pk=kept.pk).update(name="Never so")
        assert "never so" in told_names()[0]
        transaction.set_rollback(True)
    kept.name = "Another house"
    kept.save()  # gets the number of what was rolled back
    names = told_names()[0]
    assert "another house" in names
    assert not names & {"never so", "a house"}


def test_a_statement_without_a_source_is_not_released(people):
    case = CaseFactory(draft=True, lines=[(FormFactory(), StrategyFactory())])
    cite(case)
    cite(case.encounters.get())  # and not the response
    RiskFactory(case=case)
    case = saved(case, people["author"])
    approve(case, people["reviewer"])
    assert "cites no source" in refused(case, people["publisher"])


def test_what_it_names_must_be_public(people):
    case = drafted(people["author"])
    form = case.encounters.get().form
    type(form).objects.filter(pk=form.pk).update(live=False)
    approve(case, people["reviewer"])
    assert f"{form} is not public" in refused(case, people["publisher"])


def test_a_finding_is_explained_first(people):
    case = drafted(people["author"])
    case = Case.objects.get(pk=case.pk).get_latest_revision_as_object()
    case.snapshot = "Write to jane@example.org on 3 May."
    case.save_revision(user=people["author"])
    case.refresh_from_db()
    approve(case, people["reviewer"])
    assert "neither mended nor explained" in refused(case, people["publisher"])


def test_nothing_is_public_without_consent(people):
    case = drafted(people["author"], origin="interview")
    approve(case, people["reviewer"])
    assert "consent" in refused(case, people["publisher"])
    ConsentFactory(case=case, scopes=["text"])
    assert "name the country" in refused(case, people["publisher"])
    ConsentFactory(case=case)
    assert "must approve" in refused(case, people["publisher"])  # anew
    approve(case, people["reviewer"])
    releasing.release(case, by=people["publisher"])


def test_nothing_is_public_without_an_assessment(people):
    case = drafted(people["author"])
    no = RiskFactory.build(case=case, decision="refuse")
    record_risk(no, by=people["reviewer"])
    approve(case, people["reviewer"])
    assert "decided against" in refused(case, people["publisher"])


def test_a_change_is_told_in_words(people):
    case = drafted(people["author"])
    approve(case, people["reviewer"])
    releasing.release(case, by=people["publisher"])
    case = saved(case, people["author"], "A better title")
    approve(case, people["reviewer"])
    assert "what changed" in refused(case, people["publisher"], words=" ")
    releasing.release(case, by=people["publisher"], words="The title is clearer.")
    assert Change.objects.of(case).first().words == "The title is clearer."


def test_history_says_what_a_record_was_called(people):
    case = drafted(people["author"])
    before = Case.objects.get(pk=case.pk).title
    approve(case, people["reviewer"])
    releasing.release(case, by=people["publisher"])
    log = registry.get_logs_for_instance(Case.objects.get(pk=case.pk))
    assert [row.action for row in log[:2]] == ["wagtail.publish", "wagtail.rename"]
    for row in log[:2]:
        assert row.data["title"] == {"old": before, "new": "A case that was told"}


def test_a_name_that_another_took_meanwhile_is_told_in_words(people):
    house = written(sourced(OrganisationFactory()), people["author"], name="New house")
    judged(house, people["reviewer"])
    OrganisationFactory(name="New house", country=house.country, draft=True)
    assert "already exists" in refused(house, people["publisher"], words="Renamed.")


def test_what_a_draft_points_at_and_is_gone_is_told_in_words(people):
    note = sourced(NoteFactory(draft=True))
    house = OrganisationFactory(draft=True)
    draft = note.get_latest_revision_as_object()
    draft.organisation = house
    draft.save_revision(user=people["author"])
    house.delete()
    told = " ".join(map(str, releasing.standing(ContextNote.objects.get()).obstacles))
    assert "is not a valid choice" in told


def test_wagtail_cannot_publish_past_it(people):
    case = drafted(people["all"])
    with pytest.raises(PermissionDenied):
        case.latest_revision.publish(user=people["all"], skip_permission_checks=True)
    with pytest.raises(PermissionDenied):
        case.unpublish(user=people["all"])
    assert not Case.objects.published().exists()


@pytest.mark.parametrize(
    "forged",
    [
        {"publisher": "author"},
        {"reviewer": "author"},
        {"is_high": True},
        {"is_high": True, "second_reviewer": "reviewer"},
        {"is_high": True, "second_reviewer": "author"},
        {"author": None, "reviewer": "publisher"},
    ],
    ids=str,
)
def test_the_database_refuses_a_forged_release(people, forged):
    case = drafted(people["author"])
    values = {
        "kind": "case",
        "record_id": case.pk,
        "revision": case.latest_revision,
        "digest": "0" * 64,
        "author": people["author"],
        "publisher": people["publisher"],
        "reviewer": people["reviewer"],
        "is_high": False,
    }
    values |= {name: people.get(who, who) for name, who in forged.items()}
    with pytest.raises(IntegrityError), transaction.atomic():
        Release.objects.create(**values)


def test_a_case_cannot_be_live_without_a_verdict():
    case = CaseFactory(draft=True, visible_from=None, visible_until=None)
    with pytest.raises(IntegrityError), transaction.atomic():
        Case.objects.filter(pk=case.pk).update(live=True)


RACES = 200


@pytest.fixture
def other_connections(tmp_path):
    """Threads reach the same database: a file of its own, where it is in memory."""
    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        file = sqlite3.connect(tmp_path / "race.sqlite3")
        connection.connection.backup(file)
        file.close()
        connections.settings["default"]["NAME"] = str(tmp_path / "race.sqlite3")
    yield
    connections.settings["default"]["NAME"] = name


def compete(cases, publisher, start, outcomes):
    """Release one case after the other, each at the same moment as the rival."""
    try:
        for case in cases:
            start.wait(60)
            try:
                releasing.release(case, by=publisher)
                outcomes.append((case.pk, "released"))
            except Refused:
                outcomes.append((case.pk, "refused"))
    finally:
        outcomes.append(
            (
                Release.objects.count(),
                Change.objects.count(),
                AuditEntry.objects.filter(action="released").count(),
                len(list(audit.breaks())),
            )
        )
        connection.close()


def save(case):
    try:
        Case.objects.get(pk=case.pk).save_revision(clean=False)
    finally:
        connection.close()


def somebody_waits():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
        )
        return cursor.fetchone()


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(
    connection.vendor == "sqlite", reason="SQLite has one writer at a time"
)
def test_who_saves_a_draft_waits_without_holding_what_a_release_wants():
    case = CaseFactory()
    saving = threading.Thread(target=save, args=(case,))
    with transaction.atomic():
        take_turn()
        saving.start()
        end = time.monotonic() + 60
        while not somebody_waits() and time.monotonic() < end:
            pass
        Case.objects.select_for_update(nowait=True).get(pk=case.pk)
    saving.join()
    assert Case.objects.get().latest_revision


@pytest.mark.django_db(transaction=True)
def test_two_publishers_at_once_make_one_publication(people, request):
    cases = [drafted(people["author"])]
    for _n in range(1, RACES):
        copy = CaseFactory(draft=True)
        cite(copy)
        RiskFactory(case=copy)
        copy.save_revision(user=people["author"], clean=False)
        cases.append(copy)
    for case in cases:
        approve(case, people["reviewer"])
    request.getfixturevalue("other_connections")
    rivals = [people["publisher"], person("rival", PUBLISHERS)]
    start, outcomes = threading.Barrier(2), [[], []]
    threads = [
        threading.Thread(target=compete, args=(cases, rival, start, told))
        for rival, told in zip(rivals, outcomes, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    last = max(told.pop() for told in outcomes)
    for one, other in zip(*outcomes, strict=True):
        assert {one[1], other[1]} == {"released", "refused"}
    assert last == (RACES, RACES, RACES, 0)
