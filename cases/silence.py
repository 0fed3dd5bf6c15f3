"""What a case does not say: “not stated” is a value, so it is listed like one."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cases.choices import Naming
from cases.models import Case
from sources.choices import NOT_STATED


def not_stated(case: Case) -> list[str | Promise]:
    """What the sources leave open about a case, each thing once."""
    encounters = list(case.encounters.all())
    responses = [r for e in encounters for r in e.responses.all()]
    silent = [
        (
            _("Which organisation it was"),
            not case.organisations.all() and case.naming == Naming.NAMED,
        ),
        (_("Where it happened"), not case.place),
        (_("When it happened"), case.period_basis == NOT_STATED),
        (_("What resistance it met"), not encounters),
        (
            _("Which form the resistance took"),
            any(e.form_basis == NOT_STATED for e in encounters),
        ),
        (
            _("Who resisted"),
            not encounters or any(e.actor == NOT_STATED for e in encounters),
        ),
        (
            _("In which setting"),
            not encounters or any(e.setting == NOT_STATED for e in encounters),
        ),
        (
            _("What was done in response"),
            not encounters or any(not e.responses.all() for e in encounters),
        ),
        (
            _("What effect each response had"),
            not responses or any(r.effect == NOT_STATED for r in responses),
        ),
        (
            _("Whether a response had side-effects"),
            not responses or any(not r.side_effects for r in responses),
        ),
        (
            _("How visible each response was"),
            not responses or any(r.visibility == NOT_STATED for r in responses),
        ),
        (
            _("Who bore the risk"),
            not responses or any(not r.risk_bearer for r in responses),
        ),
    ]
    return [thing for thing, is_silent in silent if is_silent]
