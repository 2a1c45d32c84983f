"""Tables with and without a header."""

from datetime import UTC, datetime
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.adapter.lists import table
from safelight.model.bank import BadRow, BankEntry, KnownHash
from safelight.model.errors import ImportFormatError
from tests.adapter.lists.reading import bad, entries, rows

MD5, SHA1, SHA256 = "0a" * 16, "1b" * 20, "2c" * 32
PDQ, PDQ2 = "0f" * 32, "f0" * 32
assert int(PDQ, 16).bit_count() == 128


def test_golden() -> None:
    text = (
        "\ufeffname,pdq,pdq_quality,md5,sha1,sha256,classification,source,expires,case\r\n"
        f"one,{PDQ.upper()},87,{MD5},{SHA1},{SHA256},A,hotline,2030-01-02T03:04:05+02:00,x 1\r\n"
        f'"two, or ""more""",,,{MD5.upper()},,,,,2030-01-02,\r\n'
        ",,,,,,,,,\r\n"
        f",{PDQ},,,,,,,,\r\n"
    )
    assert entries(text.encode(), "csv", "list") == [
        BankEntry(
            "one",
            (KnownHash("md5", MD5), KnownHash("sha1", SHA1), KnownHash("sha256", SHA256), KnownHash("pdq", PDQ, 87)),
            "A",
            "hotline",
            datetime(2030, 1, 2, 1, 4, 5, tzinfo=UTC),
            {"case": "x 1"},
        ),
        BankEntry('two, or "more"', (KnownHash("md5", MD5),), source="list", expires=datetime(2030, 1, 2, tzinfo=UTC)),
        BankEntry(PDQ, (KnownHash("pdq", PDQ, 100),), source="list"),
    ]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_delimiters(delimiter: str) -> None:
    text = delimiter.join(("Name", "MD5 hash")) + "\n" + delimiter.join(("a", MD5)) + "\n"
    assert entries(text.encode(), "csv") == [BankEntry("a", (KnownHash("md5", MD5),))]


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        ("PDQ_hash", "pdq"),
        ("pdq", "pdq"),
        ("HASH_PDQ", "pdq"),
        ("sha-256", "sha256"),
        ("SHA1 Hash", "sha1"),
        ("md5", "md5"),
    ],
)
def test_other_names_of_columns(header: str, kind: str) -> None:
    value = {"pdq": PDQ, "sha256": SHA256, "sha1": SHA1, "md5": MD5}[kind]
    (found,) = entries(f"{header}\n{value}\n".encode(), "csv")
    assert [(known.kind, known.value) for known in found.hashes] == [(kind, value)]
    assert found.name == value


def test_threatexchange_dataset() -> None:
    text = (
        "signal_type,signal_str,collab,category,tags\n"
        f"pdq,{PDQ},Sample,POSITIVE_CLASS,a b\n"
        f"video_md5,{MD5},Sample,INVESTIGATION_SEED,\n"
        "url,https://example.org/,Sample,POSITIVE_CLASS,\n"
    )
    first, second, third = rows(text.encode())
    assert first == BankEntry(PDQ, (KnownHash("pdq", PDQ, 100),), "POSITIVE_CLASS", "Sample", None, {"tags": "a b"})
    assert second == BankEntry(MD5, (KnownHash("md5", MD5),), "INVESTIGATION_SEED", "Sample")
    assert third == BadRow(4, "is of a type that is not compared (pdq, md5, sha1, sha256 are)")


def test_interpol_icse() -> None:
    text = (
        "MD5;SHA1;PhotoDNA;Image ID;Is distributed;Victim identified;Offender identified;Series name;"
        "Number of submissions;File Available;Media Type;Baseline\r\n"
        f"{MD5.upper()};{SHA1.upper()};{'A' * 192};17;true;false;;example;3;yes;image;1\r\n"
    )
    (found,) = entries(text.encode())
    assert found == BankEntry(
        SHA1,
        (KnownHash("md5", MD5), KnownHash("sha1", SHA1)),
        metadata={
            "photodna": "A" * 192,
            "image_id": "17",
            "is_distributed": "true",
            "victim_identified": "false",
            "series": "example",
            "number_of_submissions": "3",
            "file_available": "yes",
            "media_type": "image",
            "baseline": "1",
        },
    )


class TestBareColumn:
    @pytest.mark.parametrize(("kind", "value"), [("md5", MD5), ("sha1", SHA1)])
    def test_known_by_length(self, kind: str, value: str) -> None:
        other = "3" * len(value)
        assert entries(f"# from somewhere\n{value.upper()}\n{other}\n".encode()) == [
            BankEntry(value, (KnownHash(kind, value),)),
            BankEntry(other, (KnownHash(kind, other),)),
        ]

    def test_pdq_is_known_by_its_balance_of_bits(self) -> None:
        found = entries(f"{PDQ}\n{PDQ2}\n".encode(), "csv")
        assert [known.kind for entry in found for known in entry.hashes] == ["pdq", "pdq"]

    @pytest.mark.parametrize("values", [[PDQ], [SHA256, SHA256], [PDQ, SHA256]])
    def test_what_may_be_either_is_asked_for(self, values: list[str]) -> None:
        for text in ("\n".join(values), "hash\n" + "\n".join(values)):
            with pytest.raises(ImportFormatError, match="64 digits may be PDQ or SHA-256: choose --format pdq-text"):
                rows(text.encode(), "csv")

    def test_a_header_decides(self) -> None:
        assert entries(f"sha256\n{PDQ}\n".encode())[0].hashes == (KnownHash("sha256", PDQ),)

    def test_a_quality_beside_it_decides(self) -> None:
        assert entries(f"{SHA256},80\n{PDQ},90\n".encode(), "csv")[0].hashes == (KnownHash("pdq", SHA256, 80),)


