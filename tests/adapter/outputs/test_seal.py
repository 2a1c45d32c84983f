"""A sealed folder: every change is found and named, and nothing in it leads out of it."""

import base64
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from safelight.adapter.outputs.seal import MANIFEST, SIGNATURE, check_seal, manifest_of, signature_of
from safelight.adapter.signing import make_key, open_key
from safelight.model.errors import InputError
from safelight.model.seal import SealCheck, Signed

FILES = {"comparison.json": b'{"schema": 1}\n', "report.html": b"<p>words</p>", "empty.bin": b""}


@pytest.fixture
def key(tmp_path: Path) -> Path:
    make_key(tmp_path / "key.pem", "")
    return tmp_path / "key.pem"


@pytest.fixture
def folder(tmp_path: Path, key: Path) -> Path:
    """A signed folder."""
    folder = tmp_path / "out"
    folder.mkdir()
    for name, data in FILES.items():
        (folder / name).write_bytes(data)
    manifest = manifest_of(FILES)
    (folder / MANIFEST).write_bytes(manifest)
    (folder / SIGNATURE).write_bytes(signature_of(manifest, open_key(key, str)))
    return folder


def public(key: Path) -> Path:
    return key.with_name("key.pub.pem")


def test_whole_and_signed_by_a_named_key(folder: Path, key: Path) -> None:
    signer = open_key(key, str)
    found = check_seal(folder, [public(key)])
    assert found == SealCheck(3, (), (), (), Signed.BY_NAMED_KEY, signer.fingerprint)
    assert found.is_intact
    assert check_seal(folder / "report.html", [public(key)]) == found


def test_who_signed_is_known_only_by_a_named_key(folder: Path, tmp_path: Path) -> None:
    other, _ = make_key(tmp_path / "other", "")
    assert check_seal(folder).signed is Signed.BY_UNNAMED_KEY
    assert check_seal(folder, [other]).signed is Signed.BY_OTHER_KEY
    assert check_seal(folder, [other]).is_intact
    (folder / SIGNATURE).unlink()
    assert check_seal(folder, [other]).signed is Signed.NOT_SIGNED


@pytest.mark.parametrize("name", FILES)
def test_each_changed_or_missing_file_is_named(folder: Path, name: str) -> None:
    data = FILES[name]
    for other in (data + b"x", data[:-1] + b"\x00" if data else b"y"):
        (folder / name).write_bytes(other)
        found = check_seal(folder)
        assert (found.changed, found.missing, found.is_intact) == ((name,), (), False)
    (folder / name).unlink()
    found = check_seal(folder)
    assert (found.changed, found.missing, found.is_intact) == ((), (name,), False)


def test_added_files_are_named(folder: Path) -> None:
    (folder / "extra.png").touch()
    (folder / ".hidden").mkdir()
    assert check_seal(folder).added == (".hidden", "extra.png")


@pytest.mark.parametrize("name", [MANIFEST, SIGNATURE])
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.integers(0, 5000), bit=st.integers(0, 7))
def test_no_bit_of_manifest_or_signature_can_be_turned(folder: Path, name: str, place: int, bit: int) -> None:
    data = bytearray((folder / name).read_bytes())
    whole = bytes(data)
    data[place % len(data)] ^= 1 << bit
    (folder / name).write_bytes(data)
    found = check_seal(folder)
    (folder / name).write_bytes(whole)
    changed_json = name == SIGNATURE and _same_json(bytes(data), whole)
    assert found.signed is (Signed.BY_UNNAMED_KEY if changed_json else Signed.BROKEN)
    assert found.is_intact == changed_json


def _same_json(one: bytes, other: bytes) -> bool:
    """White space may differ in the signature file, and so may names of fields that say nothing."""
    try:
        a, b = json.loads(one), json.loads(other)
    except ValueError:
        return False
    return bool(a == b)


def test_a_manifest_made_anew_does_not_fit_the_signature(folder: Path) -> None:
    (folder / "report.html").write_bytes(b"<p>other words</p>")
    files = FILES | {"report.html": b"<p>other words</p>"}
    (folder / MANIFEST).write_bytes(manifest_of(files))
    found = check_seal(folder)
    assert (found.changed, found.signed, found.is_intact) == ((), Signed.BROKEN, False)


