"""Pointing out a record that may be there already under nearly the same name."""

from collections.abc import Iterable

from sources.models import Record, Source
from sources.names import fold, spellings

LETTERS = str.maketrans("ıøđłß", "iodls")  # what has no accent to take off
SHORTEST = 5  # letters; shorter names differ by one letter and mean something else
LONG = 9  # letters from which two may differ
BEGINNING = 12  # letters that are enough where one name continues the other
COVERED = 0.6  # or this much of the longer one


def named_by(model: type[Record]) -> str:
    """The field that names records of which there should be one each; else nothing."""
    if model is Source:
        return "title"
    return "name" if hasattr(model, "name") else ""


def near(
    model: type[Record], names: Iterable[str], *, but: int | None = None
) -> list[Record]:
    """Records of a kind whose name or alias is nearly one of these, but one of them."""
    wanted = {words for name in names if name and any(words := words_of(name))}
    hits = [
        pk
        for pk, others in spellings(model, (named_by(model),)).items()
        if pk != but
        and any(alike(one, words_of(other)) for one in wanted for other in others)
    ]
    return list(model._base_manager.filter(pk__in=hits[:10])) if hits else []


def words_of(name: str) -> tuple[str, ...]:
    """The words of a name without case, accents and punctuation."""
    letters = fold(name.casefold().translate(LETTERS))
    return tuple("".join(c if c.isalnum() else " " for c in letters).split())


def alike(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether two names are so close that somebody should look."""
    if sorted(one) == sorted(other):
        return True
    short, long = sorted(("".join(one), "".join(other)), key=len)
    if short == long:
        return True
    if len(short) < SHORTEST:
        return False
    if long.startswith(short):
        return len(short) >= BEGINNING or len(short) >= COVERED * len(long)
    return within(short, long, 1 if len(short) < LONG else 2)


def within(one: str, other: str, most: int) -> bool:
    """Whether so few letters added, left out or changed make one text the other."""
    if abs(len(one) - len(other)) > most:
        return False
    row = list(range(len(other) + 1))
    for n, letter in enumerate(one, 1):
        above, row = row, [n] + [most + 1] * len(other)
        for m in range(max(1, n - most), min(len(other), n + most) + 1):
            change = above[m - 1] + (letter != other[m - 1])
            row[m] = min(change, above[m] + 1, row[m - 1] + 1)
        if min(row) > most:
            return False
    return row[-1] <= most
