"""Time stamps: a real authority (OpenSSL's) answers; its tokens are checked, and refused when they are not right."""

import base64
import hashlib
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from safelight.adapter.timestamp import Authority, StampRoots, open_roots
from safelight.model.errors import FetchError, InputError, UsageError

DATA = b"a signature over a tree head"
CONFIG = """
[tsa]
default_tsa = one
[one]
serial = {folder}/serial
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
ess_cert_id_alg = sha256
"""


def certificate(
    name: str, key: rsa.RSAPrivateKey, issuer: x509.Certificate | None, by: rsa.RSAPrivateKey
) -> x509.Certificate:
    """A root when there is no issuer, else one that may sign time stamps and nothing else."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(by.public_key()), critical=False)
    )
    if issuer:
        usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
        builder = builder.add_extension(usage, critical=True)
    signs = x509.KeyUsage(
        digital_signature=issuer is not None,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=issuer is None,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    return builder.add_extension(signs, critical=True).sign(by, hashes.SHA256())


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Callable[[httpx.Request], httpx.Response]:
    """What answers requests; the files of the authority lie in its attribute `folder`."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed: there is no authority to ask")
    folder = tmp_path_factory.mktemp("tsa")
    root_key, key = (rsa.generate_private_key(65537, 2048) for _ in range(2))
    root = certificate("a root", root_key, None, root_key)
    (folder / "root.pem").write_bytes(root.public_bytes(Encoding.PEM))
    (folder / "tsa.pem").write_bytes(certificate("an authority", key, root, root_key).public_bytes(Encoding.PEM))
    (folder / "tsa.key").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    (folder / "serial").write_text("01")
    (folder / "tsa.cnf").write_text(CONFIG.format(folder=folder))

    def answer(request: httpx.Request) -> httpx.Response:
        assert request.headers["content-type"] == "application/timestamp-query"
        assert hashlib.sha256(DATA).digest() in request.content
        assert DATA not in request.content, "only the digest is sent"
        (folder / "query").write_bytes(request.content)
        subprocess.run(
            [openssl, "ts", "-reply", "-config", "tsa.cnf", "-queryfile", "query", "-out", "reply"],
            cwd=folder,
            check=True,
            capture_output=True,
        )
        return httpx.Response(200, content=(folder / "reply").read_bytes())

    answer.folder = folder  # type: ignore[attr-defined]  # as the docstring says
    return answer


@pytest.fixture(scope="module")
def folder(authority: Callable[[httpx.Request], httpx.Response]) -> Path:
    found: Path = authority.folder  # type: ignore[attr-defined]  # as above
    return found


@pytest.fixture(scope="module")
def stamp(authority: Callable[[httpx.Request], httpx.Response]) -> str:
    return asked(authority)


def asked(answer: Callable[[httpx.Request], httpx.Response]) -> str:
    return Authority("https://tsa.example/", httpx.MockTransport(answer)).stamp(DATA)


def test_a_stamp_tells_when(stamp: str, folder: Path) -> None:
    time = open_roots([folder / "root.pem"]).time(stamp, DATA)
    assert abs(datetime.now(UTC) - time) < timedelta(minutes=5)


def test_openssl_checks_the_same_token(stamp: str, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "token").write_bytes(base64.b64decode(stamp))
    (tmp_path / "data").write_bytes(DATA)
    openssl = shutil.which("openssl")
    assert openssl is not None
    command = [openssl, "ts", "-verify", "-in", "token", "-token_in", "-data", "data", "-CAfile"]
    done = subprocess.run(
        [*command, str(folder / "root.pem")], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert "Verification: OK" in done.stdout + done.stderr


def test_every_flipped_byte_of_a_stamp_is_refused(stamp: str, folder: Path) -> None:
    """But for those that say nothing: the token's own copies of certificates, which the roots stand above."""
    roots, token = open_roots([folder / "root.pem"]), base64.b64decode(stamp)
    time = roots.time(stamp, DATA)
    refused = 0
    for at in range(0, len(token), 5):
        changed = bytearray(token)
        changed[at] ^= 1
        try:
            assert roots.time(base64.b64encode(changed).decode(), DATA) == time, at
        except ValueError:
            refused += 1
    assert refused > len(token) // 10


def test_a_stamp_of_something_else_or_by_somebody_else_proves_nothing(stamp: str, folder: Path) -> None:
    roots = open_roots([folder / "root.pem"])
    with pytest.raises(ValueError, match="Mismatch"):
        roots.time(stamp, DATA + b".")
    key = rsa.generate_private_key(65537, 2048)
    with pytest.raises(ValueError):
        StampRoots([certificate("a root", key, None, key)]).time(stamp, DATA)
    for junk in ("", "!", "AAAA", stamp[:400], base64.b64encode(bytes(70_000)).decode()):
        with pytest.raises(ValueError):
            roots.time(junk, DATA)


def test_an_authority_that_does_not_do_its_work_is_an_error(
    authority: Callable[[httpx.Request], httpx.Response],
) -> None:
    def offline(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("no route")

    kept: list[httpx.Response] = []

    def replay(request: httpx.Request) -> httpx.Response:
        kept.append(authority(request))
        return httpx.Response(200, content=kept[0].content)

    for answer, cause in (
        (offline, "does not answer"),
        (lambda _: httpx.Response(503), "answered 503"),
        (lambda _: httpx.Response(302, headers={"Location": "https://elsewhere.example/"}), "answered 302"),
        (lambda _: httpx.Response(200, content=b"hello"), "sent no time stamp"),
        (lambda _: httpx.Response(200, content=bytes(2 << 20)), "too much"),
        (lambda _: httpx.Response(200, content=bytes.fromhex("30053003020102")), "refused"),
    ):
        with pytest.raises(FetchError, match=cause):
            asked(answer)
    assert asked(replay)
    with pytest.raises(FetchError, match="something else"):
        asked(replay)


def test_roots_are_certificates(tmp_path: Path) -> None:
    (tmp_path / "words").write_text("words")
    for name in ("words", "nothing"):
        with pytest.raises(InputError):
            open_roots([tmp_path / name])
    with pytest.raises(UsageError, match="no certificate"):
        open_roots([])


def test_without_the_extra_it_is_said_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rfc3161_client", None)
    with pytest.raises(UsageError, match=r"safelight\[timestamp\]"):
        Authority("https://tsa.example/")
    with pytest.raises(UsageError, match=r"safelight\[timestamp\]"):
        open_roots([])
