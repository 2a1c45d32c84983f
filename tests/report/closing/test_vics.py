"""VICS `#Cases`: read back by our own importer, valid by the fields that readers know, categories by people alone."""

import io
import json
from dataclasses import replace
from typing import Any

import jsonschema  # type: ignore[import-untyped]  # it ships no types
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safelight.adapter.lists.vics import read
from safelight.model.bank import BadRow, BankEntry
from safelight.model.dossier import Dossier, Marked
from safelight.model.errors import DocumentError
from safelight.report.closing.example import example
from safelight.report.closing.vics import MIN_QUALITY, vics
from tests.report.closing.dossiers import dossiers

HEXES = {"MD5": 32, "SHA1": 40, "SHA256": 64, "PDQ": 64}
MEDIA = {
    "type": "object",
    "additionalProperties": False,
    "required": ["MediaID", "Category", "MD5"],
    "properties": {
        "MediaID": {"type": "integer", "minimum": 1},
        "Category": {"type": ["integer", "null"], "minimum": 0, "maximum": 5},
        "MD5": {"type": "string", "pattern": "^[0-9A-F]{32}$"},
        "SHA1": {"type": ["string", "null"], "pattern": "^[0-9A-F]{40}$"},
        "AlternativeHashes": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["HashName", "HashValue"],
                "additionalProperties": False,
                "properties": {"HashName": {"enum": ["SHA256", "PDQ"]}, "HashValue": {"pattern": "^[0-9a-f]{64}$"}},
            },
        },
        "IsPrecategorized": {"type": "boolean"},
        "PrecategorizationSource": {"type": ["string", "null"]},
        "MediaSize": {"type": "integer", "minimum": 0},
        "MimeType": {"type": ["string", "null"]},
        "Tags": {"type": "string"},
        "Comments": {"type": "string"},
        "DateUpdated": {"type": "string", "pattern": "^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ$"},
    },
}
CASES = {
    "type": "object",
    "additionalProperties": False,
    "required": ["@odata.context", "value"],
    "properties": {
        "@odata.context": {"pattern": r"/DataModels/2\.0\.xml/(Default|UK|US)/\$metadata#Cases$"},
        "value": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["CaseID", "CaseNumber", "Media"],
                "properties": {
                    "CaseID": {"type": "string"},
                    "CaseNumber": {"type": "string"},
                    "SourceApplicationName": {"const": "Safelight"},
                    "SourceApplicationVersion": {"type": "string"},
                    "TotalPrecategorized": {"type": "integer"},
                    "Media": {"type": "array", "items": MEDIA},
                },
            },
        },
    },
}
"""The model as open readers know it (IPED, GLEAPP); the official one is shared under agreement only."""


def made(*cases: Dossier, **said: Any) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(b"".join(vics(cases, **said)))
    return document


@settings(max_examples=100, deadline=None)
@given(st.lists(dossiers(), max_size=2))
def test_every_document_is_valid_and_read_back(cases: list[Dossier]) -> None:
    document = made(*cases)
    jsonschema.validate(document, CASES)
    media = [one for case in document["value"] for one in case["Media"]]
    assert [one["MediaID"] for one in media] == list(range(1, len(media) + 1))
    assert all(one["Category"] is None for one in media)
    stream: Any = io.BufferedReader(io.BytesIO(b"".join(vics(cases))))
    rows = list(read(stream, "cases.json", "test"))
    assert not any(isinstance(row, BadRow) for row in rows)
    found = {known.value for row in rows if isinstance(row, BankEntry) for known in row.hashes if known.kind == "md5"}
    assert found == {item.md5 for case in cases for item in case.items if item.md5}


@settings(max_examples=50, deadline=None)
@given(dossiers())
def test_poor_hashes_and_files_without_md5_are_left_out(case: Dossier) -> None:
    good = [item for item in case.items if item.md5]
    media = made(case)["value"][0]["Media"]
    assert len(media) == len(good)
    for item, one in zip(good, media, strict=True):
        names = {known["HashName"] for known in one["AlternativeHashes"]}
        assert ("PDQ" in names) is ((item.pdq_quality or 0) >= MIN_QUALITY)


def test_category_is_a_persons_and_of_its_region() -> None:
    case = example()
    said = {case.items[0].id: Marked(region="UK", category=2)}
    document = made(case, marked=said, region="UK")
    jsonschema.validate(document, CASES)
    assert [one["Category"] for one in document["value"][0]["Media"]] == [2, None, None]
    assert document["value"][0]["TotalPrecategorized"] == 1
    for wrong, region in ((Marked(region="UK", category=2), "US"), (Marked(region="UK", category=9), "UK")):
        with pytest.raises(DocumentError, match="VICS"):
            made(case, marked={case.items[0].id: wrong}, region=region)


def test_tags_say_how_each_file_was_made() -> None:
    tags = [one["Tags"] for one in made(example())["value"][0]["Media"]]
    assert ["ai:altered" in one for one in tags] == [False, True, False]  # the third was only saved again
    assert all("classification:B2" in one for one in tags)


def test_it_is_given_in_pieces() -> None:
    """So that cases are never all in memory: the first is out before the second is looked at."""
    asked: list[int] = []

    def cases() -> Any:
        for number in range(3):
            asked.append(number)
            yield replace(example(), case=f"case-{number}")

    pieces = vics(cases())
    next(pieces)
    next(pieces)
    assert asked == [0]
