"""The manifest: which files are a bank's features. One small file, replaced as a whole; who reads it sees one state.

Three lines of text: the manifest as JSON; the CRC-32 of that line, eight hexadecimal digits; and its HMAC-SHA256, or
nothing where features are not encrypted. The first check finds damage, the second a change made without the key.
"""

import hmac
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

import msgspec

from safelight.adapter import disk
from safelight.adapter.features.keys import MasterKey
from safelight.model.codec import from_json, to_json
from safelight.model.errors import IndexCorruptError

NAME = "manifest"
FORMAT = 1


@dataclass(frozen=True, slots=True)
class SegmentEntry:
    """A pair of files, `file`.lists and `file`.records, of so many sketches and keypoints.

    `lists`, `records`: SHA-256 of their headers, hexadecimal. `dead`: numbers of the sketches that were removed since,
    ascending, little-endian uint32.
    """

    file: str
    pictures: int
    keypoints: int
    lists: str
    records: str
    dead: bytes = b""

    @property
    def live(self) -> int:
        """Number of sketches that count."""
        return self.pictures - len(self.dead) // 4


@dataclass(frozen=True, slots=True)
class Manifest:
    """One state of the features of bank `bank`. `generation` grows with each; files are named by it.

    `codebook`: version of the quantiser that made the sketches. `key`: id of the master key, "" when not encrypted.
    """

    bank: int
    generation: int
    codebook: int
    key: str
    segments: tuple[SegmentEntry, ...] = ()
    format: int = FORMAT

    @property
    def live(self) -> int:
        """Number of sketches that count."""
        return sum(entry.live for entry in self.segments)

    @property
    def files(self) -> frozenset[str]:
        """Names of all files of this state."""
        return frozenset({NAME, *(f"{e.file}.{kind}" for e in self.segments for kind in ("lists", "records"))})


def write(folder: Path, manifest: Manifest, key: MasterKey | None) -> None:
    """Make `manifest` the state of the features. All its files must be there and synced, and `folder` too."""
    line = to_json(manifest)
    signature = key.mac(line) if key else ""
    disk.publish(folder / NAME, line + b"\n%08x\n%s\n" % (crc32(line), signature.encode()))


def parse(path: Path, data: bytes) -> Manifest:
    """The manifest in the bytes of `path`, as far as it can be believed without the key. Raises IndexCorruptError."""
    line, *rest = data.split(b"\n")
    if len(rest) != 3 or rest[0] != b"%08x" % crc32(line) or rest[2]:
        raise IndexCorruptError(path=path, cause="damaged: its checksum does not fit")
    try:
        manifest = from_json(line, Manifest)
    except msgspec.DecodeError as error:
        raise IndexCorruptError(path=path, cause=f"not readable by this version: {error}") from error
    if manifest.format != FORMAT:
        raise IndexCorruptError(path=path, cause=f"its format is {manifest.format}, this version reads {FORMAT}")
    return manifest


def verify(path: Path, data: bytes, key: MasterKey | None) -> None:
    """Check the signature in the bytes of a manifest. Raises IndexCorruptError."""
    line, _crc, signature, _end = data.split(b"\n")
    if not hmac.compare_digest(signature, key.mac(line).encode() if key else b""):
        raise IndexCorruptError(path=path, cause="its signature does not fit: it was not written with this key")
