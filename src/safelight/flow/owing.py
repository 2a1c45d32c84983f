"""Cases with open duties, in the order in which somebody has to see to them."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from safelight.model.case import Case
from safelight.ports import CaseStore

_PAGE: Final = 500


def owing(cases: CaseStore, until: datetime | None = None) -> Iterator[Case]:
    """Cases with open duties, by the first that is due; with `until`, those of which one is due before it."""
    after: tuple[datetime, str] | None = None
    while page := cases.owing(after, _PAGE):
        for due, case in page:
            if until is not None and due > until:
                return
            after = due, case.id
            yield case
