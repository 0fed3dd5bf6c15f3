"""From a file to drafts: first what would change, then, once confirmed, exactly that.

Nothing here touches what is public. A new case is a row that is not live, with its text
in a revision; a case that is there gets one more revision.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from django.contrib.auth.models import AbstractBaseUser
from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.signal_handlers import disable_reference_index_auto_update

from cases.importing import CASE, FixtureError, Placed, Row, Shape, normal, parse
from cases.models import Case
from curation import audit
from curation.choices import Action
from curation.roles import AUTHORS, has_role
from curation.tables import EXAMPLE
from curation.texts import Shelves, as_stored, keep_keys, newest
from sources import ledger
from sources.differences import Difference, Kind, differences
from sources.pointing import STATE
from sources.turns import take_turn

MOST_ERRORS = 100
TOLD_EVERY = 100

type Tell = Callable[[str, int, int], None]


class Fate(models.TextChoices):
    """What an import would do with a case."""

    NEW = "new", gettext_lazy("new")
    CHANGED = "changed", gettext_lazy("changed")
    UNCHANGED = "unchanged", gettext_lazy("unchanged")
    REFUSED = "refused", gettext_lazy("refused")


class Outdated(Exception):  # noqa: N818 — it is an answer, not a fault
    """The database was changed between the check and the confirmation."""


@dataclass(frozen=True)
class Step:
    """What an import would do with one case, and why where it would do nothing."""

    code: str
    title: str
    fate: Fate
    reason: str = ""
    case: Case | None = None
    before: dict | None = None
    after: dict | None = None

    @cached_property
    def changes(self) -> list[Difference]:
        """What differs from the newest text, or from nothing, nested rows included."""
        if self.after is None:
            return []
        found = differences(Case, self.before or {}, self.after)
        if self.before is None:
            return [replace(change, kind=Kind.ADDED) for change in found]
        return found


@dataclass(frozen=True)
class Plan:
    """What an import would do, or what is wrong with the file."""

    steps: tuple[Step, ...] = ()
    errors: tuple[FixtureError, ...] = ()

    @property
    def counts(self) -> Counter:
        """How many cases meet each fate."""
        return Counter(step.fate for step in self.steps)

    @property
    def writes(self) -> list[Step]:
        """The steps that write a draft; none while anything is wrong."""
        if self.errors:
            return []
        return [step for step in self.steps if step.fate in (Fate.NEW, Fate.CHANGED)]

    @property
    def digest(self) -> str:
        """What stands for the plan: the same for what would do the same."""
        told = [(s.code, s.fate, s.reason, s.before, s.after) for s in self.steps]
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def nobody_listens(what: str, done: int, total: int) -> None:
    """Progress that nobody asked for."""


def plan(
    items: list[Placed], *, by: AbstractBaseUser, tell: Tell = nobody_listens
) -> Plan:
    """What importing these cases would do. Writes nothing."""
    errors: list[FixtureError] = []
    rows = parsed(items, errors)
    shelves, steps = Shelves(), []
    known = {
        case.code: (case, content)
        for case, content in newest(
            Case.objects.filter(code__in=[row.data["code"] for row in rows])
        )
    }
    gone = {key for kind, key in ledger.gone() if kind == "case"}
    for n, row in enumerate(rows, 1):
        code = row.data["code"]
        case, content = known.get(code, (None, None))
        reason = refusal(code, case, gone, by)
        if reason:
            steps.append(Step(code, row.data["title"], Fate.REFUSED, reason))
        else:
            steps.append(step(row, case, content, shelves, errors))
        if n % TOLD_EVERY == 0:
            tell(_("checked"), n, len(rows))
        if len(errors) >= MOST_ERRORS:
            break
    errors += taken([row for row in rows if row.data["code"] != EXAMPLE])
    return Plan(tuple(steps), tuple(errors[:MOST_ERRORS]))


def parsed(items: list[Placed], errors: list[FixtureError]) -> list[Row]:
    """The cases brought into one form; what is wrong with one goes to errors."""
    rows: list[Row] = []
    seen: dict[str, str] = {}
    for item in items:
        try:
            row = parse(CASE, item.where, item)
        except FixtureError as error:
            errors += list(faults(CASE, item.where, item)) or [error]
            continue
        code = row.data["code"]
        if code in seen:
            said = _("{where} has it already").format(where=seen[code])
            errors.append(FixtureError(item.where, "code", said))
        seen[code] = item.where
        rows.append(row)
    return rows


def faults(shape: Shape, where: str, item: object) -> Iterator[FixtureError]:
    """The first thing that is wrong with each row of a case."""
    where = getattr(item, "where", where)
    bare = replace(shape, children=dict.fromkeys(shape.children, BLANK))
    own = item
    if isinstance(item, dict):
        lists = {name: item[name] for name in shape.children if name in item}
        own = item | {name: [{}] for name, rows in lists.items() if rows}
    try:
        normal(bare, where, own)
    except FixtureError as error:
        yield error
    for name, child in shape.children.items() if isinstance(item, dict) else ():
        rows = item.get(name)
        for n, row in enumerate(rows if isinstance(rows, list) else []):
            yield from faults(child, f"{where}, {name}[{n}]", row)


BLANK = Shape(Case, ())


def refusal(code: str, case: Case | None, gone: set[str], by: AbstractBaseUser) -> str:
    """Why a file may not write on a case; empty where it may."""
    if code == EXAMPLE:
        return _("This is the example of the template: it is never imported.")
    if code in gone or (case and case.withdrawn_at):
        return _("It was withdrawn: a file does not bring it back.")
    if case and case.merged_into_id:
        return _("It was merged into another case.")
    if case and case.locked and case.locked_by_id != by.pk:
        who = case.locked_by or _("somebody")
        return _("It is locked by {who}: ask them to unlock it.").format(who=who)
    return ""


def step(
    row: Row,
    case: Case | None,
    content: dict | None,
    shelves: Shelves,
    errors: list[FixtureError],
) -> Step:
    """What importing one case would do."""
    code, title = row.data["code"], row.data["title"]
    if case and shelves.told(CASE, content) == row.data:
        return Step(code, title, Fate.UNCHANGED)
    after = as_stored(shelves.content(CASE, row.data, errors))
    if not case:
        return Step(code, title, Fate.NEW, after=after)
    keep_keys(CASE, content, after)
    after["pk"] = case.pk
    return Step(code, title, Fate.CHANGED, case=case, before=content, after=after)


def taken(rows: list[Row]) -> Iterator[FixtureError]:
    """Addresses that another case has, in the database or in the file."""
    owners = dict(Case.objects.values_list("slug", "code"))
    for row in rows:
        slug, code = row.data["slug"], row.data["code"]
        if owners.setdefault(slug, code) != code:
            said = _("{code} has this address already").format(code=owners[slug])
            yield FixtureError(row.where, "slug", said)


@transaction.atomic
def apply(found: Plan, *, by: AbstractBaseUser, tell: Tell = nobody_listens) -> Counter:
    """Write the drafts of a plan, all of them or none. Raises Outdated."""
    if not has_role(by, AUTHORS):
        raise PermissionError(f"{by} is no author")
    take_turn()
    steps = found.writes
    codes = [step.code for step in steps]
    now = {c.code: c for c in Case.objects.select_for_update().filter(code__in=codes)}
    for n, each in enumerate(steps, 1):
        if not is_as_planned(each, now.get(each.code)):
            raise Outdated
        try:
            write(each, now.get(each.code), by)
        except IntegrityError as error:
            raise Outdated from error
        if n % TOLD_EVERY == 0:
            tell(_("written"), n, len(steps))
    return found.counts


def is_as_planned(each: Step, case: Case | None) -> bool:
    """Whether a case still is as it was when the plan was made."""
    if each.case is None or case is None:
        return each.case is case
    then = each.case
    return all(
        getattr(case, name) == getattr(then, name)
        for name in ("latest_revision_id", "live", "withdrawn_at", "locked")
    )


def write(each: Step, case: Case | None, by: AbstractBaseUser) -> None:
    """Write one draft, and that it was imported."""
    draft = Case.from_serializable_data(each.after, check_fks=False)
    if case:
        for name in STATE:
            attname = Case._meta.get_field(name).attname
            setattr(draft, attname, getattr(case, attname))
    else:
        draft.live = False
        with disable_reference_index_auto_update():
            draft.save()  # the revision updates it, once and not once a nested row
    action = "wagtail.edit" if case else "wagtail.create"
    draft.save_revision(user=by, clean=False, log_action=action)
    audit.note(by, Action.IMPORTED, draft.code)
