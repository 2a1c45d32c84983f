"""A backup as a file: a tar archive (POSIX.1-1988 with GNU sizes).

Its last members are the manifest, as JSON, and the manifest's SHA-256 in the form that `sha256sum --check` reads. That
finds damage; who may write to the file can change both, so a backup is kept where strangers cannot write.
"""

import os
import tarfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import msgspec

from safelight.adapter import disk
from safelight.adapter.disk import naming
from safelight.model.backup import BACKUP_FORMAT, BackupEntry, BackupManifest
from safelight.model.codec import from_json, to_json
from safelight.model.errors import InputError, StorageError

MANIFEST, DIGEST = "manifest.json", "manifest.sha256"

_PIECE = 1 << 20
_MAX_MANIFEST = 1 << 30
"""Bytes of a manifest: some 200 for each file of a backup, of which there are as many as there are media."""
_PLAIN = frozenset({tarfile.REGTYPE, tarfile.AREGTYPE})
"""Files as they are; those with holes in them (GNU's sparse ones) claim any size in a few bytes."""
_FOLDERS = frozenset({"blobs", "features", "clips", "trust"})
_FILES = frozenset({"store.sqlite3", "store.pgdump", "keys"})


class ArchiveWriter:
    """`ports.backup.BackupWriter` on a file that has no name yet. Members may be of any length, not known before."""

    def __init__(self, path: Path, file: int) -> None:
        self._path = path
        self._file = file

    def add(self, name: str, parts: Iterable[bytes]) -> BackupEntry:
        """Add a file; see `ports.backup.BackupWriter.add`."""
        with naming(self._path):
            start = os.lseek(self._file, 0, os.SEEK_CUR)
            disk.append(self._file, bytes(tarfile.BLOCKSIZE))
            digest, size = sha256(), 0
            for part in parts:
                disk.append(self._file, part)
                digest.update(part)
                size += len(part)
            disk.append(self._file, bytes(-size % tarfile.BLOCKSIZE))
            disk.write_at(self._file, _header(name, size), start)
        return BackupEntry(name, size, digest.hexdigest())

    def finish(self, manifest: BackupManifest) -> None:
        """Let the backup be there; see `ports.backup.BackupWriter.finish`."""
        data = to_json(manifest)
        if len(data) > _MAX_MANIFEST:  # nobody could restore it
            raise StorageError(path=self._path, cause=f"its manifest would have more than {_MAX_MANIFEST >> 20} MiB")
        self.add(MANIFEST, [data])
        self.add(DIGEST, [_digest_line(data)])
        with naming(self._path):
            disk.append(self._file, bytes(2 * tarfile.BLOCKSIZE))
            disk.sync(self._file)
            try:
                self._path.hardlink_to(_part(self._path))  # unlike a renaming, this does not replace what is there
            except FileExistsError as error:
                raise _taken(self._path) from error
            disk.remove(_part(self._path))
            disk.sync_folder(self._path.parent)


@contextmanager
def write_archive(path: Path) -> Iterator[ArchiveWriter]:
    """A new backup at `path`, where nothing is; without `finish`, nothing will be. Raises InputError, StorageError."""
    if path.exists():
        raise _taken(path)
    with naming(path):
        file = disk.create(_part(path))
    try:
        yield ArchiveWriter(path, file)
    finally:
        os.close(file)
        if _part(path).exists():
            disk.remove(_part(path))


class ArchiveReader:
    """`ports.backup.BackupReader` on an open file."""

    def __init__(self, path: Path, tar: tarfile.TarFile) -> None:
        """Raises InputError, tarfile.TarError, OSError."""
        self._path = path
        self._tar = tar
        self._members = {member.name: member for member in tar}
        if any(member.type not in _PLAIN or member.issparse() for member in self._members.values()):
            raise InputError(path=path, cause="is not a backup of Safelight: it holds more than plain files")
        self.manifest = self._read_manifest()

    def parts(self, entry: BackupEntry) -> Iterator[bytes]:
        """The bytes of a file; see `ports.backup.BackupReader.parts`."""
        digest = sha256()
        with _readable(self._path):
            file = self._tar.extractfile(self._members[entry.name])
            while file and (piece := file.read(_PIECE)):
                digest.update(piece)
                yield piece
        if digest.hexdigest() != entry.sha256:
            raise InputError(path=self._path, cause=f"is damaged: {entry.name} is not what was written")

    def _read_manifest(self) -> BackupManifest:
        data, line = self._taken_out(MANIFEST), self._taken_out(DIGEST)
        if line != _digest_line(data):
            raise InputError(path=self._path, cause="is damaged: its manifest is not what was written")
        try:
            manifest = from_json(data, BackupManifest)
        except msgspec.DecodeError as error:
            raise InputError(path=self._path, cause=f"has a manifest that this version cannot read: {error}") from error
        if manifest.format != BACKUP_FORMAT:
            cause = f"its format is {manifest.format}, this version reads {BACKUP_FORMAT}"
            raise InputError(path=self._path, cause=cause)
        told = {entry.name: entry.size for entry in manifest.entries}
        there = {name: member.size for name, member in self._members.items()}
        if told != there or len(told) != len(manifest.entries):
            raise InputError(path=self._path, cause="is damaged: its files are not those of its manifest")
        if bad := [name for name in told if not _is_ours(name)]:
            raise InputError(path=self._path, cause=f"holds a file that no backup has: {bad[0]!r}")
        return manifest

    def _taken_out(self, name: str) -> bytes:
        member = self._members.pop(name, None)
        file = self._tar.extractfile(member) if member else None
        if file is None:
            raise InputError(path=self._path, cause="is not a backup of Safelight, or was not written to its end")
        data = file.read(_MAX_MANIFEST + 1)
        if len(data) > _MAX_MANIFEST:
            raise InputError(path=self._path, cause=f"has a {name} of more than {_MAX_MANIFEST >> 20} MiB")
        return data


@contextmanager
def read_archive(path: Path) -> Iterator[ArchiveReader]:
    """The backup at `path`. Raises InputError for what is none, or a damaged one."""
    with _readable(path):
        tar = tarfile.open(path, "r:")  # noqa: SIM115 (closed below)
    with tar:
        with _readable(path):
            reader = ArchiveReader(path, tar)
        yield reader


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    try:
        yield
    except (tarfile.TarError, EOFError, UnicodeDecodeError) as error:
        raise InputError(path=path, cause=f"is no backup, or is damaged: {error}") from error
    except OSError as error:
        raise InputError(path=path, cause=error.strerror or str(error)) from error


def _is_ours(name: str) -> bool:
    """Whether a file of that name may be in a backup: none leads out of the folder that it is restored to."""
    first, *rest = name.split("/")
    inside = all(part and not part.startswith(".") and part.isprintable() for part in rest)
    return name in _FILES or (first in _FOLDERS and 1 <= len(rest) <= 2 and inside)


def _digest_line(manifest: bytes) -> bytes:
    return f"{sha256(manifest).hexdigest()}  {MANIFEST}\n".encode()


def _header(name: str, size: int) -> bytes:
    info = tarfile.TarInfo(name)
    info.size, info.mode = size, 0o600
    header = info.tobuf(tarfile.GNU_FORMAT)
    if len(header) != tarfile.BLOCKSIZE:
        raise OSError(0, f"the name of {name!r} is too long for a backup")
    return header


def _part(path: Path) -> Path:
    return path.with_name(f".{path.name}.part")


def _taken(path: Path) -> InputError:
    return InputError(path=path, cause="is there already; a backup is never written over another")
