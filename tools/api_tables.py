"""The tables of docs/api.md, asked of the API itself."""

import os
from collections.abc import Iterator

import django
from django.apps import apps

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "safelight.web.settings")
if not apps.ready:
    django.setup()

from safelight.model.access import SCOPES, Permission
from safelight.web.api.api import PREFIX, api
from safelight.web.api.problem import kinds

Row = tuple[str, ...]


def operations() -> Iterator[Row]:
    """Every operation: method and path, what it does, the permission it asks for, the scopes that have it."""
    for method, path, permission, summary in api.operations():
        yield f"`{method} {PREFIX.rstrip('/')}{path}`", summary, f"`{permission}`", _scopes(permission)


def errors() -> Iterator[Row]:
    """Every kind of problem: the end of its type, its status, its title."""
    for kind in kinds():
        yield f"`{kind.code}`", str(kind.status), kind.title


def table(header: Row, rows: Iterator[Row]) -> str:
    """A table in Markdown."""
    lines = [header, tuple("---" for _ in header), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def _scopes(permission: Permission) -> str:
    return ", ".join(f"`{scope}`" for scope, granted in SCOPES.items() if permission in granted)
