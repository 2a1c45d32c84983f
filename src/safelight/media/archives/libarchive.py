"""A thin binding of libarchive's streaming reader, for the formats the standard library lacks.

The shared library is the one inside the `archi` wheel (libarchive 3.8, BSD). Archi's own Python layer is passed by:
it frees the buffer it reads from, crashes on a name that cannot be decoded, cannot say that an entry is encrypted,
and switches on every format and filter libarchive knows, some of which start programs. Here exactly one format is
enabled per reader. Semantics of the functions: libarchive's manual pages archive_read(3), archive_entry(3).
"""

import ctypes
from collections.abc import Iterator
from ctypes import POINTER, byref, c_char_p, c_int, c_int64, c_size_t, c_ssize_t, c_uint, c_void_p, c_wchar_p, py_object
from dataclasses import dataclass
from errno import ENOMEM
from typing import TYPE_CHECKING, Any, Self

import archi

from safelight.model.errors import LimitExceededError, MediaError

if TYPE_CHECKING:
    from safelight.media.archives.member import ByteSource

_EOF, _RETRY, _WARN = 1, -10, -20
_FATAL = -30
_BLOCK = 1 << 16
_CHUNK = 1 << 20
_TYPE_MASK, _REGULAR, _DIRECTORY, _SYMLINK = 0o170000, 0o100000, 0o040000, 0o120000

# The symbols of the libraries it links to are found through it. `use_errno`, and clearing it before calls, because
# libarchive takes an ENOMEM left over from long ago for its own: it then gives up, or even ends the process.
_lib = ctypes.CDLL(archi.__file__, use_errno=True)
_READ_CALLBACK = ctypes.CFUNCTYPE(c_ssize_t, c_void_p, py_object, POINTER(c_void_p))
_SEEK_CALLBACK = ctypes.CFUNCTYPE(c_int64, c_void_p, py_object, c_int64, c_int)


def _declare(name: str, result: Any, *arguments: Any) -> Any:  # noqa: ANN401 - ctypes types every symbol as Any
    function = getattr(_lib, name)
    function.restype = result
    function.argtypes = arguments
    return function


_read_new = _declare("archive_read_new", c_void_p)
_read_free = _declare("archive_read_free", c_int, c_void_p)
_set_read = _declare("archive_read_set_read_callback", c_int, c_void_p, _READ_CALLBACK)
_set_seek = _declare("archive_read_set_seek_callback", c_int, c_void_p, _SEEK_CALLBACK)
_set_data = _declare("archive_read_set_callback_data", c_int, c_void_p, py_object)
_open = _declare("archive_read_open1", c_int, c_void_p)
_next_header = _declare("archive_read_next_header", c_int, c_void_p, POINTER(c_void_p))
_read_data = _declare("archive_read_data", c_ssize_t, c_void_p, c_void_p, c_size_t)
_errno = _declare("archive_errno", c_int, c_void_p)
_error_string = _declare("archive_error_string", c_char_p, c_void_p)
_pathname_wide = _declare("archive_entry_pathname_w", c_wchar_p, c_void_p)
_pathname = _declare("archive_entry_pathname", c_char_p, c_void_p)
_filetype = _declare("archive_entry_filetype", c_uint, c_void_p)
_hardlink = _declare("archive_entry_hardlink", c_char_p, c_void_p)
_size = _declare("archive_entry_size", c_int64, c_void_p)
_size_is_set = _declare("archive_entry_size_is_set", c_int, c_void_p)
_is_encrypted = _declare("archive_entry_is_data_encrypted", c_int, c_void_p)
_SUPPORT = {
    name: _declare(f"archive_read_support_format_{name}", c_int, c_void_p)
    for name in ("7zip", "rar", "rar5", "zip_streamable")
}


@dataclass(slots=True)
class _Source:
    """What the callbacks work on: the stream, and the block libarchive still looks at."""

    stream: "ByteSource"
    block: bytes = b""
    failure: Exception | None = None


