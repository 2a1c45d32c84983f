"""What must hold of a service's data, whatever was killed while it came to be."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from django.utils import timezone

from safelight.adapter.store.opening import open_place
from safelight.app import App
from safelight.model.audit import LoggedEvent, SignedHead
from safelight.model.case import HoldPlaced, ItemAdded, Noted
from safelight.model.service import Blob, Item, ItemState
from safelight.settings import read_settings
from safelight.web.api.models import Answer
from safelight.web.jobs.models import UNFINISHED, Job, JobState, Schedule
from tests.service_wide.load import Sent
from tests.service_wide.running import Whole

SLICE = 32
"""Bytes of media that must not be found together anywhere."""


class Kept:
    """What the service has kept, read past it."""

    def __init__(self, whole: Whole) -> None:
        self.app = App(read_settings(whole.environ))
        self.place = open_place(whole.target if isinstance(whole.target, str) else whole.home)

    def items(self) -> list[Item]:
        found: list[Item] = []
        while page := self.app.cases.items(found[-1].id if found else "", 500):
            found += page
        return found

    def log(self) -> list[LoggedEvent]:
        found: list[LoggedEvent] = []
        while page := self.app.cases.log(len(found) - 1, 500):
            found += page
        return found

    def blobs(self) -> list[Blob]:
        found: list[Blob] = []
        while page := self.app.evidence.blobs(found[-1].id if found else "", 500):
            found += page
        return found

    def heads(self) -> list[SignedHead]:
        return self.app.cases.heads(1)

    def jobs(self) -> Counter[str]:
        return Counter(Job.objects.using(self.place).values_list("state", flat=True))

    def waiting(self) -> Counter[str]:
        """Jobs that nobody has begun with, by kind, without one of each periodic kind: those go on until the end."""
        kinds = Job.objects.using(self.place).filter(state=JobState.WAITING).values_list("kind", flat=True)
        return Counter(kinds) - Counter(Schedule.objects.using(self.place).values_list("kind", flat=True))

    def is_drained(self) -> bool:
        return not Job.objects.using(self.place).filter(state__in=UNFINISHED).exists()

    def sign_soon(self) -> None:
        """Have the periodic job that signs the log run at the next round."""
        Schedule.objects.using(self.place).filter(kind="log.sign").update(due=timezone.now())

    def let_time_pass(self, idle: float) -> None:
        """As if leases and claims that nobody has worked on for so many seconds were older: who held them is dead."""
        from django_tasks import TaskResultStatus
        from django_tasks_db.models import DBTaskResult

        then, long_ago = timezone.now() - timedelta(seconds=idle), timezone.now() - timedelta(minutes=3)
        jobs = Job.objects.using(self.place)
        jobs.filter(state=JobState.RUNNING, started__lt=then).update(lease=long_ago)
        tasks = DBTaskResult.objects.using(self.place)
        if lost := tasks.filter(status=TaskResultStatus.RUNNING, started_at__lt=then).values_list("id", flat=True):
            jobs.filter(state=JobState.WAITING, due__lt=then, task__in=list(lost)).update(due=long_ago)
            tasks.filter(status=TaskResultStatus.RUNNING, started_at__lt=then).update(started_at=long_ago)
        Answer.objects.using(self.place).filter(status=None, created__lt=then).update(created=long_ago)


def check_items(items: Sequence[Item], log: Sequence[LoggedEvent], sent: Sequence[Sent]) -> None:
    """Every file that was taken is there once, in its case once; and nothing is there that nobody sent."""
    by_mark = Counter(item.reference for item in items)
    ids = {item.id: item for item in items}
    assert len(ids) == len(items)
    uploads = {one.mark: one for one in sent if one.file}
    assert by_mark.keys() <= uploads.keys()
    assert [mark for mark, count in by_mark.items() if count > 1] == []
    for one in uploads.values():
        told = {name for name in one.told if name}
        assert len(told) <= 1, f"{one.mark} is several items: {told}"
        assert [ids[name].reference for name in told] == [one.mark] * len(told)
        if one.what == "gate" and one.told == [None]:
            assert one.statuses == [200]
    assert {item.state for item in items} <= {ItemState.DONE}
    added = Counter(event.event.body.item for event in log if isinstance(event.event.body, ItemAdded))
    assert added == Counter(item.id for item in items if item.case is not None)
    for item in items:
        kind = (file := uploads[item.reference].file) and file.kind
        if kind != "clean":
            assert item.case is not None, f"{item.reference}, {kind}, is in no case: {item.row and item.row.decision}"
        elif item.source == "items":
            assert (item.case, item.blob) == (None, None)


def check_cases(kept: Kept, items: Sequence[Item], sent: Sequence[Sent]) -> None:
    """All files of a known picture are in one case, and that lists each of them once."""
    uploads = {one.mark: one.file for one in sent}
    homes: dict[int, set[str]] = {}
    for item in items:
        file = uploads[item.reference]
        if item.case is not None and file is not None:
            case = kept.app.cases.case(item.case)
            assert case.merged_into is None
            assert [one.id for one in case.items].count(item.id) == 1
            homes.setdefault(file.of, set()).add(case.id)
    assert {number: len(cases) for number, cases in homes.items() if len(cases) > 1} == {}


def check_words(log: Iterable[LoggedEvent], sent: Sequence[Sent]) -> None:
    """Notes and holds are in the log as often as they were made: once."""
    bodies = [(event, event.event.body) for event in log]
    texts = Counter(body.text for _, body in bodies if isinstance(body, Noted))
    texts += Counter(body.basis for _, body in bodies if isinstance(body, HoldPlaced))
    places = {
        (body.text if isinstance(body, Noted) else body.basis): f"{event.event.case}/{event.event.seq}"
        for event, body in bodies
        if isinstance(body, Noted | HoldPlaced)
    }
    words = {one.mark: one for one in sent if one.file is None}
    assert texts.keys() <= words.keys()
    for one in words.values():
        count = texts[one.mark]
        assert count == 1 if one.told else count <= 1, f"{one.mark} is there {count} times"
        assert set(one.told) <= {places.get(one.mark)}


def check_media(kept: Kept, items: Sequence[Item]) -> int:
    """Records, sealed bytes and items agree, and all media is whole; returns how many sealed bytes were nobody's."""
    kept.app.evidence.sweep(datetime.now(UTC) - timedelta(days=1))  # what is young may be in the making
    before = set(kept.app.blobs.names())
    kept.app.evidence.sweep(datetime.now(UTC) + timedelta(minutes=1))
    alive = {blob.id for blob in kept.blobs() if blob.wrapped}
    assert set(kept.app.blobs.names()) == alive <= before
    assert {item.blob for item in items if item.blob} == alive
    for blob in kept.blobs():
        kept.app.evidence.check(blob.id)
        if blob.id in alive:
            with kept.app.evidence.read(blob.id) as file:
                assert len(file.read()) == blob.size
    return len(before - alive)


