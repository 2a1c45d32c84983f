"""Items on their way in: media to the vault, what is found to a case. It survives being killed between any two steps.

1. `seal`, before any transaction, for others would have to wait: media is encrypted into the vault. Then `accept`, one
   transaction: its record, the item WAITING, its job. Killed before its end, nothing is left but sealed bytes that no
   record names, which `EvidenceVault.sweep` removes.
2. `process`, run by the job: the media is examined. Nothing is written.
3. Relations go to the families; told again, they change nothing.
4. One transaction: the events of the case, and the item DONE with its case.
5. Media in which nothing was found, and that nobody asked to keep, is destroyed; then the item forgets it.

The job runs again until 5 is done. Before 4 was committed the item is WAITING, and all is done anew; after it, only 5.
So a second run makes no second item, event or blob, and neither do two runs at the same time: a new case has the id of
the item that opened it, and of an old one the length must be what was seen.

What is to be done about a file is said by the policy in force (docs/policy.md); what could not be checked is for people
whatever it says.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import BinaryIO

from safelight.case.fold import absorbed
from safelight.flow.family import find_family
from safelight.flow.item_findings import last_findings
from safelight.flow.merged import current
from safelight.flow.policy import FileRule, by_default
from safelight.flow.review_rules import SENIOR
from safelight.flow.same_bytes import same_bytes
from safelight.match.families import relations_of
from safelight.model.access import SYSTEM
from safelight.model.case import (
    TOOL,
    Body,
    Case,
    Decided,
    Draft,
    Finding,
    ItemAdded,
    Merged,
    Noted,
    Opened,
    PolicyApplied,
    Routed,
    Verdict,
)
from safelight.model.decision import Action, Outcome
from safelight.model.errors import ConflictError, UnknownBlobError
from safelight.model.family import MemberKind, family_id
from safelight.model.match import MatchKind
from safelight.model.policy import Ruling
from safelight.model.scan import ScanRow
from safelight.model.segment import most_replaced
from safelight.model.service import Blob, Item, ItemState
from safelight.model.signal import Signal
from safelight.ports import BankStore, Clock, FamilyStore
from safelight.ports.casework import CaseStore, EvidenceVault, Ids

Look = Callable[[BinaryIO, str], Sequence[ScanRow]]
"""Examines an open file under this name, matches and judges: rows of archive members, then that of the file itself."""
Tell = Callable[[Item], None]
"""Called in the transaction that writes an item: asks for its job, or for webhooks."""

ATTEMPTS = 5
"""How often an item is put into a case that others change at the same time."""
UNKNOWN_MIME = "application/octet-stream"

REPLACED, STRONG, WEAK, LEAD, UNSEEN = 300, 200, 100, 50, 10
"""Priorities: something was put into a known picture; a near picture or another derivative; known bytes; a scene; what
could not be checked."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """What comes with a file: `source` (`gate`, `items`, ...), what the integrator says; see `model.service.Item`."""

    source: str
    reference: str = ""
    account: str = ""
    callback: str = ""
    keep: bool = False
    url: str = ""


@dataclass(frozen=True, slots=True)
class Intake:
    """Takes files in. `waiting` is told of new items, `done` of those that were examined. `rule`: the policy's word."""

    cases: CaseStore
    vault: EvidenceVault
    families: FamilyStore
    banks: BankStore
    look: Look
    ids: Ids
    clock: Clock
    waiting: Tell = lambda _item: None
    done: Tell = lambda _item: None
    rule: FileRule = by_default

    def receive(self, file: BinaryIO, arrival: Arrival) -> Item:
        """Keep a file and ask for its examination. Raises StorageError, VaultKeyError."""
        return self.accept(self.seal(file), arrival)

    def seal(self, file: BinaryIO) -> Blob:
        """Encrypt a file into the vault, as long as that takes. Raises StorageError, VaultKeyError."""
        return self.vault.seal(file, UNKNOWN_MIME)

    def accept(self, sealed: Blob, arrival: Arrival) -> Item:
        """Keep what was sealed, and ask for its examination. Raises StorageError."""
        with self.cases.transaction():
            blob = self.vault.admit(sealed)
            item = Item(
                id=self.ids.new(),
                state=ItemState.WAITING,
                created=self.clock.now(),
                source=arrival.source,
                reference=arrival.reference,
                account=arrival.account,
                blob=blob.id,
                sha256=blob.sha256,
                callback=arrival.callback,
                keep=arrival.keep,
                url=arrival.url,
            )
            self.cases.put_item(item)
            self.waiting(item)
        return item

    def process(self, item: str) -> Item:
        """Examine an item and put it where it belongs; idempotent, see the module.

        Raises UnknownItemError; UnknownBlobError, EvidenceDamagedError, VaultKeyError for media that cannot be read;
        what `look` raises; ConflictError when others were quicker `ATTEMPTS` times.
        """
        found = self.cases.item(item)
        if found.state is not ItemState.DONE:
            found = self._settled(found, self._rows(found))
        return self._without_needless_media(found)

    def fail(self, item: str) -> None:
        """`process` has failed too often: the item says so. Its media stays, so that it can be tried anew."""
        with self.cases.transaction():
            found = self.cases.item(item)
            if found.state is ItemState.WAITING:
                self.cases.put_item(replace(found, state=ItemState.FAILED, updated=self.clock.now()))

    def _rows(self, item: Item) -> Sequence[ScanRow]:
        if item.blob is None:
            raise UnknownBlobError(blob=None)
        with self.vault.read(item.blob) as file:
            return self.look(file, f"items/{item.id}")

    def _settled(self, item: Item, rows: Sequence[ScanRow]) -> Item:
        # The item's own time, not that of this run: told again, nothing changes.
        self.families.record(filter(None, map(relations_of, rows)), item.created)
        seen = Seen(tuple(rows), tuple(self.rule(row, item.source) for row in rows))
        for attempt in range(ATTEMPTS):
            try:
                with self.cases.transaction():
                    return self._settle(item.id, seen)
            except ConflictError:
                if attempt == ATTEMPTS - 1:
                    raise
        raise AssertionError

    def _settle(self, number: str, seen: "Seen") -> Item:
        item = self.cases.item(number)
        if item.state is ItemState.DONE:
            return item
        row = whole(seen.rows, seen.rulings)
        case = self._case_with(item, row, seen) if needs_people(row, seen.ruling) else None
        done = replace(item, state=ItemState.DONE, row=row, case=case, updated=self.clock.now())
        self.cases.put_item(done)
        self.done(done)
        return done

    def _case_with(self, item: Item, row: ScanRow, seen: "Seen") -> str:
        """Put the item into the case of its family, opened or brought together from several; return its id."""
        family, names = self._family(seen.gravest.sha256 or item.sha256 or "")
        held = {case.id: case for name in names if (case := self.cases.case_of_family(name)) is not None}
        of_member = row.decision is not seen.own.decision  # known bytes in it do not make the whole known
        added = ItemAdded(
            item=item.id,
            sha256=item.sha256 or row.sha256 or "",
            size=row.size or 0,
            mime=row.mime,
            source=item.source,
            outcome=row.decision.outcome,
            reason=row.decision.reason,
            reference=item.reference,
            blob=item.blob,
            degraded=row.decision.degraded or of_member,
            from_account=bool(item.account),
        )
        if not held:
            opened = Opened(row.decision.reason, priority_of(row), family=family)
            decided: tuple[Body, ...] = _by_policy(seen)
            if decided and (where := self._spared(added.sha256)):
                decided = (Noted(f"not closed unseen: in case {where} people found that these bytes are no abuse"),)
            self._append(item.id, 0, opened, added, *_applied(seen), *decided)
            return item.id
        case, *others = sorted(held.values(), key=lambda one: one.id)
        for other in others:
            case = self._merged(case, other)
        raised = Routed(case.queue, priority_of(row), "a stronger find joined")
        urgent = row.decision.outcome is not Outcome.KNOWN and raised.priority > case.priority
        self._append(case.id, case.length, added, *_applied(seen), *((raised,) if urgent else ()))
        return case.id

    def _family(self, sha256: str) -> tuple[str, list[str]]:
        """The file's family, and all ids that it, or a part of it, can have had: a case is under the one it began with.

        A family is named after one of its entries, a file without edges after itself.
        """
        family = find_family(sha256, self.banks, self.families)
        own = [family_id(sha256)]
        if family is None or not family.edges:
            return own[0], own
        entries = (member.identity for member in family.members if member.kind is MemberKind.KNOWN)
        return family.id, [family.id, *map(family_id, entries), *own]

    def _merged(self, case: Case, other: Case) -> Case:
        """`case` with all that is in `other`, which says so; items follow."""
        self._append(other.id, other.length, Merged(case.id))
        self._append(case.id, case.length, absorbed(other), *_routed(case, other))
        for member in other.items:
            self.cases.put_item(replace(self.cases.item(member.id), case=case.id))
        return self.cases.case(case.id)

    def _spared(self, sha256: str) -> str:
        """The case in which these bytes, whatever family they are in by now, were last found to be no abuse; or ""."""
        names = {one.case for one in same_bytes(sha256, self.cases) if one.case is not None}
        for case in {current(self.cases, name).id: None for name in sorted(names)}:
            found = last_findings(self.cases, case)
            alike = (one.id for one in self.cases.case(case).items if one.sha256 == sha256)
            if any(item in found and found[item].verdict is Verdict.NOT_ABUSE for item in alike):
                return case
        return ""

    def _append(self, case: str, length: int, *bodies: Body) -> None:
        self.cases.append([Draft(case, SYSTEM, body, TOOL) for body in bodies], expect=length)

    def _without_needless_media(self, item: Item) -> Item:
        """The item after its media was destroyed, where nobody needs it: no case, no wish, no other item with it."""
        if item.case is not None or item.keep or item.blob is None:
            return item
        with self.cases.transaction():
            self.vault.lock(item.blob)  # else another item with these bytes could come after the look at all others
            if not any(other.blob == item.blob for other in same_bytes(item.sha256, self.cases) if other.id != item.id):
                self.vault.destroy(item.blob)
            bare = replace(item, blob=None)
            self.cases.put_item(bare)
        return bare


