"""One file of a segment: a header, and parts that are kept by its `seal`.

The header has 128 bytes, little-endian: magic (8 bytes); format version, version of the codebook, 1 when encrypted,
bytes of a chunk (uint32); number of sketches and of keypoints, or of clips and of rows (uint64); 32 random bytes, from
which the file's key is derived; id of the master key (8 bytes); zeros. The manifest holds its SHA-256, so that a file
belongs to exactly one manifest entry.
"""

import mmap
import os
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from safelight.adapter import disk
from safelight.adapter.vault.keys import MasterKey
from safelight.adapter.vault.seal import CrcSeal, DamagedError, Data, GcmSeal, Role, Seal
from safelight.model.errors import IndexCorruptError

VERSION = 1
HEAD = 128

_HEADER = struct.Struct("<8sIIIIQQ32s8s")
_SALT = 32
_BUFFER = 1 << 20  # bytes given to the system in one call

Part = tuple[Role, int, int, Data]
"""Role, number, how many there are, bytes."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file: the end of its name, its first 8 bytes, and what its keys are derived for."""

    suffix: str
    magic: bytes
    purpose: str


@dataclass(frozen=True, slots=True)
class Form:
    """How files are written: codebook of the sketches (0: none), key (None: not encrypted), bytes of a chunk."""

    codebook: int
    key: MasterKey | None
    chunk: int = 4 << 20


def write(
    path: Path, kind: Kind, form: Form, counts: tuple[int, int], parts: Iterable[Part], *, tags_last: bool
) -> str:
    """Write and sync a file; its name is not synced. Return the SHA-256 of its header. Raises OSError.

    `counts`: sketches and keypoints, or clips and rows. `tags_last`: the tags come after all parts, else each after its
    own.
    """
    key = bytes.fromhex(form.key.id) if form.key else b""
    flags = VERSION, form.codebook, int(form.key is not None), form.chunk
    header = _HEADER.pack(kind.magic, *flags, *counts, os.urandom(_SALT), key).ljust(HEAD, b"\0")
    seal = _seal_of(kind, header, form.key)
    file = disk.create(path)
    try:
        pending, tags = bytearray(header), bytearray()
        for part in parts:
            kept, tag = seal.close(*part)
            pending += kept
            (tags if tags_last else pending).extend(tag)
            if len(pending) >= _BUFFER:
                disk.append(file, pending)
                pending.clear()
        disk.append(file, pending + tags)
        disk.sync(file)
    finally:
        os.close(file)
    return sha256(header).hexdigest()


class SealedFile:
    """An open file of a segment. Several threads may read from it at once."""

    def __init__(self, path: Path, kind: Kind, digest: str, key: MasterKey | None) -> None:
        """Open the file whose header has that SHA-256. Raises IndexCorruptError, OSError."""
        self.path = path
        self._file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            header = _header_of(path, self._file, digest)
        except BaseException:
            os.close(self._file)
            raise
        self.chunk: int = _HEADER.unpack_from(header)[4]
        self._seal = _seal_of(kind, header, key)
        self.is_encrypted = key is not None
        self.tag = self._seal.tag

    def expect(self, size: int) -> None:
        """Raises IndexCorruptError unless the file has `size` bytes."""
        if os.fstat(self._file).st_size != size:
            raise IndexCorruptError(path=self.path, cause="cut short, or longer than its header says")

    def read(self, role: Role, number: int, total: int, start: int, length: int, tag_at: int | None = None) -> Data:
        """The part of `length` bytes that is kept at `start`, its tag after it or at `tag_at`.

        Raises IndexCorruptError, OSError.
        """
        if tag_at is None:
            both = memoryview(os.pread(self._file, length + self.tag, start))
            kept, tag = both[:length], both[length:]
        else:
            kept, tag = memoryview(os.pread(self._file, length, start)), self._tag(tag_at)
        return self._open(role, number, total, kept, tag)

    def check(self, role: Role, number: int, total: int, kept: Data, tag_at: int) -> None:
        """Compare a part of a mapped file with its tag. Raises IndexCorruptError, OSError."""
        self._open(role, number, total, kept, self._tag(tag_at))

    def mapped(self) -> NDArray[np.uint8]:
        """The whole file, read-only, shared with all processes that map it. Raises OSError."""
        return np.frombuffer(mmap.mmap(self._file, 0, access=mmap.ACCESS_READ), np.uint8)

    def close(self) -> None:
        """Let go of the file; what was mapped stays."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _tag(self, position: int) -> memoryview:
        return memoryview(os.pread(self._file, self.tag, position))

    def _open(self, role: Role, number: int, total: int, kept: Data, tag: Data) -> Data:
        try:
            return self._seal.open(role, number, total, kept, tag)
        except DamagedError as error:
            cause = f"{role.name.lower()} {number} is not what was written there"
            raise IndexCorruptError(path=self.path, cause=cause) from error


def _header_of(path: Path, file: int, digest: str) -> bytes:
    header = os.pread(file, HEAD, 0)
    if sha256(header).hexdigest() != digest:
        raise IndexCorruptError(path=path, cause="not the file that the manifest names")
    version = _HEADER.unpack_from(header)[1]
    if version != VERSION:
        raise IndexCorruptError(path=path, cause=f"its format is {version}, this version reads {VERSION}")
    return header


def _seal_of(kind: Kind, header: bytes, key: MasterKey | None) -> Seal:
    if key is None:
        return CrcSeal(header)
    salt = _HEADER.unpack_from(header)[-2]
    return GcmSeal(key.file_key(salt, kind.purpose), header)
