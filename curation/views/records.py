"""What is done to a record as a whole: merged into another, or deleted as a draft."""

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from curation import deleting, merging
from curation.accounts.again import second_factor_again
from curation.releasing import Refused
from curation.roles import ADMINS, has_role
from sources.models import Record
from sources.uses import uses


class MergeForm(forms.Form):
    """Which record takes the place of another."""

    winner = forms.ModelChoiceField(label=_("Merge it into"), queryset=None)

    def __init__(self, loser: Record, *args, **kwargs):
        super().__init__(*args, **kwargs)
        kind = type(loser)
        others = kind.objects.filter(merged_into=None, withdrawn_at=None)
        self.fields["winner"].queryset = others.exclude(pk=loser.pk)
        chooser = kind.snippet_viewset.chooser_viewset
        self.fields["winner"].widget = chooser.widget_class()


@second_factor_again
@require_http_methods(["GET", "HEAD", "POST"])
def merge(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """Choose the record to merge into, see what moves, and confirm."""
    kinds = {model._meta.model_name: model for model in merging.KINDS}
    if kind not in kinds:
        raise Http404
    if not has_role(request.user, ADMINS):
        raise PermissionDenied
    loser = get_object_or_404(kinds[kind], pk=pk, merged_into=None)
    sent = request.POST or request.GET
    form = MergeForm(loser, sent if "winner" in sent else None)
    context = {"record": loser, "form": form, "reasons": [], "winner": None}
    if form.is_bound and form.is_valid():
        winner = context["winner"] = form.cleaned_data["winner"]
        if request.method == "POST":
            try:
                merging.merge(loser, winner, by=request.user)
            except Refused as refused:
                context["reasons"] = refused.reasons
            else:
                said = gettext("“%(loser)s” was merged into “%(winner)s”.")
                messages.success(request, said % {"loser": loser, "winner": winner})
                return redirect(listing(loser))
        else:
            context["reasons"] = [*merging.against(loser, winner)]
    context["uses"] = uses(loser)
    context["listing"] = listing(loser)
    return render(request, "curation/merge.html", context)


def delete(request: HttpRequest, record: Record) -> HttpResponse:
    """Delete a draft that nothing refers to; else say what does, without a button."""
    reasons = [*deleting.obstacles(record)]
    if request.method == "POST":
        try:
            deleting.delete(record, by=request.user)
        except Refused as refused:
            reasons = refused.reasons
        else:
            messages.success(request, gettext("“%s” was deleted.") % record)
            return redirect(listing(record))
    context = {"record": record, "reasons": reasons, "listing": listing(record)}
    return render(request, "curation/delete.html", context)


def listing(record: Record) -> str:
    """The desk’s list of this kind of record."""
    return reverse(record.snippet_viewset.get_url_name("list"))
