"""Damage to files of the vault, and the reading of everything that must notice it."""

from contextlib import closing
from types import ModuleType
from typing import Any


def flipped(data: bytes, position: int) -> bytes:
    """The same bytes but for one bit."""
    return data[:position] + bytes([data[position] ^ 0x40]) + data[position + 1 :]


def read_all(room: Any, kind: ModuleType) -> None:
    """Read all that a bank holds, as that kind's histories do, and compare every tag."""
    with closing(room.open(kind.BANK)) as index:
        kind.read(index)
        index.verify()
