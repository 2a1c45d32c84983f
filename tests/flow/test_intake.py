"""Files on their way in, with stores in memory: what comes of them, and that dying at any moment changes nothing."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from io import BytesIO
from itertools import count
from typing import Any, BinaryIO

import pytest

from safelight.flow.intake import UNSEEN, Arrival, Intake, needs_people, priority_of, whole
from safelight.match.judge import suppress
from safelight.model.access import Actor, ActorKind
from safelight.model.bank import Bank, BankEntry, KnownHash
from safelight.model.case import (
    NAMES,
    AppealOpened,
    Case,
    CaseState,
    Decided,
    Draft,
    Finding,
    Verdict,
)
from safelight.model.decision import Action, Outcome
from safelight.model.errors import ConflictError, UnknownBlobError, UnknownItemError
from safelight.model.match import Match, MatchKind
from safelight.model.region import AlteredRegion, RegionBasis
from safelight.model.scan import ScanRow, Status
from safelight.model.service import Blob, Item, ItemState
from safelight.policy.decide import decide
from tests.contract.memory_bank_store import MemoryBankStore
from tests.contract.memory_case_store import MemoryCaseStore
from tests.contract.memory_family_store import MemoryFamilyStore
from tests.fakes import FakeClock
from tests.rows import derivative_of, row_of, scene_of

REVIEWER = Actor(ActorKind.USER, "1")
REGION = AlteredRegion(0.2, (1, 1, 9, 9), RegionBasis.PIXELS)


def known(entry: str = "a") -> Match:
    return Match("bank", entry, MatchKind.EXACT, "sha256", 0)


def near(entry: str = "a") -> Match:
    return Match("bank", entry, MatchKind.NEAR, "pdq", 8, p_false_match=1e-9)


def told(*matches: Match, status: Status = Status.OK, error: str | None = None) -> Callable[[str, bytes], ScanRow]:
    """What is seen of a file that agrees with these entries."""

    def row(name: str, data: bytes) -> ScanRow:
        digest, size, found = hashlib.sha256(data).hexdigest(), len(data), suppress(matches)
        decision = decide(status, found, error)
        return replace(
            row_of(name), status=status, matches=found, decision=decision, sha256=digest, size=size, error=error
        )

    return row


class Names:
    """Ids in the order of time."""

    def __init__(self) -> None:
        self.numbers = count(1)

    def new(self) -> str:
        return f"item-{next(self.numbers):04}"


@dataclass
class MemoryVault:
    """Records are of the transaction they are made in; bytes go when that is committed."""

    records: dict[str, Blob] = field(default_factory=dict)
    content: dict[str, bytes] = field(default_factory=dict)
    names: Iterator[int] = field(default_factory=lambda: count(1))

    def seal(self, plain: BinaryIO, mime: str) -> Blob:
        data = plain.read()
        name = f"blob-{next(self.names)}"
        self.content[name] = data
        return Blob(name, hashlib.sha256(data).hexdigest(), len(data), mime, FakeClock().time, "k", "w")

    def admit(self, sealed: Blob) -> Blob:
        there = (blob for blob in self.records.values() if blob.sha256 == sealed.sha256)
        return next(there, None) or self.records.setdefault(sealed.id, sealed)

    def lock(self, blob: str) -> None:
        pass

    @contextmanager
    def read(self, blob: str) -> Iterator[BinaryIO]:
        if blob not in self.records:
            raise UnknownBlobError(blob=blob)
        yield BytesIO(self.content[blob])

    def destroy(self, blob: str) -> None:
        self.records.pop(blob, None)


class World:
    """A service in memory. `seen`: what is seen of which bytes."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.cases = _Cases(self.clock)
        self.vault = self.cases.vault
        self.families = MemoryFamilyStore()
        self.banks = MemoryBankStore(self.clock)
        bank = self.banks.create(Bank(0, "bank"))
        self.banks.add(bank, [BankEntry(name, (KnownHash("md5", f"{n:032x}"),)) for n, name in enumerate("abc")])
        self.seen: dict[bytes, Sequence[Callable[[str, bytes], ScanRow]]] = {}
        self.asked: list[str] = []
        self.told: list[tuple[str, ItemState]] = []
        self.ids = Names()

    def intake(self, wrap: Callable[[Any], Any] = lambda port: port) -> Intake:
        return Intake(
            cases=wrap(self.cases),
            vault=wrap(self.vault),
            families=wrap(self.families),
            banks=self.banks,
            look=self.look,
            ids=self.ids,
            clock=self.clock,
            waiting=lambda item: self.asked.append(item.id),
            done=lambda item: self.told.append((item.id, item.state)),
        )

    def look(self, file: BinaryIO, name: str) -> Sequence[ScanRow]:
        data = file.read()
        *members, own = self.seen[data]
        return [
            *(row(f"{name}!/{n}", data + bytes([n])) for n, row in enumerate(members)),
            own(name, data),
        ]

    def take(self, data: bytes, *rows: Callable[[str, bytes], ScanRow], **arrival: Any) -> Item:
        self.seen[data] = rows or self.seen[data]
        intake = self.intake()
        return intake.process(intake.receive(BytesIO(data), Arrival(arrival.pop("source", "items"), **arrival)).id)

    def case(self, item: Item) -> Case:
        assert item.case is not None
        return self.cases.case(item.case)

    def kinds(self, case: str) -> list[str]:
        return [NAMES[type(logged.event.body)] for logged in self.cases.events(case)]

    def summary(self) -> object:
        """All that must not differ after a death and a second run."""
        items = [
            (i.id, i.state, i.case, i.blob, i.sha256, i.row.decision if i.row else None) for i in self.cases.items()
        ]
        log = [(e.event.case, e.event.seq, NAMES[type(e.event.body)]) for e in self.cases.log(-1, 1000)]
        paths = {file: set(places) for file, places in self.families.paths.items()}
        return items, log, sorted(self.vault.records), (self.families.edges, self.families.kept_leads, paths)


