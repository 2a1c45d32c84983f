"""Project VIC's JSON, with the traps of real files."""

import gc
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BufferedReader, BytesIO, RawIOBase
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.adapter.lists import read_list, vics_writer
from safelight.adapter.lists.vics import Context, context_of
from safelight.model.bank import BadRow, BankEntry, KnownHash, ListNote
from safelight.model.errors import ImportFormatError
from tests.adapter.lists.reading import bad, entries, rows
from tests.adapter.lists.test_table import bank_entries

MD5, SHA1, SHA256, PDQ = "0a" * 16, "1b" * 20, "2c" * 32, "0f" * 32
MODEL = "http://github.com/VICSDATAMODEL/ProjectVic/DataModels/2.0.xml/{}/$metadata#{}"
OLD_MODEL = "http://github.com/ICMEC/ProjectVic/DataModels/{}.xml#{}"


def media(*records: Any, region: str = "US") -> bytes:
    return json.dumps({"@odata.context": MODEL.format(region, "Media"), "value": records}).encode()


def record(**fields: Any) -> dict[str, Any]:
    return {"MediaID": 1, "Category": 1, "MD5": MD5.upper(), **fields}


def test_golden_of_2_0() -> None:
    data = media(
        {
            "MediaID": 17,
            "Category": 2,
            "MD5": MD5.upper(),
            "SHA1": SHA1.upper(),
            "PhotoDNA": "QUJD",
            "AlternativeHashes": [
                {"HashName": "PDQ", "HashValue": PDQ.upper()},
                {"HashName": "SHA-256", "HashValue": SHA256},
                {"HashName": "MD5", "HashValue": MD5},
                {"HashName": "dHash", "HashValue": "12:34"},
            ],
            "VictimIdentified": "True",
            "OffenderIdentified": "false",
            "IsDistributed": True,
            "IsSuspected": None,
            "IsPrecategorized": False,
            "PrecategorizationSource": "Project VIC",
            "SelfGenerated": "",
            "Series": {"Name": "example", "ID": 5},
            "Tags": ["ai:generated", "b"],
            "Comments": "first\nsecond",
            "MediaSize": 2835,
            "MimeType": "image/jpeg",
            "RelativeFilePath": "a\\b.jpg",
            "DateUpdated": "2023-06-07T02:31:49.8300Z",
            "MediaFiles": [{"MD5": "x", "FileName": "b.jpg"}],
            "Exifs": [],
            "Unknown": {"deep": [1, 2.5]},
        },
        region="US",
    )
    assert entries(b"\xef\xbb\xbf" + data, source="list") == [
        BankEntry(
            MD5,
            (KnownHash("md5", MD5), KnownHash("sha1", SHA1), KnownHash("pdq", PDQ, 100), KnownHash("sha256", SHA256)),
            "vics:US:2",
            "Project VIC",
            None,
            {
                "hash_dhash": "12:34",
                "media_id": "17",
                "victim_identified": "true",
                "offender_identified": "false",
                "is_distributed": "true",
                "is_precategorized": "false",
                "series": "example",
                "tags": "ai:generated, b",
                "comments": "first\nsecond",
                "media_size": "2835",
                "mime_type": "image/jpeg",
                "relative_file_path": "a\\b.jpg",
                "date_updated": "2023-06-07T02:31:49.8300Z",
                "photodna": "QUJD",
            },
        )
    ]


def test_golden_of_1_3() -> None:
    data = json.dumps(
        {
            "odata.metadata": OLD_MODEL.format("1.3", "Media"),
            "value": [
                {"MD5": MD5.upper(), "Category": 1, "Series": "name", "DateUpdated": "/Date(1577836800000+0100)/"},
                {"MD5": None, "SHA1": SHA1, "Category": None, "MediaSize": 1.0, "Comments": 2.5},
                {"MD5": "", "AlternativeHashes": [{"HashName": "PhotoDNA", "HashValue": "QUJD"}]},
            ],
        }
    )
    assert rows(data.encode(), source="list") == [
        BankEntry(
            MD5,
            (KnownHash("md5", MD5),),
            "vics:1.3:1",
            "list",
            None,
            {"series": "name", "date_updated": "2020-01-01T00:00:00+00:00"},
        ),
        BankEntry(SHA1, (KnownHash("sha1", SHA1),), "", "list", None, {"media_size": "1.0", "comments": "2.5"}),
        BadRow(3, "holds no hash"),
    ]