@dataclass(frozen=True, slots=True)
class Seen:
    """Rows of the members of a file, then its own, and what the policy says of each."""

    rows: tuple[ScanRow, ...]
    rulings: tuple[Ruling, ...]

    @property
    def own(self) -> ScanRow:
        """The file's own row."""
        return self.rows[-1]

    @property
    def gravest(self) -> ScanRow:
        """The row that people should see first."""
        return self.rows[self._first]

    @property
    def ruling(self) -> Ruling:
        """What the policy says of that."""
        return self.rulings[self._first]

    @property
    def _first(self) -> int:
        """Among equals, and when the file is known byte for byte, its own."""
        if self.own.decision.outcome is Outcome.KNOWN:
            return len(self.rows) - 1
        places = reversed(range(len(self.rows)))
        return max(places, key=lambda n: (_asked_for(self.rulings[n]), priority_of(self.rows[n])))


def whole(rows: Sequence[ScanRow], rulings: Sequence[Ruling] | None = None) -> ScanRow:
    """The row of a file together with what is in it: an archive has the decision of its gravest member.

    Args:
        rows: of the members, then of the file itself.
        rulings: what the policy says of each; None for that of the policy that comes with the program.
    """
    seen = Seen(tuple(rows), tuple(map(by_default, rows) if rulings is None else rulings))
    own, gravest = seen.own, seen.gravest
    if gravest is own:
        return own
    found = sum(Action.QUEUE in row.decision.actions for row in seen.rows[:-1])
    told = Signal("members_matched", f"{found} of its members match a bank")
    return replace(own, decision=gravest.decision, matches=gravest.matches, signals=(*own.signals, told))


