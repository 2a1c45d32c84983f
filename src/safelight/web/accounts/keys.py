"""API keys: `slk_<prefix>_<secret>`. The prefix finds the key, the hash of the whole text proves it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from hmac import compare_digest
from secrets import choice, token_urlsafe
from string import ascii_lowercase, digits
from time import monotonic
from typing import Final

from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone

from safelight.model.access import Principal, granted
from safelight.model.access import Scope as KeyScope
from safelight.web.accounts.models import ApiKey

REMEMBERED: Final = 5.0
"""Seconds that a process trusts what it has read of a key; so long may a revoked key still work."""
_MOST = 4096
_NOBODY: Final = sha256(b"").digest()


@dataclass(frozen=True, slots=True)
class _Known:
    digest: bytes
    expires: datetime | None
    principal: Principal
    until: float  # of the monotonic clock


_known: dict[str, _Known] = {}


def make_key(
    name: str, scopes: Iterable[KeyScope], expires: datetime | None = None, replaces: ApiKey | None = None
) -> tuple[str, ApiKey]:
    """A new key and its text, which is shown once and kept nowhere. `expires`: None for never."""
    prefix = "".join(choice(ascii_lowercase + digits) for _ in range(12))
    text = f"slk_{prefix}_{token_urlsafe(32)}"
    key = ApiKey.objects.create(
        prefix=prefix,
        digest=sha256(text.encode()).digest(),
        name=name,
        scopes=sorted(set(scopes)),
        expires=expires,
        replaces=replaces,
    )
    return text, key


def rotate_key(key: ApiKey, overlap: timedelta) -> tuple[str, ApiKey]:
    """A new key in place of one that is in force, which goes on to work for `overlap`, and no longer than before.

    The new key lives as long as the old one was meant to.
    """
    now = timezone.now()
    expires = now + (key.expires - key.created) if key.expires else None
    made = make_key(key.name, key.scope_set, expires, replaces=key)
    key.expires = min(now + overlap, key.expires or datetime.max.replace(tzinfo=now.tzinfo))
    key.save(update_fields=["expires"])
    _known.pop(key.prefix, None)
    return made


def revoke_key(key: ApiKey) -> None:
    """End a key: at once in this process, within `REMEMBERED` seconds in others."""
    key.revoked = timezone.now()
    key.save(update_fields=["revoked"])
    _known.pop(key.prefix, None)


def principal_of_key(text: str) -> Principal | None:
    """Who sends this key; None when it is no key, is revoked or has expired. Reads the database now and then.

    Nothing is told of why a key does not work, and comparing takes as long for a prefix that nobody has.
    """
    prefix = _prefix(text)
    if prefix is None:
        return None
    remembered = _fresh(prefix)
    known = remembered or _read(prefix)
    right = compare_digest(known.digest if known else _NOBODY, sha256(text.encode()).digest())
    if known is None or not right or (known.expires is not None and known.expires <= timezone.now()):
        return None
    if remembered is None:
        _touch(known)
    return known.principal


def is_remembered(text: str) -> bool:
    """Whether `principal_of_key` will answer from memory."""
    prefix = _prefix(text)
    return prefix is None or _fresh(prefix) is not None


def forget_keys() -> None:
    """Read every key again from the database."""
    _known.clear()


def key_text(request: HttpRequest) -> str | None:
    """The key that a request carries as `Authorization: Bearer` or `X-API-Key`; None for none."""
    scheme, _, text = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    if scheme.lower() == "bearer":
        return str(text).strip()
    found: str | None = request.META.get("HTTP_X_API_KEY")
    return found


def _prefix(text: str) -> str | None:
    parts = text.split("_", 2)
    return parts[1] if len(parts) == 3 and parts[0] == "slk" and text.isascii() else None


def _fresh(prefix: str) -> _Known | None:
    known = _known.get(prefix)
    return known if known is not None and known.until > monotonic() else None


def _read(prefix: str) -> _Known | None:
    until = monotonic() + REMEMBERED  # before reading: what is revoked meanwhile is not trusted for longer
    row = ApiKey.objects.filter(prefix=prefix, revoked=None).first()
    if row is None:
        _known.pop(prefix, None)
        return None
    principal = Principal(row.actor, granted(scopes=row.scope_set), str(row.name))
    known = _Known(bytes(row.digest), row.expires, principal, until)
    if len(_known) >= _MOST:
        _known.clear()
    _known[prefix] = known
    return known


def _touch(known: _Known) -> None:
    """Note that the key was used today."""
    today = timezone.now().date()
    unused = Q(last_used=None) | Q(last_used__lt=today)
    ApiKey.objects.filter(unused, pk=known.principal.actor.id).update(last_used=today)
