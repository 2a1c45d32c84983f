"""The head of the log that was signed last, in a file beside the key: whoever owns the database cannot change it."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from safelight.adapter import disk
from safelight.model.audit import TreeHead
from safelight.model.codec import from_json, to_json
from safelight.model.errors import StorageError


class LastHeadFile:
    """`ports.LastHead` in a file, replaced as a whole and synced."""

    def __init__(self, path: Path, key: Path) -> None:
        """`key`: the file of the private key, which is there when anything is signed; its lock is taken."""
        self._path = path
        self._key = key

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Nobody else on this machine signs meanwhile; see `ports.LastHead.alone`."""
        with disk.naming(self._key):
            lock = self._key.open("rb")
        with lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def get(self) -> TreeHead | None:
        """See `ports.LastHead.get`."""
        try:
            return from_json(self._path.read_bytes(), TreeHead)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise disk.storage_error(self._path, error) from error
        except msgspec.DecodeError as error:
            raise StorageError(path=self._path, cause="is damaged; docs/audit.md says what to do") from error

    def put(self, head: TreeHead) -> None:
        """See `ports.LastHead.put`."""
        with disk.naming(self._path):
            disk.publish(self._path, to_json(head) + b"\n")
