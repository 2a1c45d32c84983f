"""The form of sealed bytes: a header, then frames, each encrypted by AES-256-GCM.

The header has 31 bytes: magic and version (8), the id of the blob as a UUID (16), a random prefix of nonces (7). Frame
number `n`, from 0, holds 1 MiB of the plain bytes, the last one what is left, and 16 bytes of tag. Its nonce is the
prefix, `n` (4 bytes, most significant first), and 1 for the last frame, else 0; the header is its associated data. So
what was cut off, appended, exchanged or put in another order, in one blob or between two, does not decrypt.

Source: the STREAM construction of V. T. Hoang, R. Reyhanitabar, P. Rogaway, D. Vizár, "Online authenticated-encryption
and its nonce-reuse misuse-resistance", CRYPTO 2015. The key is of one blob alone, so that no nonce comes twice.
"""

import os
import struct
from collections.abc import Callable, Iterator
from typing import BinaryIO
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

FRAME = 1 << 20
"""Plain bytes of a frame, but for the last."""
TAG = 16
KEY = 32
"""Bytes of a data key."""

_MAGIC = b"SLmedia\x01"
_PREFIX = 7
HEAD = len(_MAGIC) + 16 + _PREFIX


class DamagedError(Exception):
    """What is there is not what was sealed; the message says what was found."""


def seal(plain: BinaryIO, key: bytes, blob: str, see: Callable[[bytes], None]) -> Iterator[bytes]:
    """Seal all that `plain` gives; `see` is shown each frame before it is encrypted."""
    prefix = os.urandom(_PREFIX)
    header = _MAGIC + UUID(blob).bytes + prefix
    yield header
    cipher = AESGCM(key)
    for number, (frame, last) in enumerate(_pieces(plain, FRAME)):
        see(frame)
        yield cipher.encrypt(_nonce(prefix, number, last), frame, header)


def unseal(sealed: BinaryIO, key: bytes, blob: str) -> Iterator[bytes]:
    """The plain bytes, frame by frame; each is verified, but whether one is missing is known only at the end.

    Raises:
        DamagedError: this is not what was sealed under that key as this blob.
    """
    header = _read(sealed, HEAD)
    if header[:-_PREFIX] != _MAGIC + UUID(blob).bytes:
        raise DamagedError("its header is damaged, or another blob's")
    cipher = AESGCM(key)
    for number, (frame, last) in enumerate(_pieces(sealed, FRAME + TAG)):
        try:
            yield cipher.decrypt(_nonce(header[-_PREFIX:], number, last), frame, header)
        except InvalidTag as error:
            raise DamagedError(f"frame {number} is not what was written there, or frames are missing") from error


def _nonce(prefix: bytes, number: int, last: bool) -> bytes:
    return prefix + struct.pack(">IB", number, last)


def _pieces(file: BinaryIO, size: int) -> Iterator[tuple[bytes, bool]]:
    """Pieces of `size` bytes, the last one shorter or not, and whether each is the last; an empty one for no bytes."""
    piece, last = _read(file, size), False
    while not last:
        following = _read(file, size) if len(piece) == size else b""
        last = not following
        yield piece, last
        piece = following


def _read(file: BinaryIO, size: int) -> bytes:
    """So many bytes; fewer at the end only."""
    data = file.read(size)
    if not data or len(data) == size:
        return data
    parts = [data]
    left = size - len(data)
    while left and (data := file.read(left)):
        parts.append(data)
        left -= len(data)
    return b"".join(parts)
