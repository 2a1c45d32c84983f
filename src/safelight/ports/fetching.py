"""Files that callers name by a URL, and messages to servers of theirs."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import BinaryIO, Protocol


class Fetcher(Protocol):
    """Fetches what strangers name, without being led into places that only this machine can reach."""

    def fetch(self, url: str) -> AbstractContextManager[BinaryIO]:
        """The bytes behind a URL, as an open file in anonymous memory. Blocks; see docs/fetching.md for all bounds.

        Raises FetchError, which says nothing of what lies behind addresses that are not public.
        """
        ...


@dataclass(frozen=True, slots=True)
class Posted:
    """How a server answered: its HTTP status, and the seconds it asks to wait."""

    status: int
    retry_after: int | None = None


class Poster(Protocol):
    """Sends messages to servers that integrators name, under the same guard."""

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Posted:
        """Send bytes and hear the status; nothing is followed. Blocks. Raises FetchError."""
        ...
