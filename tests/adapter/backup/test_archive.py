"""Backups as files: what `tar` makes of them, and hostile ones."""

import io
import tarfile
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safelight.adapter.backup.archive import read_archive, write_archive
from safelight.model.backup import BackupEntry, BackupManifest
from safelight.model.codec import to_json
from safelight.model.errors import InputError, StorageError
from tests.adapter.failing_disk import FailingDisk, full

CREATED = datetime(2026, 11, 22, tzinfo=UTC)


def manifest_of(*entries: BackupEntry) -> BackupManifest:
    return BackupManifest(CREATED, "1.0", "store.sqlite3", entries)


def written(path: Path, files: dict[str, list[bytes]]) -> BackupManifest:
    with write_archive(path) as out:
        manifest = manifest_of(*(out.add(name, parts) for name, parts in files.items()))
        out.finish(manifest)
    return manifest


def forged(
    path: Path,
    files: dict[str, bytes],
    changes: dict[str, object] | None = None,
    more: tuple[tarfile.TarInfo, ...] = (),
) -> None:
    """A backup that nobody of ours has written."""
    entries = [BackupEntry(name, len(data), sha256(data).hexdigest()) for name, data in files.items()]
    document = {
        "created": CREATED,
        "version": "1",
        "store": "store.sqlite3",
        "entries": entries,
        "format": 1,
        **(changes or {}),
    }
    manifest = to_json(document)
    line = f"{sha256(manifest).hexdigest()}  manifest.json\n".encode()
    with tarfile.open(path, "w") as tar:
        for name, data in {**files, "manifest.json": manifest, "manifest.sha256": line}.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
        for info in more:
            tar.addfile(info)


@settings(max_examples=40)
@given(st.lists(st.lists(st.binary(max_size=1500), max_size=4), max_size=5))
def test_what_is_written_is_read_by_us_and_by_any_tar(
    tmp_path_factory: pytest.TempPathFactory, files: list[list[bytes]]
) -> None:
    path = tmp_path_factory.mktemp("archive") / "b"
    named = {f"blobs/{number:05}": parts for number, parts in enumerate(files)}
    manifest = written(path, named)
    whole = {name: b"".join(parts) for name, parts in named.items()}
    with read_archive(path) as reader:
        assert reader.manifest == manifest
        assert {entry.name: b"".join(reader.parts(entry)) for entry in manifest.entries} == whole
    with tarfile.open(path) as tar:
        found = {member.name: tar.extractfile(member) for member in tar}
        assert {name: file.read() for name, file in found.items() if file and name in whole} == whole


def test_without_finish_there_is_nothing(tmp_path: Path) -> None:
    def broken() -> Iterator[bytes]:
        yield b"bytes"
        raise KeyError

    with pytest.raises(KeyError), write_archive(tmp_path / "b") as out:
        out.add("blobs/one", broken())
    with write_archive(tmp_path / "b"):
        pass
    assert list(tmp_path.iterdir()) == []


def test_one_that_came_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    with write_archive(tmp_path / "b") as out:
        (tmp_path / "b").write_text("of somebody else")
        with pytest.raises(InputError, match="there already"):
            out.finish(manifest_of())
    assert (tmp_path / "b").read_text() == "of somebody else"
    assert len(list(tmp_path.iterdir())) == 1


def test_a_full_disk_at_any_step_leaves_nothing(tmp_path: Path) -> None:
    counted = FailingDisk(tmp_path, 0, None)
    with counted.in_place():
        written(tmp_path / "counted", {"blobs/one": [b"bytes"]})
    (tmp_path / "counted").unlink()
    for at in range(1, counted.step - 1):  # what comes after the last two has its name
        with FailingDisk(tmp_path, at, full).in_place(), pytest.raises(StorageError, match="No space left"):
            written(tmp_path / "b", {"blobs/one": [b"bytes"]})
        assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "name",
    [
        "../x",
        "/etc/x",
        "blobs/../x",
        "blobs/.x",
        "blobs",
        "blobs/",
        "store.db",
        "features/1/2/3",
        "trust/a\nb",
        "key",
        "index/1",
    ],
)
def test_names_that_no_backup_has_are_refused(name: str, tmp_path: Path) -> None:
    forged(tmp_path / "b", {name: b"data"})
    with (
        pytest.raises(InputError, match=r"holds a file that no backup has|not those of its manifest"),
        read_archive(tmp_path / "b"),
    ):
        pass


