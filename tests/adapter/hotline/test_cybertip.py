"""The CyberTipline's interface over HTTP: against a server of its kind, and against all that can go wrong."""

import hashlib
import io
import logging
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from safelight.adapter.hotline.cybertip import PRODUCTION, TEST, CyberTipline
from safelight.demo.cybertip_server import CyberTipline as Server
from safelight.demo.cybertip_server import Fault, When, serve
from safelight.model.errors import (
    HotlineAccountError,
    HotlineDownError,
    HotlineNotDoneError,
    HotlineRefusedError,
    UsageError,
)
from safelight.model.filing import Body, FilingState
from safelight.ports import Hotline, HotlineAnswer
from tests.flow.filing_world import ANY_SCHEMA, LEAD, SetClock, World

REPORT, DETAILS = b"<report/>", b"<fileDetails><reportId>4564654</reportId><fileId>%s</fileId></fileDetails>"
Handler = Callable[[httpx.Request], httpx.Response]
OK = (
    b"<reportResponse><responseCode>0</responseCode><responseDescription>Success</responseDescription></reportResponse>"
)


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def server(clock: SetClock) -> Server:
    return Server(clock.now, ANY_SCHEMA, "provider", "pass:word")


@pytest.fixture
def hotline(server: Server, clock: SetClock, tmp_path: Path, socket_enabled: None) -> Iterator[CyberTipline]:
    with serve(server) as url:
        client = CyberTipline("provider", "pass:word", tmp_path / "hotline", clock, url=url)
        yield client
        client.close()


def answering(handler: Handler, tmp_path: Path) -> CyberTipline:
    return CyberTipline("u", "p", tmp_path, SetClock(), transport=httpx.MockTransport(handler))


def code(number: int, status: int = 200) -> Handler:
    body = OK.replace(b">0<", f">{number}<".encode())
    return lambda _: httpx.Response(status, content=body, headers={"Request-ID": "r-7"})


def test_a_report_from_its_opening_to_its_end(hotline: CyberTipline, server: Server) -> None:
    port: Hotline = hotline
    assert "Remote User : provider" in port.status().words
    assert port.schema() == ANY_SCHEMA
    opened = port.submit(REPORT)
    media = bytes(range(256)) * 1000
    sent = port.upload(opened.number, "i1", io.BytesIO(media))
    assert sent.md5 == hashlib.md5(media).hexdigest()
    assert port.file_info(DETAILS % sent.number.encode()).code == 0
    done = port.finish(opened.number)
    assert done == HotlineAnswer(0, "", done.request, sent.number, "", (sent.number,))
    kept = server.finished()[0]
    assert [file.media for file in kept.files.values()] == [media]
    assert opened.request.startswith("request-")
    with pytest.raises(HotlineRefusedError) as refused:
        port.retract(opened.number)
    assert refused.value.details["answer"] == 5102
    assert "request-" in str(refused.value)


def test_a_wrong_password_has_no_effect(server: Server, clock: SetClock, tmp_path: Path, socket_enabled: None) -> None:
    with (
        serve(server) as url,
        closing(CyberTipline("provider", "guess", tmp_path, clock, url=url)) as client,
        pytest.raises(HotlineAccountError, match="2000: Authentication required") as refused,
    ):
        client.status()
    assert "check SAFELIGHT_NCMEC_USER" in str(refused.value)


@pytest.mark.parametrize("call", ["submit", "upload", "fileinfo", "finish"])
@pytest.mark.parametrize("when", list(When))
def test_a_dropped_connection_is_no_answer_over_real_sockets(
    hotline: CyberTipline, server: Server, call: str, when: When, clock: SetClock
) -> None:
    """The whole life of a report goes on over them, as it does without."""
    world = World()
    world.server, world.clock = server, clock
    world.cases.clock = clock
    filings = world.filings(hotline=hotline, clock=clock)
    drafted = filings.draft(LEAD, "c1", Body.NCMEC)
    filings.confirm(LEAD, drafted.id, filings.preview(drafted.id).digest)
    server.faults[call] = [Fault(when)]
    with pytest.raises(HotlineDownError, match="no answer"):
        filings.send(drafted.id)
    assert filings.send(drafted.id).state is FilingState.FINISHED
    assert len(server.finished()) == 1


def test_silence_ends_after_a_time(hotline: CyberTipline, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hotline._client, "timeout", httpx.Timeout(0.05))
    server.faults["status"] = [Fault(silent=0.2)]
    with pytest.raises(HotlineDownError, match="ReadTimeout"):
        hotline.status()


def test_nobody_there_is_said_to_have_had_no_effect(clock: SetClock, tmp_path: Path, socket_enabled: None) -> None:
    with serve(Server(clock.now, b"", "u", "p")) as url:
        pass
    with (
        closing(CyberTipline("u", "p", tmp_path, clock, url=url)) as client,
        pytest.raises(HotlineNotDoneError, match="cannot be reached"),
    ):
        client.status()


@pytest.mark.parametrize(
    ("handler", "error"),
    [
        *((code(number), HotlineDownError) for number in (1000, 1200, 1999)),
        *((code(number), HotlineNotDoneError) for number in (1100, 1110, 1111, 1300)),
        *((code(number), HotlineRefusedError) for number in (1210, 3100, 4100, 5001, 5102, 9)),
        *((code(number, status), HotlineAccountError) for number in (2000, 3000) for status in (200, 401, 403)),
        *((lambda _, status=status: httpx.Response(status), HotlineAccountError) for status in (401, 403)),
        (code(4100, 500), HotlineDownError),
        (code(4100, 400), HotlineRefusedError),
        (code(0, 404), HotlineRefusedError),
        (lambda _: httpx.Response(200, content=b"<html>"), HotlineDownError),
        (lambda _: httpx.Response(200, content=b" " * (5 << 20)), HotlineDownError),
        (lambda _: httpx.Response(404, content=b""), HotlineRefusedError),
        (lambda _: httpx.Response(408, content=b""), HotlineDownError),
        (lambda _: httpx.Response(429, content=b""), HotlineNotDoneError),
        (lambda _: httpx.Response(503, content=OK), HotlineDownError),
    ],
)
def test_what_an_answer_means(handler: Handler, error: type[Exception], tmp_path: Path) -> None:
    with pytest.raises(error) as raised:
        answering(handler, tmp_path).finish("7")
    assert type(raised.value) is error
    assert str(raised.value).startswith("finish: ")


