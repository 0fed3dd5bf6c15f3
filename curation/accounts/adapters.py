"""How accounts behave here: by invitation only, and without keeping addresses."""

import hashlib
import hmac

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.core.internal.httpkit import get_client_ip
from allauth.core.internal.ratelimit import respond_429, truncate_ip
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from curation.accounts.demo import is_demo
from curation.accounts.proof import came_in_lately, has_factor
from curation.accounts.sealing import cipher


class Accounts(DefaultAccountAdapter):
    """Nobody signs up: an admin invites. Throttles count pseudonyms of the day."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """A name for the address that cannot be turned back, and changes every day."""
        address = truncate_ip(get_client_ip(request) or "")
        salt = f"{settings.SECRET_KEY}{timezone.now():%Y-%m-%d}"
        name = hmac.new(salt.encode(), address.encode(), hashlib.sha256)
        return name.hexdigest()[:16]

    def validation_error(self, code: str, *args) -> ValidationError:
        """Too many attempts are a 429, whichever form they were made in."""
        if code == "too_many_login_attempts":
            raise ImmediateHttpResponse(respond_429(context.request))
        return super().validation_error(code, *args)

    def pre_login(
        self, request: HttpRequest, user: AbstractBaseUser, **kwargs
    ) -> HttpResponse | None:
        """A demo account comes in by its button, whatever somebody set up for it."""
        if is_demo(user):
            return self.respond_user_inactive(request, user)
        return super().pre_login(request, user, **kwargs)

    def is_reauthentication_required(self, *, app: str, **kwargs) -> bool:
        return not came_in_lately(context.request)

    def get_reauthentication_methods(self, user: AbstractBaseUser) -> list[dict]:
        """No password where there is more than a password."""
        methods = super().get_reauthentication_methods(user)
        if not user.is_authenticated or not has_factor(user):
            return methods
        weak = reverse("account_reauthenticate")
        return [method for method in methods if method["url"] != weak]


class SecondFactors(DefaultMFAAdapter):
    """Secrets of second factors are encrypted at rest: a copied database is no key."""

    def encrypt(self, text: str) -> str:
        return cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return cipher().decrypt(encrypted_text.encode()).decode()
