"""The manifest: which files are the state of a bank. One small file, replaced as a whole; who reads it sees one state.

Three lines of text: the manifest as JSON; the CRC-32 of that line, eight hexadecimal digits; and its HMAC-SHA256, or
nothing where nothing is encrypted. The first check finds damage, the second a change made without the key.
"""

import hmac
from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar
from zlib import crc32

import msgspec

from safelight.adapter import disk
from safelight.adapter.vault.keys import MasterKey
from safelight.model.codec import from_json, to_json
from safelight.model.errors import IndexCorruptError

NAME = "manifest"
FORMAT = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentEntry(ABC):
    """What a manifest says of one segment; those who say what is in a segment add fields.

    `file`: name of its files, without their endings. `dead`: numbers of what was removed of it since, ascending,
    little-endian uint32.
    """

    file: str
    dead: bytes = b""

    @property
    @abstractmethod
    def count(self) -> int:
        """How much is in it, what was removed included."""

    @property
    @abstractmethod
    def files(self) -> tuple[str, ...]:
        """Names of its files."""

    @property
    def live(self) -> int:
        """How much of it counts."""
        return self.count - len(self.dead) // 4


E = TypeVar("E", bound=SegmentEntry)


@dataclass(frozen=True, slots=True)
class Manifest(Generic[E]):
    """One state of what is kept of bank `bank`. `generation` grows with each; files are named by it.

    `codebook`: version of the quantiser that made the sketches, 0 without one. `key`: id of the master key, "" when not
    encrypted.
    """

    bank: int
    generation: int
    codebook: int
    key: str
    segments: tuple[E, ...] = ()
    format: int = FORMAT

    @property
    def live(self) -> int:
        """How much of all segments counts."""
        return sum(entry.live for entry in self.segments)

    @property
    def files(self) -> frozenset[str]:
        """Names of all files of this state."""
        return frozenset({NAME, *(name for entry in self.segments for name in entry.files)})


@dataclass(frozen=True, slots=True)
class _Keyed:
    """The part of every manifest that tells whether it is of something encrypted."""

    key: str


T = TypeVar("T")


def write(folder: Path, manifest: Manifest[E], key: MasterKey | None, purpose: str) -> None:
    """Make `manifest` the state of a bank. All its files must be there and synced, and `folder` too.

    `purpose`: what the key of its signature is derived for.
    """
    line = to_json(manifest)
    signature = key.mac(line, purpose) if key else ""
    disk.publish(folder / NAME, line + b"\n%08x\n%s\n" % (crc32(line), signature.encode()))


def parse(path: Path, data: bytes, kind: type[Manifest[E]]) -> Manifest[E]:
    """The manifest in the bytes of `path`, as far as it can be believed without the key. Raises IndexCorruptError."""
    manifest = _decoded(path, data, kind)
    if manifest.format != FORMAT:
        raise IndexCorruptError(path=path, cause=f"its format is {manifest.format}, this version reads {FORMAT}")
    return manifest


def is_sealed(path: Path) -> bool:
    """Whether what a manifest names is encrypted; when it cannot be read it may be."""
    try:
        return bool(_decoded(path, path.read_bytes(), _Keyed).key)
    except (OSError, IndexCorruptError):
        return True


def verify(path: Path, data: bytes, key: MasterKey | None, purpose: str) -> None:
    """Check the signature in the bytes of a manifest. Raises IndexCorruptError."""
    line, _crc, signature, _end = data.split(b"\n")
    if not hmac.compare_digest(signature, key.mac(line, purpose).encode() if key else b""):
        raise IndexCorruptError(path=path, cause="its signature does not fit: it was not written with this key")


def _decoded(path: Path, data: bytes, kind: type[T]) -> T:
    line, *rest = data.split(b"\n")
    if len(rest) != 3 or rest[0] != b"%08x" % crc32(line) or rest[2]:
        raise IndexCorruptError(path=path, cause="damaged: its checksum does not fit")
    try:
        return from_json(line, kind)
    except msgspec.DecodeError as error:
        raise IndexCorruptError(path=path, cause=f"not readable by this version: {error}") from error
