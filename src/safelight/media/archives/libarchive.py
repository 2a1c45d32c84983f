"""A thin binding of libarchive's streaming reader, for the formats the standard library lacks.

The shared library is the one inside the `archi` wheel (libarchive 3.8, BSD). Archi's own Python layer is passed by:
it frees the buffer it reads from, crashes on a name that cannot be decoded, cannot say that an entry is encrypted,
and switches on every format and filter libarchive knows, some of which start programs. Here exactly one format is
enabled per reader. Function semantics: libarchive's manual pages archive_read(3) and archive_entry(3).
"""

import ctypes
from collections.abc import Callable, Iterator
from ctypes import POINTER, c_char_p, c_int, c_int64, c_size_t, c_ssize_t, c_void_p, c_wchar_p, py_object
from dataclasses import dataclass
from errno import ENOMEM
from typing import Protocol

import archi

from safelight.model.errors import LimitExceededError, MediaError

_OK, _EOF, _RETRY, _WARN, _FAILED, _FATAL = 0, 1, -10, -20, -25, -30
_BLOCK = 1 << 16
_TYPE_MASK, _REGULAR, _DIRECTORY, _SYMLINK = 0o170000, 0o100000, 0o040000, 0o120000

_lib = ctypes.CDLL(archi.__file__)  # symbols of the libraries it links to are found through it


class ByteSource(Protocol):
    """A readable, seekable binary stream."""

    def read(self, size: int = -1, /) -> bytes:
        """At most `size` bytes, empty at the end."""
        ...

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """Move; return the new position."""
        ...


def _declare(name: str, result: type | None, *arguments: type) -> Callable[..., object]:
    function = getattr(_lib, name)
    function.restype = result
    function.argtypes = arguments
    return function  # type: ignore[no-any-return]  # ctypes types every symbol as Any
