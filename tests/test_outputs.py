"""What may not be seen is in no output: each looks as if it did not exist."""

from datetime import timedelta

import pytest
from django.urls import URLPattern, get_resolver
from django.utils import timezone

from cases import search
from cases.choices import Scope
from cases.visibility import EVER
from curation.withdrawing import take_back, withdraw
from kb.exports import versions
from kb.outputs import OUTPUTS, addresses
from sources.models import Change
from tests.factories import (
    CaseFactory,
    ConsentFactory,
    CountryFactory,
    EncounterFactory,
    FormFactory,
    LessonFactory,
    OrganisationFactory,
    RegionFactory,
    ResponseFactory,
    SourceFactory,
    StrategyFactory,
    cite,
)
from tests.opening import text_of

pytestmark = pytest.mark.django_db


def names(patterns, prefix=""):
    """Names of all public addresses."""
    for pattern in patterns:
        if str(pattern.pattern).startswith("desk/"):
            continue
        if isinstance(pattern, URLPattern):
            yield f"{prefix}{pattern.name}"
        else:
            inner = f"{pattern.namespace}:" if pattern.namespace else ""
            yield from names(pattern.url_patterns, f"{prefix}{inner}")


def test_every_public_address_is_registered_once():
    registered = [output.name for output in OUTPUTS]
    assert sorted(registered) == sorted(names(get_resolver().url_patterns))


def test_an_address_leads_to_the_output_that_it_is_registered_for(full_case):
    resolve = get_resolver().resolve
    for output in OUTPUTS:
        for address in output.addresses(full_case):
            assert resolve(address.partition("?")[0]).view_name == output.name


# Files that a command makes; tests/test_offline.py looks into them.
MADE_BEFORE = ("offline:file",)


@pytest.fixture
def background():
    """A world with another case in it, that shares everything with the first."""
    region = RegionFactory(name="Southern Asia")
    country = CountryFactory(region=region)
    form, strategy, source = FormFactory(), StrategyFactory(), SourceFactory()
    organisation = OrganisationFactory(country=country)
    for record in (form, strategy, strategy.family, organisation):
        cite(record, source)

    def make(**values):
        case = CaseFactory(country=country, organisations=[organisation], **values)
        encounter = EncounterFactory(case=case, form=form)
        for row in (
            case,
            encounter,
            ResponseFactory(encounter=encounter, strategy=strategy),
        ):
            cite(row, source)
        return case

    other = make(title="The other one")
    LessonFactory(cases=[other])
    return make


@pytest.fixture
def full_case(background):
    """A public case that stands in every output that shows cases."""
    case = background(code="C777", slug="quagmire", title="Quagmire")
    LessonFactory(cases=[case], slug="a-lesson")
    Change.objects.create(kind="case", record_id=case.pk, what="published")
    search.refresh()
    versions.keep_up()
    return case


def seen(client, found):
    """What each address answers."""
    pages = {}
    for address in found:
        response = client.get(address)
        client.cookies.clear()  # the marker of whoever leaves
        pages[address] = response.status_code, text_of(response)
    return pages


@pytest.fixture
def without(client, full_case):
    """What each address answers where the case never was."""
    found = list(addresses(full_case))
    type(full_case).objects.filter(pk=full_case.pk).update(live=False)
    return seen(client, found)


def test_each_output_shows_a_case_that_may_be_seen(client, full_case, without):
    type(full_case).objects.filter(pk=full_case.pk).update(live=True)
    for output in OUTPUTS:
        if output.scope and output.name not in ("pages:withdrawn", *MADE_BEFORE):
            shown = seen(client, output.addresses(full_case))
            assert all(shown[address] != without[address] for address in shown), output
            assert shown


def expired(case):
    yesterday = timezone.now() - timedelta(days=1)
    type(case).objects.filter(pk=case.pk).update(live=True, visible_until=yesterday)


def embargoed(case):
    tomorrow = timezone.now() + timedelta(days=1)
    type(case).objects.filter(pk=case.pk).update(live=True, visible_from=tomorrow)


def unsettled(case):
    type(case).objects.filter(pk=case.pk).update(visible_from=None, visible_until=None)


def hidden(case):
    type(case).objects.filter(pk=case.pk).update(live=True, visible_from=EVER)
    take_back(case)


def withdrawn(case):
    withdraw(case, by=None)


OF_ONE_CASE = {"cases:detail", "citing:case", "api:record"}
TELL_THAT_IT_LEFT = {"pages:changes", "pages:withdrawn", "feeds:changes"}


@pytest.mark.parametrize(
    "hide", [expired, embargoed, unsettled, hidden, withdrawn], ids=lambda f: f.__name__
)
def test_a_case_that_may_not_be_seen_might_as_well_not_exist(
    client, full_case, without, hide
):
    hide(full_case)
    for output in OUTPUTS:
        for address, (status, text) in seen(
            client, output.addresses(full_case)
        ).items():
            if output.name in TELL_THAT_IT_LEFT:
                assert "uagmire" not in text
            elif output.name in OF_ONE_CASE:
                assert status == (410 if hide is withdrawn else 404)
                assert "uagmire" not in text
            else:
                assert (status, text) == without[address], address


def test_an_output_that_needs_more_than_the_text_shows_nothing_without_it(
    client, full_case, without
):
    values = {"live": True, "origin": "interview"}
    type(full_case).objects.filter(pk=full_case.pk).update(**values)
    needy = [output for output in OUTPUTS if output.scope not in (None, Scope.TEXT)]
    assert needy
    for output in needy:
        ConsentFactory(case=full_case, scopes=[s for s in Scope if s != output.scope])
        found = seen(client, output.addresses(full_case))
        for address, (status, text) in found.items():
            assert (status, text) == without[address], address
    assert "Quagmire" in client.get("/cases/").text


def test_search_tells_nothing_of_a_case_that_may_not_be_seen(
    client, full_case, without
):
    expired(full_case)
    assert search.entries("quagmire").exists()  # until the next sweep
    assert client.get("/cases/?q=C777").text == without["/cases/?q=C777"][1]


@pytest.mark.parametrize("values", [{"placeless": True}, {"region": True}])
def test_a_case_that_tells_no_country_is_on_the_page_of_none(
    client, background, values
):
    if "region" in values:
        values = {"only_region": RegionFactory()}
    case = CaseFactory(title="Quagmire", **values)
    search.refresh()
    output = next(output for output in OUTPUTS if output.name == "cases:country")
    for _status, text in seen(client, output.addresses(case)).values():
        assert "Quagmire" not in text
