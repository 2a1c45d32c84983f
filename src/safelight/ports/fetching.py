"""Files that callers name by a URL."""

from contextlib import AbstractContextManager
from typing import BinaryIO, Protocol


class Fetcher(Protocol):
    """Fetches what strangers name, without being led into places that only this machine can reach."""

    def fetch(self, url: str) -> AbstractContextManager[BinaryIO]:
        """The bytes behind a URL, as an open file in anonymous memory. Blocks; see docs/fetching.md for all bounds.

        Raises FetchError, which says nothing of what lies behind addresses that are not public.
        """
        ...
