"""The manifest: which files are the index. One small file, replaced as a whole; whoever reads it sees one state.

Two lines of text: the manifest as JSON, and the CRC-32 of that line as eight hexadecimal digits.
"""

from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

import msgspec

from safelight.adapter import disk
from safelight.model.codec import from_json, to_json
from safelight.model.errors import IndexCorruptError

NAME = "manifest"
FORMAT = 1


@dataclass(frozen=True, slots=True)
class SegmentEntry:
    """A segment file: `rows` codes, the CRC-32 of its header, and how many of its rows are dead (removed)."""

    file: str
    rows: int
    crc: int
    dead: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """One state of an index. `generation` grows by one with each; files are named by the one that made them.

    `built_to` and `live` are without the log's records: the last history step held and the number of live hashes.
    `dead` names the file of dead rows ("" when there are none) and `dead_crc` its CRC-32.
    """

    generation: int
    built_to: int
    live: int
    log: str
    segments: tuple[SegmentEntry, ...] = ()
    dead: str = ""
    dead_crc: int = 0
    format: int = FORMAT

    @property
    def files(self) -> frozenset[str]:
        """Names of all files of this state."""
        return frozenset({self.log, *(s.file for s in self.segments), *([self.dead] if self.dead else [])})


def write(folder: Path, manifest: Manifest) -> None:
    """Make `manifest` the state of the index. All its files must be there and synced, and `folder` too."""
    line = to_json(manifest)
    disk.publish(folder / NAME, line + b"\n%08x\n" % crc32(line))


def parse(path: Path, data: bytes) -> Manifest:
    """The manifest in the bytes of `path`. Raises IndexCorruptError."""
    line, _newline, rest = data.partition(b"\n")
    if rest != b"%08x\n" % crc32(line):
        raise IndexCorruptError(path=path, cause="damaged: its checksum does not fit")
    try:
        manifest = from_json(line, Manifest)
    except msgspec.DecodeError as error:
        raise IndexCorruptError(path=path, cause=f"not readable by this version: {error}") from error
    if manifest.format != FORMAT:
        raise IndexCorruptError(path=path, cause=f"its format is {manifest.format}, this version reads {FORMAT}")
    return manifest
