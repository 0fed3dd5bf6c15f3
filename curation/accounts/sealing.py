"""What is kept of accounts and cannot be read in a copied database."""

import base64
import hashlib
import json

from cryptography.fernet import Fernet
from django.conf import settings


def cipher() -> Fernet:
    """The cipher whose key comes from SECRET_KEY: keep that out of the backups."""
    key = hashlib.sha256(b"second factors" + settings.SECRET_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))


class SealedSerializer:
    """Sessions at rest.

    For a while they hold the secret of a factor that is being set up, or a form that
    waits until somebody has shown theirs again.
    """

    def dumps(self, session: dict) -> bytes:
        return cipher().encrypt(json.dumps(session).encode())

    def loads(self, sealed: bytes) -> dict:
        return json.loads(cipher().decrypt(sealed))
