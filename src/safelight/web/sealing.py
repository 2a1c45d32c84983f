"""Secrets that must be kept to be used again: sealed by keys that are derived from the service's own."""

from base64 import urlsafe_b64encode

from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


def sealer(purpose: str) -> MultiFernet:
    """Seals for one purpose by SECRET_KEY, and opens what earlier ones sealed, as far as the settings name them."""
    secrets = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return MultiFernet([_key(str(secret), purpose) for secret in secrets])


def _key(secret: str, purpose: str) -> Fernet:
    derive = HKDF(SHA256(), length=32, salt=None, info=f"safelight {purpose}".encode())
    return Fernet(urlsafe_b64encode(derive.derive(secret.encode())))
