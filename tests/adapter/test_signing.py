"""Keys to sign with: made once, kept closely, opened with the right passphrase only."""

import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from safelight.adapter import signing
from safelight.adapter.signing import KeySigner, make_key, open_key, open_public_key, parse_public_key, public_path
from safelight.model.errors import InputError, StorageError


def never() -> str:
    raise AssertionError("nobody is to be asked")


@pytest.mark.parametrize("passphrase", ["", "correct horse", "gr\u00fc\u00df dich"])
def test_a_key_signs_and_its_public_key_checks(tmp_path: Path, passphrase: str) -> None:
    public, fingerprint = make_key(tmp_path / "mine.pem", passphrase)
    signer = open_key(tmp_path / "mine.pem", (lambda: passphrase) if passphrase else never)
    key = open_public_key(public)
    assert public == tmp_path / "mine.pub.pem"
    assert signer.fingerprint == fingerprint == signing.fingerprint(key)
    signature = signer.sign(b"words")
    assert len(signature) == 64
    assert signing.is_signed(key, signature, b"words")
    assert not signing.is_signed(key, signature, b"other words")
    assert not signing.is_signed(key, signature[:-1], b"words")
    again = parse_public_key(signer.public_key.encode())
    assert again is not None
    assert signing.public_pem(again) == public.read_text()


def test_private_keys_are_their_owners_alone(tmp_path: Path) -> None:
    make_key(tmp_path / "key", "")
    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == ["key", "key.pub.pem"]
    make_key(tmp_path / "locked", "word")
    assert b"BEGIN ENCRYPTED PRIVATE KEY" in (tmp_path / "locked").read_bytes()


@pytest.mark.parametrize("there", ["key.pem", "key.pub.pem"])
def test_nothing_is_overwritten(tmp_path: Path, there: str) -> None:
    (tmp_path / there).write_text("mine")
    with pytest.raises(InputError, match=f"{there}: is there already"):
        make_key(tmp_path / "key.pem", "")
    assert [path.name for path in tmp_path.iterdir()] == [there]
    assert (tmp_path / there).read_text() == "mine"


def test_a_link_is_not_followed_to_write_a_key(tmp_path: Path) -> None:
    (tmp_path / "key.pem").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(InputError, match="is there already"):
        make_key(tmp_path / "key.pem", "")
    assert not (tmp_path / "elsewhere").exists()


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="No such file or directory"):
        make_key(tmp_path / "nowhere" / "key", "")


def test_what_is_no_key_is_named(tmp_path: Path) -> None:
    public, _ = make_key(tmp_path / "key.pem", "secret")
    (tmp_path / "junk").write_bytes(b"\x00 no key")
    (tmp_path / "long").write_bytes(b"-" * (1 << 17))
    with pytest.raises(InputError, match=r"key\.pem: wrong passphrase"):
        open_key(tmp_path / "key.pem", lambda: "guess")
    with pytest.raises(InputError, match="junk: holds no private key"):
        open_key(tmp_path / "junk", never)
    with pytest.raises(InputError, match="holds no private key"):
        open_key(public, never)
    with pytest.raises(InputError, match="long: is too large"):
        open_key(tmp_path / "long", never)
    with pytest.raises(InputError, match="none: No such file"):
        open_public_key(tmp_path / "none")
    with pytest.raises(InputError, match="junk: holds no Ed25519 public key"):
        open_public_key(tmp_path / "junk")
    with pytest.raises(InputError, match=r"is a private key; name the public one, key\.pub\.pem"):
        open_public_key(tmp_path / "key.pem")


def test_keys_of_other_kinds_are_refused(tmp_path: Path) -> None:
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

    other = X25519PrivateKey.generate()
    (tmp_path / "x").write_bytes(other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    with pytest.raises(InputError, match="is not an Ed25519 key"):
        open_key(tmp_path / "x", never)
    pem = other.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    assert parse_public_key(pem) is parse_public_key(b"") is None


def test_names_of_public_keys() -> None:
    assert public_path(Path("a/key.pem")) == Path("a/key.pub.pem")
    assert public_path(Path("a/key")) == Path("a/key.pub.pem")


def test_openssl_reads_and_checks_the_same(tmp_path: Path) -> None:
    """Whoever does not trust Safelight can check with a tool of their own."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed: its view of our keys was not compared")
    public, fingerprint = make_key(tmp_path / "key.pem", "")
    signer: KeySigner = open_key(tmp_path / "key.pem", never)
    (tmp_path / "data").write_bytes(b"words")
    (tmp_path / "sig").write_bytes(signer.sign(b"words"))
    command = [openssl, "pkeyutl", "-verify", "-pubin", "-inkey", str(public), "-rawin", "-in", str(tmp_path / "data")]
    subprocess.run([*command, "-sigfile", str(tmp_path / "sig")], check=True, capture_output=True)
    der = subprocess.run(
        [openssl, "pkey", "-pubin", "-in", str(public), "-outform", "DER"], check=True, capture_output=True
    ).stdout
    from hashlib import sha256

    assert sha256(der).hexdigest() == fingerprint
