"""Every question we ask of cases and of what surrounds them, each named once.

A *line* of a case is one encounter with one of its responses, or with none; a case
without encounters has one empty line. Whatever a line leaves open is “not stated”.
A question returns a queryset, so questions chain. Nothing here imports models.
"""

import json
from collections.abc import Iterable
from typing import Self

from django.db import models
from django.db.models import F, Func, Prefetch, Q, Value

from sources.choices import NOT_STATED
from sources.querysets import RecordQuerySet


def line_has(path: str, value: str) -> Q:
    """The line’s value at the path; a missing one counts as not stated."""
    if value == NOT_STATED:
        return Q(**{f"{path}__isnull": True}) | Q(**{path: NOT_STATED})
    return Q(**{path: value})


class IsAmong(Func):
    """Whether a key is one of a set: one parameter, however many keys there are."""

    output_field = models.BooleanField()

    def __init__(self, path: str, keys: Iterable[int]):
        super().__init__(F(path), Value(json.dumps(list(keys))))

    def as_sqlite(self, compiler, connection, **context):
        return self.as_sql(
            compiler,
            connection,
            arg_joiner=" IN (SELECT value FROM json_each(",
            template="(%(expressions)s)))",
            **context,
        )

    def as_postgresql(self, compiler, connection, **context):
        return self.as_sql(
            compiler,
            connection,
            arg_joiner=" IN (SELECT value::bigint FROM json_array_elements_text(",
            template="(%(expressions)s::json)))",
            **context,
        )


class CaseQuerySet(RecordQuerySet):
    KEY = "code"

    def with_line(self, condition: Q) -> Self:
        """Cases of which at least one line meets the condition."""
        lines = self.model._default_manager.filter(condition)
        return self.filter(pk__in=lines.order_by().values("pk"))

    def with_encounters(self) -> Self:
        """Load what cases met and did, where, and who."""
        encounters = related(self.model, "encounters")
        responses = related(encounters, "responses")
        return self.select_related("country__region", "region").prefetch_related(
            Prefetch("organisations", named(self.model)),
            Prefetch("encounters", encounters.objects.select_related("form")),
            Prefetch(
                "encounters__responses",
                responses.objects.select_related("strategy__family"),
            ),
        )

    def for_display(self) -> Self:
        """Load all that a case’s own page shows, down to each citation."""
        lessons = related(self.model, "lessons")
        return self.with_encounters().prefetch_related(
            "aliases__source",
            "citations__source",
            "encounters__citations__source",
            "encounters__responses__citations__source",
            Prefetch("lessons", lessons.objects.published()),
            "lessons__citations__source",
        )

    def in_order_of(self, keys: list[int]) -> list[models.Model]:
        """Those of these cases that are in the queryset, in the order of the keys."""
        found = {case.pk: case for case in self.filter(pk__in=keys)} if keys else {}
        return [found[key] for key in keys if key in found]

    def among(self, keys: Iterable[int]) -> Self:
        """Those of these cases that have one of the keys, however many there are."""
        return self.filter(IsAmong("pk", keys))

    def newest_first(self) -> Self:
        """By when their text last changed in public."""
        return self.order_by(F("last_published_at").desc(nulls_last=True), "code")

    def resting_on(self, source: models.Model) -> Self:
        """The cases that are told from a source."""
        return self.filter(citations__source=source).distinct()


class CountryQuerySet(models.QuerySet):
    def for_display(self) -> Self:
        """Load a country with the regions that contain it."""
        return self.select_related("region__parent__parent__parent")


class FormQuerySet(RecordQuerySet):
    def for_display(self) -> Self:
        """Load all that the page of a form shows."""
        return self.select_related("replaced_by").prefetch_related(
            "aliases__source", "signs__source", "citations__source"
        )


class LessonQuerySet(RecordQuerySet):
    def of_kind(self, kind: str) -> Self:
        """Findings, lessons or recommendations."""
        return self.filter(kind=kind)

    def for_display(self) -> Self:
        """Load a lesson with what it rests on and what it speaks of."""
        return self.prefetch_related(
            "citations__source",
            *(
                Prefetch(name, related(self.model, name).objects.published())
                for name in ("cases", "forms", "strategies")
            ),
        )


class ContextNoteQuerySet(RecordQuerySet):
    def for_display(self) -> Self:
        """Load notes with their sources."""
        return self.select_related("organisation").prefetch_related("citations__source")


def related(model: type[models.Model], name: str) -> type[models.Model]:
    """The model at the other end of a relation."""
    return model._meta.get_field(name).related_model


def named(case: type[models.Model]) -> models.QuerySet:
    """Organisations that may be shown."""
    return related(case, "organisations").objects.published()
