"""Two records become one: what pointed at either is kept, and none leaks."""

import pytest
from django.core.management import call_command
from django.urls import reverse

from cases.models import Organisation, Response
from curation.choices import Action
from curation.faults import pointing_at_drafts
from curation.merging import merge
from curation.models import AuditEntry
from curation.releasing import Refused
from sources.models import Change, Source
from strategies.models import Strategy
from tests import factories as make
from tests.desk import at_desk, person
from tests.factories import call, cite

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("lenient_templates")]


@pytest.fixture
def admin():
    return person("admin", "Admins")


@pytest.fixture
def two():
    """Two public strategies, loser and winner."""
    return make.StrategyFactory(name="Radio"), make.StrategyFactory(name="Broadcasts")


def again(record):
    return type(record).objects.get(pk=record.pk)


def refusal(loser, winner, by):
    with pytest.raises(Refused) as refused:
        merge(loser, winner, by=by)
    return " ".join(map(str, refused.value.reasons))


def test_every_kind_of_reference_moves(admin, two):
    loser, winner = two
    response = make.ResponseFactory(strategy=loser)
    both = make.LessonFactory(strategies=[loser, winner])
    one = make.LessonFactory(strategies=[loser])
    follower = make.StrategyFactory(replaced_by=loser)
    merge(loser, winner, by=admin)
    assert again(response).strategy == winner
    assert list(again(both).strategies.all()) == [winner]
    assert list(again(one).strategies.all()) == [winner]
    assert again(follower).replaced_by == winner


def test_no_term_replaces_itself(admin, two):
    loser, winner = two
    Strategy.objects.filter(pk=winner.pk).update(replaced_by=loser)
    merge(loser, winner, by=admin)
    assert again(winner).replaced_by is None


def test_citations_move_and_are_not_doubled(admin):
    loser, winner = make.SourceFactory(), make.SourceFactory()
    case = make.CaseFactory()
    cite(case, winner, locator="p. 1")
    cite(case, loser, locator="p. 1")
    cite(case, loser, locator="p. 2")
    alias = call(make.StrategyFactory(), "Word", source=loser)
    merge(loser, winner, by=admin)
    found = case.citations.values_list("source", "locator").order_by("locator")
    assert list(found) == [(winner.pk, "p. 1"), (winner.pk, "p. 2")]
    assert again(alias).source == winner


def test_names_stay_as_aliases_and_are_not_doubled(admin, two):
    loser, winner = two
    call(loser, "Wireless")
    call(loser, "broadcasts!")
    call(winner, "wireless")
    merge(loser, winner, by=admin)
    names = again(winner).aliases.values_list("name", flat=True)
    assert sorted(names) == ["Radio", "wireless"]


def test_names_of_a_draft_do_not_become_public_unreviewed(admin, two):
    _radio, winner = two
    loser = make.StrategyFactory(name="Named nowhere", draft=True)
    merge(loser, winner, by=admin)
    assert not again(winner).aliases.exists()
    assert not Change.objects.exists()


def test_a_longer_name_than_an_alias_holds(admin):
    country = make.CountryFactory()
    loser = make.OrganisationFactory(name="x" * 200, country=country)
    winner = make.OrganisationFactory(country=country)
    merge(loser, winner, by=admin)
    assert len(again(winner).aliases.get().name) == 120


def test_the_loser_is_not_public_and_it_is_written_down(admin, two):
    loser, winner = two
    merge(loser, winner, by=admin)
    loser = again(loser)
    assert (loser.live, loser.merged_into, loser.withdrawn_at) == (False, winner, None)
    (change,) = Change.objects.of(winner)
    assert change.what == "merged"
    assert change.words == "“Radio” was merged into “Broadcasts”."
    (entry,) = AuditEntry.objects.all()
    assert (entry.action, entry.code) == (Action.MERGED, loser.slug)


def test_a_conflict_is_refused_and_nothing_has_moved(admin, two):
    loser, winner = two
    encounter = make.EncounterFactory()
    for strategy in two:
        make.ResponseFactory(encounter=encounter, strategy=strategy)
    lesson = make.LessonFactory(strategies=[loser])
    said = refusal(loser, winner, admin)
    assert str(encounter.case) in said
    assert "already has a response with that strategy" in said
    assert list(lesson.strategies.all()) == [loser]
    assert again(loser).live
    assert Response.objects.filter(strategy=loser).exists()
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize("role", ["Authors", "Reviewers", "Publishers"])
def test_only_an_admin_merges(role, two):
    assert "Only an admin" in refusal(*two, person("other", role))


def test_what_cannot_be_merged_is_refused(admin, two):
    loser, winner = two
    assert "one and the same" in refusal(winner, winner, admin)
    assert "one kind" in refusal(make.SourceFactory(), winner, admin)
    case = make.CaseFactory()
    assert "one kind" in refusal(case, make.CaseFactory(), admin)
    assert "not public" in refusal(loser, make.StrategyFactory(draft=True), admin)
    gone = make.StrategyFactory(withdrawn=True)
    assert "withdrawn" in refusal(gone, winner, admin)
    Strategy.objects.filter(pk=winner.pk).update(has_unpublished_changes=True)
    assert "draft" in refusal(loser, winner, admin)
    Strategy.objects.filter(pk=winner.pk).update(
        has_unpublished_changes=False, locked=True
    )
    assert "locked" in refusal(loser, winner, admin)


def test_what_was_merged_is_not_merged_again(admin, two):
    loser, winner = two
    merge(loser, winner, by=admin)
    third = make.StrategyFactory()
    assert "merged already" in refusal(loser, third, admin)
    assert "merged already" in refusal(third, loser, admin)