class TestBadRows:
    @pytest.mark.parametrize(
        ("row", "cause"),
        [
            (f"a,{MD5[1:]},,", "md5 has 32 hexadecimal digits, here are 31 characters"),
            (f"a,{MD5[1:]}x,,", "md5 holds characters that are not hexadecimal digits"),
            ("a,,,", "holds no hash"),
            (f"a,{MD5},,tomorrow", "expires is not a date of ISO 8601"),
            (f"a,{MD5},,0001-01-01T00:00:00+14:00", "a date lies outside the calendar"),
            (f"a,,{PDQ} {PDQ2},,50", "has 5 cells, more than the 4 of the first line"),
            (f'"a,{MD5},,', "a quote is not closed"),
            (f'"a"b,{MD5},,', "not a row of a table: ',' expected after '\"'"),
            (f"a\0b,{MD5},,", "holds a NUL character"),
        ],
    )
    def test_told_by_number_and_the_rest_is_read(self, row: str, cause: str) -> None:
        before = "".join(f"{n},{MD5},,\n" for n in range(9000))  # beyond what is looked at for its format
        text = f"name,md5,pdq,expires\n{before}{row}\nlast,{MD5},,\n"
        found = rows(text.encode(), "csv")
        assert found[-2:] == [BadRow(9002, cause), BankEntry("last", (KnownHash("md5", MD5),))]
        assert len(found) == 9002

    def test_qualities(self) -> None:
        text = f"pdq,quality\n{PDQ} {PDQ2},50\n{PDQ},high\n{PDQ},101\n{PDQ} {PDQ2},50 60\n"
        assert bad(text.encode(), "csv") == {
            2: "has not as many qualities as PDQ hashes",
            3: "quality is not a whole number",
            4: "quality is not between 0 and 100",
        }

    def test_a_kind_that_is_left_out_where_others_state_it(self) -> None:
        text = f"type,hash\nsha256,{SHA256}\n,{SHA256}\n,{MD5}\n,{MD5}0\n"
        assert bad(text.encode(), "csv") == {
            3: "64 digits may be PDQ or SHA-256, and nothing says which",
            5: "no hash has 33 digits (md5 32, sha1 40, sha256 and pdq 64)",
        }

    def test_bytes_that_are_not_utf8(self) -> None:
        data = f"name,md5\nm\xfcller,{MD5}\nb,{MD5}\n".encode("latin-1")
        assert bad(data, "csv") == {2: "holds bytes that are not UTF-8"}
        assert len(rows(data, "csv")) == 2

    def test_an_open_quote_does_not_swallow_the_list(self) -> None:
        lines = [f"{n},{MD5}" for n in range(500)]
        lines[10] = '"' + lines[10]
        lines[400] = '"' + lines[400]
        found = rows(("name,md5\n" + "\n".join(lines)).encode(), "csv")
        assert [row for row in found if isinstance(row, BadRow)] == [
            BadRow(12, "a quote is not closed"),
            BadRow(402, "a quote is not closed"),
        ]
        assert len(found) == 500

    def test_a_cell_may_go_over_several_lines(self) -> None:
        text = f'name,md5,notes\na,{MD5},"one\n\ntwo, ""three"""\nb,x,\nc,{MD5},"{MD5}\n'
        first, second, third = rows(text.encode(), "csv")
        assert isinstance(first, BankEntry)
        assert first.metadata == {"notes": 'one\n\ntwo, "three"'}
        assert second == BadRow(5, "md5 has 32 hexadecimal digits, here are 1 characters")
        assert third == BadRow(6, "a quote is not closed")

    def test_a_quote_inside_a_cell_is_a_character(self) -> None:
        (found,) = entries(f'name,md5\n5" disk,{MD5}\n'.encode(), "csv")
        assert found.name == '5" disk'


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("a,b,c\n1,2,3\n", "no header line with one of the columns pdq, md5, sha1, sha256, hash"),
        (f"{MD5},{SHA1},x\n", "no header line"),
        ("hello world\n", "no header line"),
        (f"name,pdq\x00,{'x' * 200_000}\n", "no header line|not a text file|not a row of a table"),
    ],
)
def test_lists_that_cannot_be_read_as_a_whole(text: str, cause: str) -> None:
    with pytest.raises(ImportFormatError, match=rf"^list\.txt: .*({cause})"):
        rows(text.encode(), "csv")


TEXT = st.text("ab0 \"',;|\t\n#=\u00fc\u3042\U0001f5bc", max_size=12).map(str.strip)


@st.composite
def bank_entries(draw: st.DrawFn) -> BankEntry:
    hashes = tuple(
        KnownHash(kind, draw(st.binary(min_size=size, max_size=size)).hex(), draw(st.integers(0, 100)) if pdq else 0)
        for kind, size, pdq in (("md5", 16, False), ("sha1", 20, False), ("sha256", 32, False), ("pdq", 32, True))
        for _ in range(draw(st.integers(0, 2)))
    ) or (KnownHash("md5", MD5),)
    moment = draw(st.none() | st.datetimes(datetime(1990, 1, 1), datetime(2990, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 (a bound for hypothesis has no zone)
    metadata = draw(st.dictionaries(TEXT, TEXT, max_size=3))
    return BankEntry(draw(TEXT.filter(bool)), hashes, draw(TEXT), draw(TEXT), moment, metadata)


@given(st.lists(bank_entries(), max_size=5))
def test_round_trip(known: list[BankEntry]) -> None:
    out = BytesIO()
    assert table.write(known, out) == len(known)
    assert entries(out.getvalue(), "csv") == known
