"""Whether, and from when until when, a case may be seen: decided here and nowhere else.

What is decided is kept on the case (visible_from, visible_until), so that every public
question tests it against the clock at no cost (CaseQuerySet.published).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Self

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cases.choices import Decision, Naming, Origin, PlacePrecision, Scope
from cases.models import Case, Consent, RiskAssessment
from sources.prepared import Prepared, together

EVER = datetime(1970, 1, 1, tzinfo=UTC)
NEVER = datetime(9999, 12, 31, tzinfo=UTC)
NEWEST_FIRST = "-recorded_at", "-pk"
CONSENTS, RISKS = (
    Prepared(lambda key, of=model: of.objects.filter(case=key).order_by(*NEWEST_FIRST))
    for model in (Consent, RiskAssessment)
)


@dataclass(frozen=True)
class Verdict:
    """From when until when a case may be seen, or the reasons why it may not."""

    since: datetime
    until: datetime
    obstacles: tuple[str | Promise, ...]

    @property
    def is_open(self) -> bool:
        """Whether there is any time at which it may be seen."""
        return not self.obstacles and self.since < self.until

    def is_open_at(self, moment: datetime) -> bool:
        """Whether it may be seen at a moment."""
        return not self.obstacles and self.since <= moment < self.until


def verdict(
    case: Case, consent: Consent | None, risk: RiskAssessment | None, *, names: bool
) -> Verdict:
    """What consent and risk allow for this text of a case.

    names says whether the text names an organisation.
    """
    obstacles = [*without_consent(case, consent, names), *against_risk(case, risk)]
    if names and case.naming != Naming.NAMED:
        obstacles.append(_("The organisation is not to be named, and is."))
    since, until = EVER, NEVER
    if consent and case.origin != Origin.PUBLISHED:
        since, until = midnight(consent.given_on), midnight(consent.expires_on)
    if risk and risk.embargo_until:
        since = max(since, midnight(risk.embargo_until))
    if risk and risk.is_high:
        until = min(until, midnight(risk.review_due))
    return Verdict(since, until, tuple(obstacles))


def without_consent(case: Case, consent: Consent | None, names: bool) -> list:
    """What consent does not allow."""
    if consent and consent.withdrawn_on:
        return [_("The consent was withdrawn.")]
    if case.origin == Origin.PUBLISHED:
        return []
    if not consent:
        return [_("Nobody’s consent is recorded.")]
    asked = [
        (True, Scope.TEXT),
        (names, Scope.ORGANISATION),
        (case.place_precision == PlacePrecision.COUNTRY, Scope.COUNTRY),
    ]
    return [
        _("The consent does not cover: {scope}.").format(scope=scope.label)
        for is_needed, scope in asked
        if is_needed and not consent.covers(scope)
    ]


def against_risk(case: Case, risk: RiskAssessment | None) -> list:
    """What the risk assessment does not allow."""
    if not risk:
        return [_("The risk has not been assessed.")]
    if risk.decision in (Decision.AGGREGATE, Decision.REFUSE):
        return [_("The risk assessment decided against it.")]
    blurred = case.place_precision != PlacePrecision.COUNTRY
    if risk.decision == Decision.REDACTED and not (
        blurred or case.naming != Naming.NAMED
    ):
        return [_("It was to be redacted: hide the country or the organisation.")]
    return []


def midnight(day: date) -> datetime:
    """The moment at which a day begins, in UTC."""
    return datetime.combine(day, time.min, UTC)


@dataclass(frozen=True)
class SafetyFile:
    """What counts of the safety file of a case: read once, for all who ask."""

    consent: Consent | None = None  # the newest
    risks: tuple[RiskAssessment, ...] = ()  # the newest first

    @classmethod
    def of(cls, case: Case) -> Self:
        """The file as it is now."""
        return cls.told(*together(*cls.asked(case)))

    @staticmethod
    def asked(case: Case) -> tuple[tuple, tuple]:
        """The questions that it is the answer to, for who asks others with them."""
        return (CONSENTS, case.pk), (RISKS, case.pk)

    @classmethod
    def told(cls, consents: list[Consent], risks: list[RiskAssessment]) -> Self:
        """The file that these answers make."""
        return cls(consents[0] if consents else None, tuple(risks))

    @property
    def risk(self) -> RiskAssessment | None:
        """The assessment that counts."""
        return self.risks[0] if self.risks else None


def verdict_now(case: Case, file: SafetyFile | None = None) -> Verdict:
    """What the newest consent and risk assessment allow for this text of a case."""
    file = file or SafetyFile.of(case)
    names = bool(case.organisations.all())
    return verdict(case, file.consent, file.risk, names=names)


def settle(case: Case) -> Verdict:
    """Keep what is allowed for the public text of a case on its row.

    A case that may no longer be seen stops being live: the database holds it to that.
    """
    found = verdict_now(case)
    since, until = (found.since, found.until) if found.is_open else (None, None)
    values = {"visible_from": since, "visible_until": until}
    if not found.is_open:
        values["live"] = False
    if any(getattr(case, name) != value for name, value in values.items()):
        Case.objects.filter(pk=case.pk).update(**values)
    for name, value in values.items():
        setattr(case, name, value)
    return found


def overdue(now: datetime) -> Iterator[int]:
    """Keys of cases that are live past their time."""
    found = Case.objects.filter(live=True, visible_until__lte=now)
    yield from found.values_list("pk", flat=True)


def unsettled(now: datetime, keys: range) -> Iterator[int]:
    """Keys, of these, of cases shown or kept otherwise than is allowed at a moment.

    It asks four questions, however many cases there are.
    """
    consents, risks = (
        {
            row.case_id: row
            for row in model.objects.filter(
                case__gte=keys.start, case__lt=keys.stop
            ).order_by("recorded_at", "pk")
        }
        for model in (Consent, RiskAssessment)
    )
    links = Case.organisations.through.objects
    named = links.filter(case__gte=keys.start, case__lt=keys.stop)
    naming = set(named.values_list("case", flat=True))
    asked = "origin", "naming", "place_precision", "live", "visible_from"
    cases = Case.objects.filter(pk__gte=keys.start, pk__lt=keys.stop).order_by()
    for case in cases.only(*asked, "visible_until"):
        key = case.pk
        found = verdict(case, consents.get(key), risks.get(key), names=key in naming)
        window = (found.since, found.until) if found.is_open else (None, None)
        is_kept = window == (case.visible_from, case.visible_until)
        is_over = case.live and not (found.is_open and now < found.until)
        if is_over or not is_kept:
            yield key


def consented(keys: list[int] | None = None) -> models.QuerySet:
    """The question for what consents allow of released cases, the newest last.

    A case wholly from a published source needs nobody’s. keys: only of these.
    """
    asked = Case.objects.filter(Case.is_released()).exclude(origin=Origin.PUBLISHED)
    if keys is not None:
        asked = asked.filter(pk__in=keys)
    rows = asked.order_by("consents__recorded_at", "consents__pk")
    return rows.values_list("pk", "consents__scopes")


CONSENTED = Prepared(consented)


def uncovered(consented: Iterable[tuple]) -> Iterator[tuple[int, str]]:
    """(key, scope) of each use of a case that its newest consent forbids.

    consented: what consents allow, as consented() asks.
    """
    uses = Scope.values  # made anew each time
    for key, scopes in dict(consented).items():
        yield from ((key, of) for of in uses if of not in (scopes or ()))
