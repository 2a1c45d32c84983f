"""What the log of the service says of the policy: which version two people put in force, or in shadow.

Rows of the database can be written by whoever can write there. The log vouches for them: a row is believed when this
says the same, and that there is none is believed only when no version stands here.
"""

import threading
from dataclasses import dataclass, field
from hashlib import sha256

from safelight.model.access import Actor
from safelight.model.audit import LoggedEvent
from safelight.model.case import SERVICE_CASE, ServiceEvent
from safelight.model.errors import UnknownCaseError
from safelight.model.policy import PolicyState, PolicyVersion
from safelight.ports import CaseStore

Details = dict[str, str]


@dataclass(slots=True)
class _Heard:
    """What was read so far. `last`: hash of the entry number `length`, which holds for all before it."""

    length: int = 0
    last: str = ""
    proposed: dict[str, tuple[Details, Actor]] = field(default_factory=dict)
    standing: dict[str, Details] = field(default_factory=dict)

    def take(self, logged: LoggedEvent) -> None:
        self.length, self.last = self.length + 1, logged.hash
        actor, event = logged.event.actor, logged.event.body
        if not isinstance(event, ServiceEvent):
            return
        details = dict(event.details)
        number, wanted = details.get("version", ""), details.get("wanted", "")
        if event.what == "policy.proposed":
            self.proposed[number] = (details, actor)
        elif event.what == "policy.approved":
            asked, proposer = self.proposed.get(number, ({}, actor))
            if asked == details and proposer != actor:
                self.standing[wanted] = details
        elif event.what == "policy.retired" and self.standing.get(wanted, {}).get("version") == number:
            del self.standing[wanted]


class PolicyLog:
    """Reads of the log only what came since the last time. For any number of threads."""

    def __init__(self, cases: CaseStore) -> None:
        self._cases = cases
        self._mutex = threading.Lock()
        self._heard = _Heard()

    def standing(self, state: PolicyState) -> int | None:
        """Number of the version that by the log is in this place; None for none. Raises StorageError."""
        with self._mutex:
            found = self._read().standing.get(state)
        return int(found["version"]) if found else None

    def vouches(self, version: PolicyVersion | None, state: PolicyState) -> bool:
        """Whether two people agreed on just this version for this place, and none came after. None: that there is none.

        Raises StorageError.
        """
        with self._mutex:
            found = self._read().standing.get(state)
        return found == (said_of(version) if version else None)

    def proposed(self, version: PolicyVersion) -> bool:
        """Whether just this text was proposed as this version, for this place. Raises StorageError."""
        with self._mutex:
            said, _ = self._read().proposed.get(str(version.number), (None, None))
        return whole(version) and said == said_of(version)

    def newest(self) -> int:
        """The highest number that a version ever had; 0 for none. Raises StorageError."""
        with self._mutex:
            return max(map(int, self._read().proposed), default=0)

    def _read(self) -> _Heard:
        """All that there is; where the last entry is another by now, as after a restore, read from the beginning."""
        begin = max(self._heard.length - 1, 0)
        new = self._entries(begin)
        if self._heard.length and (not new or new[0].hash != self._heard.last):
            begin, self._heard = 0, _Heard()
            new = self._entries(begin)
        for one in new[self._heard.length - begin :]:
            self._heard.take(one)
        return self._heard

    def _entries(self, after: int) -> list[LoggedEvent]:
        try:
            return self._cases.events(SERVICE_CASE, after)
        except UnknownCaseError:
            return []


def whole(version: PolicyVersion) -> bool:
    """Whether the text of a row has the digest that the row names."""
    return sha256(version.text.encode()).hexdigest() == version.sha256


def said_of(version: PolicyVersion) -> Details:
    """What events say of a version."""
    return {"version": str(version.number), "sha256": version.sha256, "wanted": str(version.wanted)}
