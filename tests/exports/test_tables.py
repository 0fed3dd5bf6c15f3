"""The tables of the dataset: what is in them, and what is decided not to be."""

from itertools import groupby

import pytest
from django.apps import apps
from django.db import connection
from django.db.models import F, Q, Subquery
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

from cases import search
from cases.choices import Scope
from cases.models import Case, Encounter, Response
from kb.exports.choosing import BadFilter, Chosen, chosen
from kb.exports.columns import NOT_PUBLIC
from kb.exports.rows import rows
from kb.exports.tables import TABLES, WITHHELD
from sources.models import Source
from tests.factories import (
    CaseFactory,
    ConsentFactory,
    CountryFactory,
    EncounterFactory,
    FormFactory,
    LessonFactory,
    OrganisationFactory,
    ResponseFactory,
    SourceFactory,
    StrategyFactory,
    call,
    child,
    cite,
)


def fields_of(model):
    """What stands in a row of a model, as WITHHELD and columns name it."""
    fields = [*model._meta.concrete_fields, *model._meta.many_to_many]
    return {f"{model.__name__}.{field.name}" for field in fields}


def names_in(source):
    """The paths whose values an expression shows; what it only tests does not count."""
    if isinstance(source, str):
        return {source} - {""}
    if isinstance(source, F):
        return {source.name}
    if isinstance(source, Q | Subquery):
        return set()
    inner = filter(None, source.get_source_expressions())
    return set().union(*map(names_in, inner))


def read_along(model, path):
    """The fields that a path reads, one a step; a key reads that of the other model."""
    for name in path.split("__"):
        field = model._meta.get_field(name.removesuffix("_id"))
        if not field.auto_created:
            yield f"{model.__name__}.{field.name}"
        model = field.related_model
        if name.endswith("_id"):
            yield f"{model.__name__}.{model._meta.pk.name}"


def published():
    """The fields whose values stand in a column."""
    found = set()
    for table in TABLES.values():
        for part in table.parts:
            for column in table.columns:
                source = part.own.get(column.name, column.source)
                for path in names_in(source):
                    found |= set(read_along(part.model, path))
            if part.case:
                found |= set(read_along(part.model, part.case))
            if part.record:
                found |= set(read_along(part.model, part.record))
    return found


def models():
    for app in ("sources", "strategies", "cases"):
        yield from apps.get_app_config(app).get_models()


@pytest.mark.parametrize("model", [*models()], ids=lambda m: m.__name__)
def test_each_field_is_in_a_column_or_withheld_with_a_reason(model):
    """A new field fails here until somebody decides whether to publish it."""
    if model.__name__ in WITHHELD:
        assert not fields_of(model) & published()
        return
    names = fields_of(model)
    withheld = {n for n in names if n in WITHHELD or f"*.{n.split('.')[1]}" in WITHHELD}
    read = published() & names
    assert not names - read - withheld, "publish it in a column, or withhold it"
    told = {name for name in names if name in WITHHELD}
    assert not read & told, "it is published and withheld"


def test_what_is_withheld_exists():
    names = {name for model in models() for name in fields_of(model)}
    names |= {model.__name__ for model in models()}
    names |= {f"*.{name.split('.')[1]}" for name in names if "." in name}
    assert WITHHELD.keys() <= names
    assert all(WITHHELD.values())


@pytest.mark.parametrize("table", [*TABLES.values()], ids=lambda t: t.name)
def test_each_column_is_explained_and_refers_to_a_table(table):
    assert len(set(table.names)) == len(table.names)
    assert set(table.key) <= set(table.names)
    for column in table.columns:
        assert column.label, column.name
        assert str(column.meaning).endswith("."), column.name
        assert column.refers in ("", *TABLES)


@pytest.fixture
def world(db):
    """Two cases that share all, and what stands around them."""
    country, form, strategy = CountryFactory(), FormFactory(), StrategyFactory()
    source, organisation = SourceFactory(), OrganisationFactory(country=country)
    for record in (form, strategy, strategy.family, organisation):
        cite(record, source)
    child(form, "signs", text="A sign", source=source)
    made = [
        CaseFactory(
            country=country,
            organisations=[organisation],
            lines=[(None, strategy), (form, strategy, None), (form,)],
        )
        for _ in range(2)
    ]
    for case in made:
        cite(case, source)
        call(case, "Another name", source=source)
        for encounter in case.encounters.all():
            cite(encounter, source)
    LessonFactory(cases=made, forms=[form], strategies=[strategy])
    return made


def everything(query=""):
    found = chosen(QueryDict(query))
    return {name: list(rows(table, found)) for name, table in TABLES.items()}


def test_rows_have_the_columns_and_the_keys_of_their_table(world):
    for name, found in everything().items():
        table = TABLES[name]
        assert found, name
        assert all(list(row) == table.names for row in found)
        keys = [tuple(row[part] for part in table.key) for row in found]
        assert not table.key or len(set(keys)) == len(keys)


