"""What the gate answers, and what becomes of what it does not allow."""

import asyncio
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, BinaryIO

import pytest

from safelight.flow.banks import create_bank
from safelight.flow.gate import Gate, answer_of
from safelight.flow.intake import Arrival
from safelight.flow.live import LiveMatcher
from safelight.flow.look import Looker
from safelight.flow.lookup import Lookup
from safelight.flow.matching import Matcher
from safelight.flow.scan import judge
from safelight.model.bank import BankEntry, KnownHash
from safelight.model.errors import BusyError, SandboxError, StorageError
from safelight.model.match import Match, MatchKind
from safelight.model.scan import Examination, ScanRow, Status
from safelight.model.service import GateAnswer, GateFailure, GateVerdict
from safelight.ports import ExamineJob, Known, Wanted
from tests.contract.memory_bank_store import MemoryBankStore, SetClock
from tests.fakes import BruteRoom
from tests.rows import derivative_of, examination_of, fingerprint_of, scene_of

OPEN, CLOSED = GateFailure.OPEN, GateFailure.CLOSED
ALLOW, HOLD, DENY = GateVerdict.ALLOW, GateVerdict.HOLD, GateVerdict.DENY
EXACT = Match("a", "one", MatchKind.EXACT, "sha256", 0)
NEAR = Match("a", "one", MatchKind.NEAR, "pdq", 12)
BENIGN = replace(NEAR, bank="b", negative=True)


def row(*matches: Match, status: Status = Status.OK) -> ScanRow:
    return judge(replace(examination_of("upload", 1), status=status), matches)


CASES: list[tuple[ScanRow, GateVerdict, GateVerdict, bool]] = [
    # row, verdict when open, when closed, whether it counts as checked
    (row(), ALLOW, ALLOW, True),
    (row(EXACT), DENY, DENY, True),
    (row(EXACT, status=Status.UNSUPPORTED), DENY, DENY, True),  # its digests say enough
    (row(EXACT, status=Status.DEGRADED), HOLD, HOLD, False),
    (row(EXACT, status=Status.UNREADABLE), HOLD, HOLD, False),
    (row(NEAR), HOLD, HOLD, True),
    (row(NEAR, status=Status.DEGRADED), HOLD, HOLD, False),
    (row(derivative_of("a", "one")), HOLD, HOLD, True),
    (row(scene_of("a", "one")), ALLOW, ALLOW, True),
    (row(scene_of("a", "one"), status=Status.DEGRADED), ALLOW, HOLD, False),
    (row(replace(NEAR, suppressed_by="b/one")), ALLOW, ALLOW, True),
    (row(BENIGN), ALLOW, ALLOW, True),
    (row(BENIGN, status=Status.DEGRADED), ALLOW, HOLD, False),
    (row(status=Status.UNSUPPORTED), ALLOW, HOLD, False),
    (row(status=Status.DEGRADED), ALLOW, HOLD, False),
    (row(status=Status.UNREADABLE), ALLOW, HOLD, False),
    (row(status=Status.SKIPPED), ALLOW, HOLD, False),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[0].decision.outcome}-{case[0].status}")
def test_the_verdict_follows_the_decision(case: tuple[ScanRow, GateVerdict, GateVerdict, bool]) -> None:
    of, when_open, when_closed, checked = case
    assert answer_of([of], OPEN) == GateAnswer(when_open, checked, of)
    assert answer_of([of], CLOSED) == GateAnswer(when_closed, checked, of)


def test_the_gravest_member_decides_and_any_can_leave_it_unchecked() -> None:
    clear, near, known, unread = row(), row(NEAR), row(EXACT), row(status=Status.UNREADABLE)
    assert answer_of([near, known, clear], OPEN) == GateAnswer(DENY, checked=True, row=known)
    assert answer_of([near, unread, clear], OPEN) == GateAnswer(HOLD, checked=False, row=near)
    assert answer_of([unread, clear], OPEN) == GateAnswer(ALLOW, checked=False, row=clear)
    assert answer_of([unread, clear], CLOSED) == GateAnswer(HOLD, checked=False, row=unread)


