"""Plain media in anonymous memory: it has no name, is on no disk, and goes when it is closed."""

import fcntl
import os
from collections.abc import Iterable
from contextlib import suppress
from typing import BinaryIO

_SEALS = fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE | fcntl.F_SEAL_SEAL


def in_memory(parts: Iterable[bytes]) -> BinaryIO:
    """An open file of these bytes, at its beginning, that nobody can change; whoever gets it closes it.

    It is a `memfd` (man 2 memfd_create): swap may still take it, so encrypt swap. Raises OSError.
    """
    file = os.memfd_create("safelight", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    try:
        for part in parts:
            view = memoryview(part)
            while view:
                view = view[os.write(file, view) :]
        with suppress(OSError):  # kernels that do not have it
            fcntl.fcntl(file, fcntl.F_ADD_SEALS, _SEALS)
        os.lseek(file, 0, os.SEEK_SET)
        return os.fdopen(file, "rb")
    except BaseException:
        os.close(file)
        raise
