import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest

from safelight.adapter.journal.sqlite import SqliteJournal
from safelight.adapter.store import open_store
from safelight.flow.lookup import Lookup
from safelight.flow.matching import Matcher
from safelight.flow.scan import ScanRequest, scan
from safelight.model.bank import Bank, BankEntry, KnownHash
from safelight.model.clip import OF_QUERY_CLIP
from safelight.model.match import Match
from safelight.model.scan import Examination, ScanRow, ScanSummary, Status
from safelight.ports import BankStore, ExamineJob
from tests.clips import clip as made_clip
from tests.fakes import BruteRoom, CountedProgress, FakeClock, FakeExaminer, KeptOutputs
from tests.rows import digests_of, examination_of, fingerprint_of


def flipped(code: str, bits: int) -> str:
    return f"{int(code, 16) ^ ((1 << bits) - 1 << 100):064x}"


@pytest.fixture
def store(tmp_path: Path) -> BankStore:
    """Bank `known`: entry `near` 10 bits from file 1, `same` with the MD5 of file 2; `benign`: 6 bits from file 3."""
    store = open_store(tmp_path / "home", FakeClock())
    known = store.create(Bank(0, "known"))
    benign = store.create(Bank(0, "benign", negative=True))
    code = [fingerprint_of(number).prints[0].pdq.hash for number in range(4)]
    near = KnownHash("pdq", flipped(code[1], 10), 100)
    also = KnownHash("pdq", flipped(code[3], 8), 100)
    same = KnownHash("md5", digests_of(2).md5)
    store.add(known, [BankEntry("near", (near,)), BankEntry("same", (same,)), BankEntry("also", (also,))])
    store.add(benign, [BankEntry("logo", (KnownHash("pdq", flipped(code[3], 6), 100),))])
    return store


Scanned = Callable[..., tuple[list[ScanRow], ScanSummary]]


@pytest.fixture
def scanned(tmp_path: Path, store: BankStore) -> Scanned:
    """Scan a table file name -> examinations and give back the rows and the summary."""

    def run(
        table: dict[str, Sequence[Examination]],
        shuffle: Callable[[list[ExamineJob]], list[ExamineJob]] = list,
        examiner: FakeExaminer | None = None,
        banks: Sequence[str] = ("known", "benign"),
    ) -> tuple[list[ScanRow], ScanSummary]:
        folder = tmp_path / "files"
        folder.mkdir(exist_ok=True)
        for name in table:
            (folder / name).touch()
        named: dict[str, Sequence[Examination]] = {
            f"{folder}/{name}": [replace(e, path=f"{folder}/{e.path}") for e in examinations]
            for name, examinations in table.items()
        }
        used = examiner or FakeExaminer({}, shuffle)
        used.table = named
        outputs = KeptOutputs()
        request = ScanRequest((str(folder),), (), 1)
        journal = SqliteJournal(tmp_path / "out" / "journal.sqlite")
        try:
            with Lookup(store, BruteRoom(), banks) as lookup, Matcher(lookup) as matcher:
                scan(request, matcher, used, journal, outputs, FakeClock(), CountedProgress())
        except KeyboardInterrupt:
            journal.close()
            raise
        assert outputs.summary is not None
        return [replace(row, path=row.path.removeprefix(f"{folder}/")) for row in outputs.rows], outputs.summary

    return run


TABLE: dict[str, Sequence[Examination]] = {
    "0": [examination_of("0", 0)],
    "1": [examination_of("1", 1)],
    "2": [examination_of("2", 2)],
    "3": [examination_of("3", 3)],
    "4": [examination_of("4", error="image/png: broken")],
    "5": [examination_of("5!/a", 1), examination_of("5!/b", 5), examination_of("5", 6)],
}


def test_outcomes_from_both_banks(scanned: Scanned) -> None:
    rows, summary = scanned(TABLE)
    assert {row.path: row.decision.outcome.value for row in rows} == {
        "0": "no_match",
        "1": "near",
        "2": "known",
        "3": "suppressed",
        "4": "not_checked",
        "5!/a": "near",
        "5!/b": "no_match",
        "5": "no_match",
    }
    assert (summary.files, summary.rows, summary.found, summary.duplicates) == (6, 8, 3, 1)
    assert summary.by_outcome == {"known": 1, "near": 2, "no_match": 3, "not_checked": 1, "suppressed": 1}
    assert summary.distances == {8: 1, 10: 2}
    assert [use.name for use in summary.banks] == ["known", "benign"]
    assert summary.banks[0].pdq_hashes == 2


def test_an_archive_says_that_something_in_it_matched(scanned: Scanned) -> None:
    rows, _ = scanned(TABLE)
    signals = {row.path: [signal.name for signal in row.signals] for row in rows}
    assert signals["5"] == ["members_matched"]
    assert not any(names for path, names in signals.items() if path != "5")


def test_without_the_negative_bank_nothing_is_suppressed(scanned: Scanned) -> None:
    rows, _ = scanned(TABLE, banks=["known"])
    assert next(row for row in rows if row.path == "3").decision.outcome == "near"


@pytest.mark.parametrize("seed", range(5))
def test_rows_do_not_depend_on_the_order_of_results(scanned: Scanned, seed: int) -> None:
    def shuffle(jobs: list[ExamineJob]) -> list[ExamineJob]:
        return random.Random(seed).sample(jobs, len(jobs))

    assert scanned(TABLE, shuffle)[0] == scanned(TABLE)[0]


def test_interrupted_scan_goes_on_and_gives_the_same_rows(scanned: Scanned) -> None:
    examiner = FakeExaminer({})
    examiner.stop_after = 3
    with pytest.raises(KeyboardInterrupt):
        scanned(TABLE, examiner=examiner)
    examiner.stop_after = None
    examiner.decoded.clear()
    resumed, summary = scanned(TABLE, examiner=examiner)
    assert summary.runs == 2
    assert resumed == scanned(TABLE)[0]


def test_many_rows_are_batched_and_none_lost(scanned: Scanned) -> None:
    table = {f"{n:04}": [examination_of(f"{n:04}", n + 10)] for n in range(333)}
    rows, _ = scanned(table)
    assert [row.path for row in rows] == sorted(table)
    assert all(row.status is Status.OK for row in rows)


def test_large_results_do_not_wait_for_others(scanned: Scanned, monkeypatch: pytest.MonkeyPatch) -> None:
    """Key frames of a video take megabytes: at most two batches are held at a time."""
    clip = made_clip(1)
    values = [getattr(clip, field.name) for field in fields(clip)]
    held = sum(value.nbytes for value in values if isinstance(value, np.ndarray))
    asked: list[int] = []

    class Told(Matcher):
        clip_request = OF_QUERY_CLIP

        def matches(self, items: Sequence[tuple[int, Examination]]) -> list[tuple[Match, ...]]:
            asked.append(len(items))
            return super().matches(items)

    monkeypatch.setattr("tests.flow.test_scan.Matcher", Told)
    table: dict[str, Sequence[Examination]] = {
        str(n): [replace(examination_of(str(n), n), clip=clip)] for n in range(10)
    }
    for room, sizes in ((held, [1] * 10), (3 * held, [3, 3, 3, 1]), (1 << 30, [10])):
        asked.clear()
        monkeypatch.setattr("safelight.flow.scan.BATCH_BYTES", room)
        rows, _summary = scanned(table)
        assert asked == sizes
        assert sorted(row.path for row in rows) == [str(n) for n in range(10)]


@pytest.fixture(autouse=True)
def _closed(store: BankStore) -> Iterator[None]:
    yield
    close = getattr(store, "close", None)
    if close:
        close()
