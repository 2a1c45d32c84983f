"""`ports.Prober`: what is at a URL now, under the guard of `adapter.fetch`.

Every redirect is checked anew, nothing of what is there is kept, and bytes are in anonymous memory only. An answer
that is not the file (404, 451 and so on) is as good as one that is: it is what a look is for. Of 404 and 410 the bytes
are read as well: some hosts say that it is not there, and send it.
"""

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import BinaryIO

import httpcore

from safelight.adapter.fetch import NETWORK_ERRORS, NO_ANSWER, SafeFetcher
from safelight.model.errors import FetchError
from safelight.ports import Seen

_READ = frozenset((404, 410))


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
        if response.status not in _READ:
            return
        try:
            self._body(response, told, file)
        except (FetchError, *NETWORK_ERRORS):  # what cannot be read in full is judged by its status alone
            file.seek(0)
            file.truncate()

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
