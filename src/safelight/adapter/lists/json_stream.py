"""Reading one large JSON text as a stream, value by value.

Lists come from strangers. The usual streaming parser (ijson on yajl) takes memory with the square of the nesting and
dies of a number of 5,000 digits; the standard library's scanner, which reads one value at a place in a text, has
neither fault and is faster, so only the walk from value to value is our own.
"""

import codecs
import json
from collections.abc import Iterator
from typing import BinaryIO

from safelight.adapter.lists.values import MARKED

MAX_VALUE = 64 << 20
"""Characters of the longest single value."""

_CHUNK = 1 << 16
_SPACE = " \t\r\n"
_NEAR_END = 16
"""An error this close to the end of what was read may be one of what is not there yet (`tru`, `\\ud8`, `-`)."""


class JsonStream:
    """A pull reader of JSON. Numbers come as the text they are written in.

    Bytes that are not UTF-8 are replaced by `values.NOT_UTF8`; a byte order mark and control characters inside texts
    are let pass. All methods raise ValueError, one line, where the text is no JSON, ends too early, or holds a value of
    more than MAX_VALUE characters or of absurd depth.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder("utf-8")(MARKED)
        self._scanner = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=str, strict=False)
        self._text = ""
        self._at = 0
        self._ended = False
        if self.next_character() == "\ufeff":
            self._at += 1

    def next_character(self) -> str:
        """The character that comes next, space left out, without taking it; empty at the end."""
        while True:
            while self._at < len(self._text):
                if self._text[self._at] not in _SPACE:
                    return self._text[self._at]
                self._at += 1
            if not self._more(_CHUNK):
                return ""

    def keys(self) -> Iterator[str]:
        """The keys of the object that comes next; the caller takes each one's value before asking for the next."""
        for _ in self._members("{", "}"):
            if self.next_character() != '"':
                raise ValueError("expected a key")
            key = str(self.value())
            self._expect(":")
            yield key

    def items(self) -> Iterator[None]:
        """Once for each item of the array that comes next; the caller takes the item before asking for the next."""
        return self._members("[", "]")

    def value(self) -> object:
        """Take the next value whole: dict, list, str, bool or None; numbers as str."""
        self.next_character()
        while True:
            try:
                value, end = self._scanner.raw_decode(self._text, self._at)
            except json.JSONDecodeError as error:
                if not self._may_go_on(error):
                    raise ValueError(error.msg) from None
            except RecursionError:
                raise ValueError("nested too deep") from None
            else:
                # A number near the end of what was read may go on (`1`, then `.5`; `1.5e+`, then `3`).
                if self._ended or end < len(self._text) - 2 or not isinstance(value, str):
                    self._at = end
                    return value
            if len(self._text) - self._at > MAX_VALUE:
                raise ValueError(f"a value of more than {MAX_VALUE >> 20} MiB")
            self._more(max(_CHUNK, len(self._text) - self._at))

    def _members(self, begin: str, end: str) -> Iterator[None]:
        self._expect(begin)
        if self.next_character() == end:
            self._at += 1
            return
        while True:
            yield
            if self.next_character() == end:
                self._at += 1
                return
            self._expect(",")

    def _expect(self, character: str) -> None:
        if (found := self.next_character()) != character:
            raise ValueError(f"expected {character!r}" if found else "ends too early")
        self._at += 1

    def _may_go_on(self, error: json.JSONDecodeError) -> bool:
        in_string = error.msg.startswith("Unterminated string")
        if self._ended:
            raise ValueError("ends too early" if in_string or error.pos >= len(self._text) else error.msg) from None
        return in_string or error.pos >= len(self._text) - _NEAR_END

    def _more(self, size: int) -> bool:
        """Read on, about `size` bytes; False at the end."""
        while not self._ended:
            data = self._stream.read(size)
            self._ended = not data
            text = self._decoder.decode(data, final=self._ended)
            if text:
                self._text = self._text[self._at :] + text
                self._at = 0
                return True
        return False
