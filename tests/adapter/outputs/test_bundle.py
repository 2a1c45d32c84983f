"""Exports as files: one form only, and nothing that a stranger writes in one leads anywhere."""

import base64
import hashlib
import io
import json
import zipfile
import zlib
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.adapter.outputs.bundle import END, PublicKeys, ZipBundleReader, ZipBundles, open_bundle
from safelight.adapter.outputs.bundle_zip import Member, central_header, end, local_header, local_length
from safelight.adapter.signing import make_key, open_key
from safelight.model.errors import InputError, StorageError, UsageError
from safelight.model.export import (
    CASE,
    ENTRIES,
    EXPORT_KIND,
    EXPORT_SCHEMA,
    HEAD,
    ITEMS,
    KEY,
    MANIFEST,
    SIGNATURE,
    ExportLabel,
    ExportManifest,
)
from safelight.model.seal import SealedFile
from safelight.ports import ExportPart, Signer

LABEL = ExportLabel("log", "case", datetime(2026, 1, 1, tzinfo=UTC), "safelight 1")
PARTS = {HEAD: b"{}\n", ENTRIES: b"one\ntwo\n", CASE: b"", ITEMS: b"[]", "media/i1": b"bytes", "media/i2": b""}


@pytest.fixture
def signer(tmp_path: Path) -> Signer:
    make_key(tmp_path / "key.pem", "")
    return open_key(tmp_path / "key.pem", str)


def parts_of(parts: dict[str, bytes]) -> list[ExportPart]:
    return [(name, partial(list, [data])) for name, data in parts.items()]


def written(parts: dict[str, bytes], signer: Signer | None = None) -> bytes:
    out = io.BytesIO()
    ZipBundles().write(out, LABEL, parts_of(parts), signer)
    return out.getvalue()


def read(data: bytes, keys: PublicKeys | None = None) -> tuple[ZipBundleReader, dict[str, bytes]]:
    reader = ZipBundleReader(io.BytesIO(data), keys or PublicKeys())
    return reader, {name: b"".join(blocks) for name, blocks in reader.parts()}


def test_what_is_written_is_read(signer: Signer, tmp_path: Path) -> None:
    data = written(PARTS, signer)
    reader, held = read(data, PublicKeys.of_files([tmp_path / "key.pub.pem"]))
    assert reader.flaws == []
    assert held == PARTS | {KEY: signer.public_key.encode()}
    assert (reader.label, reader.key, reader.named) == (LABEL, signer.fingerprint, True)
    assert list(reader.files) == [HEAD, KEY, ENTRIES, CASE, ITEMS, "media/i1", "media/i2"]
    again = open_bundle(io.BytesIO(data), [tmp_path / "key.pub.pem"])
    assert again.holds(signer.fingerprint, "AAAA", b"") is False
    assert again.holds("00" * 32, "AAAA", b"") is None
    assert again.holds("00" * 32, "!", b"") is False
    signature = base64.b64encode(signer.sign(b"x")).decode()
    assert again.holds(signer.fingerprint, signature, b"x") is True
    assert again.holds("00" * 32, signature, b"x") is False, "another one signed"


def test_the_order_of_members_is_always_the_same(signer: Signer) -> None:
    assert written(dict(reversed(PARTS.items()))) != written(PARTS), "media keeps the order of the case's items"
    fixed = {name: data for name, data in PARTS.items() if not name.startswith("media/")}
    assert written(dict(reversed(fixed.items())), signer) == written(fixed, signer)


@given(st.lists(st.binary(max_size=50), max_size=4))
def test_other_programs_read_any_of_them(contents: list[bytes]) -> None:
    parts = PARTS | {f"media/x{number}": data for number, data in enumerate(contents)}
    data = written(parts)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist() if name != MANIFEST} == parts
    reader, held = read(data)
    assert (reader.flaws, held, reader.key, reader.named) == ([], parts, "", False)


