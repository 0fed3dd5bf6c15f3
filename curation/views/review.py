"""The way of a draft: the queue, its changes, what the world would see, release."""

from datetime import UTC

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from curation import releasing, reviewing
from curation.accounts.again import second_factor_again
from curation.choices import Opinion
from curation.drafts import draft_of
from curation.kinds import KINDS
from curation.models import Approval, Schedule
from curation.releasing import Refused
from curation.roles import PUBLISHERS, REVIEWERS, has_role, only
from sources.models import Record
from sources.previews import PAGES, framed

MOST_DRAFTS = 50


class ReviewForm(forms.Form):
    """What a reviewer says of a draft."""

    digest = forms.CharField(widget=forms.HiddenInput)
    opinion = forms.ChoiceField(choices=Opinion, widget=forms.RadioSelect)
    field = forms.CharField(
        label=_("About which field"), required=False, max_length=200
    )
    comment = forms.CharField(
        label=_("Comment"), required=False, widget=forms.Textarea({"rows": 3})
    )


class ExplainForm(forms.Form):
    """Why a finding may stay."""

    finding = forms.CharField(max_length=64)
    why = forms.CharField(max_length=300)


class ReleaseForm(forms.Form):
    """What readers are told of a release, and when it is to happen."""

    digest = forms.CharField(widget=forms.HiddenInput)
    words = forms.CharField(
        label=_("What changed, in a sentence"),
        help_text=_("Public. May stay empty the first time."),
        required=False,
        widget=forms.Textarea({"rows": 2}),
    )
    at = forms.DateTimeField(
        label=_("Not before"),
        help_text=_("In UTC. Empty: now."),
        required=False,
        widget=forms.DateTimeInput({"type": "datetime-local"}),
    )

    def clean_at(self):
        at = self.cleaned_data["at"]
        if at and at <= timezone.now():
            raise forms.ValidationError(_("This time is over: leave it empty for now."))
        return at and at.astimezone(UTC)


def found(kind: str, pk: int) -> Record:
    """The record that an address of the desk names."""
    if kind not in KINDS:
        raise Http404
    return get_object_or_404(KINDS[kind], pk=pk)


@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """What waits for a review, and other drafts."""
    waiting = reviewing.queue()
    ready = {(w.submission.kind, w.record.pk) for w in waiting}
    drafts = [
        record
        for kind, model in KINDS.items()
        for record in model.objects.filter(
            has_unpublished_changes=True, withdrawn_at=None
        ).order_by("-pk")[:MOST_DRAFTS]
        if (kind, record.pk) not in ready
    ]
    context = {"waiting": waiting, "drafts": drafts[:MOST_DRAFTS]}
    return render(request, "curation/queue.html", context)


@require_safe
def review(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """One draft, step by step: changes, the public page, findings, sources, release."""
    return page(request, found(kind, pk))


def page(
    request: HttpRequest,
    record: Record,
    *,
    status: int = 200,
    review_form: ReviewForm | None = None,
    release_form: ReleaseForm | None = None,
) -> HttpResponse:
    """The review page; what a refused form held is kept."""
    standing = releasing.standing(record)
    digest = {"digest": standing.draft.digest if standing else ""}
    context = {
        "record": record,
        "kind": record._meta.model_name,
        "standing": standing,
        "against": standing.against(request.user) if standing else [],
        "changes": reviewing.changes(record, standing.draft) if standing else [],
        "beside": list(reviewing.beside(standing.draft.record)) if standing else [],
        "talk": Approval.objects.of(record).select_related("reviewer")[:20],
        "is_ready": reviewing.is_ready(record),
        "scheduled": Schedule.objects.of(record).first(),
        "is_author": bool(standing) and request.user.pk in standing.draft.authors,
        "may_review": has_role(request.user, REVIEWERS),
        "may_release": has_role(request.user, PUBLISHERS),
        "review_form": review_form or ReviewForm(initial=digest),
        "release_form": release_form or ReleaseForm(initial=digest),
        "next": following(record),
    }
    return render(request, "curation/review.html", context, status=status)


def following(record: Record) -> Record | None:
    """The next draft in the queue, after this one."""
    records = [waiting.record for waiting in reviewing.queue()]
    if record in records:
        records = records[records.index(record) + 1 :]
    return records[0] if records else None


@require_safe
def public_page(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """Exactly what the world would see of a draft, for the frame on the review page."""
    record = found(kind, pk)
    draft = draft_of(record)
    if type(record) not in PAGES:
        raise Http404
    return framed(PAGES[type(record)](request, draft.record if draft else record))


@require_POST
def submit(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    record = found(kind, pk)
    try:
        reviewing.submit(record, by=request.user)
    except Refused as refusal:
        return refused(request, record, refusal)
    messages.success(request, gettext("Reviewers have been told that a draft waits."))
    return redirect("curation:review", kind, pk)


@only(REVIEWERS)
@require_POST
def say(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    record, form = found(kind, pk), ReviewForm(request.POST)
    if not form.is_valid():
        return page(request, record, status=422, review_form=form)
    try:
        reviewing.review(record, by=request.user, **form.cleaned_data)
    except Refused as refusal:
        return refused(request, record, refusal, review_form=form)
    messages.success(request, gettext("Your review is written down."))
    return redirect("curation:review", kind, pk)


@only(REVIEWERS)
@require_POST
def explain(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    record, form = found(kind, pk), ExplainForm(request.POST)
    try:
        if not form.is_valid():
            raise Refused(_("Say why it may stay."))
        reviewing.explain(record, by=request.user, **form.cleaned_data)
    except Refused as refusal:
        return refused(request, record, refusal)
    return redirect("curation:review", kind, pk)


@only(PUBLISHERS)
@second_factor_again
@require_POST
def release(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    record, form = found(kind, pk), ReleaseForm(request.POST)
    if not form.is_valid():
        return page(request, record, status=422, release_form=form)
    words, at = form.cleaned_data["words"], form.cleaned_data["at"]
    try:
        seen_is_newest(record, form.cleaned_data["digest"])
        if at:
            releasing.schedule(record, by=request.user, at=at, words=words)
            told = gettext("It will be released at that time, if all still holds then.")
        else:
            releasing.release(record, by=request.user, words=words)
            told = gettext("It is public now.")
    except Refused as refusal:
        return refused(request, record, refusal, release_form=form)
    messages.success(request, told)
    return redirect("curation:review", kind, pk)


def seen_is_newest(record: Record, digest: str) -> None:
    """Refuse where the text is no longer the one on the screen."""
    draft = draft_of(record)
    if draft and draft.digest != digest:
        raise Refused(_("The text was changed while you looked: look again."))


@only(PUBLISHERS)
@require_POST
def unschedule(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    record = found(kind, pk)
    try:
        releasing.unschedule(record, by=request.user)
    except Refused as refusal:
        return refused(request, record, refusal)
    messages.success(request, gettext("The release was called off."))
    return redirect("curation:review", kind, pk)


def refused(
    request: HttpRequest, record: Record, refusal: Refused, **forms
) -> HttpResponse:
    """The page again, with the reasons."""
    for reason in refusal.reasons:
        messages.error(request, reason)
    return page(request, record, status=409, **forms)
