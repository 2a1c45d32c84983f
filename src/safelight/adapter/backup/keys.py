"""The keys of a data folder in one sealed file: AES-256-GCM under a key that scrypt (RFC 7914) makes of a passphrase.

The file has 8 bytes of magic and version, 16 of salt, 12 of nonce, and what is encrypted: JSON of names and bytes. The
first two are its associated data. scrypt with N = 2^17, r = 8, p = 1 takes 128 MiB, and some tenths of a second.
"""

import os
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from safelight.adapter.disk import naming
from safelight.model.codec import from_json, to_json
from safelight.model.errors import VaultKeyError

NAMES = ("key", "evidence.key", "secret", "log-key.pem", "log-key.pub.pem")
"""Files of keys that Safelight itself makes in a data folder."""

_MAGIC = b"SLkeys\x00\x01"
_SALT, _NONCE = 16, 12
_COST = 1 << 17


def seal_keys(home: Path, passphrase: str) -> bytes:
    """The keys that are in the data folder, sealed; empty where there is none. Raises StorageError."""
    keys = {}
    for name in NAMES:
        with naming(home / name):
            if (home / name).exists():
                keys[name] = (home / name).read_bytes()
    if not keys:
        return b""
    head, nonce = _MAGIC + os.urandom(_SALT), os.urandom(_NONCE)
    return head + nonce + AESGCM(_key(passphrase, head)).encrypt(nonce, to_json(keys), head)


def open_keys(sealed: bytes, passphrase: str) -> dict[str, bytes]:
    """The keys by their names. Raises VaultKeyError for another passphrase, or damage."""
    head = sealed[: len(_MAGIC) + _SALT]
    if not head.startswith(_MAGIC):
        raise VaultKeyError(path="keys", cause="the keys of the backup have a form that this version does not know")
    nonce, rest = sealed[len(head) : len(head) + _NONCE], sealed[len(head) + _NONCE :]
    try:
        keys = from_json(AESGCM(_key(passphrase, head)).decrypt(nonce, rest, head), dict[str, bytes])
    except (InvalidTag, ValueError) as error:
        raise VaultKeyError(path="keys", cause="another passphrase, or the keys of the backup are damaged") from error
    return {name: key for name, key in keys.items() if name in NAMES}


def _key(passphrase: str, head: bytes) -> bytes:
    return Scrypt(salt=head[len(_MAGIC) :], length=32, n=_COST, r=8, p=1).derive(passphrase.encode())
