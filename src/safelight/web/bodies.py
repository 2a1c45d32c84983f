"""Bodies of requests, in anonymous memory: what people upload never touches a disk, whatever its size.

Reading has bounds: bytes of one body, bytes of all bodies that the process holds, and time. Who sends too slowly, a
byte now and then, is cut off: `GRACE` seconds for a start, and after that `PACE` bytes a second on average.
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
HELD: Final = 1 << 30
"""Bytes of all bodies that one process holds at a time; one that is larger may come alone."""

Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]
Scope = dict[str, Any]

_SEALS: Final = fcntl.F_SEAL_SEAL | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE
_BUFFER: Final = 1 << 16
_BUSY_SECONDS: Final = 2


class _Meter:
    """Counts the bytes that are held, in any thread."""

    def __init__(self) -> None:
        self.bytes = 0
        self._mutex = Lock()

    def add(self, count: int) -> None:
        """So many more, or fewer."""
        with self._mutex:
            self.bytes += count


_held: Final = _Meter()


class GoneError(Exception):
    """The client has hung up."""


class SlowError(Exception):
    """The client sends too slowly."""


class Body(io.BufferedReader):
    """A whole body, sealed: nobody can change it any more. `size`: its bytes."""

    def __init__(self, file: int, size: int) -> None:
        super().__init__(io.FileIO(file, "rb"), _BUFFER)
        self.size = size

    def close(self) -> None:
        """Give the memory back."""
        if not self.closed:
            _held.add(-self.size)
        super().close()


class _Filling:
    """A body on its way in."""

    def __init__(self, most: int) -> None:
        self.size = 0
        self._most = most
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
        if _held.bytes > self.size and _held.bytes + len(part) > HELD:
            raise BusyError(seconds=_BUSY_SECONDS)
        view = memoryview(part)
        while view:
            written = os.write(self._file, view)
            self.size += written
            _held.add(written)
            view = view[written:]

    def done(self) -> Body:
        """The whole."""
        fcntl.fcntl(self._file, fcntl.F_ADD_SEALS, _SEALS)
        os.lseek(self._file, 0, os.SEEK_SET)
        return Body(self._file, self.size)

    def drop(self) -> None:
        """Give the memory back."""
        _held.add(-self.size)
        os.close(self._file)


def body_of(parts: Iterable[bytes], most: int) -> Body:
    """A body that is at hand. Raises RequestDataTooBig, BusyError."""
    filling = _Filling(most)
    try:
        for part in parts:
            filling.add(part)
    except BaseException:
        filling.drop()
        raise
    return filling.done()


async def read_body(receive: Receive, most: int, announced: int | None = None) -> Body:
    """The body of a request, read to its end.

    Args:
        receive: the ASGI callable; its next message is the first of the body.
        most: bytes that are taken.
        announced: what the header says; nothing is read of what is too large by its own account.

    Raises:
        RequestDataTooBig: it is larger.
        BusyError: too many large bodies are being held.
        SlowError: it comes too slowly.
        GoneError: the client hung up before its end.
    """
    if announced is not None and announced > most:
        raise RequestDataTooBig
    filling = _Filling(most)
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
