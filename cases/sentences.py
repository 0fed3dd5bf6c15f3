"""Say in words what is shown: a heading, a title, a feed’s title, a file’s header."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cases.facets import FACETS, PAIRS, Vocabulary
from cases.selection import Selection
from sources.choices import NOT_STATED

# In the order in which they read well. One clause a facet; %s is one or more values.
CLAUSES = {
    "telling": lambda: _("that are %s"),
    "mode": lambda: _("with resistance that is %s"),
    "form": lambda: _("of %s"),
    "answer": lambda: _("of %s"),
    "met_by": lambda: _("of %s"),
    "met_in": lambda: _("of %s"),
    "actor": lambda: _("with resistance from: %s"),
    "setting": lambda: _("in the setting: %s"),
    "family": lambda: _("answered by %s"),
    "strategy": lambda: _("answered by: %s"),
    "effect": lambda: _("with effect: %s"),
    "visibility": lambda: _("with a response whose visibility is: %s"),
    "organisation": lambda: _("of the organisation: %s"),
    "country": lambda: _("in %s"),
    "region": lambda: _("in %s"),
    "evidence": lambda: _("known from: %s"),
}
# What to say where “not stated” is all that is picked.
SILENT = {
    "mode": lambda: _("of no stated form"),
    "form": lambda: _("of no stated form"),
    "actor": lambda: _("where it is not stated who resists"),
    "setting": lambda: _("in no stated setting"),
    "family": lambda: _("with no response stated"),
    "strategy": lambda: _("with no response stated"),
    "effect": lambda: _("with no effect stated"),
    "visibility": lambda: _("where the visibility of the response is not stated"),
    "organisation": lambda: _("of organisations that the source does not name"),
}
MEETINGS = {
    "answer": lambda: _("%(first)s answered by %(second)s"),
    "met_by": lambda: _("%(first)s from %(second)s"),
    "met_in": lambda: _("%(first)s in the setting: %(second)s"),
}
SILENT_MEETINGS = {
    "answer": lambda: _("%(first)s with no response stated"),
    "met_by": lambda: _("%(first)s, where it is not stated who resists"),
    "met_in": lambda: _("%(first)s in no stated setting"),
}


def sentence(selection: Selection, total: int, words: Vocabulary) -> str:
    """What a selection shows, with how many: “3 cases of repression in Asia”."""
    counted = ngettext("%(n)s case", "%(n)s cases", total) % {"n": total}
    return f"{counted} {clauses(selection, words)}".strip()


def clauses(selection: Selection, words: Vocabulary) -> str:
    """What a selection asks for, without a number; empty when it asks for nothing."""
    told = []
    for facet, clause in CLAUSES.items():
        if selection.values(facet) == (NOT_STATED,) and facet in SILENT:
            told.append(SILENT[facet]())
        elif values := picked(facet, selection, words):
            told.append(clause() % values)
    if selection.words:
        told.append(_("with the words %s") % quoted(selection.words))
    return _(", ").join(told)


def picked(facet: str, selection: Selection, words: Vocabulary) -> str:
    """What is picked of a facet, with “and” where a case must have all of it."""
    both = _(" and ") if facet in selection.every else _(" or ")
    return both.join(label(facet, value, words) for value in selection.values(facet))


def quoted(words: str) -> str:
    """Words in quotation marks, if they bring none of their own."""
    return words if '"' in words else _("“%s”") % words


def label(facet: str, value: str, words: Vocabulary) -> str:
    """The name of a value as it stands inside a sentence."""
    if facet in FACETS:
        return inside(facet, words[facet][value].label)
    pair = PAIRS[facet]
    first, _tilde, second = value.partition("~")
    level = next(name for name in pair.second if second in words[name])
    names = {
        "first": label(pair.first, first, words),
        "second": label(level, second, words),
    }
    if first == NOT_STATED:
        names["first"] = _("resistance of no stated form")
    meeting = SILENT_MEETINGS if second == NOT_STATED else MEETINGS
    return meeting[facet]() % names


def inside(facet: str, name) -> str:
    """Names of vocabularies are small inside a sentence; names of places are not."""
    name = str(name)
    if facet in ("country", "region", "organisation") or name[1:2].isupper():
        return name
    return name[:1].lower() + name[1:]
