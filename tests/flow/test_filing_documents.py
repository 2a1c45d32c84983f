"""Documents as the real flow makes them from cases of every kind, and what of a service ever leaves it."""

import base64
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from safelight.adapter.hotline.cybertip import CyberTipline
from safelight.demo.cybertip_server import Fault, When
from safelight.flow.filing_facts import (
    Document,
    check_told,
    confirmed,
    documents,
    file_document,
    filed,
    first_told,
    refreshed,
)
from safelight.model.access import Actor, ActorKind
from safelight.model.assessment import Artificialness, Assessment, Reason, Strength
from safelight.model.case import (
    Case,
    Classification,
    Decided,
    Draft,
    Finding,
    ItemAdded,
    Located,
    Noted,
    Opened,
    Revealed,
    Verdict,
)
from safelight.model.decision import Outcome
from safelight.model.errors import HotlineDownError
from safelight.model.filing import Account, Chat, Email, Filing, FilingState, Reporter, Role, Told
from safelight.model.filing import Body as Taker
from safelight.model.hint import Hint, HintVerdict
from safelight.model.match import Match, MatchKind
from safelight.model.region import AlteredRegion, RegionBasis
from safelight.model.service import Item, ItemState
from safelight.report.cybertip.check import validate
from safelight.report.cybertip.words import FILE_ANNOTATIONS, GENERATIVE
from tests.flow.filing_world import ANN, ANY_SCHEMA, LEAD, START, Cases, SetClock, World, row_of
from tests.report.cybertip.told_material import DEVICE, EVENT, FILES, ODD, TOLD, WHOLE, WHOLE_FILE

TEXT = st.text(st.characters(codec="utf-8"), max_size=40) | st.sampled_from(
    ("\0\x1b[0m", "]]>&<'\"", "\r\n\t", " ", "e\u0301" * 2000, "\U0001f469\u200d\U0001f467" * 700)
)
"""What the log can hold: all but lone surrogates."""
HEX: Final = st.integers(0, 16**64 - 1).map("{:064x}".format)
MATCHES = st.builds(
    Match,
    TEXT,
    TEXT,
    st.sampled_from(MatchKind),
    st.sampled_from(("pdq", "sha256", "local")),
    st.none() | st.integers(0, 256),
    altered_region=st.none() | st.floats(0, 1).map(lambda area: AlteredRegion(area, (0, 0, 4, 4), RegionBasis.PIXELS)),
    expected_false_matches=st.none() | st.floats(0, 1e9),
    negative=st.booleans(),
    known=st.just("") | HEX,
    classification=TEXT,
)
REASONS = st.builds(Reason, TEXT, st.sampled_from(Artificialness), st.sampled_from(Strength), TEXT)
ROWS = st.fixed_dictionaries(
    {
        "matches": st.lists(MATCHES, max_size=12).map(tuple),
        "assessment": st.builds(
            Assessment,
            st.sampled_from(Artificialness),
            st.sampled_from(Strength),
            st.lists(REASONS, max_size=12).map(tuple),
        ),
        "hint": st.none()
        | st.builds(Hint, TEXT, TEXT, st.sampled_from(HintVerdict), st.none() | st.floats(0, 1), TEXT),
        "pdq": st.none() | HEX,
        "sha1": st.none() | HEX.map(lambda one: one[:40]),
        "md5": st.none() | HEX.map(lambda one: one[:32]),
    }
)
ITEMS = st.lists(
    st.fixed_dictionaries(
        {
            "row": st.none() | ROWS,
            "outcome": st.sampled_from(Outcome),
            "reference": TEXT,
            "account": TEXT,
            "blob": st.sampled_from(("blob", None)),
            "seen": st.booleans(),
            "url": st.none() | TEXT,
            "told": FILES,
            "marks": st.lists(st.sampled_from(FILE_ANNOTATIONS)).map(tuple),
        }
    ),
    min_size=1,
    max_size=3,
)
FINDINGS = st.builds(
    Finding,
    st.just(Verdict.CONFIRMED),
    st.sampled_from(Classification),
    st.sampled_from(Artificialness),
    note=TEXT,
)
REPORTERS = st.builds(Reporter, ODD, ODD, ODD, ODD, ODD, ODD, ODD, ODD)
Given = dict[str, object]


