"""Secrets of endpoints: drawn here, shown once, kept sealed. Signing needs them plain, so a hash would not do."""

from base64 import b64encode, urlsafe_b64encode
from secrets import token_bytes

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

PREFIX = "whsec_"
_BYTES = 32  # Standard Webhooks asks for 24 to 64


def draw() -> str:
    """A new secret, in the form of Standard Webhooks: `whsec_` and base64."""
    return PREFIX + b64encode(token_bytes(_BYTES)).decode()


def seal(secret: str) -> bytes:
    """A secret as it is kept."""
    return _box().encrypt(secret.encode())


def unseal(kept: bytes | memoryview) -> str:
    """What was sealed. Raises `cryptography.fernet.InvalidToken` when SAFELIGHT_SECRET_KEY is another one now."""
    return _box().decrypt(bytes(kept)).decode()


def _box() -> Fernet:
    key = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"safelight webhook secrets")
    return Fernet(urlsafe_b64encode(key.derive(str(settings.SECRET_KEY).encode())))
