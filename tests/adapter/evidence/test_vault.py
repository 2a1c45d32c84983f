"""The vault on both databases: keeping, reading, destroying, rotating keys, sweeping."""

import hashlib
import io
import os
import sqlite3
import time
import tracemalloc
from base64 import b64decode
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from django.db import connections, transaction
from django.db.models import QuerySet

from safelight.adapter.blob.files import FileBlobStore
from safelight.adapter.evidence import vault as vault_module
from safelight.adapter.evidence.keys import FILE
from safelight.adapter.evidence.models import SealedMedia
from safelight.adapter.evidence.vault import DjangoEvidenceVault
from safelight.adapter.store.erasing import forget_old_pages
from safelight.model.errors import EvidenceDamagedError, StorageError, UnknownBlobError, VaultKeyError
from safelight.model.service import Blob, VaultStatus
from tests.adapter.evidence.conftest import HandClock, Open, ring

PLAIN = b"plain bytes of a picture " * 1000


def put(vault: DjangoEvidenceVault, plain: bytes = PLAIN, mime: str = "image/png") -> Blob:
    return vault.put(io.BytesIO(plain), mime)


def got(vault: DjangoEvidenceVault, blob: str) -> bytes:
    with vault.read(blob) as file:
        return file.read()


def quiet(_done: int, _total: int) -> None:
    pass


def test_what_is_kept_is_read_and_known(vault: DjangoEvidenceVault, clock: HandClock) -> None:
    blob = put(vault)
    assert (blob.sha256, blob.size, blob.mime) == (hashlib.sha256(PLAIN).hexdigest(), len(PLAIN), "image/png")
    assert blob.created == clock.moment
    assert len(b64decode(blob.wrapped)) == 40
    assert vault.blob(blob.id) == blob
    with vault.read(blob.id) as file:
        assert str(Path(f"/proc/self/fd/{file.fileno()}").readlink()).startswith("/memfd:")
        assert file.read() == PLAIN
    assert file.closed
    vault.check(blob.id)


