"""Other cases worth reading next, each with the reason why."""

from dataclasses import dataclass

from django.db.models import Q
from django.utils.translation import gettext as _

from cases.models import Case

MOST = 5
MOST_WEIGHED = 40


@dataclass(frozen=True)
class Kin:
    """A case that has something in common with another."""

    case: Case
    reasons: list[str]


def kin(case: Case) -> list[Kin]:
    """Cases that share a form, a strategy, the country or the region: closest first."""
    forms, strategies = terms(case)
    near = Q(country=case.country_id) if case.country_id else Q(pk=None)
    if case.widest:
        near |= Q(country__region=case.widest) | Q(region=case.widest)
    shared = Q(encounters__form__in=forms)
    shared |= Q(encounters__responses__strategy__in=strategies)
    found = Case.objects.published().exclude(pk=case.pk)
    closest = [
        *found.with_line(shared).for_cards()[:MOST_WEIGHED],
        *found.with_line(near).for_cards()[:MOST_WEIGHED],
    ]
    weighed = {other.pk: Kin(other, reasons(case, other)) for other in closest}
    return sorted(weighed.values(), key=lambda k: (-len(k.reasons), k.case.code))[:MOST]


def terms(case: Case) -> tuple[dict, dict]:
    """Names of the forms a case met and the strategies it used, by key."""
    encounters = list(case.encounters.all())
    responses = [r for e in encounters for r in e.responses.all()]
    return (
        {e.form_id: e.form.name for e in encounters if e.form_id},
        {r.strategy_id: r.strategy.name for r in responses if r.strategy_id},
    )


def reasons(case: Case, other: Case) -> list[str]:
    """Why one case may help a reader of the other."""
    (forms, strategies), (their_forms, their_strategies) = terms(case), terms(other)
    told = [
        _("also met: %s") % forms[key].lower() for key in forms if key in their_forms
    ]
    told += [
        _("also answered by: %s") % strategies[key].lower()
        for key in strategies
        if key in their_strategies
    ]
    if case.country_id and case.country_id == other.country_id:
        told.append(_("in the same country"))
    elif case.widest and case.widest == other.widest:
        told.append(_("in the same region: %s") % case.widest.name)
    return told