def case_of(given: list[Given], finding: Finding) -> tuple[Cases, Case]:
    """A decided case by its events, as the service has them."""
    cases = Cases(SetClock())
    drafts = [Draft("c1", ANN, Opened("near", family="fam"))]
    for number, one in enumerate(given):
        name, row, url = f"i{number}", one["row"], one["url"]
        sha256, outcome = f"{number:064x}", Outcome(str(one["outcome"]))
        kept = row_of(name, b"%d" % number, outcome, **row) if isinstance(row, dict) else None
        account, reference = str(one["account"]), str(one["reference"])
        blob = one["blob"] if isinstance(one["blob"], str) else None
        cases.put_item(Item(name, ItemState.DONE, START, "items", reference, account, blob, sha256, kept, "c1"))
        drafts.append(
            Draft("c1", ANN, ItemAdded(name, sha256, 1, "image/png", "items", outcome, "why", reference, blob))
        )
        if one["seen"]:
            drafts.append(Draft("c1", ANN, Revealed(name, "to decide")))
        if isinstance(url, str):
            drafts.append(Draft("c1", ANN, Located(f"l{number}", name, url)))
    cases.append([*drafts, Draft("c1", ANN, Decided(finding))])
    return cases, cases.case("c1")


def papers(given: list[Given], finding: Finding, told: Told | None, reporter: Reporter) -> Iterator[Document]:
    """All documents of a report on the whole of such a case: as previewed, and as sent once there are numbers."""
    cases, case = case_of(given, finding)
    taken = tuple(filed(case, item, cases.item(item.id), Taker.NCMEC) for item in case.items)
    first = first_told(cases, case, case.items, START)
    check_told(first, taken, Taker.NCMEC, START)  # what nobody typed never keeps a report from being prepared
    files = {f"i{number}": one["told"] for number, one in enumerate(given)}
    told = replace(told, files=files) if told else first  # type: ignore[arg-type] # what it is drawn as
    told = replace(told, annotations={f"i{number}": one["marks"] for number, one in enumerate(given)})  # type: ignore[misc] # what it is drawn as
    filing = Filing("f1", "c1", Taker.NCMEC, FilingState.DRAFT, START, taken, told)
    filing = refreshed(filing, case, confirmed(cases, case))
    yield from documents(filing, case, cases, reporter)
    for one in filing.items:
        yield Document("sent", "text/xml", file_document(filing, one, case, cases, "4564654", "f" * 32))


@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@given(ITEMS, FINDINGS, st.none() | TOLD, REPORTERS)
def test_documents_can_be_made_of_every_case(
    given: list[Given], finding: Finding, told: Told | None, reporter: Reporter
) -> None:
    made = list(papers(given, finding, told, reporter))
    for paper in made:
        validate(paper.content, ANY_SCHEMA)
    assert finding.artificialness in _MADE or not any(f"<{GENERATIVE}/>" in paper.text for paper in made)


_MADE = frozenset((Artificialness.FULLY_SYNTHETIC, Artificialness.PARTIALLY_ALTERED, Artificialness.HYBRID))


@pytest.mark.shared
def test_the_documents_of_500_cases_are_valid_by_ncmecs_own_schema(shared: Path) -> None:
    """The bar, from cases: their events, items and rows, through the functions that reports are sent by."""
    xsd = (shared / "schemas" / "cyber_tipline.xsd").read_bytes()
    cases = 0

    @settings(max_examples=500, database=None, deadline=None, suppress_health_check=list(HealthCheck))
    @given(ITEMS, FINDINGS, st.none() | TOLD, REPORTERS)
    def valid(given: list[Given], finding: Finding, told: Told | None, reporter: Reporter) -> None:
        nonlocal cases
        for paper in papers(given, finding, told, reporter):
            validate(paper.content, xsd)
        cases += 1

    valid()
    assert cases >= 500


SECRETS: Final = (
    *("4711-reviewer", "Ann Reviewer-Secret", "user:4711", "note-secret-7", "reason-secret-7", "reveal-secret-7"),
    *("bank-secret-7", "entry-secret-7", "vault-secret-7"),
)
"""People, notes, banks and the vault: nothing of it is for anybody outside."""
_SLICE: Final = 24


def pictures_of(media: bytes) -> Iterator[bytes]:
    """What would give a piece of media away, in any of the usual wrappings."""
    for start in range(0, len(media) - _SLICE, _SLICE):
        piece = media[start : start + _SLICE]
        yield piece
        yield piece.hex().encode()
        yield piece.hex().upper().encode()
        for shift in range(3):
            whole = base64.b64encode(b"\0" * shift + piece)
            inner = whole[4:-4]  # what does not depend on the bytes before and after
            yield inner
            yield inner.replace(b"+", b"-").replace(b"/", b"_")


