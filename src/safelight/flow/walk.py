"""Listing the files of a scan: every file once, in one order, links not followed."""

import errno
import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from safelight.model.errors import InputError

_BLOCK = 1 << 20


def list_files(roots: Sequence[str], leave_out: Sequence[Path] = ()) -> Iterator[str]:
    """Every path under `roots` that is not a folder, sorted by name within each folder, depth first.

    Files of `leave_out` are not listed: a scan's own, when they lie inside what is scanned. Nothing else is left out.

    Links are listed, not followed, so loops cannot happen. A root inside another root is listed once, under the
    first. A folder that cannot be opened is listed itself, so that its row can say so. Paths are spelled from the
    roots as given; undecodable bytes are kept as surrogates.

    Raises:
        InputError: a root that does not exist, or no file at all under the roots.
    """
    skip = {os.path.realpath(path) for path in leave_out}
    seen: list[str] = []
    any_file = False
    for root in roots:
        if not os.path.lexists(root):
            raise InputError(path=root, cause="no such file or folder")
        real = os.path.realpath(root)
        if any(real == other or real.startswith(other.rstrip("/") + "/") for other in seen):
            continue
        seen.append(real)
        for path in _walk(root, seen[:-1]):
            if skip and not os.path.islink(path) and os.path.realpath(path) in skip:
                continue
            any_file = True
            yield path
    if not any_file:
        raise InputError(path=", ".join(map(display, roots)), cause="no files to examine")


def display(path: str) -> str:
    """The path as printable UTF-8: undecodable bytes and line breaks are shown as escapes."""
    text = path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def same_bytes(one: str, other: str) -> bool:
    """Whether two paths are regular files with the same content now; False when one cannot be read."""
    try:
        with _regular(one) as first, _regular(other) as second:
            if os.fstat(first.fileno()).st_size != os.fstat(second.fileno()).st_size:
                return False
            while block := first.read(_BLOCK):
                if block != second.read(_BLOCK):
                    return False
            return True
    except OSError:
        return False


def _regular(path: str) -> BinaryIO:
    file = os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC), "rb", buffering=0)
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise OSError(errno.EINVAL, "not a regular file")
    return file


def _walk(root: str, seen: Sequence[str]) -> Iterator[str]:
    if os.path.islink(root) and not os.path.isdir(root):
        yield root
        return
    stack = [root]
    while stack:
        path = stack.pop()
        if path != root and os.path.islink(path):
            yield path
            continue
        if seen and path != root and os.path.realpath(path) in seen:
            continue
        if not os.path.isdir(path):
            yield path
            continue
        try:
            names = sorted(os.listdir(path), key=os.fsencode, reverse=True)
        except OSError:
            yield path
            continue
        stack.extend(os.path.join(path, name) for name in names)
