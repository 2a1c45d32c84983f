"""What a column of one database or the other cannot hold, sent to every route: nothing fails of it."""

from collections.abc import Callable
from itertools import product
from urllib.parse import quote

import pytest
from django.db import transaction
from django.test import Client

from safelight.model.access import Role
from safelight.web.accounts.models import User
from tests.web.conftest import MakeUser
from tests.web.test_routes import ROUTES

TEXTS = ("a\0b", "\0", "x" * 300, "9" * 30)
"""PostgreSQL takes no NUL; SQLite takes texts of any length, and no number of more than 64 bits."""
ID = "01890000-0000-7000-8000-000123456789"
FIELDS = (
    *("after", "annotation", "answer", "artificialness", "banks", "begin", "blur", "body", "case", "choice"),
    *("content_type", "cursor", "description", "digest", "do", "duty", "end", "expect", "item", "job", "jurisdiction"),
    *("kind", "limit", "location", "media", "metadata", "name", "note", "notice", "number", "page", "pass_on", "pause"),
    *("priority", "queue", "read", "real_victim", "reason", "region", "retraction", "roles", "signal_type", "state"),
    *("text", "time", "types", "upload", "url", "username", "vouched", "wanted", "what", "why", "year"),
)
"""Names that mean something to some route, as parameters or in forms."""


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize("text", TEXTS, ids=["NUL", "NUL alone", "long", "large"])
def test_nothing_fails(text: str, user: MakeUser, client_of: Callable[[User], Client]) -> None:
    client = client_of(user(*Role))
    client.raise_request_exception = False
    routes = [route for route in ROUTES if not route.name.endswith(("/logout/", "/readyz"))]
    failed = []
    for route, method in product(routes, ("get", "post")):
        saved = transaction.savepoint()
        answer = getattr(client, method)(quote(route.through(text, "1", ID)), dict.fromkeys(FIELDS, text))
        transaction.get_connection().needs_rollback = False  # as each request has a transaction of its own, if any
        transaction.savepoint_rollback(saved)
        if answer.status_code >= 500:
            failed.append((method, route.name, answer.status_code))
    assert failed == []
