"""How accounts behave here: by invitation only, and without keeping addresses."""

import base64
import hashlib
import hmac

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet
from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone


class Accounts(DefaultAccountAdapter):
    """Nobody signs up: an admin invites. Throttles count pseudonyms of the day."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """A name for the address that cannot be turned back, and changes every day."""
        address = super().get_client_ip(request) or ""
        salt = f"{settings.SECRET_KEY}{timezone.now():%Y-%m-%d}"
        name = hmac.new(salt.encode(), address.encode(), hashlib.sha256)
        return name.hexdigest()[:16]


class SecondFactors(DefaultMFAAdapter):
    """Secrets of second factors are encrypted at rest: a copied database is no key."""

    def encrypt(self, text: str) -> str:
        return cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return cipher().decrypt(encrypted_text.encode()).decode()


def cipher() -> Fernet:
    """The cipher whose key comes from SECRET_KEY: keep that out of the backups."""
    key = hashlib.sha256(b"second factors" + settings.SECRET_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))
