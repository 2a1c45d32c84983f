"""What people send: complete, the same each time, addresses alone for Canada, and nothing that a spreadsheet runs."""

import csv
import io
from dataclasses import replace
from hashlib import sha256

import pytest
from hypothesis import HealthCheck, given, settings

from safelight.model.dossier import Dossier
from safelight.model.errors import DocumentError
from safelight.model.filing import Account, Body, Told
from safelight.report.closing.bundles import documents
from safelight.report.closing.example import example
from tests.report.closing.dossiers import AT, dossiers
from tests.report.cybertip.told_material import WHOLE as TOLD
from tests.report.cybertip.told_material import WHOLE_FILE

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
    told = Told(
        when=AT,
        urls=("https://other.example/a",),
        accounts=(Account(esp_identifier="account-9"),),
        additional="Please call first.",
    )
    letter = documents(Body.NCA, example(), AT, told)[0].text
    for said in ("2026-05-04T12:00:00Z", "https://other.example/a", "account-9", "Please call first."):
        assert said in letter


def test_the_letter_tells_of_accounts_and_files_and_no_value_makes_a_line_of_its_own() -> None:
    file = replace(WHOLE_FILE, name="a\nFinding: none", public=False)
    told = replace(TOLD, accounts=(*TOLD.accounts, Account(esp_identifier="x\r\nTo: me")), files={"i1": file})
    letter, moment = documents(Body.POLICE, example(), AT, told)[0].text.splitlines(), "2026-11-22T03:30:00Z"
    for said in (
        "Account reported: thief-id, thief-screen, on thief-service",
        "Another account of the same user: other-id, other-screen, on other-service",
        "Account meant to get the files: second-id, second-screen, on second-service",
        "Account of a victim: third-id, third-screen, on third-service",
        "Account reported: x To: me",
        "  Shown as: thief-display",
        "  Profile: https://service.example/thief",
        "  E-mail: thief@mail.example, verified",
        "  E-mail: thief-2@mail.example",
        "  Telephone: +1 202 555 0101",
        "  Somebody else had taken it over.",
        "  IP address 203.0.113.7 port 51820, upload 2026-11-22T03:30:00Z, possibly a proxy",
        "  IP address 2001:db8::7",
        "  Device IMEI 490154203237518, login 2026-11-22T03:30:00Z",
        "  Device SSID thief",
        "  Also: thief-more",
        "Chat: Example Chat, room-17",
        "Chat: room-18",
        "E-mail: thief@mail.example",
    ):
        assert said in letter
    assert (
        f"File i1: named a Finding: none; uploaded {moment}; at https://host.example/17.jpg; not publicly available; "
        f"IP address 203.0.113.7 port 51820, upload {moment}, possibly a proxy; "
        f"Device IMEI 490154203237518, login {moment}; odd" in letter
    )
    assert not [line for line in letter if line.startswith(("Finding: none", "To: me"))]


def test_only_the_letter_to_the_agency_and_the_police_tells_of_people() -> None:
    told = replace(TOLD, files={"i1": WHOLE_FILE})
    personal = ("thief", "second-id", "third-id", "203.0.113.7", "2001:db8::7", "490154203237518", "202 555", "IMG_")
    (canada,) = documents(Body.CYBERTIP_CA, example(), AT, told)
    assert [word for word in (*personal, "room-17", "odd") if word in canada.text] == []
    assert "https://host.example/17.jpg" in canada.text  # where the material is, which is what they take
    _, *others = documents(Body.NCA, example(), AT, told)
    assert [(one.name, word) for one in others for word in personal if word.encode() in one.content] == []


def test_ncmec_is_sent_to_by_its_interface() -> None:
    with pytest.raises(DocumentError, match="own interface"):
        documents(Body.NCMEC, example(), AT)


@pytest.mark.parametrize(
    ("organisation", "email", "head"),
    [
        ("Example Pictures", "a@b.example", "From: Example Pictures, a@b.example"),
        ("", "a@b.example", "From: a@b.example"),
        ("Example Pictures", "", "From: Example Pictures, (no address for questions is set: SAFELIGHT_CONTACT)"),
        ("", "", "From: (no address for questions is set: SAFELIGHT_CONTACT)"),
    ],
)
def test_a_letter_says_plainly_that_nobody_is_named(organisation: str, email: str, head: str) -> None:
    case = example()
    case = replace(case, reporter=replace(case.reporter, organisation=organisation, email=email))
    assert head in documents(Body.POLICE, case, AT)[0].content.decode().splitlines()
    lines = documents(Body.CYBERTIP_CA, case, AT)[0].content.decode().splitlines()
    assert f"Provider: {organisation or '(not set: SAFELIGHT_ORGANISATION)'}" in lines
    assert f"Contact: {email or '(no address for questions is set: SAFELIGHT_CONTACT)'}" in lines
