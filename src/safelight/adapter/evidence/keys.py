"""Key-encryption keys: opened from a file or from the environment, and which of them are in use."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap

from safelight.adapter.vault.keys import KeyFile, MasterKey
from safelight.model.errors import VaultKeyError
from safelight.ports import KeyWrap

FILE = "evidence.key"
"""The key's file in the data folder, where the settings name no other."""

_ENVIRONMENT = "env:"
_SIZE = 32

KeySource = Callable[[bool], KeyWrap]
"""Opens a key, told whether it may be made when there is none. Raises VaultKeyError, PluginError, UsageError."""


class LocalKey:
    """`ports.KeyWrap` with the key in memory: AES key wrap (RFC 3394) under a key derived from it by HKDF-SHA256."""

    def __init__(self, master: MasterKey, place: object) -> None:
        """`place`: where it came from, for messages."""
        self.id = master.mac(b"", "evidence id")[:16]
        self._key = master.file_key(b"", "evidence wrapping")
        self._place = place

    def wrap(self, key: bytes) -> bytes:
        """40 bytes."""
        return aes_key_wrap(self._key, key)

    def unwrap(self, wrapped: bytes) -> bytes:
        """What was wrapped. Raises VaultKeyError."""
        try:
            return aes_key_unwrap(self._key, wrapped)
        except InvalidUnwrap as error:
            cause = "this key did not wrap the data key, or the wrapped key was changed since"
            raise VaultKeyError(path=self._place, cause=cause) from error


def open_key(source: str, home: Path, *, make: bool) -> LocalKey:
    """The key that a setting names.

    Args:
        source: `env:NAME` for 64 hexadecimal digits in a variable; a file of 32 bytes or 64 hexadecimal digits; empty
            for the file in the data folder.
        home: the data folder.
        make: whether the one in the data folder is drawn when it is not there. No other is ever made.

    Raises:
        VaultKeyError: there is none, or it is no key.
        StorageError: it cannot be made.
    """
    if source.startswith(_ENVIRONMENT):
        return _from_environment(source.removeprefix(_ENVIRONMENT))
    path = Path(source).expanduser().absolute() if source else home / FILE
    file = KeyFile(path, own=not source and make, what="the key of the evidence vault")
    return LocalKey(file.make(), path)


def _from_environment(name: str) -> LocalKey:
    try:
        secret = bytes.fromhex(os.environ[name])
    except KeyError as error:
        raise VaultKeyError(path=f"env:{name}", cause="the variable is not set") from error
    except ValueError:
        secret = b""
    if len(secret) != _SIZE:
        raise VaultKeyError(path=f"env:{name}", cause="takes 64 hexadecimal digits")
    return LocalKey(MasterKey(secret), f"env:{name}")


class KeyRing:
    """The key in force and earlier ones, each opened when it is first needed."""

    def __init__(self, current: KeySource, old: Sequence[KeySource] = ()) -> None:
        self._source, self._old = current, old
        self._current: KeyWrap | None = None
        self._known: dict[str, KeyWrap] = {}

    def current(self, *, make: bool = False) -> KeyWrap:
        """The key that new media is wrapped with; `make`: see `open_key`. Raises as a KeySource does."""
        if self._current is None:
            self._current = self._source(make)
            self._known[self._current.id] = self._current
        return self._current

    def of(self, key: str) -> KeyWrap:
        """The key of that id. Raises VaultKeyError when it is none of these, and as a KeySource does."""
        self.current()
        if key not in self._known:
            self._known |= {old.id: old for old in (source(False) for source in self._old)}
        if key not in self._known:
            cause = (
                f"media is wrapped with key {key}, which is not the one in force: put that key back, or name it in "
                "SAFELIGHT_EVIDENCE_OLD_KEYS"
            )
            raise VaultKeyError(path="SAFELIGHT_EVIDENCE_KEY", cause=cause)
        return self._known[key]