def test_more_than_four_gigabytes(tmp_path: Path) -> None:
    """Only the ends are written, so that the file takes no room."""
    big = 5 << 30
    first, second = (
        Member("media/a", big, 1, 0),
        Member("media/b", 3, zlib.crc32(b"abc"), local_length("media/a") + big),
    )
    start = second.offset + local_length("media/b") + 3
    directory = central_header(first) + central_header(second)
    with (tmp_path / "big.zip").open("wb") as file:
        file.write(local_header(first.name, first.size, first.crc))
        file.seek(second.offset)
        file.write(local_header(second.name, second.size, second.crc) + b"abc")
        file.write(directory + end(2, start, len(directory)))
    with zipfile.ZipFile(tmp_path / "big.zip") as archive:
        assert [(info.filename, info.file_size) for info in archive.infolist()] == [("media/a", big), ("media/b", 3)]
        assert archive.read("media/b") == b"abc"


@pytest.mark.parametrize(
    "names",
    [["media/../x"], ["media/"], ["media/a/b"], ["/etc/passwd"], ["other.json"], ["media/a", "media/a"], [MANIFEST]],
)
def test_names_that_lead_elsewhere_are_neither_written_nor_read(names: list[str]) -> None:
    with pytest.raises(UsageError):
        ZipBundles().write(io.BytesIO(), LABEL, [(name, list) for name in names], None)
    files = tuple(
        SealedFile(name, 0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855") for name in names
    )
    manifest = msgspec.json.encode(ExportManifest(EXPORT_SCHEMA, EXPORT_KIND, LABEL, "", files), order="sorted") + b"\n"
    reader, held = read(local_header(MANIFEST, len(manifest), zlib.crc32(manifest)) + manifest)
    assert held == {}
    assert [flaw.where for flaw in reader.flaws] == [MANIFEST]


@pytest.mark.parametrize(
    "change",
    [
        {"schema": 2},
        {"kind": "safelight-manifest"},
        {"key": "x"},
        {"files": (SealedFile(HEAD, -1, "00" * 32),)},
        {"files": (SealedFile(HEAD, 1, "xx"),)},
        {"files": (SealedFile(ITEMS, 0, "00" * 32), SealedFile(HEAD, 0, "00" * 32))},
    ],
)
def test_manifests_that_safelight_does_not_write(change: dict[str, object]) -> None:
    sound = ExportManifest(EXPORT_SCHEMA, EXPORT_KIND, LABEL, "", (SealedFile(HEAD, 0, hashlib.sha256().hexdigest()),))
    said = msgspec.json.encode(replace(sound, **change), order="sorted") + b"\n"  # type: ignore[arg-type]  # any field
    reader, held = read(local_header(MANIFEST, len(said), zlib.crc32(said)) + said)
    assert (held, [flaw.where for flaw in reader.flaws]) == ({}, [MANIFEST])


def test_a_signature_by_another_key_or_for_another_manifest(signer: Signer, tmp_path: Path) -> None:
    one = written(PARTS, signer)
    other = written(PARTS | {HEAD: b"{ }"}, signer)
    with zipfile.ZipFile(io.BytesIO(one)) as a, zipfile.ZipFile(io.BytesIO(other)) as b:
        old, new = a.read(SIGNATURE), b.read(SIGNATURE)
    reader, _ = read(one.replace(old, new))
    assert SIGNATURE in {flaw.where for flaw in reader.flaws}
    assert (reader.key, reader.named) == ("", False)
    make_key(tmp_path / "other.pem", "")
    stranger = open_key(tmp_path / "other.pem", str)
    said = json.loads(old) | {"public_key": stranger.public_key, "fingerprint": stranger.fingerprint}
    reader, _ = read(one.replace(old, json.dumps(said).encode()))
    assert SIGNATURE in {flaw.where for flaw in reader.flaws}


def test_parts_that_change_while_they_are_written_are_an_error() -> None:
    said = iter([[b"one"], [b"two"]])
    with pytest.raises(StorageError, match="changed while"):
        ZipBundles().write(io.BytesIO(), LABEL, [(HEAD, lambda: next(said))], None)


def test_who_stops_early_hears_of_the_rest_all_the_same(signer: Signer) -> None:
    data = written(PARTS, signer)
    reader = ZipBundleReader(io.BytesIO(data[:-1] + b"\x01"), PublicKeys())
    assert [name for name, _ in reader.parts()] == list(reader.files)
    assert [flaw.where for flaw in reader.flaws] == [END]


def test_keys_that_are_none(tmp_path: Path) -> None:
    (tmp_path / "words").write_text("words")
    with pytest.raises(InputError):
        PublicKeys.of_files([tmp_path / "words"])
