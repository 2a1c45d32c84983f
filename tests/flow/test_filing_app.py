"""A report by the service's own wiring: settings, SQLite, the encrypted vault, HTTP to a CyberTipline of one's own."""

import io
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from safelight.app import App
from safelight.demo.cybertip_server import CyberTipline, serve
from safelight.model.access import SYSTEM
from safelight.model.case import Decided, Draft, ItemAdded, Located, Opened, ReportFinished, Revealed
from safelight.model.decision import Outcome
from safelight.model.errors import UsageError
from safelight.model.filing import Body, FilingState, Told
from safelight.model.service import Item, ItemState
from safelight.settings import read_settings
from tests.conftest import shared_folder
from tests.flow.filing_world import ANN, ANY_SCHEMA, CONFIRMED, LEAD, START, row_of

MEDIA = b"benign bytes that no disk may ever hold " * 1000
NCMECS = "of NCMEC"


class Place:
    """A service with one decided case `c1`."""

    def __init__(self, home: Path, **settings: str) -> None:
        own = {"SAFELIGHT_HOME": str(home), "SAFELIGHT_CONTACT": "trust@example.org", "SAFELIGHT_ORGANISATION": "Org"}
        self.home = home
        self.app = App(read_settings(own | {"SAFELIGHT_CONTACT_NAME": "Tess van Trust"} | settings))
        blob = self.app.evidence.put(io.BytesIO(MEDIA), "image/png")
        row = row_of("i1", MEDIA, Outcome.NEAR)
        self.app.cases.put_item(
            Item("i1", ItemState.DONE, START, "items", "", "acc", blob.id, blob.sha256, row, "c1"),
        )
        added = ItemAdded("i1", blob.sha256, len(MEDIA), "image/png", "items", Outcome.NEAR, "why", blob=blob.id)
        opened = Opened("near", family="fam")
        self.app.cases.append([Draft("c1", SYSTEM, opened), Draft("c1", SYSTEM, added)])
        self.app.cases.append([Draft("c1", ANN, Revealed("i1", "to decide")), Draft("c1", ANN, Decided(CONFIRMED))])
        self.app.cases.append([Draft("c1", SYSTEM, Located("l1", "i1", "https://example.net/a"))])


@pytest.fixture(params=["of our own", pytest.param(NCMECS, marks=pytest.mark.shared)])
def xsd(request: pytest.FixtureRequest) -> bytes:
    if request.param != NCMECS:
        return ANY_SCHEMA
    folder = shared_folder()
    if folder is None:
        pytest.skip("NCMEC's schema is not on this machine (set SAFELIGHT_SHARED to its folder)")
    return (folder / "schemas" / "cyber_tipline.xsd").read_bytes()


@pytest.fixture
def server(xsd: bytes) -> CyberTipline:
    return CyberTipline(lambda: START, xsd, "provider", "secret")


@pytest.fixture
def place(server: CyberTipline, tmp_path: Path, socket_enabled: None) -> Iterator[Place]:
    with serve(server) as url:
        account = {"SAFELIGHT_NCMEC_USER": "provider", "SAFELIGHT_NCMEC_PASSWORD": "secret"}
        made = Place(tmp_path / "home", SAFELIGHT_NCMEC_URL=url, **account)
        yield made
        assert made.app.hotline is not None
        made.app.hotline.close()


def test_a_report_is_sent_and_its_media_stays_off_the_disk(place: Place, server: CyberTipline, xsd: bytes) -> None:
    reports = place.app.reports
    assert reports.status().code == 0
    drafted = reports.draft(LEAD, "c1", Body.NCMEC)
    reports.change(LEAD, drafted.id, replace(drafted.told, annotations={"i1": ("viral",)}), {})
    reports.confirm(LEAD, drafted.id, reports.preview(drafted.id).digest)
    done = reports.send(drafted.id)
    assert (done.state, done.production) == (FilingState.FINISHED, False)
    sent = server.finished()[0]
    assert [file.media for file in sent.files.values()] == [MEDIA]
    assert b"<lastName>Trust</lastName>" in sent.xml
    assert b"<url>https://example.net/a</url>" in sent.xml
    assert all(b"<viral/>" in file.details and b"<generativeAi/>" in file.details for file in sent.files.values())
    finished = [one.event.body for one in place.app.cases.events("c1") if isinstance(one.event.body, ReportFinished)]
    assert [one.number for one in finished] == [sent.number]
    kept = {path.name: path.read_bytes() for path in place.home.rglob("*") if path.is_file()}
    assert kept["cyber_tipline-test.xsd"] == xsd
    assert not any(MEDIA[:40] in content for content in kept.values())


def test_what_people_hand_over_holds_no_media_and_no_reviewer(tmp_path: Path) -> None:
    place = Place(tmp_path)
    reports = place.app.reports
    for body in (Body.NCA, Body.POLICE, Body.CYBERTIP_CA):
        drafted = reports.draft(LEAD, "c1", body, Told(urls=("https://example.net/a",)))
        assert not reports.preview(drafted.id).flaws
        with zipfile.ZipFile(io.BytesIO(reports.bundle(drafted.id))) as bundle:
            everything = b"".join(bundle.read(name) for name in bundle.namelist())
        assert b"https://example.net/a" in everything
        assert not any(word in everything for word in (MEDIA[:40], b"471108151623", b"user:", b"Ann Reviewer"))
        assert reports.hand(LEAD, drafted.id, "by registered mail").state is FilingState.HANDED
    assert [one.taker for one in place.app.cases.case("c1").reports] == [Body.NCA, Body.POLICE, Body.CYBERTIP_CA]


def test_without_an_address_there_is_nothing_for_canada(tmp_path: Path) -> None:
    reports = Place(tmp_path).app.reports
    drafted = reports.draft(LEAD, "c1", Body.CYBERTIP_CA, Told(urls=()))
    assert any("URLs" in flaw for flaw in reports.preview(drafted.id).flaws)


def test_without_an_account_there_is_no_hotline(tmp_path: Path) -> None:
    place = Place(tmp_path)
    assert place.app.hotline is None
    with pytest.raises(UsageError, match="SAFELIGHT_NCMEC_USER"):
        place.app.reports.status()
