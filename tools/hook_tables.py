"""The generated parts of docs/webhooks.md."""

from safelight.web.hooks.events import EVENTS
from tools.docs_tables import table


def events() -> str:
    """What integrators are told."""
    return table(("event", "when"), [(f"`{name}`", meaning) for name, meaning in EVENTS.items()])