@pytest.mark.parametrize("size", [0, 1, (1 << 20) - 1, 1 << 20, (1 << 20) + 1])
def test_sizes_around_a_frame(vault: DjangoEvidenceVault, size: int) -> None:
    plain = bytes(range(256)) * (size // 256 + 1)
    assert got(vault, put(vault, plain[:size]).id) == plain[:size]


def test_memory_is_a_few_frames(vault: DjangoEvidenceVault) -> None:
    size = 40 << 20
    with os.fdopen(os.memfd_create("plain"), "w+b") as plain:
        os.ftruncate(plain.fileno(), size)
        tracemalloc.start()
        try:
            blob = vault.put(plain, "video/mp4")
            vault.check(blob.id)
            with vault.read(blob.id) as file:
                assert os.fstat(file.fileno()).st_size == blob.size == size
            assert tracemalloc.get_traced_memory()[1] < 8 << 20
        finally:
            tracemalloc.stop()


def test_the_same_content_is_kept_once(vault: DjangoEvidenceVault, blobs: FileBlobStore, clock: HandClock) -> None:
    first = put(vault)
    clock.pass_by(minutes=1)
    assert put(vault, mime="image/jpeg") == first
    assert put(vault, PLAIN + b"!").id != first.id
    assert len(list(blobs.names())) == 2
    assert [blob.id for blob in vault.blobs()] == sorted(blobs.names())


def test_names_and_sealed_bytes_do_not_tell_the_content(vault: DjangoEvidenceVault, home: Path) -> None:
    blob = put(vault)
    digest = hashlib.sha256(PLAIN)
    (file,) = (home / "blobs").glob("*/*")
    for part in (digest.hexdigest()[:8], digest.digest()[:8].hex()):
        assert part not in blob.id
        assert part not in str(file)
    assert digest.digest()[:8] not in file.read_bytes()
    assert PLAIN[:8] not in file.read_bytes()


def test_what_is_not_there(vault: DjangoEvidenceVault) -> None:
    for call in (vault.blob, vault.check, vault.destroy, lambda name: got(vault, name)):
        with pytest.raises(UnknownBlobError):
            call("01a203bb-b6a2-7b67-bc23-1e2fb4d3d005")


def test_blobs_are_listed_in_pages(vault: DjangoEvidenceVault) -> None:
    blobs = [put(vault, b"%d" % number) for number in range(5)]
    assert vault.blobs(limit=3) == blobs[:3]
    assert vault.blobs(after=blobs[2].id) == blobs[3:]


class TestDamage:
    def damaged(self, vault: DjangoEvidenceVault, blob: str) -> None:
        for look in (vault.check, lambda name: got(vault, name)):
            with pytest.raises(EvidenceDamagedError, match=f"media {blob}: "):
                look(blob)

    def file(self, home: Path, blob: str) -> Path:
        (found,) = (home / "blobs").glob(f"*/{blob}")
        return found

    def test_a_flipped_byte(self, vault: DjangoEvidenceVault, home: Path) -> None:
        blob = put(vault).id
        whole = self.file(home, blob).read_bytes()
        for at in {*range(40), *range(0, len(whole), 997), *range(len(whole) - 20, len(whole))}:
            self.file(home, blob).write_bytes(whole[:at] + bytes([whole[at] ^ 4]) + whole[at + 1 :])
            self.damaged(vault, blob)

    def test_cut_at_each_border_of_a_frame_and_appended(
        self, vault: DjangoEvidenceVault, home: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("safelight.adapter.evidence.stream.FRAME", 100)
        blob = put(vault, PLAIN[:350]).id
        whole = self.file(home, blob).read_bytes()
        for end in (0, 31, 31 + 116, 31 + 2 * 116, 31 + 3 * 116):
            self.file(home, blob).write_bytes(whole[:end])
            self.damaged(vault, blob)
        self.file(home, blob).write_bytes(whole + whole[-66:])
        self.damaged(vault, blob)

    def test_two_that_changed_places(self, vault: DjangoEvidenceVault, home: Path) -> None:
        one, two = put(vault, b"one").id, put(vault, b"two").id
        first, second = self.file(home, one), self.file(home, two)
        first.replace(home / "aside")
        second.replace(first)
        (home / "aside").replace(second)
        self.damaged(vault, one)
        self.damaged(vault, two)

    def test_sealed_bytes_that_are_gone(self, vault: DjangoEvidenceVault, home: Path) -> None:
        blob = put(vault).id
        self.file(home, blob).unlink()
        self.damaged(vault, blob)

    def test_a_record_that_names_another_content(self, vault: DjangoEvidenceVault) -> None:
        blob = put(vault).id
        vault._rows.filter(id=blob).update(sha256="0" * 64)
        self.damaged(vault, blob)

    def test_a_wrapped_key_that_was_changed(self, vault: DjangoEvidenceVault) -> None:
        blob = put(vault).id
        vault._rows.filter(id=blob).update(wrapped=bytes(40))
        with pytest.raises(VaultKeyError, match=f"media {blob}: its data key cannot be unwrapped"):
            got(vault, blob)


class TestDestroying:
    def test_media_is_gone_and_the_record_stays(
        self, vault: DjangoEvidenceVault, blobs: FileBlobStore, clock: HandClock
    ) -> None:
        blob = put(vault)
        left = vault.destroy(blob.id)
        assert (left.wrapped, left.sha256, left.size) == ("", blob.sha256, blob.size)
        assert vault.blob(blob.id) == vault.destroy(blob.id) == left
        assert list(blobs.names()) == []
        with pytest.raises(UnknownBlobError):
            got(vault, blob.id)
        vault.check(blob.id)
        clock.pass_by(days=2)
        assert vault.sweep(clock.moment) == 0

    def test_the_same_content_may_come_again_as_another_blob(self, vault: DjangoEvidenceVault) -> None:
        first = put(vault)
        vault.destroy(first.id)
        again = put(vault)
        assert again.id != first.id
        assert got(vault, again.id) == PLAIN
        assert vault.status() == VaultStatus(1, len(PLAIN), 1, {again.key: 1})

    def test_what_a_crash_left_between_key_and_bytes_goes_when_asked_again_or_swept(
        self, opened: Open, blobs: FileBlobStore, clock: HandClock
    ) -> None:
        class Crashing(FileBlobStore):
            def delete(self, name: str) -> None:
                raise StorageError(path=name, cause="no answer")

        vault, crashing = opened(), opened(store=Crashing(blobs._root))
        one, two = put(vault, b"one").id, put(vault, b"two").id
        for blob in (one, two):
            with pytest.raises(StorageError):
                crashing.destroy(blob)
            assert vault.blob(blob).wrapped == ""
        vault.destroy(one)
        assert list(blobs.names()) == [two]
        clock.pass_by(days=2)
        put(vault, b"three")
        assert vault.sweep(clock.moment - timedelta(days=1)) == 1
        assert two not in set(blobs.names())

    def test_it_works_within_a_transaction_that_goes_on(self, vault: DjangoEvidenceVault, clock: HandClock) -> None:
        """As in tests of the service, and for whoever rotates or sweeps in one."""
        blob = put(vault).id
        put(vault, b"other")
        with transaction.atomic(using=vault._using):
            vault.destroy(blob)
            vault.rewrap(quiet)
            vault.sweep(clock.moment)
            forget_old_pages(vault._using)
        assert vault.blob(blob).wrapped == ""

    def test_within_a_transaction_bytes_go_when_it_is_committed(
        self, vault: DjangoEvidenceVault, blobs: FileBlobStore
    ) -> None:
        blob = put(vault).id

        def attempt(fail: bool) -> None:
            with transaction.atomic(using=vault._using):
                vault.destroy(blob)
                assert list(blobs.names()) == [blob]
                if fail:
                    raise KeyError

        with pytest.raises(KeyError):
            attempt(fail=True)
        assert got(vault, blob) == PLAIN
        attempt(fail=False)
        assert list(blobs.names()) == []

    def test_one_that_is_destroyed_while_it_is_checked_is_whole(
        self, vault: DjangoEvidenceVault, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        blob = put(vault).id
        as_it_was = vault._row(blob)
        vault.destroy(blob)
        looks = iter((as_it_was, vault._row(blob)))
        monkeypatch.setattr(vault, "_row", lambda _blob: next(looks))
        vault.check(blob)

    def test_one_that_is_destroyed_while_it_is_read_is_not_called_damaged(self, vault: DjangoEvidenceVault) -> None:
        row = vault._live(put(vault).id)
        vault.destroy(row.id)
        with pytest.raises(UnknownBlobError):
            list(vault._plain(row))


def test_no_file_holds_a_destroyed_or_replaced_wrapped_key(tmp_path: Path, clock: HandClock) -> None:
    """SQLite alone: PostgreSQL keeps old rows until they are vacuumed, and its log longer, as the docs say."""
    from safelight.adapter.casework.ids import TimeIds
    from safelight.adapter.evidence import open_vault

    blobs = FileBlobStore(tmp_path / "blobs")
    vault = open_vault(tmp_path, blobs, ring(tmp_path, "a"), TimeIds(clock), clock)
    others = [put(vault, b"%d" % number) for number in range(30)]
    blob = put(vault)

    def holders(wrapped: str) -> list[str]:
        files = [path for path in tmp_path.rglob("*") if path.is_file()]
        return [path.name for path in files if b64decode(wrapped)[:16] in path.read_bytes()]

    assert holders(blob.wrapped)
    vault.destroy(blob.id)
    assert holders(blob.wrapped) == []
    open_vault(tmp_path, blobs, ring(tmp_path, "b", "a"), TimeIds(clock), clock).rewrap(quiet)
    assert [holders(other.wrapped) for other in others] == [[]] * 30


def test_a_reader_at_work_delays_neither_destroying_nor_others(tmp_path: Path, clock: HandClock) -> None:
    from safelight.adapter.casework.ids import TimeIds
    from safelight.adapter.evidence import open_vault

    vault = open_vault(tmp_path, FileBlobStore(tmp_path / "blobs"), ring(tmp_path), TimeIds(clock), clock)
    blob = put(vault)
    reader = sqlite3.connect(tmp_path / "store.sqlite3", isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM evidence_sealedmedia").fetchall()
    began = time.monotonic()
    vault.destroy(blob.id)
    assert time.monotonic() - began < 20  # the connection itself would wait for a minute
    log = tmp_path / "store.sqlite3-wal"
    assert log.stat().st_size
    reader.execute("COMMIT")
    reader.close()
    vault.sweep(clock.moment)
    assert not log.exists() or not log.stat().st_size


class TestKeys:
    def test_the_key_is_made_for_the_first_media_and_never_again(self, opened: Open, home: Path) -> None:
        vault = opened()
        vault.status()
        assert not (home / FILE).exists()
        put(vault)
        (home / FILE).unlink()
        with pytest.raises(VaultKeyError, match="No such file"):
            put(opened(), b"more")
        assert not (home / FILE).exists()

    def test_another_key_reads_nothing_and_says_what_to_do(self, opened: Open) -> None:
        blob = put(opened("a"))
        with pytest.raises(VaultKeyError, match=f"media {blob.id}: .*SAFELIGHT_EVIDENCE_OLD_KEYS"):
            got(opened("b"), blob.id)
        assert got(opened("b", "a"), blob.id) == PLAIN

    def test_rewrap_wraps_all_with_the_key_in_force(
        self, opened: Open, blobs: FileBlobStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(vault_module, "BATCH", 2)
        old = opened("a")
        kept = [put(old, b"%d" % number) for number in range(5)]
        old.destroy(kept[4].id)
        sealed = {name: (blobs._path(name)).read_bytes() for name in blobs.names()}
        said = list[tuple[int, int]]()
        rotating = opened("b", "a")
        assert rotating.rewrap(lambda *told: said.append(told)) == 4
        assert said == [(2, 4), (4, 4)]
        assert rotating.rewrap(quiet) == 0
        new = opened("b")
        assert [got(new, blob.id) for blob in kept[:4]] == [b"0", b"1", b"2", b"3"]
        assert new.blob(kept[4].id).wrapped == ""
        assert {name: (blobs._path(name)).read_bytes() for name in blobs.names()} == sealed
        with pytest.raises(VaultKeyError):
            got(opened("a"), kept[0].id)

    def test_an_interrupted_rewrap_goes_on_where_it_stopped(
        self, opened: Open, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(vault_module, "BATCH", 1)
        kept = [put(opened("a"), b"%d" % number) for number in range(3)]

        def interrupt(done: int, _total: int) -> None:
            if done == 2:
                raise KeyboardInterrupt

        rotating = opened("b", "a")
        with pytest.raises(KeyboardInterrupt):
            rotating.rewrap(interrupt)
        assert rotating.status().keys == {kept[0].key: 1, rotating._keys.current().id: 2}
        assert [got(rotating, blob.id) for blob in kept] == [b"0", b"1", b"2"]
        assert rotating.rewrap(quiet) == 1


class TestSweeping:
    def test_only_old_sealed_bytes_without_a_record_go(
        self, vault: DjangoEvidenceVault, blobs: FileBlobStore, clock: HandClock
    ) -> None:
        kept = put(vault).id
        lost = vault._ids.new()
        blobs.put(lost, [b"sealed"])
        blobs.put("not-ours", [b"sealed"])
        border = clock.pass_by(hours=2)
        young = vault._ids.new()
        blobs.put(young, [b"sealed"])
        assert vault.sweep(border - timedelta(hours=3)) == 0
        assert vault.sweep(border) == 1
        assert set(blobs.names()) == {kept, young, "not-ours"}

    def test_nothing_goes_when_the_database_knows_of_no_media_at_all(
        self, vault: DjangoEvidenceVault, blobs: FileBlobStore, clock: HandClock
    ) -> None:
        lost = vault._ids.new()
        blobs.put(lost, [b"sealed"])
        with pytest.raises(StorageError, match="right database"):
            vault.sweep(clock.pass_by(days=2))
        assert list(blobs.names()) == [lost]

    def test_a_failed_put_leaves_no_record_and_what_it_leaves_is_swept(
        self, opened: Open, blobs: FileBlobStore, clock: HandClock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        vault = opened()
        kept = put(vault, b"kept").id

        def gone(_row: object) -> object:
            raise StorageError(path="database", cause="the connection was lost")

        monkeypatch.setattr(vault, "_keep", gone)
        with pytest.raises(StorageError):
            put(vault)
        monkeypatch.undo()
        assert len(list(blobs.names())) == 2
        assert vault.status().blobs == 1
        assert vault.sweep(clock.pass_by(days=1)) == 1
        assert list(blobs.names()) == [kept]


def test_sealed_bytes_are_durable_before_the_record_is_made(opened: Open, blobs: FileBlobStore) -> None:
    class Watching(FileBlobStore):
        rows = -1

        def put(self, name: str, parts: Iterable[bytes]) -> int:
            size = super().put(name, parts)
            self.rows = vault.status().blobs
            return size

    watching = Watching(blobs._root)
    vault = opened(store=watching)
    put(vault)
    assert watching.rows == 0


def test_a_second_of_a_content_whose_first_is_destroyed_just_then_is_kept(
    vault: DjangoEvidenceVault, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = put(vault)
    create = QuerySet.bulk_create

    def destroyed_meanwhile(rows: QuerySet[SealedMedia], *args: Any, **options: Any) -> Any:
        done = create(rows, *args, **options)
        if vault.blob(first.id).wrapped:
            vault.destroy(first.id)
        return done

    monkeypatch.setattr(QuerySet, "bulk_create", destroyed_meanwhile)
    second = put(vault)
    assert second.id != first.id
    assert got(vault, second.id) == PLAIN


def test_what_is_sealed_is_nothing_until_it_is_admitted(
    vault: DjangoEvidenceVault, blobs: FileBlobStore, clock: HandClock
) -> None:
    first = put(vault)
    sealed = vault.seal(io.BytesIO(b"other"), "image/png")
    assert len(list(blobs.names())) == 2
    assert [blob.id for blob in vault.blobs()] == [first.id]
    clock.pass_by(days=2)
    kept = vault.seal(io.BytesIO(b"kept"), "image/png")
    assert vault.sweep(clock.moment - timedelta(days=1)) == 1
    with pytest.raises(UnknownBlobError):
        vault.blob(sealed.id)
    assert vault.admit(kept) == kept
    assert got(vault, kept.id) == b"kept"


def test_of_the_same_content_twice_the_first_stays(vault: DjangoEvidenceVault, blobs: FileBlobStore) -> None:
    one, two = (vault.seal(io.BytesIO(PLAIN), "image/png") for _ in range(2))
    assert vault.admit(one) == one
    assert vault.admit(two) == one
    assert list(blobs.names()) == [one.id]


def test_who_destroys_keeps_off_who_admits(vault: DjangoEvidenceVault) -> None:
    """One looks whether anybody needs the media, another brings it again: the other waits, and keeps his own."""
    first = put(vault)
    again = vault.seal(io.BytesIO(PLAIN), "image/png")
    admitted: list[Blob] = []

    def admit() -> None:
        try:
            admitted.append(vault.admit(again))
        finally:
            connections[vault._using].close()

    other = Thread(target=admit)
    with transaction.atomic(using=vault._using):
        vault.lock(first.id)
        other.start()
        other.join(0.3)
        assert admitted == []
        vault.destroy(first.id)
    other.join()
    assert [blob.id for blob in admitted] == [again.id]
    assert got(vault, again.id) == PLAIN
