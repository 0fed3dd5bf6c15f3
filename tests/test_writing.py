"""Rows that are written together are stored as the ORM would store them."""

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import AutoField
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail.models import ModelLogEntry

from cases.models import Case, WaitingEntry
from curation.choices import Action
from curation.models import AuditEntry
from sources.choices import NOT_STATED, ChangeKind
from sources.models import Change
from sources.writing import Row, write
from tests import factories

pytestmark = pytest.mark.django_db


def change(**fields):
    """A change that is not stored yet."""
    told = {"kind": "case", "record_id": 7, "what": ChangeKind.CHANGED, **fields}
    return Change(**told)


def as_stored(row):
    """Every column of a row, read anew."""
    names = [field.attname for field in row._meta.concrete_fields]
    return type(row).objects.filter(pk=row.pk).values(*names).get()


@pytest.mark.parametrize(
    "row",
    [
        lambda: change(words="50 % of it; “ü” \\ 'one' \n %s"),
        lambda: WaitingEntry(3, b"\x00\xff%s", b"before", b"after"),
        lambda: ModelLogEntry(
            content_type_id=None,
            object_id="7",
            action="wagtail.rename",
            label="A name",
            data={"title": {"old": None, "new": ["%", 1]}},
            content_changed=True,
            timestamp=timezone.now(),
            uuid="6d2f3b0a-3a44-4e61-9c51-3c8a4d1b7f10",
        ),
    ],
)
def test_a_new_row_is_stored_as_the_orm_stores_it(row):
    plain = row()
    with transaction.atomic():
        plain.save(force_insert=True)
        expected = as_stored(plain)
        transaction.set_rollback(True)
    ours = type(plain)(**expected | {"pk": None if has_serial(plain) else plain.pk})
    write(Row(ours))
    assert not ours._state.adding
    assert as_stored(ours) == expected | {ours._meta.pk.attname: ours.pk}


def has_serial(row):
    """Whether the database gives rows of this kind their keys."""
    return isinstance(row._meta.pk, AutoField)


def test_only_the_fields_that_are_named_are_stored_of_a_row_that_is_there():
    case = factories.CaseFactory(period_from=2015, period_basis="stated")
    other = factories.CaseFactory()
    before, title = as_stored(other), case.title
    case.title, case.context, case.period_from = "Not stored", "New words", None
    case.period_basis = NOT_STATED
    write(Row(case, ("context", "period_from", "period_basis")))
    found = as_stored(case)
    assert (found["title"], found["context"]) == (title, "New words")
    assert found["period_from"] is None
    assert as_stored(other) == before


def test_a_row_that_is_gone_is_not_taken_for_changed():
    case = factories.CaseFactory()
    Case.objects.filter(pk=case.pk).delete()
    with pytest.raises(DatabaseError, match="not there"), transaction.atomic():
        write(Row(case, ("title",)))


def test_a_row_that_may_be_there_is_new_or_changed():
    for tokens in (b"first", b"second"):
        write(Row(WaitingEntry(3, b"3", tokens, tokens), ("tokens",), or_new=True))
    [row] = WaitingEntry.objects.all()
    assert (bytes(row.told), bytes(row.tokens)) == (b"first", b"second")


def test_rows_are_written_in_their_order_and_postgresql_gets_one_message():
    for _ in range(2):  # the second time the server knows how
        rows = [Row(change(words=str(n))) for n in range(5)]
        with CaptureQueriesContext(connection) as sent:
            write(*rows)
    assert len(sent) == {"sqlite": 5, "postgresql": 1}[connection.vendor]
    keys = [row.of.pk for row in rows]
    assert keys == sorted(set(keys))
    assert [Change.objects.get(pk=key).words for key in keys] == [*"01234"]
    write()


def test_nothing_is_written_where_one_row_may_not_be():
    good, bad = change(), AuditEntry(action=Action.HID, before="x", seal="x")
    with pytest.raises(IntegrityError), transaction.atomic():
        write(Row(good), Row(bad))  # it says no minute
    assert not Change.objects.exists()
