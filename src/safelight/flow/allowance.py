"""How long this process itself may be busy with one file.

A worker that takes too long is ended. What it says of a video is compared here, and the worse of two videos that say as
much can take a hundred times as long as the other: so that no file holds up the scan of all others, each has so much
CPU time. What that leaves out is told in the file's row.
"""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

SECONDS = 60.0
"""CPU seconds that any file has."""
SECONDS_PER_MIB = 2.0
"""CPU seconds more for each MiB that it takes on the disk: an archive holds as many videos as there is room for."""
MOST_SECONDS = 3_600.0
"""CPU seconds that no file goes beyond."""
TOO_LONG = "not compared in full: it takes too long"

GoesOn = Callable[[], bool]
"""Asked before each piece of work: False says that time is up, and that the piece is left out."""


def always() -> bool:
    """Time is never up."""
    return True


class Turn:
    """Work for a file, in one thread. `cut`: some of it was left out."""

    def __init__(self, seconds: float) -> None:
        self.cut = False
        self._end = time.thread_time() + seconds

    def goes_on(self) -> bool:
        """As `GoesOn` has it."""
        if time.thread_time() < self._end:
            return True
        self.cut = True
        return False


class Allowance:
    """What is left to a file of which `stored` bytes are on the disk; `left` is in CPU seconds."""

    def __init__(self, stored: int = 0) -> None:
        self.left = min(SECONDS + SECONDS_PER_MIB * stored / (1 << 20), MOST_SECONDS)

    @contextmanager
    def turn(self) -> Iterator[Turn]:
        """Work in this thread, which is taken off what is left."""
        began = time.thread_time()
        turn = Turn(self.left)
        try:
            yield turn
        finally:
            self.left -= time.thread_time() - began


def stored_bytes(path: str) -> int:
    """Bytes that a file takes on the disk, without its holes; 0 when it cannot be seen."""
    try:
        facts = os.lstat(path)
    except (OSError, ValueError):
        return 0
    return min(facts.st_size, facts.st_blocks * 512)
