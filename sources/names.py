"""What records are called, and finding one by any of its names."""

import unicodedata

from django.db import models

from sources.models import Record

CALLED = ("name", "title", "code", "slug")
MOST = 200  # more hits than this help nobody to choose


def fold(text: str) -> str:
    """Small letters without accents: “Türkiye” and “turkiye” are one word."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    kept = "".join(c for c in letters if not "\u0300" <= c <= "\u036f")
    return kept.casefold()


def spellings(
    model: type[Record], called: tuple[str, ...] = CALLED
) -> dict[int, list[str]]:
    """Every record by key, merged ones left out, with all that it is called."""
    own = [field.name for field in model._meta.fields if field.name in called]
    records = model._base_manager.filter(merged_into=None).order_by()
    found = {pk: list(names) for pk, *names in records.values_list("pk", *own)}
    if aliases := aliases_of(model):
        for pk, name in aliases._base_manager.values_list("parent_id", "name"):
            if pk in found:
                found[pk].append(name)
    return found


def aliases_of(model: type[Record]) -> type[models.Model] | None:
    """The rows that hold other names of a kind of record, where it has any."""
    relation = getattr(model, "aliases", None)
    return relation.rel.related_model if relation else None


def matching(model: type[Record], query: str) -> list[int]:
    """The keys of records that hold every word of a query in some name, best first."""
    words = fold(query).split()
    whole = " ".join(words)
    hits = []
    for pk, names in spellings(model).items():
        folded = [fold(name) for name in names]
        text = "\n".join(folded)
        if all(word in text for word in words):
            hits.append((not any(name.startswith(whole) for name in folded), pk))
    return [pk for _later, pk in sorted(hits)[:MOST]]
