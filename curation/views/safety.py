"""The safety file of a case, and the quick way out of any record."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from cases.choices import Scope
from cases.models import Case, Consent, RiskAssessment
from cases.models.safety import HIGH_REVIEWED_AFTER, REVIEWED_AFTER
from cases.visibility import SafetyFile, verdict_now
from curation import withdrawing
from curation.accounts.again import second_factor_again
from curation.drafts import draft_of
from curation.releasing import Refused
from curation.roles import AUTHORS, PUBLISHERS, REVIEWERS, has_role, only
from curation.views.review import found

DAY = forms.DateInput({"type": "date"}, format="%Y-%m-%d")


class ConsentForm(forms.ModelForm):
    """A new row of the safety file: what was allowed, or that it was taken back."""

    scopes = forms.MultipleChoiceField(
        label=_("They allow us to"),
        choices=Scope,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = Consent
        fields = (
            *("given_by", "authority", "given_on", "expires_on"),
            *("scopes", "withdrawn_on"),
        )
        widgets = dict.fromkeys(("given_on", "expires_on", "withdrawn_on"), DAY)


class RiskForm(forms.ModelForm):
    """A new row of the safety file: who could be harmed, and what was decided."""

    class Meta:
        model = RiskAssessment
        fields = (
            *("harmed", "harmed_by", "likelihood", "severity", "legal_setting"),
            *("decision", "embargo_until", "review_due"),
        )
        widgets = dict.fromkeys(("embargo_until", "review_due"), DAY) | {
            "legal_setting": forms.Textarea({"rows": 3})
        }

    def clean(self):
        """A review is due within a year, and within half a year where risk is high."""
        data = super().clean()
        due, today = data.get("review_due"), timezone.now().date()
        is_whole = data.get("likelihood") and data.get("severity")
        if due and is_whole:
            high = RiskAssessment(
                likelihood=data["likelihood"], severity=data["severity"]
            ).is_high
            latest = today + (HIGH_REVIEWED_AFTER if high else REVIEWED_AFTER)
            if due > latest:
                self.add_error("review_due", _("At the latest: %s.") % latest)
        return data


@require_safe
def safety(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything on record about a case’s safety, and what follows from it now."""
    return page(request, get_object_or_404(Case, pk=pk))


def page(
    request: HttpRequest,
    case: Case,
    *,
    consent_form: ConsentForm | None = None,
    risk_form: RiskForm | None = None,
) -> HttpResponse:
    consents, risks = case.consents.all(), case.assessments.all()
    draft, file = draft_of(case), SafetyFile.of(case)
    is_refused = bool(consent_form or risk_form)
    context = {
        "case": case,
        "public": verdict_now(case, file),
        "drafted": verdict_now(draft.record, file) if draft else None,
        "consents": consents.select_related("recorded_by").order_by("-pk"),
        "risks": risks.select_related("recorded_by").order_by("-pk"),
        "scopes": dict(Scope.choices),
        "consent_form": consent_form or ConsentForm(instance=fresh(file.consent)),
        "risk_form": risk_form or RiskForm(initial=due_in(REVIEWED_AFTER)),
        "may_consent": has_role(request.user, AUTHORS, REVIEWERS),
        "may_assess": has_role(request.user, REVIEWERS),
        "may_withdraw": has_role(request.user, PUBLISHERS),
    }
    status = 422 if is_refused else 200
    return render(request, "curation/safety.html", context, status=status)


def fresh(consent: Consent | None) -> Consent:
    """A new row that begins as the newest one stands."""
    return Consent(
        **{
            name: getattr(consent, name)
            for name in ConsentForm.Meta.fields
            if consent is not None
        }
    )


def due_in(delta) -> dict:
    """When the next look is due, unless somebody says otherwise."""
    return {"review_due": timezone.now().date() + delta}


@only(AUTHORS, REVIEWERS)
@second_factor_again
@require_POST
def consent(request: HttpRequest, pk: int) -> HttpResponse:
    case = get_object_or_404(Case, pk=pk)
    form = ConsentForm(request.POST, instance=Consent(case=case))
    if not form.is_valid():
        return page(request, case, consent_form=form)
    return kept(request, case, withdrawing.record_consent, form)


@only(REVIEWERS)
@second_factor_again
@require_POST
def risk(request: HttpRequest, pk: int) -> HttpResponse:
    case = get_object_or_404(Case, pk=pk)
    form = RiskForm(request.POST, instance=RiskAssessment(case=case))
    if not form.is_valid():
        return page(request, case, risk_form=form)
    return kept(request, case, withdrawing.record_risk, form)


def kept(request: HttpRequest, case: Case, record, form) -> HttpResponse:
    """Add the row, and say what follows from it."""
    try:
        record(form.save(commit=False), by=request.user)
    except Refused as refusal:
        for reason in refusal.reasons:
            messages.error(request, reason)
    else:
        messages.success(request, gettext("It is written down, and counts from now."))
    return redirect("curation:safety", case.pk)


@only(PUBLISHERS)
@second_factor_again
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """One question, one button: gone from every page at once."""
    record = found(kind, pk)
    if request.method == "POST":
        try:
            withdrawing.withdraw(record, by=request.user)
        except Refused as refusal:
            for reason in refusal.reasons:
                messages.error(request, reason)
        else:
            messages.success(request, gettext("It is withdrawn: no page shows it now."))
            return redirect("curation:review", kind, pk)
    context = {"record": record, "kind": kind}
    return render(request, "curation/withdraw.html", context)
