"""The policy in force, and the one in shadow, as they are at any moment; how they come into force, by two people.

Every process reads the store anew after `EVERY` seconds, so that a version that was approved holds everywhere within
that time. A version that cannot be used any more, as after an upgrade, or on which by the log no two people agreed, or
whose row is gone while it stands in the log (`policy_log`), is told of, and the policy that comes with the program is
asked in its place, of which nothing but keeping back and looking is taken (`evaluate.reduced`): a broken policy lets
nothing through, and does nothing that nobody approved.
"""

import logging
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from safelight.flow.backtest import Past, Say, backtest
from safelight.flow.policy_log import PolicyLog, said_of, whole
from safelight.flow.review_rules import must
from safelight.model.access import SYSTEM, Actor, Permission, Principal
from safelight.model.case import SERVICE_CASE, TOOL, Case, Draft, ServiceEvent
from safelight.model.errors import ConflictError, NotNowError, PolicyError, SafelightError, UnknownCaseError, UsageError
from safelight.model.policy import Backtest, PolicyFlaw, PolicyState, PolicyVersion, Ruling, Stage
from safelight.model.scan import ScanRow
from safelight.policy.rules import check as checks
from safelight.policy.rules.compile import Compiled, compile_policy
from safelight.policy.rules.default import DEFAULT, default_policy
from safelight.policy.rules.evaluate import evaluate, reduced
from safelight.policy.rules.facts import Facts, of_case, of_row
from safelight.policy.rules.reading import read_policy
from safelight.ports import CaseStore, Clock
from safelight.ports.closing import PolicyStore

FileRule = Callable[[ScanRow, str], Ruling]
"""What the policy says of a file: its row, and how it came."""

EVERY: Final = timedelta(seconds=2)
"""For how long what was read of the store is trusted."""
COUNTED: Final = timedelta(seconds=60)
"""How long differences of the shadow are counted in memory before they are written into the log."""
BROKEN: Final = "the policy in force cannot be used, so the one that comes with Safelight was asked"
ATTEMPTS: Final = 5
"""How often the history is changed anew when others write into the log at the same time."""
LONGEST_NOTE: Final = 2_000
_SHADOWED: Final = "policy.shadowed"
_MOST_KINDS: Final = 50

_log = logging.getLogger("safelight.policy")


def by_default(row: ScanRow, source: str = "") -> Ruling:
    """What the policy that comes with the program says of a file."""
    return evaluate(default_policy(), Stage.FILE, of_row(row, source))


@dataclass(frozen=True, slots=True)
class Shadowed:
    """What a version in shadow would have changed. `kinds`: `stage: actions in force -> its own`, with how often."""

    asked: int
    differed: int
    kinds: dict[str, int]


@dataclass(frozen=True, slots=True)
class _Ready:
    """A version as it is asked. `trouble`: why it cannot be; then the default is asked in its place.

    `vouched`: the log says the same of it as its row. `version`: None for the default, and where the row is gone.
    """

    version: PolicyVersion | None
    compiled: Compiled
    trouble: str = ""
    vouched: bool = True

    def ask(self, stage: Stage, facts: Facts) -> Ruling:
        ruling = evaluate(self.compiled, stage, facts)
        return reduced(ruling, BROKEN) if self.trouble else ruling


@dataclass(frozen=True, slots=True)
class _Live:
    """What was read of the store, at that time."""

    at: datetime
    in_force: _Ready
    shadow: _Ready | None


