"""`ports.Prober`: what is at a URL now, under the guard of `adapter.fetch`.

Every redirect is checked anew, nothing of what is there is kept, and bytes are in anonymous memory only. An answer
that is not the file (404, 451 and so on) is as good as one that is: it is what a look is for. Of 404 and 410 the bytes
are read as well: some hosts say that it is not there, and send it. What came and could not be read is no answer at all,
whatever its status: a browser may well show it.
"""

import os
import time
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import BinaryIO

import httpcore

from safelight.adapter.fetch import NETWORK_ERRORS, NO_ANSWER, SafeFetcher
from safelight.model.errors import FetchError
from safelight.ports import Seen

_READ = frozenset((404, 410, *range(200, 300))) - {204, 205}
"""Statuses that come with bytes which browsers show."""
_PACKED = frozenset((b"gzip", b"x-gzip", b"deflate"))
_WINDOW = 32 + zlib.MAX_WBITS
"""Both of gzip's and zlib's formats (RFC 1952, RFC 1950), told apart by their first bytes."""
_PIECE = 1 << 16


class SafeProber(SafeFetcher):
    """Looks at URLs; bounds and permissions are those of `SafeFetcher`."""

    @contextmanager
    def look(self, url: str) -> Iterator[tuple[Seen, BinaryIO]]:
        """What answers, and its bytes; see `ports.Prober.look`."""
        with os.fdopen(os.memfd_create("looked-at", os.MFD_CLOEXEC), "w+b") as file:
            seen = self._seen(url, file)
            file.seek(0)
            yield seen, file

    def _refused(self, response: httpcore.Response, told: Mapping[bytes, bytes], file: BinaryIO) -> None:
        if response.status in _READ:
            self._body(response, told, file)

    def _body(self, response: httpcore.Response, told: Mapping[bytes, bytes], file: BinaryIO) -> None:
        """As of `SafeFetcher`; and what was packed although it was asked for plain, up to as many bytes."""
        if told.get(b"content-encoding", b"").lower() in _PACKED:
            self._read(_unpacked(response.iter_stream()), file)
        else:
            super()._body(response, told, file)

    def _seen(self, url: str, file: BinaryIO) -> Seen:
        try:
            led_to = self._follow(url, file, time.monotonic() + self._seconds)
        except NETWORK_ERRORS as error:
            raise FetchError(cause=NO_ANSWER) from error
        except FetchError as error:
            status = error.details.get("status")
            if not isinstance(status, int):
                raise
            return Seen(status, str(error.details["url"]), file.tell())
        return Seen(200, led_to, file.tell())


def _unpacked(body: Iterable[bytes]) -> Iterator[bytes]:
    """The plain bytes, in pieces of a bounded size. Raises FetchError."""
    unpack = zlib.decompressobj(_WINDOW)
    try:
        for piece in body:
            left = piece
            while left and not unpack.eof:
                yield unpack.decompress(left, _PIECE)
                left = unpack.unconsumed_tail
    except zlib.error as error:
        raise FetchError(cause="what the server packed cannot be unpacked") from error
    if not unpack.eof:
        raise FetchError(cause="what the server packed ends too early")
