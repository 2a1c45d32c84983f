"""Seals: a list of a folder's files by their digests, and a signature over that list."""

from dataclasses import dataclass
from enum import StrEnum

SEAL_SCHEMA = 1
"""Version of `manifest.json` and of the signature file."""
MANIFEST_KIND = "safelight-manifest"
SIGNATURE_KIND = "safelight-signature"
"""What a file says it is, so that nothing signed for one purpose can serve for another."""
ALGORITHM = "Ed25519"


@dataclass(frozen=True, slots=True)
class SealedFile:
    """A file of the folder. `name`: without folders. `size`: bytes. `sha256`: lower-case hexadecimal."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """Every file of a folder but the manifest and its signature, by name."""

    schema: int
    kind: str
    files: tuple[SealedFile, ...]


@dataclass(frozen=True, slots=True)
class DetachedSignature:
    """An Ed25519 signature (RFC 8032) over the bytes of `manifest.json`.

    `public_key`: PEM, SubjectPublicKeyInfo. `fingerprint`: SHA-256 of that key's DER form, hexadecimal. `signature`:
    64 bytes, base64.
    """

    schema: int
    kind: str
    algorithm: str
    fingerprint: str
    public_key: str
    signature: str


class Signed(StrEnum):
    """What the signature of a folder is worth."""

    BY_NAMED_KEY = "by_named_key"  # holds, by a key that the verifier named: origin and integrity
    BY_OTHER_KEY = "by_other_key"  # holds, but by none of the keys that were named: integrity since signing only
    BY_UNNAMED_KEY = "by_unnamed_key"  # holds; no key was named to compare with: integrity since signing only
    NOT_SIGNED = "not_signed"  # there is none: whoever changed the files could have changed the manifest
    BROKEN = "broken"  # it does not fit the manifest, or is no signature


@dataclass(frozen=True, slots=True)
class SealCheck:
    """A folder held against its manifest and signature. `files`: how many the manifest lists.

    `changed`: other bytes than listed, or no plain file. `missing`: listed and not there. `added`: there and not
    listed. `fingerprint`: of the key that signed, when the signature holds.
    """

    files: int
    changed: tuple[str, ...]
    missing: tuple[str, ...]
    added: tuple[str, ...]
    signed: Signed
    fingerprint: str | None = None

    @property
    def is_intact(self) -> bool:
        """Every file is as listed, nothing was added, and no signature is broken."""
        return not (self.changed or self.missing or self.added) and self.signed is not Signed.BROKEN
