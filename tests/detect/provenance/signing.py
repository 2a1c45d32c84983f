"""Authorities, signers and signed drawings, made on the fly: what a bare clone has instead of test media."""

import io
import json
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import c2pa
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from PIL import Image

from safelight.model.provenance import TrustList

IPTC = "http://cv.iptc.org/newscodes/digitalsourcetype/"
USAGES = "1.3.6.1.5.5.7.3.4\n"
NOBODY = TrustList("nobody", "2026-01-01", "nobody", "", "", USAGES)

_SETTINGS = {
    "verify": {"remote_manifest_fetch": False, "verify_after_sign": False},
    "builder": {"thumbnail": {"enabled": False}},
}


@dataclass(frozen=True)
class Authority:
    """A root that may issue certificates to signers."""

    key: EllipticCurvePrivateKey
    certificate: x509.Certificate

    @property
    def pem(self) -> str:
        return self.certificate.public_bytes(Encoding.PEM).decode()

    @property
    def trust(self) -> TrustList:
        """A trust list of this authority alone."""
        serial = str(self.certificate.serial_number)
        return TrustList("a test's own", "2026-01-01", serial, self.pem, "", USAGES)


@dataclass(frozen=True)
class Maker:
    """A key with a certificate that an authority issued."""

    chain: str
    key: str
    expires: datetime


def authority(name: str = "Root") -> Authority:
    key = generate_private_key(SECP256R1())
    now = datetime.now(UTC)
    builder = _certificate(name, name, key, now - timedelta(1000), now + timedelta(1000))
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    builder = builder.add_extension(_usage(signs_certificates=True), critical=True)
    return Authority(key, builder.sign(key, hashes.SHA256()))


def maker(by: Authority, lasts: timedelta = timedelta(30)) -> Maker:
    key = generate_private_key(SECP256R1())
    now = datetime.now(UTC)
    root = by.certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value
    builder = _certificate("Ida Signer", str(root), key, now - timedelta(1), now + lasts)
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    builder = builder.add_extension(_usage(signs_certificates=False), critical=True)
    builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(by.key.public_key())
    certificate = builder.add_extension(issuer, critical=False).sign(by.key, hashes.SHA256())
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    return Maker(certificate.public_bytes(Encoding.PEM).decode() + by.pem, private, certificate.not_valid_after_utc)


def _certificate(
    name: str, issuer: str, key: EllipticCurvePrivateKey, start: datetime, end: datetime
) -> x509.CertificateBuilder:
    builder = x509.CertificateBuilder().subject_name(_name(name)).issuer_name(_name(issuer))
    builder = builder.public_key(key.public_key()).serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(start).not_valid_after(end)
    return builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)


def _name(name: str) -> x509.Name:
    organization = x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Makers of Drawings")
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name), organization])


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def action(name: str, source_type: str = "", **more: Any) -> dict[str, Any]:
    """`source_type`: without the prefix of the IPTC's, or a whole URI."""
    if source_type:
        more["digitalSourceType"] = source_type if ":" in source_type else IPTC + source_type
    return {"action": f"c2pa.{name}", **more}


def sign(
    by: Maker,
    data: bytes,
    *actions: dict[str, Any],
    mime: str = "image/jpeg",
    title: str = "drawing",
    ingredients: Sequence[tuple[str, bytes]] = (),
    assertions: Sequence[dict[str, Any]] = (),
    prepare: Callable[[c2pa.Builder], None] = lambda _: None,
) -> bytes:
    """The file with a manifest that says these actions. `ingredients`: relationship and the JPEG itself."""
    told = {
        "claim_generator_info": [{"name": "Drawing Program", "version": "2.1"}],
        "title": title,
        "assertions": [{"label": "c2pa.actions.v2", "data": {"actions": list(actions)}}, *assertions],
    }
    builder = c2pa.Builder.from_json(json.dumps(told), c2pa.Context.from_dict(_SETTINGS))
    for number, (relationship, ingredient) in enumerate(ingredients):
        described = {"title": f"{relationship} {number}", "relationship": relationship}
        builder.add_ingredient(json.dumps(described), "image/jpeg", io.BytesIO(ingredient))
    prepare(builder)
    information = c2pa.C2paSignerInfo(b"es256", by.chain.encode(), by.key.encode(), b"")
    information.ta_url = None  # no time stamps: these take a network
    out = io.BytesIO()
    builder.sign(c2pa.Signer.from_info(information), mime, io.BytesIO(data), out)
    return out.getvalue()


def drawing(form: str = "JPEG", colour: tuple[int, int, int] = (20, 90, 160)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (64, 48), colour).save(out, form)
    return out.getvalue()


def box(name: bytes, content: bytes = b"") -> bytes:
    return struct.pack(">I4s", 8 + len(content), name) + content


def video(brand: bytes = b"isom") -> bytes:
    """The smallest file that passes for MP4, or by its brand for another such: no track, some media data."""
    start = box(b"ftyp", brand + b"\0\0\2\0" + brand)
    return start + box(b"mdat", bytes(range(256)) * 4) + box(b"moov", box(b"mvhd", bytes(100)))


def jxl() -> bytes:
    start = b"\0\0\0\x0cJXL \r\n\x87\n" + box(b"ftyp", b"jxl \0\0\0\0jxl ")
    return start + box(b"jxlc", b"\xff\x0a" + bytes(40))


def avi() -> bytes:
    header = b"hdrl" + _riff(b"avih", bytes(56))
    content = b"AVI " + _riff(b"LIST", header) + _riff(b"LIST", b"movi" + _riff(b"00dc", bytes(64)))
    return _riff(b"RIFF", content)


def _riff(name: bytes, content: bytes) -> bytes:
    return name + struct.pack("<I", len(content)) + content


FLAC = b"fLaC\x80\0\0\x22" + bytes(34) + b"\xff\xf8" + bytes(100)
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><rect width="9" height="9"/></svg>'
MP3 = b"ID3\x04\0\0\0\0\0\0" + b"\xff\xfb\x90\x00" + bytes(413)
