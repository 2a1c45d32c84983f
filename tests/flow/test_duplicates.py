"""What a hijacked or failing worker says of one file must not decide on another."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from safelight.adapter.journal.sqlite import SqliteJournal
from safelight.flow.duplicates import Duplicates
from safelight.flow.scan import judge
from safelight.model.decision import Action
from safelight.model.fingerprint import Fingerprint
from safelight.model.match import Match, MatchKind
from safelight.model.scan import Examination, Status
from safelight.model.signal import Signal
from safelight.ports import Examined
from tests.rows import digests_of, fingerprint_of

MATCH = Match("known", "a", MatchKind.EXACT, "sha256", 0, "", "")


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """Three files: the first two the same, the third another of the same length."""
    paths = [tmp_path / name for name in ("1", "2", "3")]
    for path, data in zip(paths, (b"same bytes", b"same bytes", b"other byte"), strict=True):
        path.write_bytes(data)
    return paths


@pytest.fixture
def journal(tmp_path: Path, files: list[Path]) -> Iterator[SqliteJournal]:
    opened = SqliteJournal(tmp_path / "journal.sqlite")
    opened.begin("plan")
    opened.list_files(map(str, files))
    yield opened
    opened.close()


def examined(key: int, path: Path | str, *, whole: bool = True) -> Examined:
    fingerprint = fingerprint_of(7) if whole else Fingerprint(digests_of(7))
    return Examined(key, 0, Examination(str(path), Status.OK, "image/png", None, fingerprint), last=True)


def put(journal: SqliteJournal, item: Examined, *matches: Match) -> None:
    journal.put(item.key, item.member, judge(item.examination, matches), last=item.last)


def test_a_file_that_is_the_same_byte_by_byte_is_known(journal: SqliteJournal, files: list[Path]) -> None:
    put(journal, examined(1, files[0]), MATCH)
    duplicates = Duplicates(journal)
    assert duplicates.known(2, digests_of(7))
    row = duplicates.row_for(examined(2, files[1], whole=False))
    assert row is not None
    assert (row.path, row.matches, row.pdq) == (str(files[1]), (MATCH,), fingerprint_of(7).prints[0].pdq.hash)


def test_digests_alone_vouch_for_nothing(journal: SqliteJournal, files: list[Path]) -> None:
    put(journal, examined(1, files[0]))
    duplicates = Duplicates(journal)
    assert not duplicates.known(3, digests_of(7))
    assert duplicates.row_for(examined(3, files[2], whole=False)) is None


def test_a_member_vouches_only_within_its_own_archive(journal: SqliteJournal, files: list[Path]) -> None:
    put(journal, examined(1, f"{files[0]}!/invented"))
    duplicates = Duplicates(journal)
    assert not duplicates.known(2, digests_of(7))
    assert duplicates.known(1, digests_of(7))


@pytest.mark.parametrize(("status", "error"), [(Status.DEGRADED, None), (Status.UNREADABLE, "nested deeper than 4")])
def test_a_failure_does_not_spread(
    journal: SqliteJournal, files: list[Path], status: Status, error: str | None
) -> None:
    item = examined(1, files[0])
    put(journal, replace(item, examination=replace(item.examination, status=status, error=error)))
    assert not Duplicates(journal).known(2, digests_of(7))


def test_what_is_lacking_in_the_copy_stays_lacking_and_never_acts(journal: SqliteJournal, files: list[Path]) -> None:
    put(journal, examined(1, files[0]), MATCH)
    duplicates = Duplicates(journal)
    assert duplicates.known(2, digests_of(7))
    item = examined(2, files[1], whole=False)
    damaged = replace(item.examination, status=Status.DEGRADED, error="its checksum does not match")
    row = duplicates.row_for(replace(item, examination=damaged))
    assert row is not None
    assert (row.status, row.error) == (Status.DEGRADED, "its checksum does not match")
    assert row.decision.degraded
    assert Action.HOLD not in row.decision.actions


def test_signals_of_the_bytes_are_shared_those_of_the_name_are_not(journal: SqliteJournal, files: list[Path]) -> None:
    of_bytes, old_name, new_name = (
        Signal("file_oddity", "x"),
        Signal("name_mismatch", "a"),
        Signal("name_mismatch", "b"),
    )
    item = examined(1, files[0])
    put(journal, replace(item, examination=replace(item.examination, signals=(old_name, of_bytes))))
    duplicates = Duplicates(journal)
    duplicates.known(2, digests_of(7))
    copy = examined(2, files[1], whole=False)
    row = duplicates.row_for(replace(copy, examination=replace(copy.examination, signals=(new_name,))))
    assert row is not None
    assert row.signals == (new_name, of_bytes)


def test_what_was_not_said_to_be_known_is_judged_on_its_own(journal: SqliteJournal, files: list[Path]) -> None:
    put(journal, examined(1, files[0]))
    duplicates = Duplicates(journal)
    assert duplicates.row_for(examined(2, files[1])) is None
    assert duplicates.known(2, digests_of(7))
    duplicates.forget(2)
    assert duplicates.row_for(examined(2, files[1], whole=False)) is None
