"""`ports.BlobStore` in memory: the plain version that the others are held against."""

import io
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import BinaryIO

from safelight.model.errors import UnknownBlobError


class MemoryBlobStore:
    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def put(self, name: str, parts: Iterable[bytes]) -> int:
        self.kept[name] = b"".join(parts)
        return len(self.kept[name])

    @contextmanager
    def get(self, name: str) -> Iterator[BinaryIO]:
        if name not in self.kept:
            raise UnknownBlobError(blob=name)
        yield io.BytesIO(self.kept[name])

    def delete(self, name: str) -> None:
        self.kept.pop(name, None)

    def names(self) -> Iterator[str]:
        return iter(list(self.kept))

    def sweep(self, before: datetime) -> int:
        del before
        return 0

    def check(self) -> None:
        pass