def test_encounters_and_responses_are_numbered_in_their_case(world):
    found = everything()
    of_case = groupby(found["encounters"], key=lambda row: row["case"])
    assert [[row["encounter"] for row in some] for _case, some in of_case] == [
        [1, 2],
        [1, 2],
    ]
    told = [(row["encounter"], row["response"]) for row in found["responses"][:3]]
    assert told == [(1, 1), (2, 1), (2, 2)]
    Encounter.objects.update(sort_order=None)
    assert [row["encounter"] for row in everything()["encounters"]] == [1, 2, 1, 2]


def test_what_is_left_open_is_spelled_and_never_blank(world):
    response = everything()["responses"][2]
    assert response["strategy"] == response["effect"] == "not-stated"
    assert response["side_effects"] == response["risk_bearer"] == "not-stated"
    assert everything()["encounters"][0]["form"] == "not-stated"
    case = CaseFactory()
    told = everything(f"case={case.code}")["cases"][0]
    assert told["organisations"] == ["not-stated"]
    assert told["period_from"] == "not-stated"


def test_a_filter_leaves_out_what_its_cases_do_not_have(world):
    other = CaseFactory(lines=[(FormFactory(), StrategyFactory())])
    LessonFactory(cases=[world[0]])
    found = everything(f"case={other.code}")
    assert [row["code"] for row in found["cases"]] == [other.code]
    form = other.encounters.get().form.slug
    assert [row["slug"] for row in found["forms"]] == [form]
    assert [row["code"] for row in found["countries"]] == [other.country_id]
    assert found["lessons"] == found["organisations"] == found["sources"] == []


def test_drafts_and_what_only_they_use_are_in_no_table(world):
    hidden = CaseFactory(
        draft=True, country=CountryFactory(), organisations=[OrganisationFactory()]
    )
    cite(hidden)
    for factory in (FormFactory, StrategyFactory, LessonFactory, SourceFactory):
        factory(draft=True, slug="hidden-one")
    LessonFactory(slug="of-both", cases=[hidden, world[0]])
    world[0].organisations.add(OrganisationFactory(draft=True))
    world[0].save()

    found = everything()
    assert "hidden-one" not in str(found)
    assert hidden.code not in str(found)
    assert hidden.country_id not in [row["code"] for row in found["countries"]]
    assert len(found["organisations"]) == len(found["sources"]) == 1
    assert len(found["cases"][0]["organisations"]) == 1


def test_a_term_or_source_that_was_taken_back_is_not_named(world):
    form = world[0].encounters.exclude(form=None).first().form
    type(form).objects.filter(pk=form.pk).update(live=False)
    Source.objects.update(live=False)
    found = everything()
    assert form.slug not in str(found)
    assert found["encounters"][1]["form"] == NOT_PUBLIC == "not-public"
    assert {row["source"] for row in found["citations"]} == {NOT_PUBLIC}


@pytest.mark.parametrize("scope", [Scope.EXPORT, Scope.PACKAGE])
def test_a_case_is_given_away_only_where_its_consent_says_so(world, scope):
    told = [CaseFactory(origin="interview") for _ in range(3)]
    ConsentFactory(case=told[0])
    ConsentFactory(case=told[1], scopes=[Scope.TEXT, Scope.COUNTRY])
    ConsentFactory(case=world[0], scopes=[])  # from a published source: not asked
    lesson = LessonFactory(cases=told)

    found = Chosen(scope=scope)
    codes = [row["code"] for row in rows(TABLES["cases"], found)]
    assert sorted(codes) == sorted(case.code for case in (*world, told[0]))
    row = next(
        row for row in rows(TABLES["lessons"], found) if row["slug"] == lesson.slug
    )
    assert row["cases"] == [told[0].code]
    ConsentFactory(case=told[0], scopes=[Scope.TEXT])
    assert len(Chosen(scope=scope)) == 2


@pytest.mark.parametrize(
    ("query", "bad"),
    [
        ("nonsense=1", "nonsense=1"),
        ("form=nonsense", "form=nonsense"),
        ("case=C999", "case=C999"),
        ("case=nonsense", "case=nonsense"),
        ("page=2", "page=2"),
        ("sort=a&sort=b", "sort=a"),
        ("&".join(f"case=C{n:03d}" for n in range(100)), "case=C"),
    ],
)
@pytest.mark.django_db
def test_what_cannot_be_used_is_named(query, bad):
    with pytest.raises(BadFilter, match=bad):
        chosen(QueryDict(query))


def test_many_cases_cost_as_many_questions_as_few(world):
    def cost():
        seen = chosen(QueryDict())
        with CaptureQueriesContext(
            connection,
        ) as asked:
            for table in TABLES.values():
                list(rows(table, seen))
        return len(asked)

    cost()  # an expression learns its columns once
    before = cost()
    for _ in range(5):
        case = CaseFactory(country=world[0].country)
        cite(ResponseFactory(encounter=EncounterFactory(case=case)))
    assert Case.objects.count() == 7
    assert Response.objects.count() == 11
    assert cost() == before


def test_words_are_asked_and_the_best_come_first(world):
    CaseFactory(title="A radio show")
    search.refresh()
    assert [row["title"] for row in everything("q=radio")["cases"]] == ["A radio show"]
