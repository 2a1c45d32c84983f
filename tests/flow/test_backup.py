"""The order of things in a backup, and what a restore does before anything is in place."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

import pytest

from safelight.flow.backup import KEYS, back_up, restore
from safelight.model.backup import BackupEntry, BackupManifest
from safelight.model.errors import InputError, StorageError, VaultKeyError
from tests.contract.memory_blob_store import MemoryBlobStore

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


class Clock:
    def now(self) -> datetime:
        return NOW


class Counted:
    """`ports.Progress` that keeps what it is told."""

    def __init__(self) -> None:
        self.total, self.told = -1, list[tuple[int, int, int]]()

    def start(self, total: int, done: int) -> None:
        assert done == 0
        self.total = total

    def advance(self, files: int, size: int, found: int) -> None:
        self.told.append((files, size, found))


class Copy:
    name = "store.sqlite3"

    def __init__(self, *blobs: str) -> None:
        self._blobs = list(blobs)

    def blobs(self) -> list[str]:
        return self._blobs

    def parts(self) -> Iterator[bytes]:
        yield from (b"the ", b"store")


class Kept:
    left_out: tuple[str, ...] = ("clips/4",)

    def files(self) -> Iterator[tuple[str, Iterable[bytes]]]:
        yield "features/1/manifest", [b"manifest"]


class Archive:
    """`ports.backup.BackupWriter` and `BackupReader` in memory."""

    manifest: BackupManifest

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.finished = False

    def add(self, name: str, parts: Iterable[bytes]) -> BackupEntry:
        self.files[name] = b"".join(parts)
        return BackupEntry(name, len(self.files[name]), "")

    def finish(self, manifest: BackupManifest) -> None:
        self.manifest, self.finished = manifest, True

    def parts(self, entry: BackupEntry) -> Iterator[bytes]:
        yield self.files[entry.name]
        if self.files[entry.name] == b"damaged":
            raise InputError(path="backup", cause="damaged")


class Place:
    """`ports.backup.RestorePlace` in memory."""

    def __init__(self, taken: bool = False) -> None:
        self.taken = taken
        self.files: dict[str, bytes] = {}
        self.finished = False

    def check(self, manifest: BackupManifest) -> None:
        assert manifest.store == "store.sqlite3"
        if self.taken:
            raise InputError(path="place", cause="is there already")

    def put(self, name: str, parts: Iterable[bytes]) -> None:
        self.files[name] = b"".join(parts)

    def finish(self) -> None:
        self.finished = True


def backed_up(keys: bytes = b"") -> Archive:
    blobs = MemoryBlobStore()
    blobs.kept = {"one": b"sealed 1", "two": b"sealed 2", "of-no-record": b"left"}
    out = Archive()
    back_up(Copy("gone", "one", "two"), Kept(), blobs, keys, out, Clock(), Counted())
    return out


def no_keys(_sealed: bytes) -> dict[str, bytes]:
    raise AssertionError


def test_all_that_the_copy_names_is_in_it_and_nothing_else() -> None:
    blobs, progress, out = MemoryBlobStore(), Counted(), Archive()
    blobs.kept = {"one": b"sealed 1", "two": b"sealed 2", "of-no-record": b"left"}
    manifest = back_up(Copy("gone", "one", "two"), Kept(), blobs, b"", out, Clock(), progress)
    names = ["store.sqlite3", "features/1/manifest", "blobs/one", "blobs/two"]
    assert [entry.name for entry in manifest.entries] == list(out.files) == names
    assert (manifest.created, manifest.store, manifest.left_out) == (NOW, "store.sqlite3", ("clips/4",))
    assert manifest.absent == ("gone",)
    assert out.manifest is manifest
    assert progress.total == 3
    assert progress.told == [(1, 0, 1), (1, 8, 0), (1, 8, 0)]


def test_a_blob_that_cannot_be_read_ends_it_without_a_backup() -> None:
    class Failing(MemoryBlobStore):
        def get(self, name: str) -> object:  # type: ignore[override]
            raise StorageError(path=name, cause="input/output error")

    out = Archive()
    with pytest.raises(StorageError):
        back_up(Copy("one"), Kept(), Failing(), b"", out, Clock(), Counted())  # type: ignore[arg-type]
    assert not out.finished


def test_what_was_backed_up_is_put_back() -> None:
    out, place, progress = backed_up(), Place(), Counted()
    assert not restore(out, place, no_keys, progress)
    assert place.files == out.files
    assert place.finished
    assert sum(files for files, *_ in progress.told) == progress.total == 8


def test_keys_come_out_of_their_seal() -> None:
    out, place = backed_up(b"sealed keys"), Place()
    assert restore(out, place, lambda sealed: {"evidence.key": sealed[::-1]}, Counted())
    assert place.files["evidence.key"] == b"syek delaes"
    assert KEYS not in place.files


def test_a_taken_place_is_told_before_a_passphrase_is_asked_for() -> None:
    place = Place(taken=True)
    with pytest.raises(InputError, match="already"):
        restore(backed_up(b"keys"), place, no_keys, Counted())
    assert not place.files


@pytest.mark.parametrize("name", ["store.sqlite3", "features/1/manifest", "blobs/one", "blobs/two"])
def test_nothing_is_put_anywhere_when_anything_is_damaged(name: str) -> None:
    out, place = backed_up(), Place()
    out.files[name] = b"damaged"
    with pytest.raises(InputError):
        restore(out, place, no_keys, Counted())
    assert not place.files
    assert not place.finished


def test_nothing_is_put_anywhere_with_another_passphrase() -> None:
    def refuse(_sealed: bytes) -> dict[str, bytes]:
        raise VaultKeyError(path="keys", cause="another passphrase")

    place = Place()
    with pytest.raises(VaultKeyError):
        restore(backed_up(b"keys"), place, refuse, Counted())
    assert not place.files
