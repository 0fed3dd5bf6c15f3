"""A difference names exactly what was edited, at every depth, in words."""

import copy
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.models import Case, CaseCitation, Encounter, Response
from sources.differences import (
    Kind,
    between,
    differences,
    marked,
    moves,
    paired,
)
from sources.history import content_of
from tests import factories as make
from tests.factories import call, cite

numbers = itertools.count(1)
# The text of each kind of row that edits change, and the lists below it.
TEXT = {Case: "snapshot", CaseCitation: "locator", Encounter: "text", Response: "text"}
LISTS = {
    Case: {"citations": CaseCitation, "encounters": Encounter},
    Encounter: {"responses": Response},
}


def new_row(draw, model, *, key):
    """A row with text that no other row has, and rows in it."""
    n = next(numbers)
    row = {"pk": n if key else None, "sort_order": 0}
    row[TEXT[model]] = f"words{n} of{n} row{n}"
    for name, child in LISTS.get(model, {}).items():
        size = draw(st.integers(0, 3))
        row[name] = [new_row(draw, child, key=draw(st.booleans())) for _ in range(size)]
        number(row[name])
    return row


def number(rows):
    for n, row in enumerate(rows):
        row["sort_order"] = n


def edit(draw, model, row, path):
    """Change a copy of a row at random; return it and what was done, and where."""
    row, done = copy.deepcopy(row), []
    field = TEXT[model]
    if row["pk"] is not None and draw(st.booleans()):
        row[field] = f"new{next(numbers)}"
        done.append((*path, field, Kind.CHANGED))
    for name, child in LISTS.get(model, {}).items():
        kept = []
        for old in row[name]:
            at = (*path, label(child, old))
            if draw(st.integers(0, 3)) == 0:
                done += everything(child, old, at, Kind.REMOVED)
            else:
                changed, inside = edit(draw, child, old, at)
                kept.append(changed)
                done += inside
        if draw(st.booleans()):
            added = new_row(draw, child, key=False)
            place = draw(st.integers(0, len(kept)))
            kept.insert(place, added)
            done += everything(child, added, (*path, label(child, added)), Kind.ADDED)
        number(kept)
        row[name] = kept
    return row, done


def everything(model, row, path, kind):
    """A row and all in it."""
    found = [(*path, kind)]
    for name, child in LISTS.get(model, {}).items():
        for inner in row[name]:
            found += everything(child, inner, (*path, label(child, inner)), kind)
    return found


def label(model, row):
    """What tells a row from all others, whatever was edited: its key or its words."""
    return model, row[TEXT[model]] if row["pk"] is None else row["pk"]


def told(raw):
    """A difference as edit() writes it down."""
    steps = [
        label(step.model, step.row) if hasattr(step, "row") else step.name
        for step in raw.path
    ]
    return (*steps, raw.kind)


@given(st.data())
def test_the_differences_are_exactly_the_edits(data):
    before = new_row(data.draw, Case, key=True)
    after, done = edit(data.draw, Case, before, ())
    found = [told(raw) for raw in between(Case, before, after, ())]
    assert sorted(found, key=repr) == sorted(done, key=repr)


@given(st.data())
def test_a_version_does_not_differ_from_itself(data):
    row = new_row(data.draw, Case, key=data.draw(st.booleans()))
    assert not list(between(Case, row, copy.deepcopy(row), ()))


@given(st.permutations(range(6)))
def test_no_fewer_rows_could_have_moved(places):
    fewest = min(
        len(places) - len(stay)
        for size in range(len(places) + 1)
        for stay in itertools.combinations(places, size)
        if list(stay) == sorted(stay)
    )
    moved = moves(list(places))
    assert len(moved) == fewest
    rest = [place for place in places if place not in moved]
    assert rest == sorted(rest)