def needs_people(row: ScanRow, ruling: Ruling | None = None) -> bool:
    """Whether an item belongs in a case: the policy asks for anything, or it could not be checked in full.

    Else whoever makes a file that its decoder trips over would have it forgotten, media and all.
    """
    unseen = row.decision.degraded or row.decision.outcome in {Outcome.UNCHECKED, Outcome.PARTIAL}
    return unseen or _asked_for(ruling or by_default(row))


def _asked_for(ruling: Ruling) -> bool:
    """Whether anything is to follow."""
    return ruling.actions != (Action.NONE,)


def priority_of(row: ScanRow) -> int:
    """How soon people should look, by evidence alone: no detector has a say."""
    if row.decision.outcome is Outcome.DERIVED:
        return REPLACED if _replaced(row) else STRONG
    return {Outcome.NEAR: STRONG, Outcome.KNOWN: WEAK, Outcome.LEAD: LEAD}.get(row.decision.outcome, UNSEEN)


def _replaced(row: ScanRow) -> bool:
    """Whether part of a known picture was replaced."""
    regions = (
        match.altered_region or most_replaced(match.segments)
        for match in row.matches
        if match.kind is MatchKind.DERIVATIVE and match.counts
    )
    return any(region is not None and region.area > 0 for region in regions)


def _applied(seen: Seen) -> tuple[PolicyApplied, ...]:
    """What the policy said, for the log; not of the one that comes with the program, which `Draft.tool` names."""
    ruling = seen.ruling
    if not ruling.version:
        return ()
    matched = tuple(trace.rule for trace in ruling.rules if trace.matched)
    return (
        PolicyApplied(ruling.version, ruling.stage, ruling.actions, matched, ruling.withheld, degraded=ruling.degraded),
    )


def _routed(case: Case, other: Case) -> tuple[Routed, ...]:
    """Where a case waits that takes in one that waited: with seniors if either did, and as urgent as either."""
    queue, priority = max((case, other), key=lambda one: one.priority).queue, max(case.priority, other.priority)
    queue = SENIOR if SENIOR in {case.queue, other.queue} else queue
    if other.finding is not None or (queue, priority) == (case.queue, case.priority):
        return ()
    return (Routed(queue, priority, "so was what it took in"),)


def _by_policy(seen: Seen) -> tuple[Decided, ...]:
    """The decision on a file that is known, byte for byte, and whole: nobody has to look at it again.

    Unless the policy would rather have somebody look than refuse it.
    """
    decision = seen.own.decision
    if decision.outcome is not Outcome.KNOWN or decision.degraded or Action.BLOCK not in seen.rulings[-1].actions:
        return ()
    return (Decided(Finding(Verdict.CONFIRMED, note=f"known-bytes: {decision.reason}"), by_policy=True),)
