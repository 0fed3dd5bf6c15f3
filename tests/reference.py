"""Which cases a selection finds, in plain and slow Python: the judge of cases.facets.

It walks the objects and knows nothing of SQL. A line is an encounter with one of its
responses, or with none; a case without encounters has one empty line.
"""

from django.utils import timezone

from cases.models import Case

NOT_STATED = "not-stated"


def world():
    """Every public case with the values of its lines: {code: [{facet: {values}}]}."""
    return {
        case.code: lines(case)
        for case in Case.objects.all()
        if case.live and case.withdrawn_at is None and allowed(case)
    }


def allowed(case):
    return case.visible_from <= timezone.now() < case.visible_until


def lines(case):
    encounters = list(case.encounters.all()) or [None]
    pairs = [
        (encounter, response)
        for encounter in encounters
        for response in (list(encounter.responses.all()) if encounter else []) or [None]
    ]
    named = case.organisations.all()
    return [line(case, encounter, response, named) for encounter, response in pairs]


def line(case, encounter, response, organisations):
    form = encounter and encounter.form
    strategy = response and response.strategy
    regions, region = set(), case.country.region if case.country else case.region
    while region:
        regions.add(region.code)
        region = region.parent
    return {
        "form": {form.slug if form else NOT_STATED},
        "mode": {form.mode if form else NOT_STATED},
        "strategy": {strategy.slug if strategy else NOT_STATED},
        "family": {strategy.family.slug if strategy else NOT_STATED},
        "country": {case.country.code if case.country else NOT_STATED},
        "region": regions or {NOT_STATED},
        "actor": {encounter.actor if encounter else NOT_STATED},
        "setting": {encounter.setting if encounter else NOT_STATED},
        "effect": {response.effect if response else NOT_STATED},
        "visibility": {response.visibility if response else NOT_STATED},
        "telling": {case.telling},
        "evidence": {case.evidence},
        "organisation": {o.slug for o in organisations} or {NOT_STATED},
    }


PAIRS = {
    "answer": ("form", ("strategy", "family")),
    "met_by": ("form", ("actor",)),
    "met_in": ("form", ("setting",)),
}


def has(found, facet, value):
    """Whether a line has a value."""
    if facet not in PAIRS:
        return value in found[facet]
    first, seconds = PAIRS[facet]
    left, _tilde, right = value.partition("~")
    return left in found[first] and any(right in found[name] for name in seconds)


def result(cases, picked, every):
    """The codes of the cases that have what is picked."""
    return {
        code
        for code, its_lines in cases.items()
        if all(
            (all if facet in every else any)(
                any(has(found, facet, value) for found in its_lines) for value in values
            )
            for facet, values in picked.items()
            if values
        )
    }
