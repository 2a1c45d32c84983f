"""Bodies of requests, in anonymous memory: what people upload never touches a disk, whatever its size.

Reading has bounds: bytes of one body, bytes of all bodies that the process holds, and time. Who sends too slowly, a
byte now and then, is cut off: `GRACE` seconds for a start, and after that `PACE` bytes a second on average. Bodies of
people, whom nothing is asked before, are counted apart, so that no crowd of them takes memory from programs with keys.
"""

import asyncio
import fcntl
import io
import os
from collections.abc import Awaitable, Callable, Iterable, Mapping
from threading import Lock
from typing import Any, Final

from django.core.exceptions import RequestDataTooBig

from safelight.model.errors import BusyError

GRACE: Final = 20.0
PACE: Final = 16 << 10
Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]
Scope = dict[str, Any]

_SEALS: Final = fcntl.F_SEAL_SEAL | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE
_BUFFER: Final = 1 << 16
_BUSY_SECONDS: Final = 2


class Meter:
    """Counts the bytes of bodies that one process holds at a time, in any thread; a larger body may come alone."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.bytes = 0
        self._mutex = Lock()

    def has_room(self, held: int, more: int) -> bool:
        """Whether a body of which `held` bytes are counted may have `more`."""
        return self.bytes <= held or self.bytes + more <= self.most

    def add(self, count: int) -> None:
        """So many more, or fewer."""
        with self._mutex:
            self.bytes += count


PROGRAMS: Final = Meter(1 << 30)
"""Of those who sent a key that is in force."""
PEOPLE: Final = Meter(64 << 20)
"""Of everybody else."""


class GoneError(Exception):
    """The client has hung up."""


class SlowError(Exception):
    """The client sends too slowly."""


class Body(io.BufferedReader):
    """A whole body, sealed: nobody can change it any more. `size`: its bytes."""

    def __init__(self, file: int, size: int, meter: Meter) -> None:
        super().__init__(io.FileIO(file, "rb"), _BUFFER)
        self.size = size
        self._meter = meter

    def close(self) -> None:
        """Give the memory back."""
        if not self.closed:
            self._meter.add(-self.size)
        super().close()


class _Filling:
    """A body on its way in."""

    def __init__(self, most: int, meter: Meter) -> None:
        self.size = 0
        self._most = most
        self._meter = meter
        self._file = os.memfd_create("body", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)

    def take(self, message: Mapping[str, Any]) -> None:
        """Take in what an ASGI message brings. Raises GoneError, too."""
        if message["type"] == "http.disconnect":
            raise GoneError
        self.add(message.get("body", b""))

    def add(self, part: bytes) -> None:
        """Take some more in. Raises RequestDataTooBig, BusyError."""
        if self.size + len(part) > self._most:
            raise RequestDataTooBig
        if not self._meter.has_room(self.size, len(part)):
            raise BusyError(seconds=_BUSY_SECONDS)
        view = memoryview(part)
        while view:
            written = os.write(self._file, view)
            self.size += written
            self._meter.add(written)
            view = view[written:]

    def done(self) -> Body:
        """The whole."""
        fcntl.fcntl(self._file, fcntl.F_ADD_SEALS, _SEALS)
        os.lseek(self._file, 0, os.SEEK_SET)
        return Body(self._file, self.size, self._meter)

    def drop(self) -> None:
        """Give the memory back."""
        self._meter.add(-self.size)
        os.close(self._file)


def body_of(parts: Iterable[bytes], most: int) -> Body:
    """A body that is at hand. Raises RequestDataTooBig, BusyError."""
    filling = _Filling(most, PROGRAMS)
    try:
        for part in parts:
            filling.add(part)
    except BaseException:
        filling.drop()
        raise
    return filling.done()


async def read_body(receive: Receive, most: int, announced: int | None = None, meter: Meter = PROGRAMS) -> Body:
    """The body of a request, read to its end.

    Args:
        receive: the ASGI callable; its next message is the first of the body.
        most: bytes that are taken.
        announced: what the header says; nothing is read of what is too large by its own account.
        meter: what it is counted by.

    Raises:
        RequestDataTooBig: it is larger.
        BusyError: too many large bodies are being held.
        SlowError: it comes too slowly.
        GoneError: the client hung up before its end.
    """
    if announced is not None and announced > most:
        raise RequestDataTooBig
    filling = _Filling(most, meter)
    began = asyncio.get_running_loop().time()
    try:
        async with asyncio.timeout(GRACE) as limit:
            more = True
            while more:
                message = await receive()
                filling.take(message)
                more = message.get("more_body", False)
                limit.reschedule(began + GRACE + filling.size / PACE)
    except TimeoutError:
        filling.drop()
        raise SlowError from None
    except BaseException:
        filling.drop()
        raise
    return filling.done()
