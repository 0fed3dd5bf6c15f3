"""Screens of one’s own account, where allauth’s need something more."""

from allauth.account.views import password_change
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.views import ActivateTOTPView
from allauth.mfa.webauthn.views import AddWebAuthnView
from django.conf import settings
from django.contrib.auth import get_user_model, login
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from curation.accounts import demo
from curation.accounts.proof import note_new_factor


class ActivateTotp(ActivateTOTPView):
    """Whoever has just set up an authenticator is not asked for it at once."""

    def form_valid(self, form) -> HttpResponse:
        response = super().form_valid(form)
        note_new_factor(self.request, Authenticator.Type.TOTP)
        return response


class AddPasskey(AddWebAuthnView):
    """The same for a passkey."""

    def form_valid(self, form) -> HttpResponse:
        response = super().form_valid(form)
        note_new_factor(self.request, Authenticator.Type.WEBAUTHN)
        return response


@login_required
def change_password(request: HttpRequest) -> HttpResponse:
    """Only where there is one: who has none gets a one-time address from an admin."""
    if not request.user.has_usable_password():
        raise Http404
    return password_change(request)


@require_POST
def sign_in_to_demo(request: HttpRequest) -> HttpResponse:
    """Sign in as a demo account, where there are any."""
    name = request.POST.get("name")
    if not settings.DEMO or name not in demo.names():
        raise Http404
    user = get_object_or_404(get_user_model(), username=name, is_active=True)
    login(request, user, backend=demo.BACKEND)
    return redirect("wagtailadmin_home")