def test_redirects_are_not_followed(tmp_path: Path) -> None:
    asked: list[str] = []

    def elsewhere(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        return httpx.Response(307, headers={"Location": "https://example.net/"})

    with pytest.raises(HotlineRefusedError, match="HTTP 307"):
        answering(elsewhere, tmp_path).submit(REPORT)
    assert asked == [f"{TEST}/submit"]


def test_where_reports_go(tmp_path: Path) -> None:
    asked: list[httpx.Request] = []

    def noted(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, content=OK)

    transport = httpx.MockTransport(noted)
    for production in (False, True):
        client = CyberTipline("u", "p", tmp_path, SetClock(), production=production, transport=transport)
        client.submit(REPORT)
        assert client.production is production
    assert [str(request.url) for request in asked] == [f"{TEST}/submit", f"{PRODUCTION}/submit"]
    assert asked[0].headers["authorization"] == "Basic dTpw"
    assert asked[0].headers["content-type"] == "text/xml; charset=utf-8"
    for url in ("http://example.org/ispws", "ftp://127.0.0.9/", "example.org"):
        with pytest.raises(UsageError):
            CyberTipline("u", "p", tmp_path, SetClock(), url=url)
    with pytest.raises(UsageError):
        CyberTipline("u", "p", tmp_path, SetClock(), production=True, url="https://example.org/ispws")


@pytest.mark.parametrize(
    "url",
    [
        "https://report.cybertip.org/ispws",
        "https://REPORT.cybertip.org./ispws",
        "https://cybertip.org/",
        "https://someone@report.cybertip.org:443/ispws",
    ],
)
def test_the_real_receiver_is_no_test_system(url: str, tmp_path: Path, clock: SetClock) -> None:
    with pytest.raises(UsageError, match="takes real reports"):
        CyberTipline("user", "password", tmp_path, clock, url=url)


def test_the_schema_is_kept_for_a_day(tmp_path: Path) -> None:
    given = [ANY_SCHEMA, ANY_SCHEMA + b"<!-- new -->", b"<html/>"]
    clock = SetClock()
    transport = httpx.MockTransport(lambda _: httpx.Response(200, content=given.pop(0)))

    def fresh(*, production: bool = False) -> CyberTipline:
        return CyberTipline("u", "p", tmp_path / "h", clock, production=production, transport=transport)

    assert fresh().schema() == ANY_SCHEMA
    clock.time += timedelta(hours=23)
    assert fresh().schema() == ANY_SCHEMA
    clock.time += timedelta(hours=2)
    assert fresh().schema().endswith(b"new -->")
    assert fresh().schema().endswith(b"new -->")
    with pytest.raises(HotlineDownError, match="the schema"):
        fresh(production=True).schema()  # of its own, and no schema
    assert [path.name for path in (tmp_path / "h").iterdir()] == ["cyber_tipline-test.xsd"]
    assert not given


def test_a_folder_that_cannot_be_written_only_costs_time(tmp_path: Path) -> None:
    (tmp_path / "h").write_text("no folder")
    transport = httpx.MockTransport(lambda _: httpx.Response(200, content=ANY_SCHEMA))
    client = CyberTipline("u", "p", tmp_path / "h", SetClock(), transport=transport)
    assert client.schema() == client.schema() == ANY_SCHEMA


def test_media_is_read_in_pieces(hotline: CyberTipline) -> None:
    class Watched(io.BytesIO):
        largest = 0

        def read(self, size: int | None = -1, /) -> bytes:
            piece = super().read(size)
            self.largest = max(self.largest, len(piece))
            return piece

    media = Watched(b"x" * 3_000_000)
    hotline.upload(hotline.submit(REPORT).number, "i1", media)
    assert 0 < media.largest <= 1 << 20


def test_nothing_of_a_report_or_an_account_is_logged(hotline: CyberTipline, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    number = hotline.submit(b"<report><a>secret content</a></report>").number
    hotline.upload(number, "i1", io.BytesIO(b"secret media"))
    said = caplog.text
    assert "cybertipline submit: HTTP 200, request request-1" in said
    for word in ("secret", "pass:word", "cHJvdmlkZXI6cGFzczp3b3Jk", number):
        assert word not in said


def test_what_the_world_of_tests_does_is_what_the_adapter_does() -> None:
    """The exhaustive tests call the server without HTTP; the same report over the adapter's own transport."""
    world = World()
    name = world.confirmed()

    def through(request: httpx.Request) -> httpx.Response:
        auth, kind = request.headers["authorization"], request.headers.get("content-type", "")
        reply = world.server.handle(request.method, request.url.path, auth, kind, request.read())
        return httpx.Response(reply.status, content=reply.body)

    folder = Path("/nonexistent")
    client = CyberTipline("u", "p", folder, world.clock, transport=httpx.MockTransport(through))
    done = world.filings(hotline=client).send(name)
    twin = World()
    other = twin.filings().send(twin.confirmed())
    assert replace(done, digest="") == replace(other, digest="")
    assert world.server.finished()[0].xml == twin.server.finished()[0].xml
