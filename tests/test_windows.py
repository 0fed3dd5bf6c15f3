"""When cases may be seen: the columns answer like a look at each case."""

import random
from datetime import UTC, datetime

import pytest
from pyroaring import BitMap

from cases.windows import Window, Windows

END = datetime.max.replace(tzinfo=UTC).timestamp()


def windows(chance):
    """A few cases with windows; moments are few, so that many are alike."""
    found = {}
    for key in chance.sample(range(50), chance.randint(0, 20)):
        since, until = sorted(chance.sample(range(12), 2))
        found[key] = Window(float(since), float(until))
    return found


@pytest.mark.parametrize("seed", range(20))
def test_columns_answer_like_a_look_at_each_case(seed):
    chance = random.Random(seed)  # noqa: S311
    known = windows(chance)
    columns = Windows.of(known)
    for _ in range(5):
        gone, come = chance.sample(range(50), 5), windows(chance)
        known = {k: w for k, w in known.items() if k not in gone} | come
        columns = columns.changed(gone, come)
        moments = [moment for window in known.values() for moment in window]

        assert columns == Windows.of(known)
        at = chance.choice([*range(-1, 14), 3.5])
        assert columns.standing(at) == (
            max([0.0, *(m for m in moments if m <= at)]),
            min([END, *(m for m in moments if m > at)]),
            BitMap(k for k, w in known.items() if not w.since <= at < w.until),
        )
        assert set(columns.moving(3, at)) == {
            key for key, w in known.items() if any(3 < m <= at for m in w)
        }


def test_no_windows_are_open_for_ever():
    assert Windows().standing(1) == (0, END, BitMap())
    assert Windows() != Windows.of({1: Window(0, 1)})