def test_a_row_without_a_key_is_paired_with_what_is_most_like_it():
    old = [{"pk": 1, "text": "They met officials twice"}, {"pk": 2, "text": "Radio"}]
    new = [{"pk": None, "text": "Radio"}, {"pk": None, "text": "They met officials"}]
    assert paired(Response, old, new) == {0: 1, 1: 0}
    assert paired(Response, old, [{"pk": None, "text": "Something else"}]) == {}


@given(st.text(max_size=60), st.text(max_size=60))
def test_marked_texts_are_whole(before, after):
    left, right = marked(before, after)
    assert "".join(text for text, _ in left) == before
    assert "".join(text for text, _ in right) == after
    same = [
        "".join(text for text, differs in side if not differs) for side in (left, right)
    ]
    assert same[0] == same[1]
    assert any(differs for _, differs in left + right) == (before != after)


@pytest.fixture
def case(db):
    """A case with one encounter, answered once, everything cited."""
    form, strategy = make.FormFactory(name="Repression"), make.StrategyFactory()
    case = make.CaseFactory(lines=[(form, strategy)])
    cite(case, make.SourceFactory(title="The brief"), locator="p. 1")
    response = Response.objects.get()
    cite(response, make.SourceFactory(title="The paper"))
    return case


def test_it_speaks_in_words(case):
    before = content_of(case)
    Response.objects.update(effect="mixed", effect_basis="reading")
    call(case, "Other words", note="the press")
    case.organisations.add(make.OrganisationFactory(name="A group"))
    case.save()
    found = {(d.where, d.before, d.after, d.kind) for d in lines(case, before)}
    strategy = Response.objects.get().strategy.name
    here = f"Encounter 1 (Repression) › Response 1 ({strategy})"
    alias = "Name: Other words\nWho uses it: the press\nBasis: Stated in the source"
    assert found == {
        (f"{here} › Effect", "Not stated", "Mixed", "changed"),
        (f"{here} › Basis", "Not stated", "Curator’s reading", "changed"),
        ("Other name 1 (Other words)", "", alias, "added"),
        ("Organisations", "", "A group", "added"),
    }


def test_a_changed_citation_shows_both_sources(case):
    before = content_of(case)
    other = make.SourceFactory(title="The book")
    Response.objects.get().citations.update(source=other)
    (found,) = lines(case, before)
    assert found.where.endswith("Citation 1 (The book) › Source")
    assert (found.before, found.after) == ("The paper", "The book")


@given(st.sets(st.integers(1, 6)), st.sets(st.integers(1, 6)))
def test_lists_of_records_differ_by_what_came_and_went(before, after):
    old, new = ({"pk": 1, "organisations": list(keys)} for keys in (before, after))
    found = {(raw.before, raw.after) for raw in between(Case, old, new, ())}
    gone = {(key, None) for key in before - after}
    assert found == gone | {(None, key) for key in after - before}


def test_state_is_no_difference(case):
    before = content_of(case)
    Case.objects.update(live=False, visible_from=None, visible_until=None, locked=True)
    assert lines(case, before) == []


def test_what_is_no_longer_there_is_said_so(case):
    before = content_of(case)
    after = copy.deepcopy(before)
    after["encounters"][0]["form"] = 10**6
    (found,) = differences(Case, before, after)
    assert (found.before, found.after) == ("Repression", "no longer there")


@pytest.mark.parametrize("size", [2, 12])
def test_the_number_of_questions_does_not_grow(size, db, django_assert_num_queries):
    strategies = [make.StrategyFactory() for _ in range(size)]
    case = make.CaseFactory(lines=[(make.FormFactory(), s) for s in strategies])
    before = content_of(case)
    for response in Response.objects.all():
        cite(response)
    with django_assert_num_queries(8):
        after = content_of(case)
    with django_assert_num_queries(3):
        assert len(differences(Case, before, after)) == size


def lines(case, before):
    """What differs between an earlier version of a case and the stored one."""
    return differences(Case, before, content_of(case))
