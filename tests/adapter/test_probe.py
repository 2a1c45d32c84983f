"""Looks at URLs under the guard."""

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
    assert seen(server, "/a") == (Seen(status, url(server, "/b"), 0), b"")


def test_what_is_no_answer_is_none(server: Server) -> None:
    server.answers[b"/hangs-up"] = lambda connection, _: connection.close()
    server.answers[b"/large"] = says("200 OK\r\nContent-Length: 1001", b"")
    server.answers[b"/inside"] = says("302 Found\r\nLocation: http://10.0.0.1/\r\nContent-Length: 0")
    server.answers[b"/round"] = says("302 Found\r\nLocation: /round\r\nContent-Length: 0")
    for path in ("/hangs-up", "/large", "/inside", "/round"):
        with pytest.raises(FetchError) as error:
            seen(server, path)
        assert "10.0" not in str(error.value)
