"""Changes of banks by programs: each is in the log, and known-benign banks are for people.

What is in a known-benign bank makes matches go away. So whoever held a key could let files pass, unseen by anybody:
keys neither make such a bank nor change one. They may take away from it, or remove it, since then more is found.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction
from django.http import HttpRequest

from safelight.model.access import ActorKind
from safelight.model.bank import Bank
from safelight.model.errors import ForbiddenError
from safelight.web.access import principal_of
from safelight.web.accounts.events import log


def refuse_benign(request: HttpRequest, bank: Bank | None = None, *, negative: bool | None = False) -> None:
    """Raise ForbiddenError for a key that changes a bank which is known-benign, or is to be so."""
    principal = principal_of(request)
    is_key = principal is None or principal.actor.kind is not ActorKind.USER
    if is_key and (negative or (bank is not None and bank.negative)):
        raise ForbiddenError


@contextmanager
def changing(request: HttpRequest, what: str, bank: str) -> Iterator[dict[str, str]]:
    """A transaction for a change of a bank and the event that tells of it: both are there, or neither.

    Args:
        request: of whom makes the change.
        what: `created`, `changed`, `deleted`, `entries_added`, `entries_removed`.
        bank: its name.

    Yields:
        What the event says, to be added to. With a `count` of 0 nothing has changed, and there is no event.
    """
    details = {"bank": bank}
    with transaction.atomic():
        yield details
        principal = principal_of(request)
        if principal is not None and details.get("count") != "0":
            log(principal.actor, f"bank.{what}", **details)
