"""What an operator has set, for tests."""

from dataclasses import replace

import pytest

from safelight.app import App
from safelight.web.container import the_app

_MADE = (
    "settle",
    "policies",
    "reporter",
    "hotline",
    "reports",
    "mailer",
    "takedown",
    "statements",
    "requests",
    "endings",
)


def operated(monkeypatch: pytest.MonkeyPatch, **closing: object) -> App:
    """The App of the process, with these settings of `settings.closing` until the test ends."""
    app = the_app()
    service = app.settings.service
    changed = replace(service.closing, **closing)  # type: ignore[arg-type] # as each test needs it
    monkeypatch.setattr(app, "settings", replace(app.settings, service=replace(service, closing=changed)))
    for name in _MADE:  # else they would be those of other settings, and stay for other tests
        monkeypatch.setitem(vars(app), name, None)
        monkeypatch.delitem(vars(app), name)
    return app