@dataclass
class Examiner:
    """A standing examiner whose answers the test gives."""

    asked: list[ExamineJob] = field(default_factory=list)
    read: list[bytes] = field(default_factory=list)
    futures: list["Future[list[Examination]]"] = field(default_factory=list)
    answer: Callable[[], list[Examination]] | None = None

    def examine(
        self, file: BinaryIO, job: ExamineJob, known: Known | None = None, wanted: Wanted | None = None
    ) -> "Future[list[Examination]]":
        del known, wanted
        self.asked.append(job)
        self.read.append(os.pread(file.fileno(), 100, 0))
        future: Future[list[Examination]] = Future()
        self.futures.append(future)
        if self.answer is not None:
            future.set_result(self.answer())
        return future

    def close(self) -> None:
        """Nothing was started."""


@dataclass
class Place:
    """A gate over one bank that knows number 1."""

    failure: GateFailure = CLOSED
    seconds: float = 20.0
    examiner: Examiner = field(default_factory=Examiner)
    kept: list[tuple[bytes, Arrival]] = field(default_factory=list)
    fails: Exception | None = None
    in_use: int = 0

    def __post_init__(self) -> None:
        self.store, self.room = MemoryBankStore(SetClock()), BruteRoom()
        digests = fingerprint_of(1).digests
        known = (KnownHash("sha256", digests.sha256), KnownHash("pdq", fingerprint_of(1).prints[0].pdq.hash, 100))
        self.store.add(create_bank(self.store, "a"), [BankEntry("one", known)])
        self.live = LiveMatcher(self.store, self.room, self.open)
        self.threads = ThreadPoolExecutor(2)
        looker = Looker(self.examiner, self.live)
        self.gate = Gate(looker, self.threads, self.keep, failure=self.failure, seconds=self.seconds)

    @contextmanager
    def open(self, names: Sequence[str]) -> Iterator[Matcher]:
        with Lookup(self.store, self.room, names) as lookup, Matcher(lookup) as matcher:
            yield matcher

    def keep(self, file: BinaryIO, arrival: Arrival) -> str:
        if self.fails:
            raise self.fails
        self.kept.append((file.read(), arrival))
        return f"item-{len(self.kept)}"

    async def check(self, data: bytes = b"bytes") -> GateAnswer:
        with os.fdopen(os.memfd_create("test"), "w+b", buffering=0) as file:
            file.write(data)
            return await self.gate.check(file, "upload", Arrival("gate", "ref", "account"))

    def answer(self, data: bytes = b"bytes") -> GateAnswer:
        return asyncio.run(self.check(data))

    @property
    def is_idle(self) -> bool:
        """Nobody holds the banks."""
        self.threads.submit(lambda: None).result()
        return self.live._held is None or not self.live._held.users

    def close(self) -> None:
        self.threads.shutdown()
        self.live.close()


@pytest.fixture
def place() -> Iterator[Callable[..., Place]]:
    made: list[Place] = []

    def make(**values: Any) -> Place:
        made.append(Place(**values))
        return made[-1]

    yield make
    for one in made:
        one.close()
        assert one.live._held is None


def test_what_is_allowed_leaves_nothing(place: Callable[..., Place]) -> None:
    gate = place()
    gate.examiner.answer = lambda: [examination_of("upload", 7)]
    answer = gate.answer()
    assert (answer.verdict, answer.checked, answer.item) == (ALLOW, True, None)
    assert gate.kept == []
    assert gate.examiner.read == [b"bytes"]
    assert gate.examiner.asked[0].name == "upload"
    assert gate.is_idle


def test_the_very_bytes_are_denied_and_kept(place: Callable[..., Place]) -> None:
    gate = place(failure=OPEN)
    gate.examiner.answer = lambda: [examination_of("upload", 1)]
    answer = gate.answer(b"known")
    assert (answer.verdict, answer.checked, answer.item) == (DENY, True, "item-1")
    assert answer.row.matches[0].kind is MatchKind.EXACT
    assert gate.kept == [(b"known", Arrival("gate", "ref", "account"))]


