"""The index of one bank as its writer sees it: changes go to the log, logs to segments, segments to larger ones."""

import fcntl
import os
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from os.path import samestat
from pathlib import Path
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from safelight.adapter.index import delta, disk, manifest, memory
from safelight.adapter.index.delta import CAME, Delta, History, Recent, settle
from safelight.adapter.index.disk import naming
from safelight.adapter.index.manifest import Manifest, SegmentEntry
from safelight.adapter.index.reader import NOTHING, FileIndex, Held, among
from safelight.adapter.index.segment import open_segment, write_segment
from safelight.match.hamming import as_words
from safelight.match.mih import permute
from safelight.model.bank import HashChange
from safelight.model.errors import StorageError

LOCK = "lock"


@dataclass(frozen=True, slots=True)
class Tuning:
    """When what is merged. The tests make all of it small.

    `log_rows`: records the log may hold; they are scanned in each search (about 1 ns each). `table_rows`: rows from
    which a segment has tables. `raw_rows`: rows that a long import may leave without tables until it closes the
    index, or as many as have tables if those are more. `ratio`: a segment is merged with newer ones when it is at
    most this many times as large, so that a bank of n hashes has about log(n) segments and writes each hash about
    log(n) times.
    """

    log_rows: int = 8192
    table_rows: int = 4096
    raw_rows: int = 1_000_000
    ratio: int = 2


class FileIndexWriter(FileIndex):
    """One bank's index, open for writing (and reading): `ports.HashIndex`. There is one at a time.

    What `apply` has returned from survives a power cut. Closing merges what an import left, which can take a while
    (about 0.5 s for each million hashes); leaving it out loses nothing.
    """
