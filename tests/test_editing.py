"""Editing on the desk: drafts, history, comparing, reverting, choosing, locking."""

from importlib import import_module
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.urls import reverse

from cases.models import Organisation, Response
from sources.history import content_of
from sources.models import Source
from strategies.models import Strategy
from tests import factories as make
from tests.desk import add_row, at_desk, person, posted
from tests.factories import cite

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("lenient_templates")]


@pytest.fixture
def author():
    return person("author", "Authors")


@pytest.fixture
def desk(author):
    return at_desk(author)


@pytest.fixture
def group():
    """A public organisation as files leave it: no revision yet."""
    group = make.OrganisationFactory(name="The Group")
    cite(group)
    return group


def address(record, view, *args):
    return reverse(record.snippet_viewset.get_url_name(view), args=[record.pk, *args])


def chooser(model, view):
    return reverse(model.snippet_viewset.chooser_viewset.get_url_name(view))


def edit(client, record, **values):
    """Open the form of a record, change it, and save a draft."""
    page = client.get(address(record, "edit"))
    return client.post(address(record, "edit"), posted(page.context["form"]) | values)


def test_a_draft_of_a_public_record_changes_nothing_public(desk, group):
    before = content_of(group)
    answer = edit(desk, group, name="Another name altogether")
    assert answer.status_code == 302
    after = content_of(group)
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"latest_revision", "has_unpublished_changes"}


def test_the_first_edit_keeps_what_was_there(desk, group, author):
    edit(desk, group, name="Another name altogether")
    edit(desk, group, name="A third name, not like those")
    kept, *edits = group.revisions.order_by("created_at")
    assert kept.user is None
    assert kept.content["name"] == "The Group"
    assert [revision.user for revision in edits] == [author, author]
    page = desk.get(address(group, "revisions_compare", "earliest", "latest"))
    (found,) = page.context["comparison"]
    assert (found.before, found.after) == ("The Group", "A third name, not like those")
    page = desk.get(address(group, "history"))
    assert "Kept what was there before the first edit" in page.content.decode()


def test_a_nested_row_is_added_in_a_draft_and_compared(desk):
    response = make.ResponseFactory()
    case = response.encounter.case
    for row in (case, response.encounter, response):
        cite(row)
    page = desk.get(address(case, "edit"))
    data = posted(page.context["form"])
    source = make.SourceFactory(title="The second source")
    add_row(data, "encounters-0-responses-0-citations", source=source.pk)
    assert desk.post(address(case, "edit"), data).status_code == 302
    assert Response.objects.get().citations.count() == 1
    page = desk.get(address(case, "revisions_compare", "live", "latest"))
    (found,) = page.context["comparison"]
    assert found.kind == "added"
    assert found.path[-1] == "Citation 2 (The second source)"
    assert "<ins>Source: The second source" in page.content.decode()


def test_any_two_versions_can_be_picked(desk, group):
    edit(desk, group, name="Another name altogether")
    first, last = group.revisions.order_by("created_at")
    page = address(group, "revisions_compare", "live", "latest")
    answer = desk.get(page, {"before": first.pk, "after": last.pk})
    assert answer.url == address(group, "revisions_compare", first.pk, last.pk)
    assert desk.get(answer.url).context["comparison"]
    assert desk.get(page, {"before": "nonsense", "after": "²"}).status_code == 404
    other = make.OrganisationFactory()
    odd = address(other, "revisions_compare", first.pk, "live")
    assert desk.get(odd).status_code == 404


def test_reverting_makes_a_draft_and_publishes_nothing(desk, group):
    edit(desk, group, name="Another name altogether")
    first = group.revisions.order_by("created_at").first()
    page = address(group, "revisions_revert", first.pk)
    form = desk.get(page).context["form"]
    assert desk.post(page, posted(form)).status_code == 302
    group.refresh_from_db()
    assert group.name == "The Group"
    assert group.revisions.count() == 3
    assert group.latest_revision.content["name"] == "The Group"


def test_autosave_never_writes_over_what_is_public(desk, group):
    edit(desk, group, name="Another name altogether")
    group.refresh_from_db()
    public = group.latest_revision
    Organisation.objects.update(live_revision=public, has_unpublished_changes=False)
    edit(desk, group, name="Something else", overwrite_revision_id=public.pk)
    public.refresh_from_db()
    assert public.content["name"] == "Another name altogether"
    edit(desk, group, name="Still other", overwrite_revision_id=public.pk + 1)
    assert group.revisions.count() == 3


@pytest.mark.parametrize("role", ["Reviewers", "Publishers"])
def test_who_may_only_look_sees_history_and_comparisons(role, desk, group):
    edit(desk, group, name="Another name altogether")
    client = at_desk(person("looks", role))
    page = client.get(address(group, "history"))
    assert page.status_code == 200
    assert "Review this version" not in page.content.decode()
    compare = address(group, "revisions_compare", "earliest", "latest")
    assert client.get(compare).status_code == 200
    source = make.SourceFactory()
    old = address(source, "revisions_view", source.save_revision().pk)
    assert client.get(old).status_code == 200
    first = group.revisions.first().pk
    assert client.get(address(group, "edit")).status_code in (302, 403)
    assert client.get(address(group, "revisions_revert", first)).status_code in (
        302,
        403,
    )


