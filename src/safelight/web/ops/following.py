"""Jobs that are only asked for when something was found. Who may not read cases learns nothing about them but trouble.

Whoever may see figures or dead letters could else hand in a file and watch whether a job follows. For the same reason
figures tell of duties of the law only when they are overdue: that one begins, and will be due soon, follows a find.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Final

from safelight.web.closing.wiring import ADVANCE, FREE, RETRACT, RETURNED, RIGHT, SEND, SETTLE, TAKE_BACK
from safelight.web.hooks.sending import DELIVER
from safelight.web.jobs.models import Job, JobState

FOLLOWING: Final = frozenset((SETTLE, SEND, TAKE_BACK, ADVANCE, FREE, RETRACT, RETURNED, RIGHT, DELIVER))
"""Kinds of such jobs; webhooks tell of cases, too."""
LABEL: Final = "following"
"""What they all are called."""
_TROUBLE: Final = frozenset((JobState.DEAD.value, "failed", "lost"))
"""States and outcomes that whoever runs the service has to know of, whatever it is about."""


def folded(rows: Iterable[tuple[str, str, int]]) -> Counter[tuple[str, str]]:
    """Counts of jobs by kind, and by state or outcome. Of `FOLLOWING`, only those in trouble, and in one sum."""
    counts: Counter[tuple[str, str]] = Counter()
    for kind, state, number in rows:
        if kind not in FOLLOWING:
            counts[kind, state] += number
        elif state in _TROUBLE:
            counts[LABEL, state] += number
    return counts


def hidden(letters: Iterable[Job]) -> list[Job]:
    """Dead letters as they are shown to who may not read cases. Rows that are only shown: never save them."""
    shown = list(letters)
    for letter in shown:
        if letter.kind in FOLLOWING:
            letter.kind, letter.subject, letter.error, letter.message = LABEL, "", "", ""
    return shown