def check_disk(folders: Iterable[Path], media: Iterable[bytes]) -> int:
    """No `2 * SLICE` bytes of media are in a file, wherever they begin; returns how many bytes were looked at."""
    slices = {piece for data in media for piece in _slices(data)}
    heads = np.unique(np.frombuffer(b"".join(piece[:8] for piece in slices), "<u8"))
    looked = 0
    for path in (path for folder in folders for path in _files(folder)):
        data = _bytes(path)
        looked += len(data)
        for at in _places(data, heads):
            assert data[at : at + SLICE] not in slices, f"media is in {path}, at {at}"
    return looked


def _slices(data: bytes) -> Iterator[bytes]:
    """Pieces of a file, one after another, but for those that many files have: tables, padding, plain areas."""
    pieces = (data[at : at + SLICE] for at in range(1024, len(data) - SLICE, SLICE))
    yield from (piece for piece in pieces if len(set(piece)) > SLICE // 2)


def _places(data: bytes, heads: "np.ndarray[tuple[int], np.dtype[np.uint64]]") -> Iterator[int]:
    for shift in range(8):
        words = np.frombuffer(data, "<u8", count=max(0, (len(data) - shift) // 8), offset=min(shift, len(data)))
        found = np.minimum(np.searchsorted(heads, words), len(heads) - 1)
        yield from (int(place) * 8 + shift for place in np.flatnonzero(heads[found] == words))


def _files(folder: Path) -> Iterator[Path]:
    yield from (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:  # a temporary file that has gone meanwhile
        return b""
