"""Secrets of endpoints: drawn here, shown once, kept sealed. Signing needs them plain, so a hash would not do."""

from base64 import b64encode
from secrets import token_bytes

from safelight.web.sealing import sealer

PREFIX = "whsec_"
_PURPOSE = "webhook secrets"
_BYTES = 32  # Standard Webhooks asks for 24 to 64


def draw() -> str:
    """A new secret, in the form of Standard Webhooks: `whsec_` and base64."""
    return PREFIX + b64encode(token_bytes(_BYTES)).decode()


def seal(secret: str) -> bytes:
    """A secret as it is kept."""
    return sealer(_PURPOSE).encrypt(secret.encode())


def unseal(kept: bytes | memoryview) -> str:
    """What was sealed. Raises `cryptography.fernet.InvalidToken` when SAFELIGHT_SECRET_KEY is another one now."""
    return sealer(_PURPOSE).decrypt(bytes(kept)).decode()
