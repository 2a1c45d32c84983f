"""How the parts of a file are kept: encrypted and authenticated, or as they are with a checksum.

A part belongs to one place: its file (the header, with a random salt), its role, its number, and how many there are.
It opens in no other, so that files which were cut, mixed or put in another order are told from whole ones.
"""

import struct
from enum import IntEnum
from hashlib import sha256
from typing import Protocol
from zlib import crc32

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE = struct.Struct(">IQ")
_CRC = struct.Struct("<I")
_PLACE = struct.Struct("<IQQ")

Data = bytes | memoryview


class Role(IntEnum):
    """What a part is."""

    CHUNK = 1  # of lists
    DIRECTORY = 2  # of records
    RECORD = 3


class DamagedError(ValueError):
    """A part is not what was written at its place."""


class Seal(Protocol):
    """Keeps the parts of one file."""

    tag: int
    """Bytes that each part needs besides its own."""

    def close(self, role: Role, number: int, total: int, data: Data) -> tuple[Data, bytes]:
        """The bytes to keep, as many as `data` has, and their tag. No place may be used twice."""
        ...

    def open(self, role: Role, number: int, total: int, kept: Data, tag: Data) -> Data:
        """What was closed. Raises DamagedError."""
        ...


class GcmSeal:
    """AES-256-GCM (NIST SP 800-38D). The nonce is role and number: a key is of one file, which is written once."""

    tag = 16

    def __init__(self, key: bytes, header: bytes) -> None:
        self._cipher = AESGCM(key)
        self._file = sha256(header).digest()

    def close(self, role: Role, number: int, total: int, data: Data) -> tuple[Data, bytes]:
        """Encrypt; see `Seal.close`."""
        sealed = self._cipher.encrypt(_NONCE.pack(role, number), data, _place(self._file, role, number, total))
        return memoryview(sealed)[: -self.tag], sealed[-self.tag :]

    def open(self, role: Role, number: int, total: int, kept: Data, tag: Data) -> Data:
        """Decrypt; see `Seal.open`."""
        place = _place(self._file, role, number, total)
        try:
            return self._cipher.decrypt(_NONCE.pack(role, number), b"".join((kept, tag)), place)
        except InvalidTag as error:
            raise DamagedError from error


class CrcSeal:
    """No encryption; a CRC-32 finds damage, not intent."""

    tag = _CRC.size

    def __init__(self, header: bytes) -> None:
        self._file = sha256(header).digest()

    def close(self, role: Role, number: int, total: int, data: Data) -> tuple[Data, bytes]:
        """The data itself; see `Seal.close`."""
        return data, _CRC.pack(crc32(data, crc32(_place(self._file, role, number, total))))

    def open(self, role: Role, number: int, total: int, kept: Data, tag: Data) -> Data:
        """The data itself; see `Seal.open`."""
        if self.close(role, number, total, kept)[1] != tag:
            raise DamagedError
        return kept


def _place(file: bytes, role: Role, number: int, total: int) -> bytes:
    return file + _PLACE.pack(role, number, total)
