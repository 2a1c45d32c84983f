"""Exports hold what they should, and every change to a file or to the store is found and named."""

import base64
import io
import json
import random
import struct
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path

import pytest

from safelight.adapter.outputs.bundle import ZipBundles
from safelight.case.chain import entry_bytes, leaf_hash
from safelight.case.custody import custody
from safelight.flow.audit import Exporter, json_bytes, sign_head
from safelight.model.audit import AuditReport
from safelight.model.case import SERVICE_CASE, ItemExported, Noted, ServiceEvent
from safelight.model.codec import from_json
from safelight.model.errors import EvidenceDamagedError, UnknownCaseError
from safelight.model.export import CASE as CASE_PART
from safelight.model.export import (
    ENTRIES,
    HEAD,
    ITEMS,
    KEY,
    MANIFEST,
    MEDIA,
    SIGNATURE,
    ExportHead,
    ExportManifest,
    ItemCustody,
)
from safelight.ports import ExportPart
from tests.case.histories import ANN, START
from tests.flow.audit_place import PLAIN, Place, destroy, make_place, signer_in, where


@pytest.fixture(scope="module")
def shared_place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """For tests that do not change it but by exporting."""
    return make_place(tmp_path_factory.mktemp("audit"))


@pytest.fixture(scope="module")
def exported(shared_place: Place) -> bytes:
    return shared_place.export()[0]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return make_place(tmp_path)


