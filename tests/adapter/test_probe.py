"""Looks at URLs under the guard."""

import socket
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
    for path in ("/large", "/torn", "/packed"):
        assert seen(server, path) == (Seen(status, url(server, path), 0), b"")


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
