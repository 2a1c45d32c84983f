"""What people send: complete, the same each time, addresses alone for Canada, and nothing that a spreadsheet runs."""

import csv
import io
from dataclasses import replace
from hashlib import sha256

import pytest
from hypothesis import HealthCheck, given, settings

from safelight.model.dossier import Dossier
from safelight.model.errors import DocumentError
from safelight.model.filing import Body, Told
from safelight.report.closing.bundles import documents
from safelight.report.closing.example import example
from tests.report.closing.dossiers import AT, dossiers

WHOLE = ["letter.txt", "items.csv", "places.csv", "case.jsonld", "vics.json", "summary.pdf", "sha256.txt"]


@pytest.mark.parametrize("body", [Body.NCA, Body.POLICE])
def test_a_bundle_is_complete_and_its_digests_hold(body: Body) -> None:
    made = {one.name: one for one in documents(body, example(), AT)}
    assert list(made) == WHOLE
    lines = {line[66:]: line[:64] for line in made["sha256.txt"].text.splitlines()}
    assert lines == {name: sha256(one.content).hexdigest() for name, one in made.items() if name != "sha256.txt"}
    assert all(f"- {name}:" in made["letter.txt"].text for name in WHOLE if name != "letter.txt")


@settings(max_examples=25, deadline=None, suppress_health_check=[*HealthCheck])
@given(dossiers())
def test_tables_have_a_row_for_each_file_and_place(case: Dossier) -> None:
    made = {one.name: one for one in documents(Body.POLICE, case, AT)}
    items = list(csv.DictReader(io.StringIO(made["items.csv"].text, newline="")))
    places = list(csv.DictReader(io.StringIO(made["places.csv"].text, newline="")))
    assert [row["sha256"] for row in items] == [item.sha256 for item in case.items]
    assert len(places) == len(case.places)
    cells = [cell for row in (*items, *places) for cell in row.values()]
    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in cells)


def test_a_cell_that_looks_like_a_formula_is_none() -> None:
    case = example()
    item = replace(case.items[0], mime="=cmd()")
    made = documents(Body.NCA, replace(case, items=(item,)), AT)
    row = next(csv.DictReader(io.StringIO(made[1].text, newline="")))
    assert row["type"] == "'=cmd()"


def test_canada_gets_addresses_and_nothing_else() -> None:
    case = example()
    (letter,) = documents(Body.CYBERTIP_CA, case, AT)
    assert "1. https://host.example.com/drawings/lighthouse-2.png\n   IP address: 192.0.2.17" in letter.text
    secrets = [
        case.case,
        "B2",
        "altered",
        *(digest for item in case.items for digest in (item.id, item.sha256, item.md5)),
    ]
    assert [word for word in secrets if word in letter.text] == []


def test_canada_needs_an_address() -> None:
    nowhere = replace(example(), places=())
    with pytest.raises(DocumentError, match="has none"):
        documents(Body.CYBERTIP_CA, nowhere, AT)
    told = Told(urls=("https://other.example/a",))
    assert "https://other.example/a" in documents(Body.CYBERTIP_CA, nowhere, AT, told)[0].text


def test_the_letter_says_what_the_person_told() -> None:
    told = Told(when=AT, urls=("https://other.example/a",), esp_identifier="account-9", additional="Please call first.")
    letter = documents(Body.NCA, example(), AT, told)[0].text
    for said in ("2026-05-04T12:00:00Z", "https://other.example/a", "account-9", "Please call first."):
        assert said in letter


def test_ncmec_is_sent_to_by_its_interface() -> None:
    with pytest.raises(DocumentError, match="own interface"):
        documents(Body.NCMEC, example(), AT)
