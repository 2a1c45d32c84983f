"""Tables of docs/console.md and docs/wellness.md: pages, keys and limits, from the console itself."""

import os
from collections.abc import Iterator, Sequence

import django
from django.apps import apps

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "safelight.web.settings")
if not apps.ready:
    django.setup()

from safelight.model.access import ROLES
from safelight.settings.service import SERVICE_SETTINGS
from safelight.web.access import declared
from safelight.web.console.urls import urlpatterns
from safelight.web.console.words import CHOICES

_LIMITS = ("SAFELIGHT_EXPOSURE_DAY", "SAFELIGHT_EXPOSURE_STRETCH", "SAFELIGHT_BREAK", "SAFELIGHT_SECOND_REVIEW")
_LIMITS_AND_SHARE = (*_LIMITS, "SAFELIGHT_KNOWN_ANSWERS")


def routes() -> str:
    """Every address of the console, the permission that it asks for, and the roles that have it."""
    return _table(("address", "permission", "roles"), list(_routes()))


def choices() -> str:
    """The keys of a decision."""
    return _table(("key", "choice", "meaning"), [(f"`{key}`", label, meaning) for key, _, label, meaning in CHOICES])


def limits() -> str:
    """The settings of wellness and review."""
    rows = [(f"`{name}`", what, default) for name, what, default in SERVICE_SETTINGS if name in _LIMITS_AND_SHARE]
    return _table(("setting", "what", "default"), rows)


def _routes() -> Iterator[tuple[str, str, str]]:
    for pattern in urlpatterns:
        permission = (declared(pattern.callback) or {})[""]
        roles = ", ".join(f"`{role}`" for role, held in ROLES.items() if permission in held)
        yield f"`/{pattern.pattern}`", f"`{permission}`", roles


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"
