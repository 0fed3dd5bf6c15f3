"""What goes into an offline edition: what is public, and may be put into packages.

Everything in it is asked for here, so that nothing else gets in.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import batched

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from cases import contents as changes
from cases import keeping
from cases.choices import Scope
from cases.models import Case, ContextNote, Lesson, ResistanceForm
from cases.querysets import IsAmong
from sources.choices import NOT_STATED
from sources.models import Source
from sources.querysets import RecordQuerySet
from strategies.models import Strategy, StrategyFamily

AT_ONCE = 200  # cases that are held in memory with all that belongs to them
BESIDES = (Lesson, ContextNote, Source, ResistanceForm, Strategy, StrategyFamily)


@dataclass(frozen=True)
class Entry:
    """A case as lists of the edition show it."""

    page: str
    code: str
    title: str
    snapshot: str
    place: str
    place_key: str
    telling: str
    telling_label: str
    forms: dict[str, str]  # value: name
    families: dict[str, str]
    strategies: frozenset[str]
    answers: frozenset[tuple[str, str]]  # (form, family)


@dataclass
class Lists:
    """What the pages of terms and places list: filled while cases are written."""

    entries: list[Entry] = field(default_factory=list)
    by_form: dict[str, list[Entry]] = field(default_factory=lambda: defaultdict(list))
    by_strategy: dict[str, list[Entry]] = field(
        default_factory=lambda: defaultdict(list)
    )
    by_place: dict[str, list[Entry]] = field(default_factory=lambda: defaultdict(list))
    by_answer: dict[tuple[str, str], list[Entry]] = field(
        default_factory=lambda: defaultdict(list)
    )

    def add(self, entry: Entry) -> None:
        """List a case wherever it belongs."""
        self.entries.append(entry)
        self.by_place[entry.place].append(entry)
        for form in entry.forms:
            self.by_form[form].append(entry)
        for strategy in entry.strategies:
            self.by_strategy[strategy].append(entry)
        for answer in entry.answers:
            self.by_answer[answer].append(entry)


def packaged() -> RecordQuerySet:
    """Cases that may be seen, and may be put into packages."""
    back = keeping.current().kept_back(Scope.PACKAGE)
    found = Case.objects.published().order_by("code")
    return found.exclude(IsAmong("pk", back)) if back else found


def whole_cases() -> Iterator[Case]:
    """Those cases with all that their pages show, some at a time."""
    keys = list(packaged().values_list("pk", flat=True))
    for some in batched(keys, AT_ONCE, strict=False):
        yield from Case.objects.published().for_display().in_order_of(list(some))


def lessons() -> list[Lesson]:
    """Public lessons, less those that only cases teach which are not in here."""
    inside = set(packaged().values_list("pk", flat=True))
    found = list(Lesson.objects.published().for_display())
    for lesson in found:
        taught_by = list(lesson.cases.all())
        lesson.inside = [case for case in taught_by if case.pk in inside]
        lesson.is_kept_back = bool(taught_by) and not lesson.inside
    return [lesson for lesson in found if not lesson.is_kept_back]


def notes() -> QuerySet[ContextNote]:
    """Public background on the countries of those cases."""
    countries = packaged().order_by().values("country")
    found = ContextNote.objects.published().for_display()
    return found.filter(country__in=countries).select_related("country")


def entry(case: Case) -> Entry:
    """A case as lists show it."""
    found = lines(case)
    used = [strategy for _form, strategy in found if strategy]
    return Entry(
        page=page_of(case),
        code=case.code,
        title=case.title,
        snapshot=case.snapshot,
        place=case.place.name if case.place else "",
        place_key=case.place.pk if case.place else NOT_STATED,
        telling=case.telling,
        telling_label=case.get_telling_display(),
        forms=dict(map(named_form, (form for form, _strategy in found))),
        families=dict(map(named_family, (strategy for _form, strategy in found))),
        strategies=frozenset(strategy.slug for strategy in used),
        answers=frozenset(
            (named_form(form)[0], named_family(strategy)[0]) for form, strategy in found
        ),
    )


def lines(case: Case) -> list[tuple[ResistanceForm | None, Strategy | None]]:
    """Each form that a case met, with each answer; at least one line, as in filters."""
    found = [
        (encounter.form, response.strategy if response else None)
        for encounter in case.encounters.all()
        for response in encounter.responses.all() or [None]
    ]
    return found or [(None, None)]


def named_form(form: ResistanceForm | None) -> tuple[str, str]:
    """A form as the filter spells it, and its name."""
    return (form.slug, form.name) if form else (NOT_STATED, _("Form not stated"))


def named_family(strategy: Strategy | None) -> tuple[str, str]:
    """A family as the filter spells it, and its name."""
    if strategy is None:
        return NOT_STATED, _("No response stated")
    return strategy.family.slug, strategy.family.name


def page_of(case: Case) -> str:
    """What the page of a case is called: by its code, which tells nothing."""
    return case.code.lower()


def stamp() -> str:
    """What stands for all that an edition would hold now.

    It changes when a case, a term or a place does, when consent or time lets a case in
    or out, and when anything else is published or withdrawn.
    """
    state = hashlib.sha256(repr(changes.version(keeping.place())).encode())
    for key in packaged().values_list("pk", flat=True):
        state.update(f"{key} ".encode())
    for model in BESIDES:
        rows = model.objects.published().order_by("pk")
        for row in rows.values_list("pk", "last_published_at"):
            state.update(repr(row).encode())
    return state.hexdigest()
