"""A history of the policy in plain values, over cases in memory; and people who may do what is done with it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

from safelight.flow.policy import Policies
from safelight.model.access import Actor, ActorKind, Principal, Role, granted
from safelight.model.case import SERVICE_CASE, ServiceEvent
from safelight.model.errors import StorageError
from safelight.model.policy import PolicyState, PolicyVersion
from safelight.policy.rules.default import DEFAULT
from tests.contract.memory_bank_store import SetClock
from tests.contract.memory_case_store import MemoryCaseStore

QUIET = DEFAULT.replace('then = ["block", "queue"]', 'then = ["hold", "queue"]').replace('"default"', '"quiet"', 1)
"""A policy under which known bytes are kept back, and not refused."""
LAZY = DEFAULT.replace('outcome in ["near", "derivative"]', 'outcome == "derivative"').replace('"default"', '"lazy"', 1)
"""A policy under which nothing is done about what looks like a known item."""
FUTILE = DEFAULT.replace('then = ["hold", "queue"]', 'then = ["block", "queue"]').replace('"default"', '"futile"', 1)
"""A policy that wants refused what only looks like a known item, which never is."""


def person(number: int, role: Role = Role.LEAD) -> Principal:
    return Principal(Actor(ActorKind.USER, str(number)), granted([role]))


ANN, BEN = person(1), person(2)


@dataclass
class MemoryPolicyStore:
    """`ports.PolicyStore`; counts how often it is read, and fails when it is told to."""

    kept: dict[int, PolicyVersion] = field(default_factory=dict)
    reads: int = 0
    fails: bool = False

    def put(self, version: PolicyVersion) -> None:
        self.kept[version.number] = version

    def versions(self) -> list[PolicyVersion]:
        return [self.kept[number] for number in sorted(self.kept, reverse=True)]

    def current(self, state: PolicyState = PolicyState.IN_FORCE) -> PolicyVersion | None:
        self.reads += 1
        if self.fails:
            raise StorageError(path="memory", cause="told to")
        return next((version for version in self.versions() if version.state is state), None)


class Cases(MemoryCaseStore):
    """Undoes the history of the policy with its own."""

    def __init__(self, clock: SetClock, store: MemoryPolicyStore) -> None:
        super().__init__(clock)
        self.store = store

    @contextmanager
    def transaction(self) -> Iterator[None]:
        before = dict(self.store.kept)
        try:
            with super().transaction():
                yield
        except BaseException:
            self.store.kept = before
            raise


class Place:
    """A service that has nothing but a policy and cases."""

    def __init__(self) -> None:
        self.clock = SetClock()
        self.store = MemoryPolicyStore()
        self.cases = Cases(self.clock, self.store)
        self.policies = self.process()

    def process(self) -> Policies:
        """The policy as another process has it."""
        return Policies(self.store, self.cases, self.clock, ("us", "eu"))

    def wait(self, seconds: float) -> None:
        self.clock.moment += timedelta(seconds=seconds)

    def enact(self, text: str, wanted: PolicyState = PolicyState.IN_FORCE) -> PolicyVersion:
        version = self.policies.propose(ANN, text, "why", wanted)
        return self.policies.answer(BEN, version.number, approve=True)

    def told(self) -> list[tuple[str, str, str]]:
        """Events of the service: what, who, of which version."""
        return [
            (logged.event.body.what, str(logged.event.actor), logged.event.body.details["version"])
            for logged in self.cases.log(-1, 1_000)
            if logged.event.case == SERVICE_CASE and isinstance(logged.event.body, ServiceEvent)
        ]
