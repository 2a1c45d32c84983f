"""The log of recent changes, and those changes in memory. Appending to it is how one hash is added.

A log file is a head and records of 64 bytes each, little-endian. Records of one `apply` are a batch: the last one
says so, and a reader takes none of a batch before all of it is there. What follows the last whole batch is what a
dead writer left, and counts for nothing; but a record that is damaged before a later batch was committed is damage.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from safelight.match.hamming import as_words
from safelight.match.mih import permute
from safelight.model.bank import HashChange

RECORD = np.dtype(
    [
        ("seq", "<i8"),  # number of the history step
        ("id", "<i8"),  # hash id
        ("code", "u1", 32),  # the PDQ code as it is; zeros when the hash went
        ("live", "<i8"),  # live hashes of the whole index after this batch
        ("flags", "<u4"),  # 1: the hash came (else it went); 2: last of its batch; the rest counts batches from 0
        ("crc", "<u4"),  # CRC-32 of the 60 bytes before, begun with the log's generation
    ]
)
SIZE = RECORD.itemsize
HEAD = SIZE
CAME, LAST = 1, 2

_MAGIC = b"SLPDQLOG"
_BATCH = 2  # bits to shift the batch number by
_CHECKED = SIZE - 4

Records = NDArray[np.void]
History = tuple[NDArray[np.int64], NDArray[np.bool_], NDArray[np.uint64]]
"""Changes, oldest first: hash ids, whether each came (else it went), permuted codes of shape (n, 4)."""


def head(generation: int) -> bytes:
    """The first 64 bytes of the log of a generation: magic, generation, zeros, CRC-32."""
    start = _MAGIC + generation.to_bytes(8, "little") + bytes(HEAD - 20)
    return start + crc32(start).to_bytes(4, "little")


def encode(changes: Sequence[HashChange], batch: int, live: int, generation: int) -> bytes:
    """One batch of records."""
    records = np.zeros(len(changes), RECORD)
    records["seq"] = [change.seq for change in changes]
    records["id"] = [change.hash_id for change in changes]
    records["code"] = codes_of(changes)
    records["live"] = live
    records["flags"] = batch << _BATCH
    records["flags"] += np.array([CAME if change.pdq is not None else 0 for change in changes], np.uint32)
    records["flags"][-1] += LAST
    records["crc"] = _checksums(records.tobytes(), generation)
    return records.tobytes()


def decode(data: bytes, batch: int, generation: int) -> tuple[Records, bool]:
    """The whole batches, from number `batch` on, at the start of `data`; and whether what follows is damage."""
    data = data[: len(data) // SIZE * SIZE]
    records = np.frombuffer(data, RECORD)
    good = np.array(_checksums(data, generation), "<u4") == records["crc"]
    sound = len(good) if good.all() else int(good.argmin())
    lasts = np.flatnonzero(records["flags"][:sound] & LAST)
    whole = int(lasts[-1]) + 1 if len(lasts) else 0
    later = records["flags"][sound:][good[sound:]] >> _BATCH
    return records[:whole], bool((later > batch + len(lasts)).any())


def codes_of(changes: Sequence[HashChange]) -> NDArray[np.uint8]:
    """The codes of changes, uint8, shape (n, 32), zeros for hashes that went. Raises ValueError for a wrong length."""
    none = bytes(32)
    joined = b"".join(none if change.pdq is None else change.pdq for change in changes)
    if any(change.pdq is not None and len(change.pdq) != len(none) for change in changes):
        raise ValueError("a PDQ code has 32 bytes")
    return np.frombuffer(joined, np.uint8).reshape(-1, 32)


@dataclass(frozen=True, slots=True)
class Recent:
    """What the log says in the end. Arrays of this process, never changed.

    `ids`, `codes`: the live hashes that came (ids ascending; codes permuted, uint64, shape (n, 4)). `touched`: every
    id that came or went, ascending: what older segments hold of these is no longer true.
    """

    ids: NDArray[np.int64]
    codes: NDArray[np.uint64]
    touched: NDArray[np.int64]


def settle(history: History) -> Recent:
    """The end of a history: of several changes of one id, the last one counts."""
    ids, came, codes = history
    order = np.argsort(ids, kind="stable")
    ordered = ids[order]
    newest = np.ones(len(ids), np.bool_)
    newest[:-1] = ordered[1:] != ordered[:-1]
    last = order[newest]
    kept = last[came[last]]
    return Recent(ids[kept], codes[kept], ids[last])


class Delta:
    """The records of one log, as they grow. `built_to` and `live` are those of the last one.

    Not safe for several threads: its owner sees to that.
    """

    def __init__(self, built_to: int, live: int) -> None:
        self._parts: list[History] = []
        self._recent: Recent | None = None
        self.batches = 0
        self.records = 0
        self.built_to = built_to
        self.live = live

    def extend(self, records: Records) -> None:
        """Take in whole batches, at least one."""
        codes = permute(as_words(np.ascontiguousarray(records["code"])))
        self._parts.append((records["id"].astype(np.int64), (records["flags"] & CAME) > 0, codes))
        self._recent = None
        self.batches += int(((records["flags"] & LAST) > 0).sum())
        self.records += len(records)
        self.built_to, self.live = int(records["seq"][-1]), int(records["live"][-1])

    def recent(self) -> Recent:
        """What the records say in the end; worked out when first asked for."""
        if self._recent is None:
            self._parts = [self.history()]
            self._recent = settle(self._parts[0])
        return self._recent

    def history(self) -> History:
        """All records, oldest first."""
        empty: History = np.empty(0, np.int64), np.empty(0, np.bool_), np.empty((0, 4), np.uint64)
        ids, came, codes = zip(*(self._parts or [empty]), strict=True)
        return np.concatenate(ids), np.concatenate(came), np.concatenate(codes)


def _checksums(data: bytes, generation: int) -> list[int]:
    view, start = memoryview(data), generation & 0xFFFFFFFF
    return [crc32(view[at : at + _CHECKED], start) for at in range(0, len(view), SIZE)]


def read(file: int, position: int) -> bytes:
    """All bytes of a log from `position` on."""
    parts = []
    while part := os.pread(file, 1 << 24, position):
        parts.append(part)
        position += len(part)
    return b"".join(parts)
