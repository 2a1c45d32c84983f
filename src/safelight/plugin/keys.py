"""Finding, loading and holding key-encryption keys behind key-management services (`ports.KeyWrap`)."""

import os
import re
from collections.abc import Callable
from importlib.metadata import EntryPoint

from safelight.model.errors import PluginError, UsageError, VaultKeyError
from safelight.model.plugin import Plugin
from safelight.plugin.discovery import listed, load, naming, offered
from safelight.ports import KeyWrap

GROUP = "safelight.keys"
"""Entry points of this group name a function without arguments that gives a `KeyWrap`."""

_SIZE = 32  # bytes of a data key
_MOST = 1 << 14  # bytes of a wrapped one
_ID = re.compile(r"[\x21-\x7e]{1,512}")


def list_plugins() -> list[Plugin]:
    """The keys that installed packages offer, by name. Each wraps and unwraps a random data key."""
    return listed(GROUP, "key", _open)


def load_key(name: str) -> KeyWrap:
    """The key of that name.

    It wraps and unwraps a random data key before anything is trusted to it.

    Raises:
        UsageError: no installed package offers it.
        PluginError: it cannot be loaded, or fails.
    """
    found = offered(GROUP)
    if name not in found:
        known = ", ".join(sorted(found)) or "none"
        raise UsageError(detail=f"no key plug-in {name!r} is installed; installed: {known}")
    return _open(name, found[name])


class _Held:
    """A key at arm's length: what it raises names it, what it gives is checked."""

    def __init__(self, name: str, key: KeyWrap) -> None:
        self.id = str(key.id)
        self._name = name
        self._key = key
        if not _ID.fullmatch(self.id):
            raise ValueError("its id must have 1 to 512 printable characters of ASCII, and no space")

    def wrap(self, key: bytes) -> bytes:
        """See `ports.KeyWrap`. Raises VaultKeyError, PluginError."""
        wrapped = self._called(self._key.wrap, key)
        if not _SIZE <= len(wrapped) <= _MOST or key in wrapped:
            raise PluginError(name=self._name, cause="what it wrapped is no wrapped key")
        return wrapped

    def unwrap(self, wrapped: bytes) -> bytes:
        """See `ports.KeyWrap`. Raises VaultKeyError, PluginError."""
        key = self._called(self._key.unwrap, wrapped)
        if len(key) != _SIZE:
            raise PluginError(name=self._name, cause=f"it unwrapped {len(key)} bytes in place of {_SIZE}")
        return key

    def _called(self, function: Callable[[bytes], bytes], data: bytes) -> bytes:
        try:
            given = function(data)
        except VaultKeyError:
            raise
        except Exception:
            with naming(self._name):
                raise
        if not isinstance(given, bytes):
            raise PluginError(name=self._name, cause=f"it gave a {type(given).__name__} in place of bytes")
        return given


def _open(name: str, entries: list[EntryPoint]) -> _Held:
    """The key of a name, tried out. Raises PluginError."""
    open_key = load(name, entries)
    with naming(name):
        opened = open_key()
        if not isinstance(opened, KeyWrap):
            raise TypeError(f"it gave a {type(opened).__name__}, which is no KeyWrap")
        held = _Held(name, opened)
    trial = os.urandom(_SIZE)
    try:
        same = held.unwrap(held.wrap(trial)) == trial
    except VaultKeyError as error:
        raise PluginError(name=name, cause=str(error)) from error
    if not same:
        raise PluginError(name=name, cause="it did not give back the data key that it had wrapped")
    return held