class Policies:
    """Asks the policy, and keeps its history. For any number of threads."""

    def __init__(self, store: PolicyStore, cases: CaseStore, clock: Clock, jurisdictions: Sequence[str] = ()) -> None:
        """Nothing is read yet.

        Args:
            store: the history.
            cases: has the log of the service; of the same database.
            clock: the time.
            jurisdictions: ids of the law packs that apply, a fact of cases.
        """
        self._store = store
        self._cases = cases
        self._clock = clock
        self._jurisdictions = tuple(jurisdictions)
        self._told = PolicyLog(cases)
        self._mutex = threading.Lock()  # over what follows; never held while a store is asked
        self._live: _Live | None = None
        self._counts: Counter[tuple[int, str]] = Counter()
        self._since: datetime | None = None

    # Asking

    def of_row(self, row: ScanRow, source: str) -> Ruling:
        """What it says of a file. `source`: how it came. Raises StorageError when nothing could be read yet."""
        ruling = self._of(Stage.FILE, of_row(row, source))
        if self._since and not timedelta(0) <= self._clock.now() - self._since < COUNTED:
            self._keep_counts_if_possible()
        return ruling

    def of_case(self, case: Case) -> Ruling:
        """What it says of a case; see `of_row`."""
        return self._of(Stage.CASE, of_case(case, self._jurisdictions))

    def shadow_of_case(self, case: Case) -> Ruling | None:
        """What the version in shadow says of a case; None without one. It has no effect, and is not counted."""
        shadow = self._now().shadow
        return shadow.ask(Stage.CASE, of_case(case, self._jurisdictions)) if shadow else None

    def in_force(self) -> PolicyVersion | None:
        """The version in force; None for the one that comes with the program."""
        return self._now().in_force.version

    def text(self) -> str:
        """The text of what is in force, as two people agreed on it; where its row differs, of what is asked instead."""
        ready = self._now().in_force
        return ready.version.text if ready.version and ready.vouched and whole(ready.version) else DEFAULT

    def trouble(self) -> str:
        """Why the version in force, or in shadow, cannot be used; empty when both can."""
        live = self._now()
        return "; ".join(one.trouble for one in (live.in_force, live.shadow) if one and one.trouble)

    def _of(self, stage: Stage, facts: Facts) -> Ruling:
        live = self._now()
        ruling = live.in_force.ask(stage, facts)
        if live.shadow and live.shadow.version and not live.shadow.trouble:
            other = live.shadow.ask(stage, facts)
            self._count(live.shadow.version.number, stage, ruling, other)
        return ruling

    def _now(self) -> _Live:
        live, now = self._live, self._clock.now()
        if live and timedelta(0) <= now - live.at < EVERY:
            return live
        try:
            in_force = self._again(live.in_force if live else None, PolicyState.IN_FORCE)
            shadow = self._again(live.shadow if live else None, PolicyState.SHADOW)
        except SafelightError:
            if live is None:
                raise
            _log.warning("the policy could not be read again; the one that was read before is asked on")
            return live
        made = _Live(now, in_force or _Ready(None, default_policy()), shadow)
        with self._mutex:
            self._live = made
        return made

    def _again(self, before: _Ready | None, state: PolicyState) -> _Ready | None:
        """What is in this place, ready to be asked; None for nothing, on which the log agrees. Raises StorageError."""
        version = self._store.current(state)
        while not self._told.vouches(version, state):
            if (later := self._store.current(state)) == version:
                return self._doubted(version, state, before)
            version = later  # it was replaced between the two looks
        if version is None or (before and before.vouched and before.version == version):
            return before if version else None
        return _ready(version)

    def _doubted(self, version: PolicyVersion | None, state: PolicyState, before: _Ready | None) -> _Ready:
        """What is asked where the row and the log do not say the same; told of once."""
        number = version.number if version else self._told.standing(state) or 0
        cause = "the log does not say that two people agreed on it" if version else "its row is gone from the database"
        made = _broken(number, cause, version)
        if before is not None and before.trouble == made.trouble:
            return before
        _log.error("%s; %s", made.trouble, BROKEN)
        return made

    # Shadow

    def _count(self, number: int, stage: Stage, ruling: Ruling, other: Ruling) -> None:
        with self._mutex:
            self._since = self._since or self._clock.now()
            self._counts[number, ""] += 1  # of all that was asked
            if ruling.actions != other.actions:
                self._counts[number, f"{stage}: {' '.join(ruling.actions)} -> {' '.join(other.actions)}"] += 1

    def _keep_counts_if_possible(self) -> None:
        try:
            self.keep_counts()
        except SafelightError:
            _log.warning("what the policy in shadow would have changed could not be written down; it is kept in memory")

    def keep_counts(self) -> None:
        """Write into the log what was counted of the shadow since the last time. Raises StorageError.

        It happens by itself about once a minute in each process; what a process has not written when it ends is lost.
        """
        with self._mutex:
            counts, began = self._counts, self._since
            self._counts, self._since = Counter(), None
        drafts = [_counted(number, counts) for number in sorted({number for number, _ in counts})]
        if not drafts:
            return
        try:
            self._cases.append(drafts)
        except SafelightError:
            with self._mutex:
                self._counts += counts
                self._since = began
            raise

    def shadowed(self, number: int) -> Shadowed:
        """What was written down of a version's time in shadow. Reads all events of the service."""
        kinds: Counter[str] = Counter()
        for _, event in self._service_events():
            if event.what == _SHADOWED and event.details.get("version") == str(number):
                kinds.update({name: int(text) for name, text in event.details.items() if name != "version"})
        asked, differed = kinds.pop("asked", 0), kinds.pop("differed", 0)
        return Shadowed(asked, differed, dict(kinds.most_common()))

    def _service_events(self) -> list[tuple[Actor, ServiceEvent]]:
        try:
            events = self._cases.events(SERVICE_CASE)
        except UnknownCaseError:
            return []
        return [(one.event.actor, one.event.body) for one in events if isinstance(one.event.body, ServiceEvent)]

    # History

    def check(self, text: str) -> list[PolicyFlaw]:
        """What is wrong with a policy; nothing for one that can be proposed."""
        return checks.check(text)

    def versions(self) -> list[PolicyVersion]:
        """All versions, the newest first."""
        return self._store.versions()

    def version(self, number: int) -> PolicyVersion:
        """One version, as it was proposed. Raises UsageError for none, PolicyError where its row differs."""
        found = self._row(number)
        if not self._told.proposed(found):
            raise PolicyError(flaws=f"the row of version {number} is not what was proposed")
        return found

    def _row(self, number: int) -> PolicyVersion:
        for found in self._store.versions():
            if found.number == number:
                return found
        raise UsageError(detail=f"the policy has no version {number}")

    def propose(
        self, who: Principal, text: str, note: str = "", wanted: PolicyState = PolicyState.IN_FORCE
    ) -> PolicyVersion:
        """A new version, for another person to approve. `wanted`: IN_FORCE, or SHADOW.

        Raises ForbiddenError; PolicyError for a policy with flaws; UsageError; ConflictError, StorageError.
        """
        must(who, Permission.POLICY_PROPOSE)
        if wanted not in {PolicyState.IN_FORCE, PolicyState.SHADOW}:
            raise UsageError(detail="a policy is proposed for in_force or shadow")
        self._must_be_good(text, note)

        def change() -> tuple[PolicyVersion, ...]:
            number = 1 + max(self._told.newest(), *(version.number for version in self._store.versions()), 0)
            digest = sha256(text.encode()).hexdigest()
            state, by, at = PolicyState.PROPOSED, str(who.actor), self._clock.now()
            return (PolicyVersion(number, state, text, digest, by, at, note, wanted=wanted),)

        return self._changed(who, "policy.proposed", change)

    def answer(
        self, who: Principal, number: int, *, approve: bool, note: str = "", digest: str | None = None
    ) -> PolicyVersion:
        """Put a proposed version where it is wanted, in place of the one there; or reject it, which its author may too.

        `digest`: SHA-256 of the text that was read. Raises ForbiddenError; NotNowError for one's own, and for what does
        not wait; PolicyError when it has flaws by now, or its row is not what was proposed; UsageError for a number
        that is none; ConflictError, also when another text was read; StorageError.
        """
        must(who, Permission.POLICY_APPROVE)

        def change() -> tuple[PolicyVersion, ...]:
            version = self.version(number) if approve else self._row(number)
            if version.state is not PolicyState.PROPOSED:
                raise NotNowError(cause=f"version {number} does not wait for a second person: it is {version.state}")
            if approve and version.by == str(who.actor):
                raise NotNowError(cause="you proposed this yourself: another person has to approve")
            if approve and digest not in {None, version.sha256}:
                raise ConflictError(what="the policy")
            self._must_be_good(version.text if approve else None, note)
            state = version.wanted if approve else PolicyState.REJECTED
            told = replace(version, state=state, answered_by=str(who.actor), answered_at=self._clock.now())
            replaced = self._store.current(version.wanted) if approve else None
            gone = (replace(replaced, state=PolicyState.RETIRED),) if replaced else ()
            return replace(told, note="\n".join(filter(None, (version.note, note)))), *gone

        return self._changed(who, "policy.approved" if approve else "policy.rejected", change)

    def end_shadow(self, who: Principal, number: int) -> PolicyVersion:
        """Ask a version in shadow no more. It had no effect, so one person is enough. Raises as `answer`."""
        must(who, Permission.POLICY_PROPOSE)

        def change() -> tuple[PolicyVersion, ...]:
            version = self._row(number)
            if version.state is not PolicyState.SHADOW:
                raise NotNowError(cause=f"version {number} is not in shadow: it is {version.state}")
            return (replace(version, state=PolicyState.RETIRED),)

        return self._changed(who, "policy.retired", change)

    def _must_be_good(self, text: str | None, note: str) -> None:
        if len(note) > LONGEST_NOTE:
            raise UsageError(detail=f"a note has at most {LONGEST_NOTE:,} characters")
        if text is not None and (flaws := self.check(text)):
            raise PolicyError(flaws="\n".join(map(in_words, flaws)))

    def _changed(self, who: Principal, what: str, change: Callable[[], tuple[PolicyVersion, ...]]) -> PolicyVersion:
        """The first of the versions that `change` makes, once they and their events are kept, all or none."""
        for attempt in range(ATTEMPTS):
            try:
                with self._cases.transaction():
                    length = self._length()  # so that nobody else changes the history between look and act
                    first, *gone = change()
                    told = [(what, first), *(("policy.retired", version) for version in gone)]
                    events = (ServiceEvent(name, said_of(version)) for name, version in told)
                    drafts = [Draft(SERVICE_CASE, who.actor, event, TOOL) for event in events]
                    self._cases.append(drafts, expect=length)
                    for version in (*gone, first):
                        self._store.put(version)
            except ConflictError:
                if attempt == ATTEMPTS - 1:
                    raise
            else:
                with self._mutex:
                    self._live = None
                return first
        raise AssertionError

    def _length(self) -> int:
        try:
            return self._cases.case(SERVICE_CASE).length
        except UnknownCaseError:
            return 0

    # Trying

    def backtest(self, text: str, limit: int = 1_000, say: Say = lambda _done, _all: None) -> Backtest:
        """Try a policy on the latest `limit` decided cases; see `flow.backtest`. Raises PolicyError, StorageError."""
        self._must_be_good(text, "")
        past = Past(self._cases, self._jurisdictions)
        return backtest(past, compile_policy(read_policy(text)[0]), self._now().in_force.ask, limit, say)