def test_what_is_more_than_the_manifest_says_is_refused(tmp_path: Path) -> None:
    link = tarfile.TarInfo("blobs/link")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc"
    extra = tarfile.TarInfo("blobs/extra")
    for more, said in ((link, "more than plain files"), (extra, "not those of its manifest")):
        forged(tmp_path / "b", {"blobs/one": b"data"}, more=(more,))
        with pytest.raises(InputError, match=said), read_archive(tmp_path / "b"):
            pass


def sparse(name: str, size: int) -> bytes:
    """A member of no bytes that says it has `size`, all of them a hole: GNU's old form."""
    info = tarfile.TarInfo(name)
    info.type = tarfile.GNUTYPE_SPARSE
    header = bytearray(info.tobuf(tarfile.GNU_FORMAT))
    header[386:398] = b"%011o " % size
    header[398:410] = b"%011o " % 0
    header[483:495] = b"%011o " % size
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    return bytes(header)


def test_a_manifest_that_is_a_hole_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "b").write_bytes(sparse("manifest.json", 3 << 30) + sparse("manifest.sha256", 10) + bytes(1024))
    with pytest.raises(InputError, match="more than plain files"), read_archive(tmp_path / "b"):
        pass


def test_sparse_files_are_refused_in_every_form_of_tar(tmp_path: Path) -> None:
    """POSIX's form calls itself a regular file, and has its map in headers of its own."""
    holed = tarfile.TarInfo("blobs/one")
    holed.pax_headers = {"GNU.sparse.size": str(1 << 40), "GNU.sparse.numblocks": "0", "GNU.sparse.map": "0,0"}
    data = holed.tobuf(tarfile.PAX_FORMAT) + bytes(1024)
    (tmp_path / "b").write_bytes(data)
    with pytest.raises(InputError, match="more than plain files"), read_archive(tmp_path / "b"):
        pass


def test_a_manifest_without_end_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    forged(tmp_path / "b", {"blobs/one": b"data"})
    monkeypatch.setattr("safelight.adapter.backup.archive._MAX_MANIFEST", 100)
    with pytest.raises(InputError, match=r"has a manifest\.json of more than"), read_archive(tmp_path / "b"):
        pass
    with pytest.raises(StorageError, match="its manifest would have"):
        written(tmp_path / "c", {"blobs/one": [b"data"]})
    assert not (tmp_path / "c").exists()


def test_a_file_that_was_exchanged_is_noticed_at_its_end(tmp_path: Path) -> None:
    forged(
        tmp_path / "b", {"blobs/one": b"data"}, {"entries": [BackupEntry("blobs/one", 4, sha256(b"atad").hexdigest())]}
    )
    with read_archive(tmp_path / "b") as reader:
        parts: Iterator[bytes] = reader.parts(reader.manifest.entries[0])
        assert next(parts) == b"data"
        with pytest.raises(InputError, match="blobs/one is not what was written"):
            next(parts)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"format": 2}, "its format is 2, this version reads 1"),
        ({"entries": "none"}, "has a manifest that this version"),
    ],
)
def test_other_formats_are_told(changes: dict[str, object], said: str, tmp_path: Path) -> None:
    forged(tmp_path / "b", {}, changes)
    with pytest.raises(InputError, match=said), read_archive(tmp_path / "b"):
        pass


def test_what_is_no_backup_is_told(tmp_path: Path) -> None:
    (tmp_path / "words").write_text("no archive " * 100)
    (tmp_path / "none").touch()
    with tarfile.open(tmp_path / "other.tar", "w") as tar:
        tar.add(tmp_path / "words", "words")
    for path in (tmp_path / "words", tmp_path / "none", tmp_path / "other.tar", tmp_path, tmp_path / "missing"):
        with pytest.raises(InputError, match=str(path)), read_archive(path):
            pass


def test_a_name_that_is_too_long_is_refused_when_it_is_written(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="too long"), write_archive(tmp_path / "b") as out:
        out.add("blobs/" + "x" * 200, [b""])
