"""Other cases worth reading next, each with the reason why."""

from dataclasses import dataclass
from itertools import combinations, islice

from django.utils.translation import gettext as _
from pyroaring import BitMap

from cases import facets
from cases.index import View
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
    keys = candidates(case, facets.view())
    closest = Case.objects.published().with_encounters().filter(pk__in=keys)
    weighed = [Kin(other, reasons(case, other)) for other in closest]
    return sorted(weighed, key=lambda k: (-len(k.reasons), k.case.code))[:MOST]


def candidates(case: Case, seen: View) -> list[int]:
    """Keys of cases that have much in common with one, a few dozen at most."""
    sets = [seen.index.having(*value) & seen.seen for value in traits(case)]
    met = [a & b for a, b in combinations(sets, 2)]
    found = BitMap()
    for cases in [*sorted(filter(None, met), key=len), *sets]:
        cases.discard(case.pk)
        found |= BitMap(islice(cases, MOST_WEIGHED // 4))
        if len(found) >= MOST_WEIGHED:
            break
    return list(found)


def traits(case: Case) -> list[tuple[str, str]]:
    """What others may share with a case, as the filters spell it."""
    encounters = list(case.encounters.all())
    responses = [r for e in encounters for r in e.responses.all()]
    found = [("form", e.form.slug) for e in encounters if e.form_id]
    found += [("strategy", r.strategy.slug) for r in responses if r.strategy_id]
    if case.country_id:
        found.append(("country", case.country_id))
    if case.widest:
        found.append(("region", case.widest.code))
    return list(dict.fromkeys(found))


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