def in_words(flaw: PolicyFlaw) -> str:
    """A flaw in one line for people. Characters are counted from 1, both ends included."""
    place = f", characters {flaw.start + 1} to {flaw.end}" if flaw.end else ""
    rule = f"rule {flaw.rule}{place}: " if flaw.rule else ""
    return f"{rule}{flaw.cause}" + (f" ({flaw.hint})" if flaw.hint else "")


def _ready(version: PolicyVersion) -> _Ready:
    """A version ready to be asked."""
    flaws = checks.check(version.text)
    if not whole(version):
        flaws.append(PolicyFlaw("", "its text is not what was approved"))
    if not flaws:
        return _Ready(version, compile_policy(read_policy(version.text)[0], version.number))
    made = _broken(version.number, in_words(flaws[0]), version)
    _log.error("%s; %s", made.trouble, BROKEN)
    return replace(made, vouched=True)


def _broken(number: int, cause: str, version: PolicyVersion | None) -> _Ready:
    default = default_policy()
    named = replace(default.policy, name=f"default, in place of version {number}")
    trouble = f"version {number} of the policy cannot be used: {cause}"
    return _Ready(version, replace(default, policy=named, version=number), trouble, vouched=False)


def _counted(number: int, counts: Counter[tuple[int, str]]) -> Draft:
    own = Counter({kind: count for (of, kind), count in counts.items() if of == number})
    asked = own.pop("", 0)
    details = {"version": str(number), "asked": str(asked), "differed": str(sum(own.values()))}
    details |= {kind: str(count) for kind, count in own.most_common(_MOST_KINDS)}
    return Draft(SERVICE_CASE, SYSTEM, ServiceEvent(_SHADOWED, details), TOOL)
