"""Choosing a record on the desk, or making one on the way, without an inline script."""

import json

from django import forms
from django.forms import modelform_factory
from django.utils.html import format_html
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _
from wagtail.actions.create import CreateAction
from wagtail.admin.forms.choosers import BaseFilterForm
from wagtail.admin.ui.tables import Column
from wagtail.snippets.views.chooser import (
    ChooseResultsView,
    ChooseView,
    SnippetChooserViewSet,
    SnippetChosenView,
    SnippetCreateView,
)
from wagtail.snippets.widgets import AdminSnippetChooser

from sources.models import Record
from sources.names import fold, matching
from sources.twins import named_by, near

LONGEST_SLUG = 60


def title_of(record: Record) -> str:
    """What a chosen record is called in a form: a draft says that it is one."""
    return str(record) if record.live else str(_("{name} (draft)").format(name=record))


class RecordChooser(AdminSnippetChooser):
    """Wagtail’s chooser, started by static/desk/start.js."""

    def get_display_title(self, instance):
        return title_of(instance)

    def get_instance(self, value):
        try:
            return super().get_instance(value)
        except ValueError:  # nobody chose this: it was sent by hand
            return None

    def render(self, name, value, attrs=None, renderer=None):
        chosen = self.get_value_data(value)
        return format_html(
            '{}<div data-controller="kb-chooser" data-kb-chooser-id-value="{}"'
            ' data-kb-chooser-options-value="{}" hidden></div>',
            self.render_html(name, chosen, attrs),
            attrs["id"],
            json.dumps(self.get_js_init_options(attrs["id"], name, chosen)),
        )


class SearchForm(BaseFilterForm):
    """Finds records by any of their names, however they are written."""

    q = forms.CharField(
        label=_("Name, other name or code"), required=False, max_length=200
    )

    def filter(self, objects):
        query = self.cleaned_data["q"].replace("\0", "").strip()
        if query:
            self.is_searching, self.search_query = True, query
            objects = objects.filter(pk__in=matching(objects.model, query))
        return objects


class Listed:
    """What both views of the chooser’s list have in common."""

    filter_form_class = SearchForm

    @property
    def columns(self):
        return [*super().columns, Column("key", label=_("Code"))]


class RecordChooseView(Listed, ChooseView):
    """The chooser as it opens."""


class RecordChooseResultsView(Listed, ChooseResultsView):
    """The chooser’s list after a search."""


class RecordChosenView(SnippetChosenView):
    def get_display_title(self, instance):
        return title_of(instance)


class RecordCreateView(SnippetCreateView):
    """Makes a draft, with its author and its first revision."""

    def get_display_title(self, instance):
        return title_of(instance)

    def save_form(self, form):
        action = CreateAction(form.instance, user=self.request.user, form=form)
        return action.execute(skip_permission_checks=True)  # can_create() asked


class ShortForm(forms.ModelForm):
    """The few fields that a new record needs; the rest can wait for its own form."""

    def clean(self):
        data = super().clean()
        name = data.get(named_by(self._meta.model), "")
        found = near(self._meta.model, [name]) if name else []
        if found and "another" not in self.data:
            self.fields["another"] = forms.BooleanField(
                label=_("It is another one"), required=False
            )
            raise forms.ValidationError(
                _("This looks like what is there already: {names}.").format(
                    names=", ".join(str(record) for record in found)
                )
            )
        self.instance.slug = free_slug(self._meta.model, name)
        return data


def short_form(model: type[Record], fields: list[str]) -> type[ShortForm] | None:
    """The form for making a record inside a chooser, where that is possible."""
    return modelform_factory(model, form=ShortForm, fields=fields) if fields else None


def free_slug(model: type[Record], name: str) -> str:
    """An address for a new record that no other one has."""
    base = slugify(fold(name))[:LONGEST_SLUG].strip("-_").replace("_", "-") or "new"
    taken = model._base_manager.filter(slug__startswith=base)
    taken = set(taken.values_list("slug", flat=True))
    numbered = (f"{base}-{n}" for n in range(2, len(taken) + 3))
    return next(slug for slug in (base, *numbered) if slug not in taken)


class RecordChooserViewSet(SnippetChooserViewSet):
    base_widget_class = RecordChooser
    choose_view_class = RecordChooseView
    choose_results_view_class = RecordChooseResultsView
    chosen_view_class = RecordChosenView
    create_view_class = RecordCreateView
    create_action_label = _("Make a draft")
    creation_tab_label = _("New")
    page_title = _("Choose")

    def get_object_list(self):
        """All that can be chosen: what was merged is known by its other record."""
        return self.model._default_manager.filter(merged_into=None)
