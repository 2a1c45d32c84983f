"""One file from its bytes to its fingerprint; runs inside the confined worker.

Read `_Walk.item`: digests, type by content, then either decode and fingerprint, or walk the archive and do the same
for each member. Results come in one fixed order (an archive's own row after its members), so that a walk that was cut
short by a crash can be taken up again at the next member.
"""

import base64
import io
import mmap
from collections.abc import Callable, Iterator
from typing import BinaryIO

import numpy as np

from safelight.fingerprint.digests import digest
from safelight.fingerprint.prints import fingerprints, upright
from safelight.media.archive import members
from safelight.media.decode import decode_image
from safelight.media.sniff import HEAD_BYTES, extension_agrees, sniff
from safelight.model.decision import Signal
from safelight.model.errors import LimitExceededError, MediaError
from safelight.model.fingerprint import Digests, Fingerprint
from safelight.model.media import DecodedImage, Limits, MediaKind, MediaType
from safelight.model.scan import Examination, Status

Buffer = bytes | bytearray | memoryview | mmap.mmap

MOSAIC = 16
"""Side of the thumbnail mosaic in pixels: enough to tell two files apart in a table, too little to see what is shown."""


def examine(
    name: str,
    stream: BinaryIO,
    limits: Limits,
    *,
    thumbnail: bool = False,
    skip: int = 0,
    known: Callable[[Digests], bool] = lambda _digests: False,
    begin: Callable[[str], None] = lambda _path: None,
) -> Iterator[Examination]:
    """Examine a file and, if it is an archive, everything in it.

    Args:
        name: what the file is called in results; members are `name!/inner`.
        stream: the open file, readable and seekable; a real file is mapped, anything else is read whole.
        limits: bounds for this file; see `model.media.Limits`.
        thumbnail: also make the 16x16 mosaic.
        skip: results of an earlier, interrupted walk that are not to be made again.
        known: told the digests of each file before it is decoded; True means that digests are enough.
        begin: told the path of what is about to be worked on, so that a crash can be laid at its door.

    Yields:
        One `Examination` for each file, in walk order. Never raises for what a file holds.
    """
    walk = _Walk(limits, thumbnail=thumbnail, skip=skip, known=known, begin=begin)
    with _mapped(stream) as data:
        yield from walk.item(name, data, depth=0)


class _Walk:
    """The state of one top-level file's examination: how many results were made, how many bytes unpacked."""

    def __init__(
        self,
        limits: Limits,
        *,
        thumbnail: bool,
        skip: int,
        known: Callable[[Digests], bool],
        begin: Callable[[str], None],
    ) -> None:
        self.limits = limits
        self.thumbnail = thumbnail
        self.skip = skip
        self.known = known
        self.begin = begin
        self.made = 0
        self.unpacked = 0

    def item(self, path: str, data: Buffer, depth: int) -> Iterator[Examination]:
        kind = sniff(bytes(data[:HEAD_BYTES]))
        if kind.kind is MediaKind.ARCHIVE:
            yield from self.archive(path, data, kind, depth)
        elif self.is_due():
            self.begin(path)
            yield self.leaf(path, data, kind)

    def is_due(self) -> bool:
        """Count one result; False when an earlier walk made it already."""
        self.made += 1
        return self.made > self.skip

    def leaf(self, path: str, data: Buffer, kind: MediaType) -> Examination:
        digests = digest(data)
        if self.known(digests):
            return Examination(path, Status.OK, kind.mime, fingerprint=Fingerprint(digests))
        named = _name_signal(path, kind)
        if kind.kind is not MediaKind.IMAGE:
            return Examination(
                path,
                Status.UNREADABLE if digests.size == 0 else Status.UNSUPPORTED,
                kind.mime,
                fingerprint=Fingerprint(digests),
                signals=named,
                error="empty file" if digests.size == 0 else None,
            )
        try:
            self.check_size(digests.size)
            image = decode_image(data, kind, self.limits)
        except MediaError as error:
            return Examination(
                path, Status.UNREADABLE, kind.mime, None, Fingerprint(digests), named, f"{kind.mime}: {error.cause}"
            )
        prints = fingerprints(digests, image)
        return Examination(
            path,
            Status.DEGRADED if image.facts.truncated else Status.OK,
            kind.mime,
            image.facts,
            prints,
            (*named, *_picture_signals(image, prints)),
            thumbnail=_mosaic(image) if self.thumbnail else None,
        )

    def check_size(self, size: int) -> None:
        if size > self.limits.max_file_bytes:
            raise LimitExceededError(f"{size:,} bytes; the limit for decoding is {self.limits.max_file_bytes:,}")

    def archive(self, path: str, data: Buffer, kind: MediaType, depth: int) -> Iterator[Examination]:
        self.begin(path)
        digests = digest(data)
        if self.known(digests):
            if self.is_due():
                yield Examination(path, Status.OK, kind.mime, fingerprint=Fingerprint(digests))
            return
        error: str | None = None
        lost = 0
        try:
            if depth >= self.limits.max_depth:
                raise LimitExceededError(f"archives nested deeper than {self.limits.max_depth}")
            for member in members(io.BytesIO(data) if depth else _stream(data), kind, self.limits):
                inner = f"{path}!/{member.name}"
                cause = member.error or self.count(len(member.data))
                if cause is None:
                    yield from self.item(inner, member.data, depth + 1)
                else:
                    lost += 1
                    if self.is_due():
                        yield Examination(inner, Status.UNREADABLE, error=cause)
                self.begin(path)
        except MediaError as failure:
            error = failure.cause
        if self.is_due():
            signals = (Signal("members_lost", f"{lost} members could not be read"),) if lost else ()
            status = Status.DEGRADED if error or lost else Status.OK
            yield Examination(path, status, kind.mime, None, Fingerprint(digests), signals, error)

    def count(self, size: int) -> str | None:
        """Add to the unpacked total; the cause when the top-level file's allowance is spent (bombs)."""
        self.unpacked += size
        if self.made >= self.limits.max_members:
            raise LimitExceededError(f"more than {self.limits.max_members:,} members")
        if self.unpacked > self.limits.max_archive_bytes:
            raise LimitExceededError(f"more than {self.limits.max_archive_bytes:,} bytes unpacked")
        return None
