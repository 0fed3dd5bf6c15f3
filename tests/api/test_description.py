"""OpenAPI: valid, of all that there is; and what it says is what is answered."""

import os

import hypothesis
import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from openapi_spec_validator import OpenAPIV31SpecValidator
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

from kb.exports.tables import TABLES

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("content")]

# The same 300 questions in each run; by hand, KB_FUZZ=2000 asks so many, new ones.
BY_HAND = os.environ.get("KB_FUZZ")
QUESTIONS = int(BY_HAND or "300")
# What a schema cannot say of these: which words say something, which codes there are,
# which cursors were given, how many values a case can be asked to have all of.
UNTOLD = ("q=", "case=", "cursor")


@pytest.fixture
def described(client):
    return client.get("/api/v1/openapi.json").json()


def test_the_description_is_valid_and_tells_each_table_and_column(described):
    OpenAPIV31SpecValidator(described).validate()
    for name, table in TABLES.items():
        assert f"/api/v1/{name}" in described["paths"]
        row = described["components"]["schemas"][name]["properties"]
        assert list(row)[: len(table.names)] == table.names
    for path, methods in described["paths"].items():
        assert list(methods) == ["get"], path


def test_the_description_offers_the_values_that_there_are(described):
    parameters = described["components"]["parameters"]
    assert "repression" in parameters["form"]["schema"]["items"]["enum"]
    assert "AM" in parameters["country"]["schema"]["items"]["enum"]
    assert "country_match" not in parameters


@pytest.fixture
def one_connection():
    """A server closes connections between requests, and with them what is in a test."""
    signals = request_started, request_finished
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


@pytest.mark.usefixtures("one_connection")
@pytest.mark.parametrize("mode", GenerationMode)
def test_what_is_described_is_what_is_answered(mode):
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", WSGIHandler())
    statuses = set()

    @hypothesis.given(schema.as_strategy(generation_mode=mode))
    @hypothesis.settings(max_examples=QUESTIONS // 2, derandomize=not BY_HAND)
    def ask(case):
        response = case.call(headers={"Accept-Encoding": "identity"})
        case.validate_response(response, excluded_checks=[positive_data_acceptance])
        statuses.add(response.status_code)
        if response.status_code == 400 and mode.is_positive:
            named = response.json()["parameters"]
            assert all(n.startswith(UNTOLD) or "_match=" in n for n in named), named

    ask()
    assert 400 in statuses
    assert mode.is_negative or 200 in statuses