class Wire:
    """Records each request to the CyberTipline: all of its head, and its body."""

    def __init__(self, world: World) -> None:
        self.world, self.sent, self.uploads = world, list[bytes](), list[bytes]()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        body = request.read()
        head = f"{request.method} {request.url}".encode() + b"".join(b"\n%s: %s" % one for one in request.headers.raw)
        call = request.url.path.rpartition("/")[2]
        left = body
        if call == "upload":
            mine = [media for media in self.world.vault.media.values() if media in body]
            assert len(mine) == 1
            self.uploads.append(mine[0])
            left = body.replace(mine[0], b"")
        self.sent.append(head + b"\n\n" + left)
        kind = request.headers.get("content-type", "")
        reply = self.world.server.handle(request.method, request.url.path, request.headers["authorization"], kind, body)
        if not reply.status:
            raise httpx.ReadError("dropped")
        return httpx.Response(reply.status, content=reply.body, headers={"Request-ID": reply.request})


def planted() -> World:
    """A world in which all that must stay inside is marked, and each kind of thing is there."""
    world = World()
    person = Actor(ActorKind.USER, "4711-reviewer")
    match = Match("bank-secret-7", "entry-secret-7", MatchKind.DERIVATIVE, "local", None, known="a" * 64)
    world.add("c1", "i3", Outcome.DERIVED, matches=(match,))
    media = {f"vault-secret-7-{name}": bytes(range(256)) * 3 + data for name, data in world.vault.media.items()}
    world.log("c1", Noted("note-secret-7 by Ann Reviewer-Secret, user:4711"), who=person)
    world.log("c1", Revealed("i3", "reveal-secret-7"), who=person)
    finding = Finding(Verdict.CONFIRMED, Classification.A1, Artificialness.HYBRID, note="note-secret-7")
    world.log("c1", Decided(finding), who=person)
    world.log("c1", Located("l1", "i3", "https://example.net/x"), who=person)
    world.vault.media = dict(zip(world.vault.media, media.values(), strict=True))
    return world


@pytest.mark.parametrize("call", ["submit", "upload", "fileinfo", "finish"])
def test_no_byte_of_a_reports_whole_life_tells_of_people_notes_banks_vault_or_media(call: str, tmp_path: Path) -> None:
    world = planted()
    wire = Wire(world)
    client = CyberTipline("u", "p", tmp_path, world.clock, transport=httpx.MockTransport(wire))
    lead = replace(LEAD, actor=Actor(ActorKind.USER, "4711-reviewer"), name="Ann Reviewer-Secret")
    filings = world.filings(hotline=client)
    filings.status()
    made = filings.draft(lead, "c1", Taker.NCMEC)
    filings.change(lead, made.id, replace(made.told, annotations={"i1": ("viral",)}), {"i2": False})
    filings.confirm(lead, made.id, filings.preview(made.id).digest)
    world.server.faults[call] = [Fault(When.AFTER), Fault(code=2000), Fault(When.BEFORE)]
    for _ in range(9):
        try:
            world.filings(hotline=client).send(made.id)
            break
        except HotlineDownError as error:
            wire.sent.append(str(error).encode())
    assert world.rows.get(made.id).state is FilingState.FINISHED
    other = world.filings(hotline=client)
    world.add("c1", "i9", Outcome.KNOWN)
    again = other.draft(lead, "c1", Taker.NCMEC)
    other.confirm(lead, again.id, other.preview(again.id).digest)
    world.server.faults["fileinfo"] = [Fault(code=1300)]
    with pytest.raises(HotlineDownError, match="1300"):
        other.send(again.id)
    other.withdraw(lead, again.id, "reason-secret-7")
    other.take_back(again.id)
    asked = {one.split(b"\n")[0].rpartition(b"/")[2] for one in wire.sent}
    assert {b"status", b"xsd", b"submit", b"upload", b"fileinfo", b"finish", b"retract"} <= asked
    everything = b"\n".join(wire.sent)
    assert set(wire.uploads) <= set(world.vault.media.values())
    for secret in (*SECRETS, *world.vault.media):
        for form in (secret.encode(), base64.b64encode(secret.encode())[:-4], secret.encode().hex().encode()):
            assert form not in everything, secret
    for media in world.vault.media.values():
        assert not [piece for piece in pictures_of(media) if piece in everything]