def members(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def test_an_export_is_a_zip_that_other_programs_read(exported: bytes) -> None:
    held = members(exported)
    assert list(held) == [MANIFEST, SIGNATURE, HEAD, KEY, ENTRIES, CASE_PART, ITEMS, "media/i1", "media/i2"]
    assert {name: held[MEDIA + name] for name in PLAIN} == PLAIN
    with zipfile.ZipFile(io.BytesIO(exported)) as archive:
        assert {(info.compress_type, info.date_time) for info in archive.infolist()} == {(0, (1980, 1, 1, 0, 0, 0))}


def test_it_is_intact_and_says_what_it_holds(shared_place: Place, exported: bytes) -> None:
    report = shared_place.check(exported)
    assert report.flaws == ()
    assert report.intact
    assert (report.entries, report.cases, report.items, report.blobs) == (8, 1, 2, 2)
    assert report.heads >= 1
    held = members(exported)
    case = json.loads(held[CASE_PART])
    assert (case["id"], case["state"], case["finding"]["verdict"]) == ("a", "decided", "confirmed")
    first = json.loads(held[ENTRIES].splitlines()[0])
    assert leaf_hash(first["entry"].encode()) == shared_place.store.events("a")[0].hash


def test_custody_tells_who_did_what_with_an_item(shared_place: Place, exported: bytes) -> None:
    told = from_json(members(exported)[ITEMS], tuple[ItemCustody, ...])[0]
    assert told.item.id == "i1"
    assert told.media == "media/i1"
    steps = [(step.number, step.kind, str(step.actor), step.why) for step in told.steps]
    assert steps == [
        (1, "item.added", "key:1", "near"),
        (3, "media.revealed", "user:1", "to decide"),
        (7, "item.verified", "system", ""),
    ]
    sha256 = shared_place.vault.blob(shared_place.blobs["i1"]).sha256
    assert [(step.before, step.after) for step in told.steps] == [(None, sha256), (sha256, sha256), (sha256, sha256)]


def test_custody_ends_with_the_receipt_of_destruction(place: Place) -> None:
    destroy(place, "i1")
    events = place.store.events("a")
    one, two = custody(place.store.case("a"), events)
    kinds = [step.kind for step in one.steps]
    assert kinds[-3:] == ["action.proposed", "action.approved", "item.destroyed"]
    assert one.steps[-1].before is not None
    assert one.steps[-1].after is None
    assert [step.kind for step in two.steps] == ["item.added"]
    data, done = place.export()
    assert done.media == ("i2",)
    report = place.check(data)
    assert report.intact
    assert report.blobs == 1
    assert any("without their media: 1" in note for note in report.notes)


def test_that_it_left_is_in_the_log(place: Place) -> None:
    _, done = place.export()
    told = [logged.event.body for logged in place.store.events("a")][-2:]
    assert told == [ItemExported(item, done.sha256, media=True, reason="a test") for item in PLAIN]
    _, done = place.export(None)
    body = place.store.events(SERVICE_CASE)[-1].event.body
    assert isinstance(body, ServiceEvent)
    assert body.details["export"] == done.sha256


def test_what_nobody_changed_exports_to_the_same_bytes_but_for_the_head(place: Place) -> None:
    one, two = members(place.export()[0]), members(place.export()[0])
    for name in (KEY, "media/i1", "media/i2"):
        assert one[name] == two[name]
    assert from_json(two[HEAD], ExportHead).earlier[-1].head == from_json(one[HEAD], ExportHead).head


def flips(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The file with one bit changed, for every byte of it."""
    for at in range(len(data)):
        changed = bytearray(data)
        changed[at] ^= 1 << at % 8
        yield at, bytes(changed)


def member_at(data: bytes) -> list[str]:
    """For each byte of the file the member that it is of, or `end of the file`."""
    owners: list[str] = []
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        infos = archive.infolist()
        directory = archive.start_dir
    for info in infos:
        assert len(owners) == info.header_offset
        owners += [info.filename] * (30 + len(info.filename) + 20 + info.file_size)
    assert len(owners) == directory
    for info in infos:
        owners += [info.filename] * (46 + len(info.filename) + 28)
    return owners + ["end of the file"] * (len(data) - len(owners))


@pytest.fixture(scope="module")
def smallest(tmp_path_factory: pytest.TempPathFactory) -> tuple[Place, bytes]:
    """The smallest export with everything in it, even a head that was signed before."""
    place = make_place(tmp_path_factory.mktemp("small"), small=True)
    sign_head(place.store, place.exporter.signer)
    return place, place.export()[0]


def test_every_flipped_byte_is_named_with_the_member_it_lies_in(smallest: tuple[Place, bytes]) -> None:
    place, data = smallest
    assert place.check(data).intact
    owners, missed = member_at(data), []
    for at, changed in flips(data):
        report = place.check(changed)
        if report.intact or not any(found.startswith(owners[at]) for found in where(report)):
            missed.append((at, owners[at], report.flaws[:2]))
    assert missed == []


def test_a_flip_in_an_entry_is_named_with_the_entry(smallest: tuple[Place, bytes]) -> None:
    place, data = smallest
    start = data.index(b"image/png")
    report = place.check(data[:start] + b"I" + data[start + 1 :])
    position = next(one.position for one in place.store.events("a") if b"image/png" in one.entry)
    assert {ENTRIES, f"entry {position}"} <= where(report)


def test_every_flipped_byte_of_an_unsigned_export_is_found(tmp_path: Path) -> None:
    """Nobody vouches for it, but it still holds together, so that damage is seen."""
    place = make_place(tmp_path, signed=False, small=True)
    data, _ = place.export()
    report = place.check(data)
    assert (report.flaws, report.intact, report.signed_by) == ((), False, ())
    assert "nobody signed this export" in report.notes
    for at, changed in flips(data):
        assert place.check(changed).flaws, at


def test_flips_in_an_export_with_all_that_there_may_be(shared_place: Place, exported: bytes) -> None:
    """A tenth of the bytes, and all that are of no text."""
    chosen, owners = random.Random(5), member_at(exported)
    for at in range(len(exported)):
        if chosen.random() < 0.1 or exported[at] < 0x20:
            changed = exported[:at] + bytes((exported[at] ^ 1 << at % 8,)) + exported[at + 1 :]
            assert any(found.startswith(owners[at]) for found in where(shared_place.check(changed))), at


def test_what_is_cut_off_added_or_put_elsewhere_is_found(shared_place: Place, exported: bytes) -> None:
    for cut in (0, 1, 40, 200, len(exported) // 2, len(exported) - 1):
        assert shared_place.check(exported[:cut]).flaws, cut
    for more in (b"\x00", exported):
        assert "end of the file" in where(shared_place.check(exported + more))
    assert shared_place.check(b"\x00" + exported).flaws
    assert shared_place.check(b"PK" * 1000).flaws
    middle = exported.index(PLAIN["i1"])
    assert shared_place.check(exported[:middle] + b"x" + exported[middle:]).flaws


def test_a_member_of_endless_size_is_not_read(shared_place: Place, exported: bytes) -> None:
    header = 30 + len(MANIFEST) + 20
    huge = exported[: header - 8] + struct.pack("<Q", 1 << 62) + exported[header:]
    assert where(shared_place.check(huge)) == {MANIFEST}


def test_whose_it_is_only_a_named_key_says(shared_place: Place, exported: bytes, tmp_path: Path) -> None:
    signer_in(tmp_path, "other")
    for keys in ([], [tmp_path / "other.pub.pem"]):
        report = shared_place.check(exported, keys)
        assert (report.flaws, report.intact, report.signed_by) == ((), False, ())
        assert any("you did not name" in note for note in report.notes)


def remade(place: Place, data: bytes, change: dict[str, bytes], drop: frozenset[str] = frozenset()) -> AuditReport:
    """Check an export that the holder of the key made again with other members: the manifest fits them."""
    held = members(data)
    out = io.BytesIO()
    parts: list[ExportPart] = [
        (name, partial(list, [content]))
        for name, content in (held | change).items()
        if name not in {MANIFEST, SIGNATURE, KEY, *drop}
    ]
    label = from_json(held[MANIFEST], ExportManifest).label
    ZipBundles().write(out, label, parts, place.exporter.signer)
    return place.check(out.getvalue())


def test_what_the_key_holder_leaves_out_or_makes_up_does_not_fit_the_head(shared_place: Place, exported: bytes) -> None:
    held = members(exported)
    lines = held[ENTRIES].splitlines(keepends=True)
    place = shared_place
    assert remade(place, exported, {}).intact
    assert {"entry 7"} <= where(remade(place, exported, {ENTRIES: b"".join([*lines[:2], *lines[3:]])}))
    swapped = b"".join([lines[1], lines[0], *lines[2:]])
    assert where(remade(place, exported, {ENTRIES: swapped}))
    events = place.store.events("a")[: len(lines)]
    forged = replace(events[-1].event, body=Noted("made up"))
    line = json.loads(lines[-1]) | {"entry": entry_bytes(forged).decode()}
    found = where(remade(place, exported, {ENTRIES: b"".join([*lines[:-1], json_bytes(line)])}))
    assert f"entry {events[-1].position}" in found
    assert CASE_PART in where(remade(place, exported, {CASE_PART: held[CASE_PART].replace(b"decided", b"openxxx")}))
    assert ITEMS in where(remade(place, exported, {ITEMS: b"[]\n"}))
    assert "media/i1" in where(remade(place, exported, {"media/i1": b"another"}))
    assert "media/i9" in where(remade(place, exported, {"media/i9": b"more"}))
    for name in (HEAD, ENTRIES, CASE_PART, ITEMS):
        assert name in where(remade(place, exported, {}, frozenset((name,))))
    assert ITEMS in where(remade(place, exported, {}, frozenset(("media/i1",))))
    for junk in (b"", b"{}", b"\xff", b"[" * 50_000):
        assert HEAD in where(remade(place, exported, {HEAD: junk}))
        assert remade(place, exported, {ENTRIES: junk}).flaws


def test_a_head_of_another_log_or_history_is_found(smallest: tuple[Place, bytes]) -> None:
    place, data = smallest
    said = from_json(members(data)[HEAD], ExportHead)
    assert len(said.earlier) == 1
    earlier = said.earlier[0]
    broken = replace(earlier, head=replace(earlier.head, head=replace(earlier.head.head, root="00" * 32)))
    report = remade(place, data, {HEAD: json_bytes(replace(said, earlier=(broken,)))})
    assert {flaw.what for flaw in report.flaws} == {
        "nothing proves that the log still begins as it did when this was signed",
        "its signature does not hold",
    }
    other = replace(said, head=replace(said.head, head=replace(said.head.head, log="another")))
    assert HEAD in where(remade(place, data, {HEAD: json_bytes(other)}))


def test_the_whole_log_is_exported_and_checked(place: Place) -> None:
    data, done = place.export(None)
    report = place.check(data)
    assert report.intact
    assert (report.entries, report.cases, report.items) == (done.entries, 2, 3)
    lines = members(data)[ENTRIES].splitlines(keepends=True)
    assert HEAD in where(remade(place, data, {ENTRIES: b"".join(lines[:-1])}))
    assert "entry 2" in where(remade(place, data, {ENTRIES: b"".join([lines[0], *lines[2:]])}))


def test_what_others_append_meanwhile_is_left_out(place: Place) -> None:
    class Busy:
        """A signer during whose work somebody else writes."""

        def __init__(self) -> None:
            signer = place.exporter.signer
            assert signer is not None
            self.signer = signer
            self.public_key, self.fingerprint = signer.public_key, signer.fingerprint

        def sign(self, data: bytes) -> bytes:
            place.add("a", ANN, Noted("meanwhile"))
            return self.signer.sign(data)

    place.exporter = Exporter(place.store, place.vault, ZipBundles(), "t", Busy())
    data, done = place.export()
    assert done.entries == 8
    assert place.check(data).intact


def test_media_that_is_damaged_is_not_exported(place: Place) -> None:
    for file in (place.home / "blobs").rglob("*"):
        if file.is_file():
            file.write_bytes(file.read_bytes()[:-1] + b"\x00")
    before = place.store.case("a").length
    with pytest.raises(EvidenceDamagedError):
        place.export()
    assert place.store.case("a").length == before
    with pytest.raises(UnknownCaseError):
        place.export("z")


class Authority:
    """`ports.Stamper` and `ports.StampCheck` of one authority, whose clock stands still."""

    def __init__(self) -> None:
        self.stamped: list[bytes] = []

    def stamp(self, data: bytes) -> str:
        self.stamped.append(data)
        return f"stamp {len(self.stamped) - 1}"

    def time(self, stamp: str, data: bytes) -> datetime:
        if self.stamped[int(stamp.split()[1])] != data:
            raise ValueError("it is of something else")
        return START


def test_time_stamps_are_over_the_heads_signature(place: Place) -> None:
    authority = Authority()
    place.exporter = replace(place.exporter, stamper=authority)
    data, done = place.export()
    assert authority.stamped == [base64.b64decode(done.head.signature)]
    report = place.check(data)
    assert report.intact
    assert report.stamps == 0
    assert any("time stamp was not checked" in note for note in report.notes)
    report = place.check(data, stamps=authority)
    assert (report.intact, report.stamps) == (True, 1)
    assert any("2026-01-01 00:00:00 UTC" in note for note in report.notes)
    authority.stamped = [b"another"]
    report = place.check(data, stamps=authority)
    assert [flaw.what for flaw in report.flaws] == ["its time stamp does not hold: it is of something else"]
