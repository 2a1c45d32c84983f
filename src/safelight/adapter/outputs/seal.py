"""A folder's manifest and signature, and the check of a folder against them.

A folder that is checked is a stranger's: names in its manifest lead nowhere but to plain files in it, and all that is
read is bounded.
"""

import base64
import hashlib
import os
import re
import stat
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from safelight.adapter import signing
from safelight.model.codec import from_json
from safelight.model.errors import InputError
from safelight.model.seal import (
    ALGORITHM,
    MANIFEST_KIND,
    SEAL_SCHEMA,
    SIGNATURE_KIND,
    DetachedSignature,
    Manifest,
    SealCheck,
    SealedFile,
    Signed,
)
from safelight.ports import Signer

MANIFEST, SIGNATURE = "manifest.json", "comparison.sig.json"

MAX_FILES = 64
MAX_FILE_BYTES = 4 << 30
_MAX_JSON_BYTES = 1 << 18
_MAX_ADDED = 1000
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_BLOCK = 1 << 20
_NOT_OURS = (ValueError, RecursionError)  # what reading JSON, text and base64 of strangers can raise


def manifest_of(files: Mapping[str, bytes]) -> bytes:
    """The bytes of `manifest.json` for these files."""
    listed = tuple(
        SealedFile(name, len(data), hashlib.sha256(data).hexdigest()) for name, data in sorted(files.items())
    )
    return json_bytes(Manifest(SEAL_SCHEMA, MANIFEST_KIND, listed))


def signature_of(manifest: bytes, signer: Signer) -> bytes:
    """The bytes of the signature file over the bytes of a manifest."""
    return json_bytes(_written(signer.fingerprint, signer.public_key, signer.sign(manifest)))


def _written(fingerprint: str, public_key: str, signature: bytes) -> DetachedSignature:
    text = base64.b64encode(signature).decode("ascii")
    return DetachedSignature(SEAL_SCHEMA, SIGNATURE_KIND, ALGORITHM, fingerprint, public_key, text)


def json_bytes(value: object) -> bytes:
    """Canonical JSON of a model value: keys sorted, indented by two, a newline at the end, UTF-8."""
    return msgspec.json.format(msgspec.json.encode(value, order="sorted"), indent=2) + b"\n"


def check_seal(folder: Path, keys: Sequence[Path] = ()) -> SealCheck:
    """Hold every file of a folder against its manifest, and the manifest against its signature.

    Args:
        folder: of a comparison; or one of the files in it.
        keys: files of public keys that the verifier trusts.

    Raises:
        InputError: the folder cannot be read or has no manifest; a key file holds none.
    """
    trusted = {signing.fingerprint(signing.open_public_key(path)) for path in keys}
    if not folder.is_dir():
        folder = folder.parent
    with _opened(folder) as directory:
        manifest_bytes = _small_file(directory, MANIFEST)
        if manifest_bytes is None:
            raise InputError(path=folder, cause=f"holds no {MANIFEST}, so there is nothing to verify")
        signed, fingerprint = _check_signature(directory, manifest_bytes, trusted)
        manifest = _parsed(manifest_bytes)
        if manifest is None:
            return SealCheck(0, (MANIFEST,), (), (), signed, fingerprint)
        states = {file.name: _compare(directory, file) for file in manifest.files}
        listed = {MANIFEST, SIGNATURE, *states}
        with os.scandir(directory) as entries:
            added = islice((entry.name for entry in entries if entry.name not in listed), _MAX_ADDED)
            return SealCheck(
                files=len(states),
                changed=tuple(name for name, same in states.items() if same is False),
                missing=tuple(name for name, same in states.items() if same is None),
                added=tuple(sorted(added)),
                signed=signed,
                fingerprint=fingerprint,
            )


def _check_signature(directory: int, manifest: bytes, trusted: set[str]) -> tuple[Signed, str | None]:
    data = _small_file(directory, SIGNATURE)
    if data is None:
        return Signed.NOT_SIGNED, None
    key = _signer_of(data, manifest)
    if key is None:
        return Signed.BROKEN, None
    fingerprint = signing.fingerprint(key)
    if not trusted:
        return Signed.BY_UNNAMED_KEY, fingerprint
    return (Signed.BY_NAMED_KEY if fingerprint in trusted else Signed.BY_OTHER_KEY), fingerprint


def _signer_of(data: bytes, manifest: bytes) -> Ed25519PublicKey | None:
    """The key that a signature file names, when the signature over the manifest is by that key; else None."""
    with suppress(*_NOT_OURS):
        said = from_json(data, DetachedSignature)
        key = signing.parse_public_key(said.public_key.encode())
        signature = base64.b64decode(said.signature, validate=True)
        # There is one way to write it: what else the file says is as firm as the signature.
        if key and said == _written(signing.fingerprint(key), signing.public_pem(key), signature):
            return key if signing.is_signed(key, signature, manifest) else None
    return None


def _parsed(data: bytes) -> Manifest | None:
    """The manifest, None when it is not one that Safelight writes."""
    with suppress(*_NOT_OURS):
        manifest = from_json(data, Manifest)
        names = {file.name for file in manifest.files}
        sound = (
            (manifest.schema, manifest.kind) == (SEAL_SCHEMA, MANIFEST_KIND)
            and len(names) == len(manifest.files) <= MAX_FILES
            and not names & {MANIFEST, SIGNATURE}
            and all(_is_sound(file) for file in manifest.files)
        )
        return manifest if sound else None
    return None


def _is_sound(file: SealedFile) -> bool:
    return bool(_NAME.fullmatch(file.name) and _SHA256.fullmatch(file.sha256) and 0 <= file.size <= MAX_FILE_BYTES)


def _compare(directory: int, file: SealedFile) -> bool | None:
    """Whether the file is as listed; None when nothing has its name."""
    try:
        with _plain_file(directory, file.name) as descriptor:
            if descriptor is None or os.fstat(descriptor).st_size != file.size:
                return False
            digest, left = hashlib.sha256(), file.size + 1  # one more: it may grow while it is read
            while left > 0 and (block := os.read(descriptor, min(_BLOCK, left))):
                digest.update(block)
                left -= len(block)
            return left == 1 and digest.hexdigest() == file.sha256
    except FileNotFoundError:
        return None
    except OSError:
        return False


def _small_file(directory: int, name: str) -> bytes | None:
    """The bytes of a plain file; None when nothing has its name; b"" for what is no plain file, or too large."""
    try:
        with _plain_file(directory, name) as descriptor:
            if descriptor is None or os.fstat(descriptor).st_size > _MAX_JSON_BYTES:
                return b""
            return os.read(descriptor, _MAX_JSON_BYTES + 1)
    except FileNotFoundError:
        return None
    except OSError:
        return b""


@contextmanager
def _plain_file(directory: int, name: str) -> Iterator[int | None]:
    """Open a file of the folder for reading; None for what is no plain file. Links are not followed. Raises OSError."""
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    descriptor = os.open(name, flags, dir_fd=directory)
    try:
        yield descriptor if stat.S_ISREG(os.fstat(descriptor).st_mode) else None
    finally:
        os.close(descriptor)


@contextmanager
def _opened(folder: Path) -> Iterator[int]:
    try:
        directory = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise InputError(path=folder, cause=error.strerror or str(error)) from error
    try:
        yield directory
    finally:
        os.close(directory)