def test_what_is_looked_for_would_be_found() -> None:
    media = bytes(range(200))
    for wrapped in (
        media,
        media.hex().encode(),
        *(base64.b64encode(b"#" * shift + media) for shift in range(3)),
        base64.urlsafe_b64encode(media),
    ):
        assert any(piece in b"before" + wrapped + b"after" for piece in pictures_of(media))


PERSONAL: Final = ("thief", "second-", "third-", "other-", "203.0.113.7", "2001:db8::7", "490154203237518", "IMG_0017")


def test_what_is_told_of_people_is_in_the_report_alone() -> None:
    """Not in the log, which only grows, nor in words about what is wrong with it."""
    world = World()
    filings = world.filings()
    made = filings.draft(LEAD, "c1", Taker.NCMEC)
    told = replace(WHOLE, files=dict.fromkeys(("i1", "i2"), WHOLE_FILE))
    filings.change(LEAD, made.id, told, {"i2": False})
    preview = filings.preview(made.id)
    assert preview.flaws == ()
    report, file = (paper.text for paper in preview.documents)
    assert [name for name in PERSONAL if name not in report] == []
    assert "IMG_0017" in file
    filings.confirm(LEAD, made.id, preview.digest)
    assert filings.send(made.id).state is FilingState.FINISHED
    kept = repr(world.cases.entries) + repr([world.cases.item(name) for name in ("i1", "i2")])
    assert [word for word in PERSONAL if word in kept] == []
    (sent,) = world.server.finished()
    assert sent.xml == preview.documents[0].content


FACTS_TOLD: Final = (
    ("role", Role.VICTIM),
    *((name, "other") for name in ("esp_identifier", "esp_service", "screen_name", "additional")),
    *((name, ("https://other.example/1",)) for name in ("display_names", "profile_urls", "phones")),
    ("emails", (Email("other@mail.example"),)),
    ("emails", (Email("user@mail.example", verified=True),)),
    ("compromised", True),
    ("ip_events", (replace(EVENT, port=1),)),
    ("ip_events", (replace(EVENT, possible_proxy=False),)),
    ("ip_events", (replace(EVENT, kind=None),)),
    ("ip_events", (replace(EVENT, at=None),)),
    ("devices", (replace(DEVICE, event=None),)),
    ("devices", (replace(DEVICE, value="other"),)),
)


@pytest.mark.parametrize(("name", "value"), FACTS_TOLD)
def test_whatever_is_told_of_an_account_is_part_of_what_is_confirmed(name: str, value: object) -> None:
    account = Account(esp_identifier="u-4", emails=(Email("user@mail.example"),), ip_events=(EVENT,), devices=(DEVICE,))
    changed = replace(account, **{name: value})  # type: ignore[arg-type] # one of its fields
    assert digest_with(Told(accounts=(account,))) != digest_with(Told(accounts=(changed,)))


@pytest.mark.parametrize("upload", [True, False])
@pytest.mark.parametrize(
    ("name", "value"),
    [
        *((name, "https://other.example/") for name in ("name", "url", "additional")),
        *((("uploaded", None), ("public", False), ("ip_event", None), ("devices", ()))),
    ],
)
def test_whatever_is_told_of_a_file_is_part_of_what_is_confirmed(name: str, value: object, upload: bool) -> None:
    changed = replace(WHOLE_FILE, **{name: value})  # type: ignore[arg-type] # one of its fields
    one, other = (digest_with(Told(files={"i1": file}), upload=upload) for file in (WHOLE_FILE, changed))
    assert one != other


@pytest.mark.parametrize("told", [Told(chats=(Chat("Example Chat", "r"),)), Told(emails=("a@mail.example",))])
def test_wherever_it_happened_is_part_of_what_is_confirmed(told: Told) -> None:
    assert digest_with(told) != digest_with(Told())


def digest_with(told: Told, *, upload: bool = True) -> str:
    world = World()
    filings = world.filings()
    made = filings.draft(LEAD, "c1", Taker.NCMEC)
    items = tuple(replace(one, upload=upload) for one in made.items)
    world.rows.put(replace(made, told=told, items=items), expect=made)  # past the rules, which are told of elsewhere
    return filings.preview(made.id).digest
