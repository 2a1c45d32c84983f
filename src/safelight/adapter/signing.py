"""Ed25519 keys (RFC 8032) in files that their users keep: PEM, private ones as PKCS #8, as OpenSSL reads them."""

import hashlib
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from safelight.adapter.outputs.staging import storage_errors
from safelight.model.errors import InputError, UsageError

PUBLIC_SUFFIX = ".pub.pem"
_MAX_KEY_BYTES = 1 << 16


class KeySigner:
    """`ports.Signer` with a key in memory."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key

    @property
    def public_key(self) -> str:
        """PEM, SubjectPublicKeyInfo."""
        return public_pem(self._key.public_key())

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the public key's DER form, hexadecimal."""
        return fingerprint(self._key.public_key())

    def sign(self, data: bytes) -> bytes:
        """64 bytes."""
        return self._key.sign(data)


def make_key(path: Path, passphrase: str) -> tuple[Path, str]:
    """Make a key: the private one at `path`, the public one beside it.

    Args:
        path: where nothing is yet.
        passphrase: that the private key is encrypted with; empty for none.

    Returns:
        The public key's path and fingerprint.

    Raises:
        InputError: something is there already.
        StorageError: the files cannot be written; neither is left behind.
    """
    key = Ed25519PrivateKey.generate()
    try:
        locked: KeySerializationEncryption = (
            BestAvailableEncryption(passphrase.encode()) if passphrase else NoEncryption()
        )
        private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, locked)
    except ValueError as error:  # bytes that are no text, or more than a thousand of them
        raise UsageError(detail="this passphrase cannot be used: at most 1,023 bytes of UTF-8") from error
    beside = public_path(path)
    _create(path, private, 0o600)
    try:
        _create(beside, public_pem(key.public_key()).encode(), 0o644)
    except BaseException:
        path.unlink()
        raise
    return beside, fingerprint(key.public_key())


def public_path(path: Path) -> Path:
    """Where the public key of the private key at `path` is put: `name.pub.pem` for `name.pem` and for `name`."""
    return path.with_name(path.name.removesuffix(".pem") + PUBLIC_SUFFIX)


def open_key(path: Path, ask: Callable[[], str]) -> KeySigner:
    """The private key in a file; `ask` is called for its passphrase when it has one.

    Raises:
        InputError: no file, no such key in it, or another passphrase.
    """
    data = _read(path)
    try:
        try:
            key = load_pem_private_key(data, None)
        except TypeError:  # how the library says that the key is encrypted
            key = load_pem_private_key(data, ask().encode())
    except (ValueError, UnsupportedAlgorithm) as error:
        cause = "wrong passphrase" if b"ENCRYPTED" in data else "holds no private key in PEM"
        raise InputError(path=path, cause=cause) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise InputError(path=path, cause="is not an Ed25519 key; `safelight keygen` makes one")
    return KeySigner(key)


def open_public_key(path: Path) -> Ed25519PublicKey:
    """The public key in a file. Raises InputError."""
    data = _read(path)
    if b"PRIVATE KEY" in data:
        raise InputError(path=path, cause=f"is a private key; name the public one, {public_path(path).name}")
    key = parse_public_key(data)
    if key is None:
        raise InputError(path=path, cause="holds no Ed25519 public key in PEM")
    return key


def parse_public_key(data: bytes) -> Ed25519PublicKey | None:
    """The key in some PEM, None for anything else."""
    with suppress(ValueError, UnsupportedAlgorithm):
        key = load_pem_public_key(data)
        if isinstance(key, Ed25519PublicKey):
            return key
    return None


def public_pem(key: Ed25519PublicKey) -> str:
    """The key as PEM, SubjectPublicKeyInfo."""
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode("ascii")


def fingerprint(key: Ed25519PublicKey) -> str:
    """SHA-256 of the key's DER form, hexadecimal; `openssl pkey -pubin -outform DER | sha256sum` gives the same."""
    return hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()


def is_signed(key: Ed25519PublicKey, signature: bytes, data: bytes) -> bool:
    """Whether this is the key's signature over `data`."""
    try:
        key.verify(signature, data)
    except InvalidSignature:
        return False
    return True


def _create(path: Path, data: bytes, mode: int) -> None:
    """A new file, whole or not at all, never over another."""
    part = path.with_name(f".{path.name}.part")
    with storage_errors(path):
        part.unlink(missing_ok=True)
        try:
            with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode), "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            path.hardlink_to(part)  # unlike a renaming, this does not replace what is there
        except FileExistsError as error:
            raise InputError(path=path, cause="is there already; a key is never overwritten") from error
        finally:
            part.unlink(missing_ok=True)


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_KEY_BYTES + 1)
    except OSError as error:
        raise InputError(path=path, cause=error.strerror or str(error)) from error
    if len(data) > _MAX_KEY_BYTES:
        raise InputError(path=path, cause="is too large to be a key")
    return data
