"""Tables of docs/access.md: permissions by role and by scope, and what people do at a terminal."""

from collections.abc import Mapping

from safelight.model.access import ROLES, SCOPES, SECOND_FACTOR, Permission, Role, Scope
from safelight.web.run.act import ACTS


def role_table() -> str:
    """Permissions of people."""
    return _table(ROLES)


def scope_table() -> str:
    """Permissions of API keys."""
    return _table(SCOPES)


def second_factor_list() -> str:
    """Roles that need a second factor, with commas between."""
    return ", ".join(f"`{role}`" for role in ROLES if role in SECOND_FACTOR)


def terminal_list() -> str:
    """Commands by which a person acts, with commas between."""
    return ", ".join(f"`safelight {name}`" for name in ACTS)


def _table(granted: Mapping[Role, frozenset[Permission]] | Mapping[Scope, frozenset[Permission]]) -> str:
    """A row for each permission that any of these have, in the order of `Permission`."""
    rows = [
        [f"`{permission}`", *("yes" if permission in held else "" for held in granted.values())]
        for permission in Permission
        if any(permission in held for held in granted.values())
    ]
    lines = [["permission", *(f"`{name}`" for name in granted)], ["---"] * (len(granted) + 1), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"
