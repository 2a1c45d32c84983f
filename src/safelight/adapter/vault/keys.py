"""The one key that features and clips are encrypted by, the file it is in, and the keys that are derived from it."""

import hmac
import os
import tempfile
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from safelight.adapter import disk, folders
from safelight.adapter.disk import naming
from safelight.model.errors import VaultKeyError

_SIZE = 32
_MAX_FILE = 256


class MasterKey:
    """Derives the keys in use, by HKDF-SHA256 (RFC 5869), each for one purpose.

    `id` tells keys apart and says nothing about them: 16 hexadecimal digits, the start of a key of its own.
    """

    def __init__(self, secret: bytes) -> None:
        self._secret = secret
        self.id = self._derive("features id")[:8].hex()

    def file_key(self, salt: bytes, purpose: str) -> bytes:
        """The key of one file, known by its kind and its random `salt`; 32 bytes."""
        return self._derive(purpose, salt)

    def mac(self, data: bytes, purpose: str) -> str:
        """HMAC-SHA256 of a manifest, hexadecimal."""
        return hmac.new(self._derive(purpose), data, sha256).hexdigest()

    def _derive(self, purpose: str, salt: bytes | None = None) -> bytes:
        info = f"safelight {purpose}".encode()
        return HKDF(algorithm=SHA256(), length=_SIZE, salt=salt, info=info).derive(self._secret)


@dataclass(frozen=True, slots=True)
class KeyFile:
    """Where the key is: 32 bytes as they are, or as 64 hexadecimal digits.

    `own`: the file is Safelight's, made when it is first needed; else somebody provides it, and it is never made.
    `roots`: the folders of all rooms whose files may be encrypted by it. A key that is lost is not replaced while one
    of them is. `what`: for messages.
    """

    path: Path
    own: bool
    roots: tuple[Path, ...] = ()
    what: str = "the key of local features"

    def read(self) -> MasterKey:
        """The key. Raises VaultKeyError."""
        try:
            with self.path.open("rb") as file:
                data = file.read(_MAX_FILE)
        except OSError as error:
            cause = f"{self.what} cannot be read: {error.strerror or error}"
            raise VaultKeyError(path=self.path, cause=cause) from error
        try:
            secret = data if len(data) == _SIZE else bytes.fromhex(data.decode("ascii"))
        except ValueError:
            secret = b""
        if len(secret) != _SIZE:
            raise VaultKeyError(path=self.path, cause="holds neither 32 bytes nor 64 hexadecimal digits: not a key")
        return MasterKey(secret)

    def make(self) -> MasterKey:
        """The key, drawn at random when there is none. Raises VaultKeyError, StorageError."""
        if self.own and not self.path.exists():
            with naming(self.path):
                folders.make(self.path.parent)
                file, name = tempfile.mkstemp(prefix=f".{self.path.name}-", dir=self.path.parent)
                try:
                    disk.append(file, os.urandom(_SIZE))
                    disk.sync(file)
                    # Whole or not there, and never in the place of one that another process has just made.
                    self.path.hardlink_to(name)
                except FileExistsError:
                    pass
                finally:
                    os.close(file)
                    Path(name).unlink()
                disk.sync_folder(self.path.parent)
        return self.read()
