"""A part opens at its own place only, and only as it was closed."""

import hmac
import os
from hashlib import sha256

import pytest

from safelight.adapter.vault.keys import MasterKey
from safelight.adapter.vault.seal import CrcSeal, DamagedError, GcmSeal, Role, Seal

HEADER = b"header".ljust(128, b"\0")
KEY = MasterKey(bytes(32)).file_key(b"salt", "features .lists")


@pytest.mark.parametrize("seal", [GcmSeal(KEY, HEADER), CrcSeal(HEADER)], ids=["encrypted", "plain"])
@pytest.mark.parametrize("data", [b"", b"x", os.urandom(100_000)])
def test_parts_come_back_and_open_nowhere_else(seal: Seal, data: bytes) -> None:
    kept, tag = seal.close(Role.RECORD, 3, 9, data)
    assert (len(kept), len(tag)) == (len(data), seal.tag)
    assert bytes(seal.open(Role.RECORD, 3, 9, kept, tag)) == data
    for role, number, total in ((Role.CHUNK, 3, 9), (Role.RECORD, 4, 9), (Role.RECORD, 3, 8)):
        with pytest.raises(DamagedError):
            seal.open(role, number, total, kept, tag)
    with pytest.raises(DamagedError):
        seal.open(Role.RECORD, 3, 9, bytes(kept) + b"\0", tag)
    with pytest.raises(DamagedError):
        seal.open(Role.RECORD, 3, 9, kept, tag[:-1])


def test_what_is_encrypted_opens_with_its_key_and_header_alone() -> None:
    kept, tag = GcmSeal(KEY, HEADER).close(Role.CHUNK, 0, 1, b"some bytes")
    assert bytes(kept) != b"some bytes"
    master = MasterKey(bytes(31) + b"\1")
    for other in (
        GcmSeal(KEY, HEADER[:-1] + b"\1"),
        GcmSeal(MasterKey(bytes(32)).file_key(b"salt", "features .records"), HEADER),
        GcmSeal(MasterKey(bytes(32)).file_key(b"other", "features .lists"), HEADER),
        GcmSeal(master.file_key(b"salt", "features .lists"), HEADER),
    ):
        with pytest.raises(DamagedError):
            other.open(Role.CHUNK, 0, 1, kept, tag)


def test_derived_keys_are_those_of_the_standard() -> None:
    """HKDF-SHA256 by its definition (RFC 5869, sections 2.2 and 2.3), for one block of output."""
    secret, salt = os.urandom(32), os.urandom(32)
    extracted = hmac.new(salt, secret, sha256).digest()
    expanded = hmac.new(extracted, b"safelight features .lists\1", sha256).digest()
    assert MasterKey(secret).file_key(salt, "features .lists") == expanded
