"""What has to happen without anybody: every minute, and before anything is served."""

import logging
import traceback
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from cases import keeping, search
from cases.models import Case
from cases.visibility import overdue, unsettled
from curation import audit
from curation.choices import Action
from curation.kinds import KINDS
from curation.models import Schedule
from curation.releasing import Refused, locked_with_draft, release
from curation.withdrawing import uphold, withdraw
from sources import ledger
from sources.models import Record
from sources.turns import take_turn

logger = logging.getLogger("kb")

AT_ONCE = 20_000  # keys of cases that are judged at once: half a second


def sweep(*, every_case: bool = False) -> Counter:
    """Do all that is due; count what was done, and what failed.

    What changed past the rules is looked for in a part of the cases, where there are
    very many; in every case, if that is asked for.
    """
    counts: Counter[str] = Counter()
    now = timezone.now()
    each(forgotten(), forget, counts)
    each(unwritten(), write, counts)
    each(overdue(now), settle_one, counts)
    for keys in parts() if every_case else [part_of(now)]:
        each(unsettled(now, keys), settle_one, counts)
    each(Schedule.objects.filter(at__lte=timezone.now()), release_due, counts)
    each([None], index, counts)
    each([None], keep, counts)
    return counts


def each(found: Iterable, act: Callable[..., Counter], counts: Counter) -> None:
    """Do something with each, in a transaction of its own: a failure stops no other."""
    for one in list(found):
        try:
            with transaction.atomic():
                done = act(one)
        except Exception as error:
            # Where it broke, and not on what.
            where = "".join(traceback.format_tb(error.__traceback__))
            logger.error("%s\n%s", type(error).__name__, where)
            done = Counter(failed=1)
        counts.update(done)


def parts() -> list[range]:
    """The keys of all cases, in parts that are judged at once."""
    last = Case.objects.aggregate(last=Max("pk"))["last"] or 0
    return [range(at, at + AT_ONCE) for at in range(0, last + 1, AT_ONCE)]


def part_of(now: datetime) -> range:
    """The part whose turn it is in this minute."""
    found = parts()
    return found[int(now.timestamp() // 60) % len(found)]


def forgotten() -> list[Record]:
    """Records that were withdrawn, and that an old database brought back."""
    gone = ledger.gone()
    return [
        record
        for kind, model in KINDS.items()
        if (keys := [key for of, key in gone if of == kind])
        for record in model.objects.by_key(keys).filter(withdrawn_at=None)
    ]


def forget(record: Record) -> Counter:
    withdraw(record, by=None)
    return Counter(withdrawn=1)


def unwritten() -> list[Record]:
    """Withdrawn records that the ledger does not know: it was lost, or full."""
    gone, found = ledger.gone(), []
    for kind, model in KINDS.items():
        rows = model.objects.withdrawn()
        keys = rows.order_by().values_list("pk", rows.KEY)
        found += rows.filter(pk__in=[pk for pk, key in keys if (kind, key) not in gone])
    return found


def write(record: Record) -> Counter:
    ledger.write(record, gone=True)
    return Counter(written=1)


def settle_one(key: int) -> Counter:
    """Keep what is allowed of a case, and take it back where it no longer is."""
    return Counter(["hidden" if uphold(Case.objects.get(pk=key)) else "settled"])


def release_due(waiting: Schedule) -> Counter:
    """Release what waited for this time; call it off where that may not be any more."""
    model = KINDS[waiting.kind]
    try:
        with transaction.atomic():
            record, draft = locked_with_draft(model(pk=waiting.record_id))
            if draft is None or draft.digest != waiting.digest:
                raise Refused  # it is another text than the one that was scheduled
            release(record, by=waiting.publisher, words=waiting.words)
    except (Refused, model.DoesNotExist) as reason:
        called_off, _rows = Schedule.objects.filter(pk=waiting.pk).delete()
        if called_off and isinstance(reason, Refused):
            audit.note(None, Action.UNSCHEDULED, record.key)
        return Counter(unscheduled=called_off)
    return Counter(released=1)


def keep(_nothing: None) -> Counter:
    """Let a process that starts have little to read."""
    return Counter(kept=int(keeping.tidy()))


def index(_nothing: None) -> Counter:
    """Let search find what may be seen by now, and nothing else."""
    take_turn()
    return Counter(indexed=search.catch_up(keeping.current().seen))