def test_a_twin_is_asked_about_once(desk, group):
    other = make.OrganisationFactory(name="Society Without Violence")
    cite(other)
    answer = edit(desk, group, name="Society without violense")
    assert answer.status_code == 200
    assert "Society Without Violence" in answer.content.decode()
    assert group.revisions.count() == 0
    answer = edit(desk, group, name="Society without violense", another="on")
    assert answer.status_code == 302
    assert edit(desk, group).status_code == 302  # not asked again


def test_a_new_record_with_a_twin_is_asked_about(desk):
    make.SourceFactory(title="Resistance and backlash")
    add = reverse(Source.snippet_viewset.get_url_name("add"))
    data = posted(desk.get(add).context["form"]) | {
        "title": "Resistance and Backlash",
        "publisher": "A house",
        "kind": "paper",
        "slug": "new",
    }
    answer = desk.post(add, data)
    assert answer.status_code == 200
    assert 'name="another"' in answer.content.decode()
    assert desk.post(add, data | {"another": "on"}).status_code == 302
    made = Source.objects.get(slug="new")
    assert not made.live


def test_a_chooser_finds_and_leaves_out_what_was_merged(desk):
    winner = make.StrategyFactory(name="Güven building", draft=True)
    make.StrategyFactory(name="Guven merged", draft=True, merged_into=winner)
    page = desk.get(chooser(Strategy, "choose_results"), {"q": "guven"})
    text = page.content.decode()
    assert "Güven building" in text
    assert "Guven merged" not in text
    assert "draft" in text
    odd = desk.get(chooser(Strategy, "choose_results"), {"q": "\0²"})
    assert odd.status_code == 200


def test_a_draft_is_made_inside_a_chooser(desk, author):
    make.SourceFactory(title="A press report")
    page = chooser(Source, "create")
    data = {
        "title": "A Press Report",
        "publisher": "The Paper",
        "kind": "press",
        "language": "en",
    }
    answer = desk.post(page, data).json()
    assert answer["step"] == "reshow_creation_form"
    assert "It is another one" in answer["htmlFragment"]
    assert not Source.objects.filter(publisher="The Paper").exists()
    answer = desk.post(page, data | {"another": "on"}).json()
    assert answer["step"] == "chosen"
    assert answer["result"]["string"] == "A Press Report (draft)"
    made = Source.objects.get(publisher="The Paper")
    assert (made.live, made.slug) == (False, "a-press-report")
    assert made.latest_revision.user == author


def test_making_in_a_chooser_needs_the_right_to_add():
    client = at_desk(person("reviewer", "Reviewers"))
    answer = client.post(chooser(Source, "create"), {"title": "New"})
    assert answer.status_code in (302, 403)
    assert not Source.objects.exists()


def test_the_address_of_a_draft_made_on_the_way_is_free(desk):
    make.SourceFactory(title="Other", slug="deja-vu")
    make.SourceFactory(title="Others", slug="deja-vu-2")
    data = {
        "title": "Déjà vu",
        "publisher": "P",
        "kind": "press",
        "language": "en",
    }
    desk.post(chooser(Source, "create"), data)
    assert Source.objects.get(title="Déjà vu").slug == "deja-vu-3"


@pytest.mark.parametrize("role", ["Reviewers", "Publishers"])
def test_a_locked_record_is_not_saved_by_others(role, desk, group):
    client = at_desk(person("locks", role))
    assert client.post(address(group, "lock")).status_code == 302
    answer = edit(desk, group, name="Another name altogether")
    assert answer.status_code == 200
    assert group.revisions.count() == 0
    assert desk.post(address(group, "unlock")).status_code in (302, 403)
    group.refresh_from_db()
    assert group.locked
    assert client.post(address(group, "unlock")).status_code == 302
    assert edit(desk, group, name="Another name altogether").status_code == 302
    assert group.revisions.count() == 2


def test_a_fresh_installation_lets_reviewers_lock():
    Group.objects.all().delete()
    Permission.objects.filter(codename__contains="lock_").delete()
    roles = import_module("curation.migrations.0003_roles")
    roles.make(apps, SimpleNamespace(connection=connection))
    for role in ("Reviewers", "Publishers"):
        found = Group.objects.get(name=role).permissions
        for verb in ("lock", "unlock"):
            assert found.filter(codename=f"{verb}_source").exists()
    assert not Group.objects.get(name="Authors").permissions.filter(
        codename="lock_source"
    )


def test_an_author_cannot_lock(desk, group):
    desk.post(address(group, "lock"))
    group.refresh_from_db()
    assert not group.locked


def test_the_list_has_ways_for_those_who_cannot_open_the_form(group):
    client = at_desk(person("reviewer", "Reviewers"))
    listing = reverse(Organisation.snippet_viewset.get_url_name("list"))
    page = client.get(listing).content.decode()
    assert address(group, "history") in page
    assert f"{address(group, 'lock')}?next={listing}" in page
    answer = client.post(f"{address(group, 'lock')}?next={listing}")
    assert answer.url == listing
    assert address(group, "unlock") in client.get(listing).content.decode()


def test_what_is_sent_by_hand_into_a_chooser_breaks_nothing(desk, group):
    assert edit(desk, group, **{"citations-0-source": "²"}).status_code == 200