def test_cases_hold_media() -> None:
    cases = [
        {"CaseID": "1", "CaseNumber": "x", "TotalPrecategorized": 0, "Media": [record(), record(MD5=MD5[::-1])]},
        {"CaseID": "2", "Media": []},
        {"CaseID": "3"},
        {"CaseID": "4", "Media": [record(MD5="1" * 32, Category="3")]},
    ]
    data = json.dumps({"@odata.context": MODEL.format("UK", "Cases"), "value": cases}).encode()
    found = entries(data)
    assert [(entry.name, entry.classification) for entry in found] == [
        (MD5, "vics:UK:1"),
        (MD5[::-1], "vics:UK:1"),
        ("1" * 32, "vics:UK:3"),
    ]


def test_the_set_of_known_benign_files_is_pointed_out() -> None:
    data = json.dumps({"odata.metadata": OLD_MODEL.format("1.2", "Media"), "value": [record()]}).encode()
    note, entry = rows(data)
    assert isinstance(note, ListNote)
    assert "negative bank" in note.text
    assert isinstance(entry, BankEntry)
    assert not any(isinstance(row, ListNote) for row in rows(media(record())))


@pytest.mark.parametrize(
    ("bad_record", "cause"),
    [
        (record(MD5=MD5[1:]), "md5 has 32 hexadecimal digits, here are 31 characters"),
        (record(SHA1="x" * 40), "sha1 holds characters that are not hexadecimal digits"),
        (record(AlternativeHashes=[{"HashName": "PDQ", "HashValue": "12"}]), "pdq has 64 hexadecimal digits"),
        (record(AlternativeHashes=["x"]), "an alternative hash is not an object"),
        ({"MediaID": 2}, "holds no hash"),
        (record(Comments="a\0b"), "holds a NUL character"),
        ("text", "is not an object"),
        (5, "is not an object"),
        (None, "is not an object"),
        ([], "is not an object"),
    ],
)
def test_a_bad_record_is_told_and_the_rest_is_read(bad_record: Any, cause: str) -> None:
    data = media(record(), bad_record, record(MD5="2" * 32))
    found = rows(data)
    assert len(found) == 3
    assert list(bad(data)) == [2]
    assert bad(data)[2].startswith(cause)


def test_bytes_that_are_not_utf8_cost_their_record() -> None:
    names = ["ü", "a", "b\udc80", "\U0001f5bc", "c\udc80\udcff"]
    text = json.dumps(
        {
            "@odata.context": MODEL.format("US", "Media"),
            "value": [record(MD5=str(n) * 32, Comments=name) for n, name in enumerate(names)],
        },
        ensure_ascii=False,
    )
    data = text.encode("utf-8", "surrogateescape")
    assert bad(data) == {3: "holds bytes that are not UTF-8", 5: "holds bytes that are not UTF-8"}
    assert [row.metadata["comments"] for row in rows(data) if isinstance(row, BankEntry)] == ["ü", "a", "\U0001f5bc"]


@pytest.mark.parametrize("size", ["1e999999999", "-0.5", "12.0", "9" * 5000])
def test_numbers_of_any_size(size: str) -> None:
    data = media(record(), record(MediaSize="SIZE")).decode().replace('"SIZE"', size)
    assert entries(data.encode())[1].metadata["media_size"] == size


@pytest.mark.parametrize("deep", ["[" * 100_000 + "]" * 100_000, '{"a":["]]",' * 5000])
def test_absurd_nesting(deep: str) -> None:
    data = media(record(), record(Odd="DEEP")).decode()
    with pytest.raises(ImportFormatError, match="not valid JSON after record 1: nested too deep"):
        rows(data.replace('"DEEP"', deep).encode())
    assert len(entries(data.replace('"DEEP"', "[" * 90 + "]" * 90).encode())) == 2


@pytest.mark.parametrize("field", ["Tags", "Series", "MD5", "Category"])
@pytest.mark.parametrize("deep", ["[" * 700 + "]" * 700, '{"Name":' * 150 + "1" + "}" * 150])
def test_a_field_nested_too_deep_costs_its_record(field: str, deep: str) -> None:
    data = media(record(), record(**{field: "DEEP"}), record(MD5="2" * 32)).decode().replace('"DEEP"', deep).encode()
    assert bad(data) == {2: "nested too deep"}
    assert len(rows(data)) == 3