def test_a_draft_that_points_at_the_loser_is_stopped(admin, two):
    loser, winner = two
    response = make.ResponseFactory(strategy=loser)
    case = response.encounter.case
    draft = case.save_revision(clean=False)
    merge(loser, winner, by=admin)
    assert again(case).latest_revision == draft
    said = " ".join(map(str, pointing_at_drafts(draft.as_object())))
    assert "was merged: choose Broadcasts" in said


def test_the_history_holds_both_texts_and_makes_nobody_an_author(admin, two):
    loser, winner = two
    case = make.ResponseFactory(strategy=loser).encounter.case
    merge(loser, winner, by=admin)
    before, after = again(case).revisions.order_by("created_at", "pk")
    ids = [
        revision.content["encounters"][0]["responses"][0]["strategy"]
        for revision in (before, after)
    ]
    assert ids == [loser.pk, winner.pk]
    assert before.user is after.user is None
    assert not again(case).has_unpublished_changes


@pytest.mark.parametrize(
    ("maker", "name"),
    [
        (make.StrategyFactory, "strategies:detail"),
        (make.FormFactory, "cases:form"),
        (make.SourceFactory, "sources:detail"),
    ],
)
def test_the_old_address_leads_on_and_says_why(admin, client, maker, name):
    first, second, third = maker(), maker(), maker()
    merge(first, second, by=admin)
    merge(second, third, by=admin)
    answer = client.get(reverse(name, args=[first.slug]))
    assert answer.status_code == 301
    assert answer["Location"] == third.get_absolute_url()
    assert "was merged into another page" in answer.content.decode()
    assert str(third) in answer.content.decode()
    type(third).objects.filter(pk=third.pk).update(
        live=False, withdrawn_at="2026-01-01T00:00Z"
    )
    gone = client.get(reverse(name, args=[first.slug]))
    assert gone.status_code == 410


def test_the_address_of_a_merged_draft_says_nothing(admin, client, two):
    _radio, winner = two
    loser = make.StrategyFactory(draft=True)
    merge(loser, winner, by=admin)
    address = reverse("strategies:detail", args=[loser.slug])
    assert client.get(address).status_code == 404


def test_the_public_finds_the_winner_by_the_losers_name(admin, client, two):
    loser, winner = two
    merge(loser, winner, by=admin)
    page = client.get(reverse("strategies:detail", args=[winner.slug]))
    assert "Radio" in page.content.decode()
    listed = client.get(reverse("strategies:list")).content.decode()
    assert loser.get_absolute_url() not in listed
    found = client.get(reverse("cases:list"), {"q": "radio"}).content.decode()
    assert winner.get_absolute_url() in found


def test_an_old_filter_breaks_nothing(admin, client, two):
    loser, winner = two
    case = make.ResponseFactory(strategy=loser).encounter.case
    merge(loser, winner, by=admin)
    page = client.get(reverse("cases:list"), {"strategy": loser.slug})
    assert page.status_code == 200
    page = client.get(reverse("cases:list"), {"strategy": winner.slug})
    assert case.get_absolute_url() in page.content.decode()


def test_loading_the_files_again_undoes_no_merge(eight_cases, admin):
    loser, winner = Source.objects.order_by("pk")[:2]
    moved = loser.casecitation_set.values_list("pk", flat=True)
    assert (before := list(moved))
    merge(loser, winner, by=admin)
    call_command("load_kb", verbosity=0)
    assert again(loser).merged_into == winner
    assert not again(loser).live
    assert not loser.casecitation_set.filter(pk__in=before).exists()
    for relation in Source._meta.related_objects:
        if relation.name.endswith("_set"):
            assert not getattr(loser, relation.get_accessor_name()).exists()


def test_the_screen_shows_what_moves_and_merges(admin, two):
    loser, winner = two
    lesson = make.LessonFactory(title="What we learnt", strategies=[loser])
    client = at_desk(admin)
    address = reverse("curation:merge", args=["strategy", loser.pk])
    page = client.get(address).content.decode()
    assert "What we learnt" in page
    assert 'method="post"' not in page.split("What refers to it")[1]
    page = client.get(address, {"winner": winner.pk}).content.decode()
    assert "Merge “Radio” into “Broadcasts”" in page
    answer = client.post(address, {"winner": winner.pk})
    assert answer.status_code == 302
    assert list(lesson.strategies.all()) == [winner]
    assert client.get(address).status_code == 404


def test_the_screen_says_why_not(admin, two):
    loser, _winner = two
    draft = make.StrategyFactory(draft=True)
    client = at_desk(admin)
    address = reverse("curation:merge", args=["strategy", loser.pk])
    for page in (
        client.get(address, {"winner": draft.pk}),
        client.post(address, {"winner": draft.pk}),
    ):
        assert page.status_code == 200
        assert "public records would point at it" in page.content.decode()
    assert client.post(address, {"winner": "²"}).status_code == 200
    assert again(loser).live
    lesson = make.LessonFactory()
    odd = reverse("curation:merge", args=["lesson", lesson.pk])
    assert client.get(odd).status_code == 404


@pytest.mark.parametrize("role", ["Authors", "Reviewers", "Publishers"])
def test_the_screen_is_for_admins(role, two):
    client = at_desk(person("other", role))
    address = reverse("curation:merge", args=["strategy", two[0].pk])
    assert client.get(address).status_code in (302, 403)
    assert again(two[0]).live


def test_organisations_of_cases_move(admin):
    country = make.CountryFactory()
    loser = make.OrganisationFactory(country=country)
    winner = make.OrganisationFactory(country=country)
    case = make.CaseFactory(organisations=[loser], country=country)
    note = make.NoteFactory(country=country, organisation=loser)
    merge(loser, winner, by=admin)
    assert list(again(case).organisations.all()) == [winner]
    assert again(note).organisation == winner
    assert Organisation.objects.published().get() == winner
