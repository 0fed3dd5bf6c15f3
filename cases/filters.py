"""The query string of /cases/: one language for pages, files, feeds and the API.

What it does not know, or cannot use, it leaves out and names in `ignored`, so that a
page can say so and a file can refuse.
"""

import django_filters as df
from django import forms
from django.db.models import F
from django.http import QueryDict
from django.utils.functional import cached_property
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from cases import facets
from cases.asking import meant_by
from cases.models import Case
from cases.querysets import CaseQuerySet
from cases.selection import Selection

MOST_VALUES = 60  # of one facet in one link
MOST_ALL = 12  # of one facet that a case must have all of
LONGEST_QUERY = 200  # letters
MOST_WORDS = 12
PAGE = "page"
SORTS = {
    "": (_("Most told first"), ("telling", "code")),
    "code": (_("Case code"), ("code",)),
    "country": (_("Country"), (F("country__name").asc(nulls_last=True), "code")),
    "title": (_("Title"), ("title", "code")),
    "checked": (_("Last checked, newest first"), ("-last_checked", "code")),
}


class ForgivingField(forms.MultipleChoiceField):
    """Keeps the values it knows, in the order of its choices, and refuses the rest."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.refused: list[str] = []

    def clean(self, value: list[str] | None) -> list[str]:
        asked = dict.fromkeys(value or [])
        known = [v for v in asked if self.valid_value(v)][:MOST_VALUES]
        self.refused = [v for v in asked if v not in known]
        return known

    def valid_value(self, value: str) -> bool:
        return value in self.choices_by_value

    @cached_property
    def choices_by_value(self) -> frozenset[str]:
        return frozenset(str(value) for value, _label in self.choices)


class FacetFilter(df.MultipleChoiceFilter):
    """A facet or pair; the whole selection is applied at once, by facets.matching."""

    field_class = ForgivingField

    def filter(self, qs: CaseQuerySet, value: list[str]) -> CaseQuerySet:
        return qs


class MatchFilter(df.ChoiceFilter):
    """Whether a case must have any or all of a facet’s values."""

    def __init__(self):
        super().__init__(choices=[("any", _("any")), ("all", _("all"))])

    def filter(self, qs: CaseQuerySet, value: str) -> CaseQuerySet:
        return qs


class CaseFilter(df.FilterSet):
    """Every filter by name; none is implied by a model."""

    q = df.CharFilter()
    form = FacetFilter()
    mode = FacetFilter()
    family = FacetFilter()
    strategy = FacetFilter()
    country = FacetFilter()
    region = FacetFilter()
    actor = FacetFilter()
    setting = FacetFilter()
    effect = FacetFilter()
    visibility = FacetFilter()
    telling = FacetFilter()
    evidence = FacetFilter()
    organisation = FacetFilter()
    answer = FacetFilter()
    met_by = FacetFilter()
    met_in = FacetFilter()
    form_match = MatchFilter()
    mode_match = MatchFilter()
    family_match = MatchFilter()
    strategy_match = MatchFilter()
    region_match = MatchFilter()
    actor_match = MatchFilter()
    setting_match = MatchFilter()
    effect_match = MatchFilter()
    visibility_match = MatchFilter()
    organisation_match = MatchFilter()
    answer_match = MatchFilter()
    met_by_match = MatchFilter()
    met_in_match = MatchFilter()
    sort = df.ChoiceFilter(
        choices=[(name, label) for name, (label, _) in SORTS.items()]
    )

    class Meta:
        model = Case
        fields: list[str] = []

    def __init__(self, data: QueryDict, *, also: tuple[str, ...] = (PAGE,)):
        """also: names that the page reads itself, so that they are not unknown."""
        # Two answers to a question with one are none: the order must not decide.
        self.repeated = {
            name: data.getlist(name)
            for name in data
            if not isinstance(self.base_filters.get(name), FacetFilter)
            and len(set(data.getlist(name))) > 1
        }
        once = data.copy()
        for name in self.repeated:
            del once[name]
        super().__init__(once, queryset=Case.objects.published())
        self.also = also
        self.vocabulary = facets.vocabulary()

    def get_form_class(self):
        """The form, its choices filled from the vocabularies of the moment."""
        words = self.vocabulary
        for name in facets.FACETS:
            self.filters[name].extra["choices"] = [(value, "") for value in words[name]]
        for name, pair in facets.PAIRS.items():
            seconds = [value for other in pair.second for value in words[other]]
            self.filters[name].extra["choices"] = [
                (f"{first}~{second}", "")
                for first in words[pair.first]
                for second in dict.fromkeys(seconds)
            ]
        return super().get_form_class()

    @cached_property
    def selection(self) -> Selection:
        """What the reader picked, as far as it can be used."""
        self.form.is_valid()
        clean = self.form.cleaned_data
        picked = {
            name: tuple(sorted(clean[name])) for name in facets.ALL if clean[name]
        }
        every = frozenset(
            name
            for name in picked
            if clean.get(f"{name}_match") == "all" and len(picked[name]) <= MOST_ALL
        )
        words = clean.get("q") or ""
        return Selection(
            words=words if usable(words) else "",
            picked=picked,
            every=every,
            sort=clean.get("sort") or "",
        )

    @cached_property
    def ignored(self) -> list[str]:
        """What was asked and not used, as “name=value”, shortened."""
        selection, form = self.selection, self.form
        known = {*self.filters, *self.also}
        found = [
            (name, value)
            for name in self.data
            for value in self.data.getlist(name)
            if name not in known
            or value in getattr(form.fields.get(name), "refused", ())
            or name in form.errors
            or (name == "q" and value.strip() and not selection.words)
        ]
        found += [(name, v) for name, values in self.repeated.items() for v in values]
        too_many = [
            (f"{name}_match", "all")
            for name in facets.ALL
            if form.cleaned_data.get(f"{name}_match") == "all"
            and len(selection.values(name)) > MOST_ALL
        ]
        return [readable(name, value) for name, value in found + too_many][:20]

    @property
    def qs(self) -> CaseQuerySet:
        """The cases found, in the order asked for."""
        _label, columns = SORTS[self.selection.sort]
        return facets.matching(self.selection).order_by(*columns)


def usable(words: str) -> bool:
    """Whether words can be looked for: some letters, not too many."""
    return len(words) <= LONGEST_QUERY and 0 < len(meant_by(words)) <= MOST_WORDS


def readable(name: str, value: str) -> str:
    """A parameter as it can be shown: short, without control characters."""
    text = f"{name}={value}" if value else name
    return Truncator("".join(c for c in text if c.isprintable())).chars(60)
