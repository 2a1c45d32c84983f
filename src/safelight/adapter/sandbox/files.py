"""Opening what is to be examined: regular files only, so that no device, pipe or link is ever touched."""

import os
import stat
from dataclasses import dataclass

from safelight.model.scan import Status

_KINDS = {
    stat.S_IFLNK: "symbolic link",
    stat.S_IFDIR: "folder",
    stat.S_IFIFO: "named pipe",
    stat.S_IFSOCK: "socket",
    stat.S_IFCHR: "character device",
    stat.S_IFBLK: "block device",
}


class NotOpenedError(Exception):
    """A path that gives no file to examine; `status` and `cause` are its result."""

    def __init__(self, status: Status, cause: str) -> None:
        self.status = status
        self.cause = cause
        super().__init__(cause)


@dataclass(frozen=True, slots=True)
class OpenFile:
    """An open regular file. `stored`: bytes it takes on the disk, which for files with holes is less than its size."""

    fd: int
    stored: int


def open_regular(path: str) -> OpenFile:
    """Open a regular file for reading.

    The kind is looked at before opening, because opening alone can have effects (tape drives, watchdogs), and again
    after it, because the path may have been changed in between.

    Raises:
        NotOpenedError: anything but a regular file, or one that cannot be opened.
    """
    fd = -1
    try:
        _check_kind(path, os.lstat(path).st_mode)
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
        facts = os.fstat(fd)
        _check_kind(path, facts.st_mode)
    except (OSError, ValueError, NotOpenedError) as error:
        if fd >= 0:
            os.close(fd)
        raise _not_opened(error) from None
    return OpenFile(fd, min(facts.st_size, facts.st_blocks * 512))


def _check_kind(path: str, mode: int) -> None:
    if stat.S_ISDIR(mode):
        os.close(os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC))  # one that cannot be listed says why
    if not stat.S_ISREG(mode):
        raise NotOpenedError(Status.SKIPPED, _KINDS.get(stat.S_IFMT(mode), "not a regular file"))


def _not_opened(error: OSError | ValueError | NotOpenedError) -> NotOpenedError:
    if isinstance(error, NotOpenedError):
        return error
    cause = error.strerror if isinstance(error, OSError) else "not a possible path"
    return NotOpenedError(Status.UNREADABLE, cause or "cannot be opened")