def _on_read(_archive: int, source: _Source, out: Any) -> int:  # noqa: ANN401 - a ctypes pointer
    try:
        source.block = source.stream.read(_BLOCK)
    except Exception as failure:  # noqa: BLE001 - nothing may leave a C callback
        source.failure = failure
        return -1
    out[0] = ctypes.cast(c_char_p(source.block), c_void_p)
    return len(source.block)


def _on_seek(_archive: int, source: _Source, offset: int, whence: int) -> int:
    try:
        return source.stream.seek(offset, whence)
    except Exception as failure:  # noqa: BLE001 - nothing may leave a C callback
        source.failure = failure
        return _FATAL


# Made once: building a callback may need memory that a confined process cannot get.
_ON_READ = _READ_CALLBACK(_on_read)
_ON_SEEK = _SEEK_CALLBACK(_on_seek)


@dataclass(frozen=True, slots=True)
class Entry:
    """One header. Valid until the next one is asked for. `size` is None when the archive does not say it."""

    name: str | bytes
    kind: str
    size: int | None
    encrypted: bool


class Reader:
    """Reads one archive from a stream, in the order it is stored, as a context manager.

    `read` returns the current entry's content piece by piece (at most 1 MiB, empty at its end). All methods raise
    MediaError with a cause that holds no text of the archive.
    """

    def __init__(self, stream: "ByteSource", archive_format: str) -> None:
        """`archive_format`: one of 7zip, rar, rar5, zip_streamable."""
        self._source = _Source(stream)
        self._buffer = ctypes.create_string_buffer(_CHUNK)
        self._archive = c_void_p(_read_new())
        if self._archive.value is None:
            raise LimitExceededError("needs more memory than the limit allows")
        _SUPPORT[archive_format](self._archive)
        _set_read(self._archive, _ON_READ)
        _set_seek(self._archive, _ON_SEEK)
        _set_data(self._archive, self._source)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        _read_free(self._archive)
        self._archive = c_void_p()

    def entries(self) -> Iterator[Entry]:
        """The headers one after another; content that was not read is passed over."""
        self._check(_open(self._archive))
        entry = c_void_p()
        while True:
            ctypes.set_errno(0)
            result = _next_header(self._archive, byref(entry))
            if result == _EOF:
                return
            if result == _RETRY:
                continue
            self._check(result)
            yield _describe(entry)

    def read(self, _size: int = _CHUNK) -> bytes:
        """The next piece of the current entry."""
        ctypes.set_errno(0)
        count = _read_data(self._archive, self._buffer, _CHUNK)
        if count < 0:
            self._check(count)
            return b""
        return ctypes.string_at(self._buffer, count)

    def _check(self, result: int) -> None:
        if result >= _WARN and self._source.failure is None:
            return
        if isinstance(self._source.failure, MediaError):
            raise self._source.failure
        if _errno(self._archive) == ENOMEM or isinstance(self._source.failure, MemoryError):
            raise LimitExceededError("needs more memory than the limit allows")
        text = _error_string(self._archive) or b""
        if b"ncrypt" in text or b"rypto" in text:
            raise MediaError("encrypted")
        unsupported = b"upport" in text or b"unavailable" in text  # "Unsupported ...", "... not supported"
        raise MediaError("uses a method that is not supported" if unsupported else "damaged or cut short")


def _describe(entry: c_void_p) -> Entry:
    name = _converted(_pathname_wide, entry)
    mode = _filetype(entry) & _TYPE_MASK
    kind = {_REGULAR: "file", 0: "file", _DIRECTORY: "directory", _SYMLINK: "symbolic link"}.get(mode, "device")
    return Entry(
        name=_converted(_pathname, entry) or b"" if name is None else name,
        kind=kind if _converted(_hardlink, entry) is None else "hard link",
        size=_size(entry) if _size_is_set(entry) else None,
        encrypted=_is_encrypted(entry) > 0,
    )


def _converted(getter: Any, entry: c_void_p) -> Any:  # noqa: ANN401 - a ctypes function; text or bytes
    """A name that libarchive converts when asked for it; None when it cannot."""
    ctypes.set_errno(0)
    try:
        return getter(entry)
    except ValueError:  # code points beyond Unicode
        return None