def test_the_same_picture_is_held(place: Callable[..., Place]) -> None:
    gate = place(failure=OPEN)
    near = replace(fingerprint_of(1), digests=fingerprint_of(2).digests)
    gate.examiner.answer = lambda: [replace(examination_of("upload", 1), fingerprint=near)]
    answer = gate.answer()
    assert (answer.verdict, answer.checked, answer.item) == (HOLD, True, "item-1")


def test_what_cannot_be_kept_is_not_allowed_either(place: Callable[..., Place]) -> None:
    gate = place(fails=StorageError(path="vault", cause="the disk is full"))
    gate.examiner.answer = lambda: [examination_of("upload", 1)]
    answer = gate.answer()
    assert (answer.verdict, answer.item) == (DENY, None)


ERRORS: list[Exception] = [
    SandboxError(cause="no workers"),
    StorageError(path="store", cause="gone"),
    BusyError(seconds=3),
    RuntimeError("a fault of ours"),
    TimeoutError(),
]


@pytest.mark.parametrize("failure", list(GateFailure))
@pytest.mark.parametrize("when", ["handing in", "examining", "looking up"])
@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_every_failure_is_an_answer(
    place: Callable[..., Place],
    monkeypatch: pytest.MonkeyPatch,
    failure: GateFailure,
    when: str,
    error: Exception,
) -> None:
    gate = place(failure=failure)
    gate.examiner.answer = lambda: [examination_of("upload", 7)]

    def fails(*_args: object) -> Any:
        raise error

    if when == "handing in":
        monkeypatch.setattr(gate.live, "_keep_up", fails)
    elif when == "examining":
        gate.examiner.answer = fails
    else:
        monkeypatch.setattr(Lookup, "matches", fails)
    answer = gate.answer()
    assert answer.verdict is (ALLOW if failure is OPEN else HOLD)
    assert not answer.checked
    assert answer.item == (None if failure is OPEN else "item-1")
    assert answer.retry == (3 if isinstance(error, BusyError) else 0)
    assert answer.row.status is Status.UNREADABLE
    assert gate.is_idle


def test_who_takes_too_long_is_answered_and_given_up(place: Callable[..., Place]) -> None:
    gate = place(seconds=0.1)
    answer = gate.answer()
    assert (answer.verdict, answer.checked, answer.item) == (HOLD, False, "item-1")
    assert answer.row.error == "not looked at within 0.1 s"
    assert gate.examiner.futures[0].cancelled()
    assert gate.is_idle


def test_who_hangs_up_frees_the_worker(place: Callable[..., Place]) -> None:
    gate = place()

    async def hang_up() -> None:
        asking = asyncio.ensure_future(gate.check())
        while not gate.examiner.futures:  # noqa: ASYNC110 - the examiner is called in a thread
            await asyncio.sleep(0.001)
        await asyncio.sleep(0.01)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking

    asyncio.run(hang_up())
    assert gate.examiner.futures[0].cancelled()
    assert gate.is_idle
    assert gate.kept == []


def test_evidence_is_kept_though_the_uploader_hangs_up(place: Callable[..., Place]) -> None:
    gate = place()
    gate.examiner.answer = lambda: [examination_of("upload", 1)]
    keep, asked = gate.gate._keep, []

    async def hang_up() -> None:
        asking = asyncio.ensure_future(gate.check(b"known"))

        def slowly(file: BinaryIO, arrival: Arrival) -> str:
            asked.append(asking.get_loop().call_soon_threadsafe(asking.cancel))
            while not asking.done():
                pass
            return keep(file, arrival)

        gate.gate._keep = slowly
        with pytest.raises(asyncio.CancelledError):
            await asking

    asyncio.run(hang_up())
    gate.threads.shutdown()
    assert gate.kept == [(b"known", Arrival("gate", "ref", "account"))]


def test_a_look_in_one_go(place: Callable[..., Place]) -> None:
    gate = place()
    gate.examiner.answer = lambda: [examination_of("upload!/a", 1), examination_of("upload", 7)]
    with os.fdopen(os.memfd_create("test"), "w+b") as file:
        rows = Looker(gate.examiner, gate.live)(file, "upload")
    assert [(one.path, [match.entry for match in one.matches]) for one in rows] == [
        ("upload!/a", ["one"]),
        ("upload", []),
    ]
    assert gate.is_idle
