"""A disk that fails, stops or loses power at a chosen step of what the index does to it."""

import errno
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

from safelight.adapter import disk

STEPS = ("create", "append", "write_at", "sync", "replace", "sync_folder", "remove")


class KilledError(BaseException):
    """Stands for the process being gone: nothing that handles errors may see it."""


class FailingDisk:
    """Counts steps in one folder; at step `at`, or from it on (`lasting`), calls `fail` unless that is None.

    An append fails with half of its bytes written. Removing needs no room and never fails for want of it.

    `states` are the folders (name -> bytes) that may be found afterwards: all that was written (the process was
    killed), and four that a power cut may leave - names and bytes only as synced; names ahead of bytes; only the
    manifest's name ahead; and half of what was being added to a file, the rest zeros.
    """

    def __init__(self, folder: Path, at: int, fail: Callable[[], None] | None, *, lasting: bool = False) -> None:
        self.folder = folder
        self.at = at
        self.fail = fail
        self.lasting = lasting
        self.step = 0
        self._names: dict[str, int] = {}  # name -> number of the file it is
        self._synced_names: dict[str, int] = {}
        self._synced: dict[int, bytes] = {}
        self._files = 0

    @contextmanager
    def in_place(self) -> Iterator[None]:
        with ExitStack() as undo:
            for name in STEPS:
                undo.enter_context(mock.patch.object(disk, name, self._wrapped(name, getattr(disk, name))))
            yield

    def states(self) -> dict[str, dict[str, bytes]]:
        written = {name: (self.folder / name).read_bytes() for name in self._names}
        synced = {number: self._synced.get(number, b"") for number in self._names.values()}
        half = {
            name: synced[self._names[name]] + _half(data[len(synced[self._names[name]]) :])
            for name, data in written.items()
        }
        as_synced = {name: self._synced.get(number, b"") for name, number in self._synced_names.items()}
        manifest = {name: synced[number] for name, number in self._names.items() if name == "manifest"}
        return {
            "killed": written,
            "as synced": as_synced,
            "names ahead": {name: synced[number] for name, number in self._names.items()},
            "manifest ahead": as_synced | manifest,
            "half written": half,
        }

    def _wrapped(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def step(*arguments: Any) -> Any:
            if not self._of_folder(arguments):
                return real(*arguments)
            self.step += 1
            now = self.step == self.at or (self.lasting and self.step > self.at)
            if self.fail and now and not (self.fail is full and name == "remove"):
                if name == "append":
                    real(arguments[0], bytes(memoryview(arguments[1])[: len(arguments[1]) // 2]))
                self.fail()
            result = real(*arguments)
            getattr(self, "_after_" + name, lambda *_: None)(*arguments)
            return result

        return step

    def _of_folder(self, arguments: tuple[Any, ...]) -> bool:
        path = arguments[0] if isinstance(arguments[0], Path) else _path(arguments[0])
        return self.folder in (path, path.parent)

    def _after_create(self, path: Path) -> None:
        self._files += 1
        self._names[path.name] = self._files

    def _after_sync(self, file: int) -> None:
        path = _path(file)
        self._synced[self._names[path.name]] = path.read_bytes()

    def _after_replace(self, new: Path, path: Path) -> None:
        self._names[path.name] = self._names.pop(new.name)

    def _after_sync_folder(self, _folder: Path) -> None:
        self._synced_names = dict(self._names)

    def _after_remove(self, path: Path) -> None:
        del self._names[path.name]


def full() -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def killed() -> None:
    raise KilledError


def _half(data: bytes) -> bytes:
    return data[: len(data) // 2] + bytes(len(data) - len(data) // 2)


def _path(file: int) -> Path:
    return Path(f"/proc/self/fd/{file}").readlink()
