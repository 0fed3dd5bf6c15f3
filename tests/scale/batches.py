"""Batches, made by a process for each core, or by another program at the same time.

Two databases that are made side by side have them in common: each is made once, by
whoever comes first, and lies in a folder until the other one takes it. To make them
takes longer than to write them.
"""

import gc
import os
import pickle
from array import array
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fcntl import LOCK_EX, flock
from functools import cache
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from django.db import models

from cases import postings, words
from cases.entries import entry, held
from cases.models import Case, SearchEntry
from sources.models import Record
from tests.scale.inventing import Batch, World


def made(world: World, shared: Path | None = None) -> Iterator[Batch]:
    """All batches in order, made by a process for each core if there are several.

    Those processes are copies of this one and do not touch the database. shared: a
    folder for batches, where one other database gets the same at the same time.
    """
    if len(world.starts()) == 1:
        yield whole(world, 0)
        return
    cores = os.cpu_count() or 1
    with get_context("fork").Pool(cores, begin, (world, shared)) as pool:
        ahead = deque()
        for start in world.starts():
            ahead.append(pool.apply_async(of_copy, (start,)))
            if len(ahead) > 2 * cores:  # no more in memory than the database can take
                yield unpacked(ahead.popleft().get())
        while ahead:
            yield unpacked(ahead.popleft().get())


def begin(world: World, shared: Path | None) -> None:
    """Let a copied process know the world, and remember each of its many words."""
    of_copy.world, of_copy.shared = world, shared
    gc.disable()  # nothing here points back at what made it
    words.shape = cache(words.shape.__wrapped__)


def of_copy(start: int) -> bytes:
    """One batch, in a copied process."""
    if of_copy.shared:
        return in_common(of_copy.world, start, of_copy.shared)
    return packed(of_copy.world, start)


def in_common(world: World, start: int, folder: Path) -> bytes:
    """One batch: the other database’s, if it has made it already."""
    file = folder / f"{world.digest}-{start}"
    with Path(f"{file}.lock").open("w") as lock:
        flock(lock, LOCK_EX)  # until it is closed
        if file.exists():
            data = file.read_bytes()
            file.unlink()
            return data
        data = packed(world, start)
        new = Path(f"{file}.new")
        new.write_bytes(data)
        new.replace(file)
        return data


def packed(world: World, start: int) -> bytes:
    """One batch, for another process."""
    return pickle.dumps(whole(world, start))


def unpacked(data: bytes) -> Batch:
    """The batch that another process packed."""
    return pickle.loads(data)  # noqa: S301 — a copy of this process, or one like it


def whole(world: World, start: int) -> Batch:
    """A batch with the rows of search, made by search itself."""
    batch = world.batch(start)
    entries = [entry_of(found, world) for found in batch.found]
    fields = [field.attname for field in own_fields(SearchEntry)]
    batch.entries = [tuple(getattr(e, name) for name in fields) for e in entries]
    batch.words = by_part(entries)
    batch.found = []
    return batch


class Numbers(dict):
    """A number for each token, in the order in which they come."""

    def __missing__(self, token: str) -> int:
        self[token] = len(self)
        return self[token]


@dataclass(frozen=True)
class Held:
    """Which cases hold each word: their keys one after another, some for each word."""

    tokens: list[str]
    counts: list[int]
    keys: array

    def __iter__(self) -> Iterator[tuple[str, array]]:
        at = 0
        for token, count in zip(self.tokens, self.counts, strict=True):
            yield token, self.keys[at : at + count]
            at += count


def by_part(entries: Iterable[SearchEntry]) -> dict[int, Held]:
    """Which cases hold each word, apart for each part of search; keys in order."""
    parts = defaultdict(lambda: (Numbers(), array("I"), array("I"), array("I")))
    for row in entries:
        numbers, words, keys, ends = parts[row.pk >> postings.PART_BITS]
        words.extend(map(numbers.__getitem__, held(row)))
        keys.append(row.pk)
        ends.append(len(words))
    return {part: sorted_by_word(*found) for part, found in parts.items()}


def sorted_by_word(numbers: Numbers, words: array, keys: array, ends: array) -> Held:
    """The same by word: words are those of each case in turn, up to its end."""
    words = np.array(words)
    keys = np.repeat(np.array(keys), np.diff(np.array(ends), prepend=0))
    keys = keys[np.argsort(words, kind="stable")].astype(np.uint32)
    return Held(list(numbers), np.bincount(words).tolist(), array("I", keys.tobytes()))


def own_fields(model: type[models.Model]) -> list[models.Field]:
    """The fields that a row is written with."""
    return [f for f in model._meta.concrete_fields if not f.generated]


class Rows(list):
    """Rows at hand, asked for as if they were in the database."""

    def published(self) -> "Rows":
        return self

    all = published


class Known:
    """A record that is told of and not stored: search reads it like the stored one."""

    def __init__(self, model: type[Record] | None = None, **values):
        vars(self).update(values, model=model)

    @property
    def __class__(self):  # so that search takes it for what it stands for
        return self.model or Known

    def __str__(self):
        return self.title


@cache
def at_hand(term: Record | None) -> Known | None:
    """A term as search reads it, with its aliases: a cluster seeks them each time."""
    return term and Known(name=term.name, aliases=Rows(term.aliases.all()))


def entry_of(found: dict, world: World) -> SearchEntry:
    """The row that search keeps of a case, made by search itself."""

    def name_of(organisation: int) -> str:  # which is how search lists them
        return world.organisation_rows[organisation][2]

    case = Known(
        Case,
        **{name: found[name] for name in ("pk", "code", "title", "country", "region")},
        **{name: found[name] for name in ("pseudonym", "snapshot", "context")},
        aliases=Rows(),
        organisations=Rows(
            Known(name=name_of(number), live=True, aliases=Rows())
            for number in sorted(found["organisations"], key=name_of)
        ),
        encounters=Rows(
            Known(
                text=text,
                form=at_hand(form),
                responses=Rows(
                    Known(text=answer, strategy=at_hand(term), side_effects=cost)
                    for answer, term, cost in responses
                ),
            )
            for text, form, responses in found["encounters"]
        ),
    )
    return entry("case", case)
