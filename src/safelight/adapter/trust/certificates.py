"""Certificates of authorities in PEM files, checked before anybody relies on them."""

import warnings
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from safelight.model.errors import InputError

_MOST_BYTES = 4 << 20


@dataclass(frozen=True, slots=True)
class Anchor:
    """One certificate of an authority. `sha256`: of its DER form, as browsers and openssl show it."""

    subject: str
    expires: datetime
    sha256: str
    pem: str


def read_file(path: Path) -> bytes:
    """A small file. Raises InputError."""
    if path.exists() and not path.is_file():
        raise InputError(path=path, cause="not a regular file")
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise InputError(path=path, cause=error.strerror or str(error)) from error
    if len(data) > _MOST_BYTES:
        raise InputError(path=path, cause="is too large to be a list of certificates")
    return data


def parse_anchors(data: bytes, path: Path) -> tuple[Anchor, ...]:
    """The certificates in some PEM, each once, in their order; text between them is passed over.

    Args:
        data: of the file.
        path: what errors name.

    Raises:
        InputError: no certificate, one that cannot be read, one that is of no authority, or a private key.
    """
    if b"PRIVATE KEY-----" in data:
        raise InputError(path=path, cause="holds a private key, which belongs to nobody but its owner")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what the library thinks of how an authority writes its certificates
        try:
            certificates = x509.load_pem_x509_certificates(data)
            anchors = {anchor.sha256: anchor for anchor in map(_anchor, certificates)}
            leaf = next((one for one in certificates if not _is_authority(one)), None)
        except ValueError as error:
            raise InputError(path=path, cause="holds no certificate in PEM, or one that cannot be read") from error
    if leaf is not None:
        raise InputError(
            path=path,
            cause=f"is no authority's: {leaf.subject.rfc4514_string()}; name who issued it instead",
        )
    return tuple(anchors.values())


def _anchor(certificate: x509.Certificate) -> Anchor:
    return Anchor(
        subject=certificate.subject.rfc4514_string(),
        expires=certificate.not_valid_after_utc,
        sha256=certificate.fingerprint(SHA256()).hex(),
        pem=certificate.public_bytes(Encoding.PEM).decode("ascii"),
    )


def _is_authority(certificate: x509.Certificate) -> bool:
    """Whether it may issue certificates: only then can a chain end in it."""
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False
