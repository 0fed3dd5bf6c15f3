"""Only a draft that never was public, and that nothing refers to, is deleted."""

import pytest
from django.urls import reverse
from django.utils import timezone

from curation.choices import Action
from curation.deleting import delete, obstacles
from curation.models import AuditEntry, Schedule
from curation.releasing import Refused
from sources.models import Source
from tests import factories as make
from tests.desk import at_desk, person
from tests.factories import call, cite

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("lenient_templates")]


@pytest.fixture
def admin():
    return person("admin", "Admins")


def draft():
    return make.SourceFactory(draft=True, title="A draft")


def address(record):
    return reverse(record.snippet_viewset.get_url_name("delete"), args=[record.pk])


def in_a_citation(source):
    cite(make.CaseFactory(title="The case"), source)
    return "The case"


def in_an_alias(source):
    call(make.StrategyFactory(name="The term"), "Word", source=source)
    return "The term"


def in_a_draft_only(source):
    case = make.CaseFactory(title="The case")
    citation = cite(case, source)
    case.save_revision(clean=False)
    citation.delete()
    return "The case"


def once_public(source):
    Source.objects.filter(pk=source.pk).update(first_published_at=timezone.now())
    return "withdrawn, not deleted"


def merged(source):
    Source.objects.filter(pk=source.pk).update(merged_into=make.SourceFactory())
    return "merged"


@pytest.mark.parametrize(
    "used", [in_a_citation, in_an_alias, in_a_draft_only, once_public, merged]
)
def test_what_stands_in_the_way_is_said_and_there_is_no_button(admin, used):
    source = draft()
    why = used(source)
    client = at_desk(admin)
    page = client.get(address(source)).content.decode()
    assert why in page
    assert "Delete it" not in page
    assert client.post(address(source)).status_code == 200
    assert Source.objects.filter(pk=source.pk).exists()
    assert not AuditEntry.objects.exists()


def test_a_case_with_a_safety_file_is_not_deleted():
    consent = {
        "given_by": "A role",
        "authority": "Board",
        "given_on": timezone.now().date(),
    }
    case = make.CaseFactory(draft=True)
    case.consents.create(**consent)
    assert any(case.code in str(why) for why in obstacles(case))


def test_a_draft_that_nothing_refers_to_is_deleted_and_noted(admin):
    source = draft()
    source.save_revision(user=admin)
    Schedule.objects.create(
        kind="source", record_id=source.pk, digest="x", publisher=admin
    )
    client = at_desk(admin)
    page = client.get(address(source)).content.decode()
    assert "Delete it" in page
    assert Source.objects.filter(pk=source.pk).exists()
    assert client.post(address(source)).status_code == 302
    assert not Source.objects.filter(pk=source.pk).exists()
    assert not Schedule.objects.exists()
    (entry,) = AuditEntry.objects.all()
    assert (entry.action, entry.code) == (Action.DELETED, source.slug)


def test_its_own_versions_do_not_stand_in_the_way(admin):
    term = make.StrategyFactory(draft=True)
    term.replaced_by = term
    term.save_revision(clean=False)
    delete(type(term).objects.get(pk=term.pk), by=admin)


@pytest.mark.parametrize("role", ["Authors", "Reviewers", "Publishers"])
def test_only_an_admin_deletes(role):
    source = draft()
    other = person("other", role)
    with pytest.raises(Refused):
        delete(source, by=other)
    at_desk(other).post(address(source))
    assert Source.objects.filter(pk=source.pk).exists()


def test_many_at_once_are_never_deleted(admin):
    source = draft()
    client = at_desk(admin)
    bulk = reverse("wagtail_bulk_action", args=["sources", "source", "delete"])
    for send in (client.get, client.post):
        answer = send(f"{bulk}?id={source.pk}")
        assert answer.status_code == 404
    assert Source.objects.filter(pk=source.pk).exists()
    listing = reverse(Source.snippet_viewset.get_url_name("list"))
    assert bulk not in (page := client.get(listing).content.decode())
    assert "data-bulk-action" not in page
