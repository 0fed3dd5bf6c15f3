"""What records are called, and finding one by any of its names."""

import re
import unicodedata

from django.db import models

from sources.models import Record

CALLED = ("name", "title", "code", "slug")
MOST = 200  # more hits than this help nobody to choose


# What a word is the same with and without: accents, Arabic vowels and the line that
# stretches a word, signs of no width.
UNSEEN = re.compile(
    "[\u0300-\u036f\u0610-\u061a\u061c\u0640\u064b-\u065f\u0670\u06d6-\u06ed\u00ad"
    "\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe00-\ufe0f\ufeff]"
)
# Letters that stand for one another: Arabic and Urdu forms of one letter, the Turkish i
# without a dot, and both scripts of Serbian.
ONE_LETTER = str.maketrans(
    {
        **{
            "ٱ": "ا",
            "ى": "ي",
            "ی": "ي",
            "ک": "ك",
            "ہ": "ه",
            "ە": "ه",
            "ة": "ه",
            "ۃ": "ه",
        },
        **{"ı": "i", "đ": "dj", "ł": "l", "ø": "o", "æ": "ae", "œ": "oe"},
        **dict(zip("абвгдезијклмнопрстуфхц", "abvgdezijklmnoprstufhc", strict=True)),
        **{"ђ": "dj", "ж": "z", "љ": "lj", "њ": "nj", "ћ": "c", "ч": "c", "џ": "dz"},
        "ш": "s",
    }
)


def fold(text: str) -> str:
    """Letters without case, accents and other forms: “Türkiye” and “turkiye” are one.

    Serbian is the same in both its scripts, and Arabic letters are in all theirs.
    """
    if text.isascii():
        return text.lower()
    letters = unicodedata.normalize("NFKD", text.casefold())
    kept = UNSEEN.sub("", letters).casefold()
    return unicodedata.normalize("NFKD", kept).translate(ONE_LETTER)


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
