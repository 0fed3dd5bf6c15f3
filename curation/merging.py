"""Making one record of two: references move, names stay, the old address leads on."""

from collections.abc import Iterator

from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from wagtail.log_actions import LogContext

from cases import search
from cases.models import Organisation, ResistanceForm
from curation import audit
from curation.choices import Action
from curation.models import Schedule
from curation.releasing import Refused, locked
from curation.roles import ADMINS, has_role
from sources.choices import ChangeKind, CitationBasis
from sources.history import keep_first
from sources.models import Alias, Change, Citation, Record, Source
from sources.names import aliases_of
from sources.twins import named_by, words_of
from sources.uses import owner, references
from strategies.models import Strategy, StrategyFamily

KINDS = (Source, Strategy, StrategyFamily, ResistanceForm, Organisation)
MERGED = "kb.merged"  # how Wagtail’s log calls it


@transaction.atomic
def merge(loser: Record, winner: Record, *, by: AbstractBaseUser) -> None:
    """Let one record take the place of another, everywhere and for good.

    Raises Refused with the reasons; nothing has moved then.
    """
    if not has_role(by, ADMINS):
        raise Refused(_("Only an admin merges."))
    if type(loser) is not type(winner) or type(loser) not in KINDS:
        raise Refused(_("Only terms, sources and organisations of one kind merge."))
    if loser.pk == winner.pk:
        raise Refused(_("These are one and the same."))
    first, second = sorted((loser, winner), key=lambda record: record.pk)
    rows = {record.pk: locked(record) for record in (first, second)}
    loser, winner = rows[loser.pk], rows[winner.pk]
    if reasons := [*against(loser, winner)]:
        raise Refused(*reasons)
    touched = changed_by(loser, winner)
    with LogContext(user=by):
        for record in touched:
            keep_first(record)
        move(loser, winner)
        if loser.live or not winner.live:
            hand_over_names(loser, winner)
        retire(loser, winner)
        for record in touched:
            # A draft of it stays on top: it is stopped when it is to be released.
            if record in (loser, winner) or not record.has_unpublished_changes:
                keep(record)
    tell(loser, winner)
    search.refresh()
    audit.note(by, Action.MERGED, loser.key)


def against(loser: Record, winner: Record) -> Iterator[str | Promise]:
    """What speaks against it, whoever does it."""
    for record in (loser, winner):
        if record.merged_into_id:
            yield _("{what} was merged already.").format(what=record)
        if record.withdrawn_at:
            yield _("{what} was withdrawn.").format(what=record)
        if record.locked:
            yield _("{what} is locked.").format(what=record)
    if loser.live and not winner.live:
        yield _("{what} is not public, and public records would point at it.").format(
            what=winner
        )
    if winner.live and winner.has_unpublished_changes:
        yield _(
            "{what} has a draft that knows nothing of this: release it first."
        ).format(what=winner)


def changed_by(loser: Record, winner: Record) -> list[Record]:
    """The records whose text a merge changes."""
    owners = [owner(row) for _field, row in references(loser)]
    found = [record for record in owners if isinstance(record, Record)]
    return list(dict.fromkeys([loser, winner, *found]))


def move(loser: Record, winner: Record) -> None:
    """Let everything that points at one record point at the other."""
    for field, row in [*references(loser)]:
        if field.many_to_many:
            move_listing(field, row, loser, winner)
        elif row == winner:  # the winner was to replace, or be replaced by, the loser
            type(row).objects.filter(pk=row.pk).update(**{field.name: None})
        else:
            move_row(field, row, winner)


def move_listing(
    field: models.ManyToManyField, row: Record, loser: Record, winner: Record
) -> None:
    """Let a record list the winner, once, where it listed the loser."""
    here, there = field.m2m_field_name(), field.m2m_reverse_field_name()
    through = field.remote_field.through._base_manager
    if through.filter(**{here: row, there: winner}).exists():
        through.filter(**{here: row, there: loser}).delete()
    else:
        through.filter(**{here: row, there: loser}).update(**{there: winner})


def move_row(field: models.Field, row: models.Model, winner: Record) -> None:
    """Let one row point at the winner; drop it where the very same stands there."""
    setattr(row, field.name, winner)
    if isinstance(row, Citation | Alias) and is_doubled(row):
        row.delete()
        return
    try:
        row.validate_constraints()
    except ValidationError as error:
        why = " ".join(error.messages)
        raise Refused(f"{owner(row)}: {why}") from error
    type(row)._base_manager.filter(pk=row.pk).update(**{field.name: winner})


def is_doubled(row: models.Model) -> bool:
    """Whether a row like this one, its place aside, stands beside it."""
    values = {
        field.attname: getattr(row, field.attname)
        for field in row._meta.fields
        if not field.primary_key and field.name != "sort_order"
    }
    return type(row)._base_manager.filter(**values).exclude(pk=row.pk).exists()


def hand_over_names(loser: Record, winner: Record) -> None:
    """Make the loser’s name and aliases aliases of the winner, none of them twice.

    The names of a draft are not handed to a public record: nobody reviewed them.
    """
    rows = aliases_of(type(winner))
    if rows is None:
        return
    known = {words_of(getattr(winner, named_by(type(winner))))}
    known |= {words_of(alias.name) for alias in winner.aliases.all()}
    place = winner.aliases.count()
    for alias in [*loser.aliases.all(), own_name(rows, loser)]:
        if words_of(alias.name) in known:
            continue
        known.add(words_of(alias.name))
        alias.parent, alias.sort_order = winner, place
        alias.save()
        place += 1


def own_name(rows: type[Alias], record: Record) -> Alias:
    """The name of a record as an alias."""
    longest = rows._meta.get_field("name").max_length
    return rows(name=record.name[:longest], basis=CitationBasis.READING)


def retire(loser: Record, winner: Record) -> None:
    """Take the loser out of the public; a page of it that was public leads onwards."""
    loser.first_published_at = loser.first_published_at or (
        timezone.now() if loser.live else None
    )
    type(loser).objects.filter(pk=loser.pk).update(
        live=False,
        merged_into=winner,
        first_published_at=loser.first_published_at,
    )
    Schedule.objects.of(loser).delete()


def keep(record: Record) -> None:
    """Write what is stored now into the history of a record."""
    record = type(record).objects.get(pk=record.pk)
    is_draft = record.has_unpublished_changes
    record.save_revision(log_action=MERGED, changed=is_draft, clean=False)


def tell(loser: Record, winner: Record) -> None:
    """Tell the public, where it knew the loser."""
    if not loser.live:
        return
    Change.objects.create(
        kind=winner._meta.model_name,
        record_id=winner.pk,
        what=ChangeKind.MERGED,
        words=_("“{loser}” was merged into “{winner}”.").format(
            loser=loser, winner=winner
        ),
    )
