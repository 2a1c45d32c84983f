"""Looks at URLs under the guard."""

import gzip
import socket
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from safelight.adapter.probe import SafeProber
from safelight.model.errors import FetchError
from safelight.ports import Seen
from tests.adapter.test_fetch import Server, by_table, says


@pytest.fixture
def server(socket_enabled: None) -> Iterator[Server]:
    made = Server()
    yield made
    made.close()


def seen(server: Server, path: str, max_bytes: int = 1_000) -> tuple[Seen, bytes]:
    prober = SafeProber(
        max_bytes,
        seconds=2,
        resolve=lambda host, port: ["127.0.0.1"] if host == "server.example" else by_table(host, port),
        hosts=frozenset({"server.example"}),
    )
    with prober.look(url(server, path)) as (told, file):
        assert str(Path(f"/proc/self/fd/{file.fileno()}").readlink()).startswith("/memfd:")
        return told, file.read()


def url(server: Server, path: str) -> str:
    return f"http://server.example:{server.port}{path}"


def test_bytes_and_where_they_were(server: Server) -> None:
    server.answers[b"/a"] = says("302 Found\r\nLocation: /b\r\nContent-Length: 0")
    server.answers[b"/b"] = says("200 OK\r\nContent-Length: 5", b"bytes")
    assert seen(server, "/a") == (Seen(200, url(server, "/b"), 5), b"bytes")
    assert seen(server, "/b#part") == (Seen(200, url(server, "/b"), 5), b"bytes")


@pytest.mark.parametrize("status", [401, 403, 404, 410, 429, 451, 500, 503])
def test_an_answer_without_the_file_is_an_answer(server: Server, status: int) -> None:
    server.answers[b"/a"] = says("301 Moved\r\nLocation: /b\r\nContent-Length: 0")
    server.answers[b"/b"] = says(f"{status} No\r\nContent-Length: 3", b"no!")
    body = b"no!" if status in {404, 410} else b""
    assert seen(server, "/a") == (Seen(status, url(server, "/b"), len(body)), body)


@pytest.mark.parametrize("status", [404, 410])
def test_bytes_that_come_with_not_found_are_read_like_others(server: Server, status: int) -> None:
    server.answers[b"/a"] = says(f"{status} No\r\nContent-Length: 5", b"bytes")
    assert seen(server, "/a") == (Seen(status, url(server, "/a"), 5), b"bytes")
    server.answers[b"/large"] = says(f"{status} No\r\nContent-Length: 1001", b"x" * 1_001)
    server.answers[b"/torn"] = says(f"{status} No\r\nContent-Length: 9\r\nConnection: close", b"torn")
    server.answers[b"/packed"] = says(f"{status} No\r\nContent-Encoding: gzip\r\nContent-Length: 4", b"pack")
    for path in (
        "/large",
        "/torn",
        "/packed",
    ):  # browsers may show it: so it is no answer, least of all that it is gone
        with pytest.raises(FetchError) as error:
            seen(server, path)
        assert "status" not in error.value.details


def test_statuses_of_success_come_with_bytes(server: Server) -> None:
    for status in (203, 206, 299):
        server.answers[b"/a"] = says(f"{status} Yes\r\nContent-Length: 5", b"bytes")
        assert seen(server, "/a") == (Seen(status, url(server, "/a"), 5), b"bytes")
    server.answers[b"/a"] = says("204 No Content")
    assert seen(server, "/a") == (Seen(204, url(server, "/a"), 0), b"")


@pytest.mark.parametrize("status", [200, 404])
@pytest.mark.parametrize("packing", ["gzip", "x-gzip", "deflate", "GZIP"])
def test_what_is_packed_unasked_is_unpacked(server: Server, status: int, packing: str) -> None:
    plain = bytes(range(256)) * 3
    for data in (plain, plain * 100, b""):
        packed = zlib.compress(data) if packing == "deflate" else gzip.compress(data)
        head = f"{status} Yes\r\nContent-Encoding: {packing}\r\nContent-Length: "
        server.answers[b"/a"] = says(f"{head}{len(packed)}", packed)
        assert seen(server, "/a", 100_000) == (Seen(status, url(server, "/a"), len(data)), data)
        server.answers[b"/short"] = says(f"{head}{len(packed) - 1}", packed[:-1])
        server.answers[b"/bomb"] = says(f"{head}{len(packed)}", packed)
        with pytest.raises(FetchError, match="too early"):
            seen(server, "/short", 100_000)
        if len(data) > 1_000:
            with pytest.raises(FetchError, match="larger than"):
                seen(server, "/bomb", len(data) - 1)


def test_a_packing_that_is_not_known_is_no_answer(server: Server) -> None:
    server.answers[b"/a"] = says("200 OK\r\nContent-Encoding: br\r\nContent-Length: 4", b"pack")
    with pytest.raises(FetchError, match="packs"):
        seen(server, "/a")


def test_a_host_that_sends_us_to_nowhere_has_an_address(server: Server) -> None:
    server.answers[b"/a"] = says("302 Found\r\nLocation: http://nowhere.example/\r\nContent-Length: 0")

    def resolve(host: str, _port: int) -> list[str]:
        if host == "server.example":
            return ["127.0.0.1"]
        raise socket.gaierror(socket.EAI_NONAME, "")

    prober = SafeProber(1_000, seconds=2, resolve=resolve, hosts=frozenset({"server.example"}))
    with pytest.raises(FetchError, match="redirected to a host") as error, prober.look(url(server, "/a")):
        pass
    assert "no_host" not in error.value.details


def test_a_host_without_an_address_is_told_from_a_resolver_that_fails() -> None:
    for number, no_host in ((socket.EAI_NONAME, True), (socket.EAI_AGAIN, False), (socket.EAI_FAIL, False)):

        def resolve(_host: str, _port: int, number: int = number) -> list[str]:
            raise socket.gaierror(number, "")

        prober = SafeProber(1_000, seconds=2, resolve=resolve)
        with pytest.raises(FetchError) as error, prober.look("http://server.example/a"):
            pass
        assert error.value.details["no_host"] is no_host
    refused = SafeProber(1_000, seconds=2, resolve=lambda _host, _port: ["10.0.0.1"])
    with pytest.raises(FetchError) as error, refused.look("http://server.example/a"):
        pass
    assert "no_host" not in error.value.details


def test_what_is_no_answer_is_none(server: Server) -> None:
    server.answers[b"/hangs-up"] = lambda connection, _: connection.close()
    server.answers[b"/large"] = says("200 OK\r\nContent-Length: 1001", b"")
    server.answers[b"/inside"] = says("302 Found\r\nLocation: http://10.0.0.1/\r\nContent-Length: 0")
    server.answers[b"/round"] = says("302 Found\r\nLocation: /round\r\nContent-Length: 0")
    for path in ("/hangs-up", "/large", "/inside", "/round"):
        with pytest.raises(FetchError) as error:
            seen(server, path)
        assert "10.0" not in str(error.value)
