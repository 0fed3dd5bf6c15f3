"""The screens that the desks of all our records share."""

from django.http import Http404
from django.shortcuts import redirect
from django.urls import NoReverseMatch, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.panels import Panel
from wagtail.admin.ui.tables import BulkActionsCheckboxColumn, Column
from wagtail.admin.utils import get_user_display_name
from wagtail.admin.widgets.button import Button
from wagtail.snippets.views.snippets import (
    CreateView,
    EditView,
    HistoryView,
    IndexView,
    PreviewRevisionView,
    RevisionsCompareView,
)
from wagtail.utils.timestamps import render_timestamp

from sources.differences import differences
from sources.history import content_of, keep_first
from sources.twins import named_by, near

LOOKS = ["add", "change", "delete", "view"]  # who has one of these may look


class RecordIndexView(IndexView):
    """The list, with what is public; nothing is done to many records at once."""

    history_url_name = None
    lock_url_name = None
    unlock_url_name = None

    @cached_property
    def columns(self):
        found = super().columns
        kept = [c for c in found if not isinstance(c, BulkActionsCheckboxColumn)]
        return [*kept, Column("state", label=_("State"))]

    def get_list_more_buttons(self, instance):
        """Ways for those, too, who cannot open the form."""
        buttons = super().get_list_more_buttons(instance)
        history = reverse(self.history_url_name, args=[instance.pk])
        buttons.append(Button(_("History"), history, icon_name="history", priority=22))
        verb = "unlock" if instance.locked else "lock"
        if self.user_has_permission(verb):
            buttons.append(self.lock_button(verb, instance))
        return buttons

    def lock_button(self, verb, instance):
        """A button that locks or unlocks, and comes back to the list."""
        name = self.unlock_url_name if verb == "unlock" else self.lock_url_name
        address = f"{reverse(name, args=[instance.pk])}?next={self.index_url}"
        return Button(
            _("Unlock") if verb == "unlock" else _("Lock"),
            icon_name="lock-open" if verb == "unlock" else "lock",
            priority=23,
            attrs={
                "data-controller": "w-action",
                "data-action": "w-action#post",
                "data-w-action-url-value": address,
            },
        )


class TwinsPanel(Panel):
    """Names the records that a new one looks like, and takes the author’s word."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "sources/desk/twins.html"

        def is_shown(self):
            return bool(getattr(self.form, "twins", ()))

        def get_context_data(self, parent_context=None):
            context = super().get_context_data(parent_context)
            return context | {"twins": self.form.twins}


class AsksAboutTwins:
    """A form that is not saved at once where a record of nearly that name exists."""

    def is_valid(self, form):
        form.twins = []
        if not super().is_valid(form):
            return False
        if "another" not in self.request.POST:
            form.twins = self.twins(form)
        if form.twins:
            form.add_error(None, _("Look whether it is there already."))
            self.produced_error_code = "validation_error"
            self.produced_error_message = self.get_error_message()
        return not form.twins

    def twins(self, form):
        """The records with nearly a name that this form gives, if it is a new one."""
        field = named_by(self.model)
        aliases = form.formsets.get("aliases")
        is_new = field in form.changed_data or (aliases and aliases.has_changed())
        if not field or not is_new:
            return []
        names = [form.cleaned_data.get(field)]
        for row in aliases.forms if aliases else []:
            if row not in aliases.deleted_forms:
                names.append(getattr(row, "cleaned_data", {}).get("name"))
        return near(self.model, names, but=form.instance.pk)


class RecordCreateView(AsksAboutTwins, CreateView):
    """A new draft."""


class RecordEditView(AsksAboutTwins, EditView):
    """A draft of what is there; what was there is kept."""

    def save_instance(self):
        keep_first(self.live_object)
        return super().save_instance()

    @cached_property
    def overwrite_revision(self):
        """The revision to save over: never the one that is public."""
        revision = super().overwrite_revision
        if revision and revision.pk == self.object.live_revision_id:
            return None
        return revision

    @cached_property
    def header_more_buttons(self):
        buttons = super().header_more_buttons
        for hook in hooks.get_hooks("register_snippet_listing_buttons"):
            buttons += hook(self.object, self.request.user, self.request.path)
        return buttons


class RecordHistoryView(HistoryView):
    """Who saved what and when; who may only look gets no way to revert."""

    any_permission_required = LOOKS

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        if not self.user_has_permission("change"):
            self.edit_url_name = self.revisions_revert_url_name = None

    @cached_property
    def header_buttons(self):
        return super().header_buttons if self.edit_url_name else []


class RecordPreviewRevisionView(PreviewRevisionView):
    """An earlier version as a page, for all who may look."""

    permission_required = None
    any_permission_required = LOOKS


class RecordCompareView(RevisionsCompareView):
    """What differs between any two versions, nested rows included."""

    permission_required = None
    any_permission_required = LOOKS
    template_name = "sources/desk/compare.html"

    def get(self, request, *args, **kwargs):
        before, after = request.GET.get("before"), request.GET.get("after")
        if before is None or after is None:
            return super().get(request, *args, **kwargs)
        name = self.request.resolver_match.view_name
        try:
            return redirect(reverse(name, args=[self.object.pk, before, after]))
        except NoReverseMatch:
            raise Http404 from None

    def get_edit_url(self):
        return super().get_edit_url() if self.user_has_permission("change") else None

    def _get_revision_and_heading(self, revision_id):
        """A version as plain content: no object is built from it."""
        if revision_id == "live":
            return content_of(self.object), _("What is stored now")
        revisions = self.object.revisions.order_by("created_at", "pk")
        if revision_id == "earliest":
            revision = revisions.first()
        elif revision_id == "latest":
            revision = revisions.last()
        else:
            revision = revisions.filter(pk=revision_id).first()
        if revision is None:
            raise Http404
        return revision.content, told(revision)

    def _get_comparison(self, revision_a, revision_b):
        return differences(self.model, revision_a, revision_b)

    def get_context_data(self, **kwargs):
        revisions = self.object.revisions.select_related("user")
        versions = [("live", _("What is stored now"))] + [
            (str(revision.pk), told(revision))
            for revision in revisions.order_by("-created_at", "-pk")
        ]
        chosen = {"chosen_a": self.revision_id_a, "chosen_b": self.revision_id_b}
        return super().get_context_data(**kwargs) | chosen | {"versions": versions}


def told(revision):
    """A revision in words: when, and who saved it."""
    when = render_timestamp(revision.created_at)
    if revision.user is None:
        return _("{when}, kept before the first edit").format(when=when)
    return f"{when}, {get_user_display_name(revision.user)}"
