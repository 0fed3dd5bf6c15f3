"""A version becomes the record that the library would make of it."""

import pytest
from modelcluster.models import ClusterableModel

from cases.models import Case, Encounter
from curation.kinds import KINDS
from sources.history import content_of
from sources.pointing import all_of
from sources.versions import record_of
from tests import factories as make
from tests.factories import call, cite

pytestmark = pytest.mark.django_db


@pytest.fixture
def case():
    lines = [(make.FormFactory(), make.StrategyFactory()), (make.FormFactory(), None)]
    organisations = [make.OrganisationFactory(), make.OrganisationFactory()]
    case = make.CaseFactory(lines=lines, organisations=organisations)
    call(case, "Another word")
    for row in [*all_of(case)]:
        if hasattr(row, "citations"):
            cite(row)
    return Case.objects.get(pk=case.pk)


def by_the_library(model, data):
    return ClusterableModel.from_serializable_data.__func__(model, data, False)


def told(record):
    """All that rows hold, and whether they count as stored."""
    rows = [
        (type(row), row._state.adding, field.name, getattr(row, field.attname))
        for row in all_of(record)
        for field in row._meta.concrete_fields
    ]
    lists = [
        {other.pk for other in getattr(record, field.name).all()}
        for field in record._meta.many_to_many
    ]
    return rows, lists


def alike(model, data):
    """What both make of a version."""
    ours = told(record_of(model, data))
    assert ours == told(by_the_library(model, data))
    return ours


@pytest.mark.usefixtures("eight_cases")
@pytest.mark.parametrize("kind", KINDS)
def test_every_record_that_we_publish_comes_back(kind):
    for record in KINDS[kind].objects.all():
        alike(KINDS[kind], content_of(record))


def test_a_case_comes_back_with_all_that_is_in_it(case):
    rows, [organisations] = alike(Case, content_of(case))
    kinds = {kind for kind, *_of in rows}
    assert len(kinds) == 7
    assert len(organisations) == 2


def test_a_row_that_nobody_stored_has_no_key_yet(case):
    content = content_of(case)
    content["encounters"][0] |= {"pk": None, "responses": []}
    rows, _lists = alike(Case, content)
    assert (Encounter, True, "id", None) in rows


@pytest.mark.parametrize("without", ["aliases", "encounters", "title", "origin"])
def test_a_version_from_before_there_was_a_field_gets_what_is_usual(case, without):
    content = content_of(case)
    del content[without]
    alike(Case, content)
    alike(Case, content | {"a_field_of_old": 1})


@pytest.mark.parametrize("moment", ["2020-01-02T03:04:05", "2020-01-02T03:04:05+02:00"])
def test_moments_are_those_of_the_site(case, moment, settings):
    settings.TIME_ZONE = "Asia/Yangon"
    alike(Case, content_of(case) | {"last_published_at": moment})


def test_what_it_points_at_is_loaded_with_it(case, django_assert_num_queries):
    record = record_of(Case, content_of(case))
    with django_assert_num_queries(0):
        names = [str(o) for o in record.organisations.all()]
        names += [str(e.form) for e in record.encounters.all()]
        names += [str(c.source) for c in record.citations.all()]
    assert len(names) == 5
    assert not record.country or "country" in record._state.fields_cache


@pytest.mark.parametrize("keys", [[], [True]])
def test_an_odd_list_is_taken_as_the_library_takes_it(case, keys):
    content = content_of(case) | {"organisations": keys}
    alike(Case, content)


def test_a_list_of_what_is_no_key_is_refused(case):
    with pytest.raises(ValueError, match="expected a number"):
        record_of(Case, content_of(case) | {"organisations": ["none"]})


def test_what_no_key_can_be_is_not_there(case):
    content = content_of(case)
    content["encounters"][0]["form"] = 2**70
    [first, _second] = record_of(Case, content).encounters.all()
    assert first.form_id == 2**70
    assert "form" not in first._state.fields_cache


@pytest.mark.parametrize("odd", [{"aliases": "abc"}, {"aliases": [{"name": "Other"}]}])
def test_what_is_no_row_is_refused_as_the_library_refuses_it(case, odd):
    content = content_of(case) | odd
    with pytest.raises((TypeError, KeyError)) as theirs:
        by_the_library(Case, content)
    with pytest.raises(theirs.type):
        record_of(Case, content)
