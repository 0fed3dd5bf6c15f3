"""Which public statements a source carries, whatever kind of record they stand on."""

from collections import Counter
from dataclasses import dataclass

from django.db import models
from django.utils.functional import Promise
from django.utils.text import capfirst

from sources.models import Alias, Citation, Record, Source
from sources.pointing import is_parent


@dataclass(frozen=True)
class Statement:
    """One thing that a source is cited for."""

    record: Record  # the public page it stands on
    about: str | Promise  # which kind of thing it is said of
    text: str
    locator: str
    basis: str
    basis_label: str | Promise


def kinds() -> list[type[models.Model]]:
    """Every model that cites: each subclass of Citation and of Alias."""
    return [*Citation.__subclasses__(), *Alias.__subclasses__()]


def path_up(model: type[models.Model]) -> list[str]:
    """The relations from a citing row up to the record with a page."""
    path = []
    while not issubclass(model, Record):
        parent = next(f for f in model._meta.fields if is_parent(f))
        path.append(parent.name)
        model = parent.related_model
    return path


def public(kind: type[models.Model]) -> models.QuerySet:
    """The citing rows of public records."""
    path, model = path_up(kind), kind
    for step in path:
        model = model._meta.get_field(step).related_model
    return kind.objects.filter(model.is_public("__".join([*path, ""])))


def carried_by(source: Source) -> list[Statement]:
    """Every public statement that cites the source, grouped by kind of record."""
    found = []
    for kind in kinds():
        path = path_up(kind)
        rows = public(kind).filter(source=source).select_related("__".join(path))
        found += [statement(row, path) for row in rows.order_by("pk")]
    return sorted(found, key=lambda statement: str(statement.about))


def statement(row: models.Model, path: list[str]) -> Statement:
    """A citing row as a reader sees it."""
    owner = getattr(row, path[0])
    record = owner
    for step in path[1:]:
        record = getattr(record, step)
    text = next(
        value
        for holder, name in (
            *((row, name) for name in ("text", "name")),
            *((owner, name) for name in ("definition", "snapshot", "text", "name")),
        )
        if (value := getattr(holder, name, ""))
    )
    return Statement(
        record=record,
        about=capfirst(owner._meta.verbose_name),
        text=text,
        locator=row.locator,
        basis=row.basis,
        basis_label=row.get_basis_display(),
    )


def counted(sources: models.QuerySet) -> list[Source]:
    """Sources with how many public statements each carries."""
    counts: Counter[int] = Counter()
    for kind in kinds():
        rows = public(kind).filter(source__isnull=False).order_by()
        counts.update(rows.values_list("source_id", flat=True))
    found = list(sources)
    for source in found:
        source.statement_count = counts[source.pk]
    return found
