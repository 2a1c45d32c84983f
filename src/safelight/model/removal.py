"""Requests of people who are depicted, as they were taken down. What they say of themselves is nowhere else.

TAKE IT DOWN Act (United States, S. 146, 2025), section 3(a)(1)(B), 47 U.S.C. 223a: a request is valid that is in
writing and has a signature, what identifies and locates the depiction, a statement of good faith, and a way to reach
whoever asks.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from safelight.model.notice import RemovalRequest

LONGEST_FIELD: Final = 2_000
"""Characters of one field."""
NEEDED: Final = {
    "signature": "signature",
    "identification": "identification of the depiction",
    "belief": "statement of good faith",
    "contact": "contact information",
}
"""Fields of `RemovalRequest` that the Act asks for, as a person reads them."""


class RequestState(StrEnum):
    """Where a request stands."""

    INCOMPLETE = "incomplete"  # something that the Act asks for is missing: no clock runs
    VALID = "valid"
    ERASED = "erased"


class Erasure(StrEnum):
    """Why a request is erased."""

    ENDED = "ended"  # its takedown has
    WITHDRAWN = "withdrawn"
    NEVER_COMPLETED = "never_completed"


ERASURES: Final = {
    Erasure.ENDED: "its takedown has ended",
    Erasure.WITHDRAWN: "who asked has withdrawn it",
    Erasure.NEVER_COMPLETED: "what was missing never came",
}
"""The same in words, for people and for the log."""


@dataclass(frozen=True, slots=True)
class Received:
    """A request that came in.

    `said`: their own words, `salt`: of the digest in the log; both None and empty once erased, and `said` is None too
    where it is told to somebody who may not see it. `lacks`: what is missing, as in `NEEDED`. `received`: when it came
    in; `valid`: when all of it had. `duty`: id of the duty that arose; empty where the law in force asks for nothing.
    `pass_on`: they want it sent on in their name to the sites where it is. `mark`: by which the same is known if it
    comes again, also once it is erased: a keyed digest of what came in first.
    """

    id: str
    case: str
    item: str
    received: datetime
    said: RemovalRequest | None = field(repr=False)
    salt: str = field(default="", repr=False)
    lacks: tuple[str, ...] = ()
    valid: datetime | None = None
    duty: str = ""
    pass_on: bool = False
    erased: datetime | None = None
    mark: str = field(default="", repr=False)

    @property
    def state(self) -> RequestState:
        """Where it stands."""
        if self.erased is not None:
            return RequestState.ERASED
        return RequestState.INCOMPLETE if self.valid is None else RequestState.VALID


def lacking(said: RemovalRequest) -> tuple[str, ...]:
    """What the Act asks for and they did not say. A field without a letter or a digit, as a bare line, says nothing."""
    return tuple(words for name, words in NEEDED.items() if not any(map(str.isalnum, getattr(said, name))))