def _signature(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    said = json.loads((folder / SIGNATURE).read_bytes())
    change(said)
    (folder / SIGNATURE).write_text(json.dumps(said))


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "safelight-manifest"},
        {"schema": 2},
        {"algorithm": "none"},
        {"fingerprint": "0" * 64},
        {"signature": ""},
        {"signature": base64.b64encode(bytes(64)).decode()},
        {"public_key": "-----BEGIN PUBLIC KEY-----"},
        {"public_key": "\ud83d\ude00"},
    ],
)
def test_what_is_no_signature_is_broken(folder: Path, key: Path, change: dict[str, Any]) -> None:
    _signature(folder, lambda said: said.update(change))
    assert check_seal(folder, [public(key)]).signed is Signed.BROKEN


def _manifest(folder: Path, **entry: Any) -> SealCheck:
    listed = [{"name": "report.html", "size": 12, "sha256": "0" * 64} | entry]
    (folder / MANIFEST).write_text(json.dumps({"schema": 1, "kind": "safelight-manifest", "files": listed}))
    (folder / SIGNATURE).unlink()
    return check_seal(folder)


@pytest.mark.parametrize(
    "name", ["../key.pem", "/etc/passwd", "a/b", "..", ".", "", "a\x00b", "manifest.json", "x" * 101, "-rf", "\u202e"]
)
def test_names_lead_nowhere(folder: Path, name: str) -> None:
    """A manifest with such a name is none of ours; the file is not even opened."""
    assert _manifest(folder, name=name) == SealCheck(0, (MANIFEST,), (), (), Signed.NOT_SIGNED)


@pytest.mark.parametrize(
    "entry", [{"size": -1}, {"size": 1 << 40}, {"sha256": "x"}, {"sha256": "A" * 64}, {"size": "1"}]
)
def test_impossible_entries_are_refused(folder: Path, entry: dict[str, Any]) -> None:
    assert _manifest(folder, **entry).changed == (MANIFEST,)


def test_too_many_or_repeated_entries_are_refused(folder: Path) -> None:
    one = {"name": "a", "size": 0, "sha256": "0" * 64}
    for files in ([one, one], [one | {"name": f"a{n}"} for n in range(65)]):
        text = json.dumps({"schema": 1, "kind": "safelight-manifest", "files": files})
        (folder / MANIFEST).write_text(text)
        assert check_seal(folder).changed == (MANIFEST,)


def test_links_and_devices_are_not_opened(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "same").write_bytes(FILES["report.html"])
    (folder / "report.html").unlink()
    (folder / "report.html").symlink_to(tmp_path / "same")
    (folder / "empty.bin").unlink()
    os.mkfifo(folder / "empty.bin")
    (folder / "comparison.json").unlink()
    (folder / "comparison.json").mkdir()
    assert sorted(check_seal(folder).changed) == sorted(FILES)


@pytest.mark.parametrize("name", [MANIFEST, SIGNATURE])
@pytest.mark.parametrize(
    "text", [b"", b"[]", b"null", b"\xff\xfe", b'{"x":' + b"[" * 200_000, b'{"schema": "\\ud800"}']
)
def test_what_is_no_json_of_ours_is_altered(folder: Path, name: str, text: bytes) -> None:
    (folder / name).write_bytes(text)
    assert not check_seal(folder).is_intact


@pytest.mark.parametrize("name", [MANIFEST, SIGNATURE])
def test_a_linked_or_endless_manifest_is_not_read(folder: Path, tmp_path: Path, name: str) -> None:
    whole = (folder / name).read_bytes()
    (tmp_path / "same").write_bytes(whole)
    (folder / name).unlink()
    (folder / name).symlink_to(tmp_path / "same")
    assert not check_seal(folder).is_intact
    (folder / name).unlink()
    (folder / name).write_bytes(whole + b" " * (1 << 18))
    assert not check_seal(folder).is_intact


def test_without_a_manifest_there_is_nothing_to_verify(folder: Path, tmp_path: Path) -> None:
    (folder / MANIFEST).unlink()
    with pytest.raises(InputError, match=r"out: holds no manifest\.json"):
        check_seal(folder)
    with pytest.raises(InputError, match="No such file"):
        check_seal(tmp_path / "nowhere" / "file")