def test_the_size_of_one_record_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("safelight.adapter.lists.json_stream.MAX_VALUE", 1 << 20)
    assert len(entries(media(*(record(Comments="x" * 900_000) for _ in range(5))))) == 5
    with pytest.raises(ImportFormatError, match="not valid JSON after record 1: a value of more than 1 MiB"):
        rows(media(record(), record(Comments="x" * 3_000_000)))
    cases = [{"Media": [record(Comments="x" * 900_000)] * 3}] * 2
    assert len(entries(json.dumps({"@odata.context": MODEL.format("US", "Cases"), "value": cases}).encode())) == 6


class Trickle(RawIOBase):
    """Gives the bytes of a list a few at a time, as a pipe may."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._rest = self._rest or next(self._chunks, b"")
        size = min(len(buffer), len(self._rest))
        buffer[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_characters_cut_anywhere(size: int) -> None:
    value = [record(Comments="ü\U0001f5bc" * 9), record(MD5="1" * 32, Comments="€" * 40)]
    text = json.dumps({"@odata.context": MODEL.format("US", "Media"), "value": value}, ensure_ascii=False)
    data = b"\xef\xbb\xbf" + text.encode() + b"\n"
    head, tail = data[:200], data[200:]
    chunks = iter([head, *(tail[n : n + size] for n in range(0, len(tail), size))])
    found = list(read_list(BufferedReader(Trickle(chunks), 1 << 16), "pipe", "vics"))
    assert [row.metadata["comments"] for row in found if isinstance(row, BankEntry)] == ["ü\U0001f5bc" * 9, "€" * 40]


@pytest.mark.parametrize("cut", [0.3, 0.7, 0.95, 0.999])
def test_a_file_that_breaks_off_gives_what_came_before(cut: float) -> None:
    data = media(*(record(MD5=f"{n:032x}") for n in range(2000)))
    stored: list[object] = []
    with pytest.raises(ImportFormatError, match=r"^list\.txt: not valid JSON after record \d+: [^\n]+$"):
        stored += _noted(data[: int(len(data) * cut)], stored)
    assert len(stored) >= int(2000 * cut) - 1000
    assert stored == rows(data)[: len(stored)]


def _noted(data: bytes, seen: list[object]) -> list[object]:
    """Read a list, noting each row in `seen` as it comes."""
    for row in read_list(BufferedReader(Trickle(iter([data]))), "list.txt"):
        seen.append(row)  # noqa: PERF402 (an error must not take them along)
    return []


@pytest.mark.parametrize(
    "text",
    [
        '{"value":[]}',
        '{"@odata.context":5,"value":[]}',
        '{"@odata.context":"http://example.org/#Media","value":[]}',
        json.dumps({"padding": "x" * 100_000, "@odata.context": MODEL.format("US", "Media"), "value": []}),
        "[]",
        "",
    ],
)
def test_without_a_context_at_its_beginning_it_is_not_vics(text: str) -> None:
    with pytest.raises(ImportFormatError, match="no VICS context"):
        rows(text.encode(), "vics")


def test_context() -> None:
    assert context_of(media()) == Context("2.0", "US", cases=False)
    assert context_of(b'{ "odata.metadata" : "http:\\/\\/x\\/DataModels\\/1.3.xml#Cases"') == Context(
        "1.3", "1.3", True
    )
    assert context_of(b'{"@odata.context":"\\u12"') is None


def test_a_large_set_takes_no_more_memory_than_a_small_one() -> None:
    """200,000 records, as many as real sets begin with, made while they are read."""
    size = 200_000

    def chunks() -> Iterator[bytes]:
        yield media()[:-2]
        for n in range(0, size, 100):
            records = (b'{"MediaID":%d,"Category":1,"MD5":"%032X"}' % (m, m) for m in range(n, n + 100))
            yield (b"," if n else b"") + b",".join(records)
        yield b"]}"

    def resident() -> int:
        return int(Path("/proc/self/statm").read_text().split()[1]) * 4096

    gc.collect()
    seen, sizes = 0, []
    for row in read_list(BufferedReader(Trickle(chunks()), 1 << 16), "large"):
        assert isinstance(row, BankEntry)
        seen += 1
        if seen % 10_000 == 0:
            sizes.append(resident())
    assert seen == size
    assert max(sizes) - sizes[0] < 8 << 20


class TestWriter:
    def written(self, *known: BankEntry) -> dict[str, Any]:
        out = BytesIO()
        vics_writer.write(known, out)
        found: dict[str, Any] = json.loads(out.getvalue())
        return found

    def test_golden(self) -> None:
        hashes = (
            KnownHash("md5", MD5),
            KnownHash("sha1", SHA1),
            KnownHash("sha256", SHA256),
            KnownHash("pdq", PDQ, 87),
            KnownHash("pdq", PDQ[::-1], 49),
        )
        metadata = {
            "victim_identified": "true",
            "is_distributed": "unsure",
            "media_size": "12",
            "series": "x",
            "odd": "y",
        }
        found = self.written(BankEntry("a/b.jpg", hashes, "vics:UK:3", "list", datetime.now(UTC), metadata))
        assert found == {
            "@odata.context": MODEL.format("UK", "Media"),
            "value": [
                {
                    "MediaID": 1,
                    "Category": 3,
                    "MD5": MD5.upper(),
                    "SHA1": SHA1.upper(),
                    "AlternativeHashes": [
                        {"HashName": "SHA256", "HashValue": SHA256},
                        {"HashName": "PDQ", "HashValue": PDQ},
                    ],
                    "PrecategorizationSource": "list",
                    "VictimIdentified": True,
                    "IsDistributed": "unsure",
                    "Series": "x",
                    "MediaSize": 12,
                    "RelativeFilePath": "a\\b.jpg",
                }
            ],
        }

    def test_entries_without_md5_cannot_be_written(self) -> None:
        out = BytesIO()
        known = [BankEntry("a", (KnownHash("sha1", SHA1),)), BankEntry("b", (KnownHash("md5", MD5),))]
        assert vics_writer.write(known, out) == 1
        assert [row.name for row in entries(out.getvalue())] == [MD5]

    def test_categories_of_one_region_only(self) -> None:
        hashes = (KnownHash("md5", MD5),)
        found = self.written(
            BankEntry("1", hashes, "hotline A"),
            BankEntry("2", hashes, "vics:UK:1"),
            BankEntry("3", hashes, "vics:US:2", metadata={"tags": "t"}),
        )
        assert "/UK/" in found["@odata.context"]
        assert [(row["Category"], row.get("Tags")) for row in found["value"]] == [
            (None, "classification:hotline A"),
            (1, None),
            (None, "t, classification:vics:US:2"),
        ]

    def test_of_1_x_becomes_default(self) -> None:
        found = self.written(BankEntry("1", (KnownHash("md5", MD5),), "vics:1.3:1"))
        assert "/Default/" in found["@odata.context"]
        assert found["value"][0]["Category"] == 1

    def test_numbers_of_any_size(self) -> None:
        hashes = (KnownHash("md5", MD5),)
        long = "9" * 5000
        found = self.written(
            BankEntry("1", hashes, f"vics:US:{long}", metadata={"media_size": long}),
            BankEntry("2", hashes, f"vics:US:{'9' * 18}", metadata={"media_size": "9" * 18}),
        )
        assert [(row["Category"], row["MediaSize"], row.get("Tags")) for row in found["value"]] == [
            (None, long, f"classification:vics:US:{long}"),
            (10**18 - 1, 10**18 - 1, None),
        ]

    def test_an_empty_bank(self) -> None:
        assert self.written() == {"@odata.context": MODEL.format("Default", "Media"), "value": []}

    @given(st.lists(bank_entries(), max_size=4))
    def test_hashes_make_the_round_trip(self, known: list[BankEntry]) -> None:
        out = BytesIO()
        written = vics_writer.write(known, out)
        found = entries(out.getvalue())
        expected = [entry for entry in known if any(known.kind == "md5" for known in entry.hashes)]
        assert written == len(found) == len(expected)
        for before, after in zip(expected, found, strict=True):
            kept = {
                (h.kind, h.value) for h in before.hashes if h.kind == "sha256" or (h.kind == "pdq" and h.quality >= 50)
            }
            assert {(h.kind, h.value) for h in after.hashes if h.kind in {"sha256", "pdq"}} == kept
            assert after.source == before.source