class _Cases(MemoryCaseStore):
    """Its transactions are the vault's, too, as in the service, where both are in one database."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__(clock)
        self.vault = MemoryVault()
        self.depth = 0

    @contextmanager
    def transaction(self) -> Iterator[None]:
        before = dict(self.vault.records)
        self.depth += 1
        try:
            with super().transaction():
                yield
        except BaseException:
            self.vault.records = before
            raise
        finally:
            self.depth -= 1


@pytest.fixture
def world() -> World:
    return World()


class TestReceiving:
    def test_media_item_and_job_are_there(self, world: World) -> None:
        item = world.intake().receive(BytesIO(b"file"), Arrival("items", "ref", "acc", "7", keep=True))
        assert item == world.cases.item(item.id)
        assert (item.state, item.reference, item.account, item.callback) == (ItemState.WAITING, "ref", "acc", "7")
        assert item.sha256 == hashlib.sha256(b"file").hexdigest()
        assert world.asked == [item.id]
        assert item.blob in world.vault.records

    def test_no_transaction_waits_for_the_bytes(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        within, seal = [], world.vault.seal

        def sealed(plain: BinaryIO, mime: str) -> Blob:
            within.append(world.cases.depth)
            return seal(plain, mime)

        monkeypatch.setattr(world.vault, "seal", sealed)
        world.intake().receive(BytesIO(b"file"), Arrival("items"))
        assert within == [0]

    def test_the_same_bytes_are_kept_once(self, world: World) -> None:
        first, second = (world.intake().receive(BytesIO(b"file"), Arrival("items")) for _ in range(2))
        assert first.id != second.id
        assert first.blob == second.blob


class TestOutcomes:
    def test_nothing_found_leaves_no_case_and_no_media(self, world: World) -> None:
        item = world.take(b"file", told())
        assert (item.state, item.case, item.blob) == (ItemState.DONE, None, None)
        assert item.row is not None
        assert item.row.decision.outcome is Outcome.CLEAR
        assert world.vault.records == {}
        assert world.cases.log(-1, 10) == []
        assert world.told == [(item.id, ItemState.DONE)]
        assert world.cases.item(item.id) == item

    def test_media_stays_when_its_caller_asks(self, world: World) -> None:
        item = world.take(b"file", told(), keep=True)
        assert item.blob in world.vault.records

    def test_media_stays_while_another_item_needs_it(self, world: World) -> None:
        kept = world.take(b"file", told(), keep=True)
        other = world.take(b"file")
        assert other.blob is None
        assert kept.blob in world.vault.records

    def test_a_near_picture_opens_a_case(self, world: World) -> None:
        item = world.take(b"file", told(near()))
        case = world.case(item)
        assert case.id == item.id
        assert (case.state, case.priority, case.family) == (CaseState.OPEN, 200, item_family(world, item))
        assert [one.id for one in case.items] == [item.id]
        assert case.items[0].blob == item.blob
        assert item.blob in world.vault.records

    def test_known_bytes_are_closed_unseen(self, world: World) -> None:
        case = world.case(world.take(b"file", told(known())))
        assert (case.state, case.by_policy, case.decided_by) == (CaseState.DECIDED, True, None)
        assert case.finding is not None
        assert case.finding.verdict is Verdict.CONFIRMED
        assert world.kinds(case.id) == ["case.opened", "item.added", "case.decided"]

    @pytest.mark.parametrize("account", ["", "upload-17"])
    def test_the_log_says_whether_anybody_could_be_told(self, world: World, account: str) -> None:
        item = world.take(b"file", told(known()), account=account)
        assert world.case(item).items[0].from_account is bool(account)

    def test_known_bytes_that_were_read_in_part_are_looked_at(self, world: World) -> None:
        assert world.case(world.take(b"file", told(known(), status=Status.DEGRADED))).state is CaseState.OPEN

    def test_a_lead_opens_a_case_of_its_own_family(self, world: World) -> None:
        first = world.take(b"file", told(scene_of("bank", "a")))
        other = world.take(b"other", told(scene_of("bank", "a")))
        again = world.take(b"file")
        assert world.case(first).priority == 50
        assert first.case != other.case
        assert again.case == first.case

    @pytest.mark.parametrize("status", [Status.UNREADABLE, Status.UNSUPPORTED])
    @pytest.mark.parametrize("source", ["gate", "items"])
    def test_what_could_not_be_checked_is_for_people(self, world: World, status: Status, source: str) -> None:
        """However it came: a file that its decoder trips over, on purpose too, is not forgotten."""
        item = world.take(b"other", told(status=status, error="no"), source=source)
        case = world.case(item)
        assert (case.state, case.priority) == (CaseState.OPEN, UNSEEN)
        assert item.blob in world.vault.records

    def test_what_failed_too_often_says_so_and_can_be_tried_anew(self, world: World) -> None:
        intake = world.intake()
        item = intake.receive(BytesIO(b"file"), Arrival("items"))
        with pytest.raises(KeyError):
            intake.process(item.id)
        intake.fail(item.id)
        assert world.cases.item(item.id).state is ItemState.FAILED
        world.seen[b"file"] = [told(near())]
        assert intake.process(item.id).state is ItemState.DONE
        intake.fail(item.id)
        assert world.cases.item(item.id).state is ItemState.DONE

    def test_media_that_is_gone_is_an_error(self, world: World) -> None:
        intake = world.intake()
        item = intake.receive(BytesIO(b"file"), Arrival("items"))
        world.vault.records.clear()
        with pytest.raises(UnknownBlobError):
            intake.process(item.id)
        world.cases.put_item(replace(item, blob=None))
        with pytest.raises(UnknownBlobError):
            intake.process(item.id)
        with pytest.raises(UnknownItemError):
            intake.process("nobody")


def item_family(world: World, item: Item) -> str:
    from safelight.flow.family import find_family

    found = find_family(item.sha256 or "", world.banks, world.families)
    assert found is not None
    return found.id


class TestFamilies:
    def test_a_family_has_one_case(self, world: World) -> None:
        first, second = world.take(b"1", told(near())), world.take(b"2", told(derivative_of("bank", "a")))
        assert first.case == second.case
        assert [item.id for item in world.case(first).items] == [first.id, second.id]

    def test_a_stronger_find_makes_the_case_more_urgent(self, world: World) -> None:
        first = world.take(b"1", told(near()))
        world.take(b"2", told(derivative_of("bank", "a", altered_region=REGION)))
        assert world.case(first).priority == 300
        world.take(b"3", told(near()))
        assert world.case(first).priority == 300
        assert world.kinds(first.id) == ["case.opened", "item.added", "item.added", "case.routed", "item.added"]

    def test_families_that_become_one_have_their_cases_merged(self, world: World) -> None:
        first, second = world.take(b"1", told(near("a"))), world.take(b"2", told(near("b")))
        assert first.case != second.case
        third = world.take(b"3", told(near("a"), near("b")))
        assert third.case == first.case
        assert [item.id for item in world.case(first).items] == [first.id, second.id, third.id]
        gone = world.cases.case(second.id)
        assert (gone.state, gone.merged_into) == (CaseState.MERGED, first.id)
        assert world.cases.item(second.id).case == first.id
        assert world.take(b"4", told(near("b"))).case == first.id

    def test_known_bytes_join_what_is_decided_and_other_finds_open_it_again(self, world: World) -> None:
        first = world.take(b"1", told(known()))
        assert world.take(b"2", told(known())).case == first.case
        assert world.case(first).state is CaseState.DECIDED
        world.take(b"3", told(near()))
        case = world.case(first)
        assert (case.state, case.priority) == (CaseState.OPEN, 200)

    def test_a_lone_lead_that_becomes_a_find_takes_its_case_along(self, world: World) -> None:
        first = world.take(b"1", told(scene_of("bank", "a")))
        other = world.take(b"2", told(near("a")))
        again = world.take(b"1", told(near("a")))
        assert again.case == min(first.id, other.id)
        assert world.cases.item(first.id).case == world.cases.item(other.id).case == again.case

    def test_appeals_and_holds_come_along(self, world: World) -> None:
        first, second = world.take(b"1", told(near("a"))), world.take(b"2", told(near("b")))
        finding = Finding(Verdict.NOT_ABUSE)
        world.cases.append([Draft(second.id, REVIEWER, Decided(finding))])
        world.cases.append([Draft(second.id, REVIEWER, AppealOpened("x", "look again"))])
        world.take(b"3", told(near("a"), near("b")))
        assert world.case(first).appeals == ("x",)


class TestArchives:
    def test_the_gravest_member_decides(self, world: World) -> None:
        item = world.take(b"zip", told(), told(near()), told(scene_of("bank", "b")), told())
        assert item.row is not None
        assert item.row.decision.outcome is Outcome.NEAR
        assert item.row.sha256 == hashlib.sha256(b"zip").hexdigest()
        assert item.row.path == f"items/{item.id}"
        assert item.row.signals[-1].detail == "2 of its members match a bank"

    def test_known_bytes_inside_are_not_closed_unseen(self, world: World) -> None:
        case = world.case(world.take(b"zip", told(known()), told()))
        assert case.state is CaseState.OPEN
        assert case.items[0].degraded

    def test_an_archive_that_is_known_itself_is(self, world: World) -> None:
        case = world.case(world.take(b"zip", told(near("b")), told(known())))
        assert case.state is CaseState.DECIDED

    def test_a_file_alone_is_its_own_row(self) -> None:
        row = told(near())("name", b"1")
        assert whole([row]) is row


def test_media_is_locked_before_others_with_it_are_looked_for(world: World) -> None:
    """Between that look and the end of the media, the same bytes could come again."""
    calls: list[str] = []

    class Heard(_Mortal):
        def __getattr__(self, name: str) -> Any:
            calls.append(name)
            return getattr(self._port, name)

    item = world.take(b"1", told(), keep=True)
    world.cases.put_item(replace(item, keep=False))
    world.intake(lambda port: Heard(port, Deadly(-1, before=True))).process(item.id)
    assert [name for name in calls if name in {"lock", "items", "destroy"}] == ["lock", "items", "items", "destroy"]


def test_priorities_go_by_evidence() -> None:
    rows = [
        told(derivative_of("bank", "a", altered_region=REGION)),
        told(near()),
        told(known()),
        told(scene_of("bank", "a")),
        told(status=Status.UNREADABLE, error="no"),
    ]
    priorities = [priority_of(row("name", b"1")) for row in rows]
    assert priorities == sorted(priorities, reverse=True)
    assert len(set(priorities)) == len(rows)
    harmless = replace(derivative_of("bank", "a", altered_region=REGION), negative=True)
    assert not needs_people(told(harmless)("name", b"1"))


class Killed(BaseException):
    """The process ends here."""


@dataclass
class Deadly:
    """Ports that end the process at call number `at`, counted over all of them: before it, or after."""

    at: int
    before: bool
    calls: int = 0

    def __call__(self, port: Any) -> Any:
        return _Mortal(port, self)


class _Mortal:
    def __init__(self, port: Any, fate: Deadly) -> None:
        self._port, self._fate = port, fate

    def __getattr__(self, name: str) -> Any:
        method, fate = getattr(self._port, name), self._fate

        def call(*args: Any, **kwargs: Any) -> Any:
            number, fate.calls = fate.calls, fate.calls + 1
            if number == fate.at and fate.before:
                raise Killed
            result = method(*args, **kwargs)
            if number == fate.at:
                raise Killed
            return result

        return call


def _prepared() -> World:
    world = World()
    world.take(b"1", told(near("a")))
    world.take(b"2", told(near("b")))
    world.take(b"3", told(), keep=True)
    return world


STORIES = {
    "nothing": told(),
    "known": told(known("c")),
    "merging": told(near("a"), derivative_of("bank", "b", altered_region=REGION)),
    "lead": told(scene_of("bank", "c")),
}


@pytest.mark.parametrize("story", STORIES)
@pytest.mark.parametrize("before", [True, False])
def test_death_at_any_port_call_changes_nothing(story: str, before: bool) -> None:
    calm = _prepared()
    calm.take(b"new", STORIES[story])
    deaths = 0
    for at in count():
        world = _prepared()
        world.seen[b"new"] = [STORIES[story]]
        fate = Deadly(at, before)
        mortal = world.intake(fate)
        items = len(world.cases.items())
        try:
            number = mortal.receive(BytesIO(b"new"), Arrival("items")).id
        except Killed:
            deaths += 1
            if len(world.cases.items()) == items:  # nothing was committed: the caller sends it again
                assert set(world.vault.records) == {item.blob for item in world.cases.items()} - {None}
                world.asked, world.ids.numbers = world.asked[:items], count(4)
                number = world.intake().receive(BytesIO(b"new"), Arrival("items")).id
            else:
                number = world.cases.items()[-1].id
        try:
            mortal.process(number)
        except Killed:
            deaths += 1
            world.intake().process(number)
        assert _without_blob_names(world.summary()) == _without_blob_names(calm.summary())
        world.intake().process(number)
        assert _without_blob_names(world.summary()) == _without_blob_names(calm.summary())
        if fate.calls <= at:
            break
    assert deaths >= 8


def _without_blob_names(summary: Any) -> object:
    """Blobs have other names when they were put a second time; how many live is what counts."""
    items, log, blobs, families = summary
    return [(*item[:3], item[3] is None, *item[4:]) for item in items], log, len(blobs), families


def test_whoever_comes_second_finds_it_done(world: World) -> None:
    """Two workers with the same item: the second sees what the first did, in its own transaction."""
    world.seen[b"1"] = [told(near())]
    intake = world.intake()
    item = intake.receive(BytesIO(b"1"), Arrival("items"))

    def meanwhile(file: BinaryIO, name: str) -> Sequence[ScanRow]:
        world.intake().process(item.id)
        return world.look(file, name)

    replace(intake, look=meanwhile).process(item.id)
    assert world.kinds(item.id) == ["case.opened", "item.added"]


def test_a_case_that_others_change_is_tried_again(world: World) -> None:
    world.take(b"1", told(near()))
    world.seen[b"2"] = [told(near())]
    intake = world.intake()
    item = intake.receive(BytesIO(b"2"), Arrival("items"))
    conflicts = iter([True, True, False])

    class Contested(_Mortal):
        def __getattr__(self, name: str) -> Any:
            if name == "append" and next(conflicts, False):
                raise ConflictError(what="it")
            return getattr(self._port, name)

    contested = Contested(world.cases, Deadly(-1, before=True))
    done = replace(intake, cases=contested).process(item.id)
    assert world.kinds(done.case or "") == ["case.opened", "item.added", "item.added"]
    conflicts = iter([True] * 9)
    other = intake.receive(BytesIO(b"2"), Arrival("items"))
    with pytest.raises(ConflictError):
        replace(intake, cases=contested).process(other.id)
    assert Action.QUEUE in (done.row or row_of("")).decision.actions
