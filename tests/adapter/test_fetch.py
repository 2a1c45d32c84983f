"""What a stranger's URL may not do."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from ipaddress import ip_address
from pathlib import Path

import pytest

from safelight.adapter.fetch import MAX_REDIRECTS, SafeFetcher, is_public
from safelight.model.errors import FetchError

NAMES = {
    "public.example": ["93.184.215.14"],
    "inside.example": ["10.0.0.5"],
    "loopback.example": ["127.0.0.1"],
    "both.example": ["93.184.215.14", "127.0.0.1"],
    "six.example": ["::1"],
    "metadata.example": ["169.254.169.254"],
    "empty.example": [],
    "scoped.example": ["fe80::1%eth0"],
}


def by_table(host: str, _port: int) -> list[str]:
    """Names by the table, numbers in every form that the system's resolver takes."""
    if host in NAMES:
        return NAMES[host]
    try:
        return [str(ip_address(host))]
    except ValueError:
        return [socket.inet_ntoa(socket.inet_aton(host))]  # OSError for what is no number


NOT_PUBLIC = [
    "http://127.0.0.1/",
    "http://127.1/",
    "http://127.0.0.1.:80/",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0x7f.0.0.1/",
    "http://0177.0.0.1/",
    "http://017700000001/",
    "http://0/",
    "http://0.0.0.0/",
    "http://10.1.2.3/",
    "http://172.16.0.1/",
    "http://172.31.255.255/",
    "http://192.168.1.1/",
    "http://169.254.169.254/latest/meta-data/",
    "http://100.64.0.1/",
    "http://192.0.0.1/",
    "http://192.0.2.1/",
    "http://198.18.0.1/",
    "http://198.51.100.1/",
    "http://203.0.113.1/",
    "http://224.0.0.1/",
    "http://240.0.0.1/",
    "http://255.255.255.255/",
    "http://[::1]/",
    "http://[::]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:7f00:1]/",
    "http://[::ffff:10.0.0.1]/",
    "http://[::127.0.0.1]/",
    "http://[64:ff9b::7f00:1]/",
    "http://[64:ff9b::10.0.0.1]/",
    "http://[2002:7f00:1::]/",
    "http://[2002:a00:1::1]/",
    "http://[2001:0:4136:e378:8000:63bf:3fff:fdd2]/",
    "http://[fc00::1]/",
    "http://[fd12:3456::1]/",
    "http://[fe80::1]/",
    "http://[fec0::1]/",
    "http://[ff02::1]/",
    "http://[2001:db8::1]/",
    "http://[100::1]/",
    "http://192.0.0.9/",
    "http://192.0.0.170/",
    "http://192.31.196.1/",
    "http://192.52.193.1/",
    "http://192.88.99.1/",
    "http://192.175.48.1/",
    "http://[2620:4f:8000::1]/",
    "http://[3fff::1]/",
    "http://[3fff:fff:ffff::1]/",
    "http://[5f00::1]/",
    "http://[64:ff9b::192.88.99.1]/",
    "http://inside.example/",
    "http://loopback.example/",
    "http://both.example/",
    "http://six.example/",
    "http://metadata.example/",
    "http://empty.example/",
    "http://scoped.example/",
    "http://nobody.example/",
    "https://loopback.example/",
    "http://loopback.example:8080/",
]

NO_URL = [
    *[
        "file:///etc/passwd",
        "ftp://public.example/",
        "gopher://127.0.0.1:6379/_INFO",
        "data:text/plain,x",
        "dict://127.0.0.1:11211/",
        "//public.example/",
        "public.example",
        "http:///x",
        "http:public.example",
        "http://user@public.example/",
        "http://user:word@public.example/",
        "http://public.example@127.0.0.1/",
        "http://@public.example/",
        "http://public.example:22/",
        "http://public.example:6379/",
        "http://public.example:0/",
        "http://public.example:99999/",
        "http://public.example:x/",
        "http://[::1",
        "http://public.example\\@127.0.0.1/",
        "HTTP://public.example:25/",
    ],
    "http://public.example/\r\nHost: inside",
    "http://public.example /",
    "http://pub\u2024lic.example/",
    "http://\u2460\u2461\u2466.0.0.1/",
    "http://public.example/" + "a" * 2_048,
    "",
]


@pytest.fixture
def nothing_connects(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Connections that were tried."""
    tried: list[object] = []

    def connect(_self: object, address: str, *_: object) -> None:
        tried.append(address)
        raise AssertionError(address)

    monkeypatch.setattr("httpcore.SyncBackend.connect_tcp", connect)
    return tried


@pytest.mark.parametrize("url", [*NOT_PUBLIC, *NO_URL])
def test_is_refused_before_anything_is_connected(url: str, nothing_connects: list[object]) -> None:
    with pytest.raises(FetchError) as error, SafeFetcher(1_000, resolve=by_table).fetch(url):
        pass
    assert nothing_connects == []
    assert not any(part in str(error.value) for part in ("127.", "10.0", "169.254", "::1", "passwd"))


def test_addresses_of_the_public_internet_are_permitted() -> None:
    for text in ("93.184.215.14", "1.1.1.1", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101"):
        assert is_public(ip_address(text)), text


# ---- a server of our own, on the loopback address that these tests permit

Answer = Callable[[socket.socket, bytes], None]


class Server:
    """Answers each connection by its path; an answer writes to the socket as it likes."""

    def __init__(self) -> None:
        self.answers: dict[bytes, Answer] = {}
        self.asked: list[bytes] = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        with suppress(OSError):  # closed before
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            with connection:
                request = b""
                while b"\r\n\r\n" not in request:
                    request += connection.recv(65_536)
                self.asked.append(request)
                with suppress(OSError):  # the client has had enough
                    self.answers[request.split(b" ")[1]](connection, request)


@pytest.fixture
def server(socket_enabled: None) -> Iterator[Server]:
    made = Server()
    yield made
    made.close()


def to(server: Server, *, max_bytes: int = 1_000, seconds: float = 5.0, rebind: list[str] | None = None) -> SafeFetcher:
    """A fetcher to whom `server.example` is the server, and every other name as in the table."""

    def resolve(host: str, port: int) -> list[str]:
        if host == "server.example":
            return [rebind.pop(0) if rebind else "127.0.0.1"]
        return by_table(host, port)

    def permitted(address: object) -> bool:
        return str(address) == "127.0.0.1"

    return SafeFetcher(max_bytes, seconds=seconds, resolve=resolve, permitted=permitted, ports=frozenset({server.port}))


def says(head: str, body: bytes = b"") -> Answer:
    return lambda connection, _: connection.sendall(f"HTTP/1.1 {head}\r\n\r\n".encode() + body)


def fetched(fetcher: SafeFetcher, url: str) -> bytes:
    with fetcher.fetch(url) as file:
        assert str(Path(f"/proc/self/fd/{file.fileno()}").readlink()).startswith("/memfd:")
        return file.read()


def test_fetches_into_memory_and_asks_for_nothing_packed(server: Server) -> None:
    server.answers[b"/a?b=c"] = says("200 OK\r\nContent-Length: 5", b"bytes")
    assert fetched(to(server), f"http://server.example:{server.port}/a?b=c#d") == b"bytes"
    assert b"Host: server.example:" in server.asked[0]
    assert b"Accept-Encoding: identity" in server.asked[0]
    assert b"#d" not in server.asked[0]


def test_a_name_that_changes_its_address_is_looked_at_each_time(server: Server) -> None:
    server.answers[b"/"] = says("302 Found\r\nLocation: /again\r\nContent-Length: 0")
    server.answers[b"/again"] = says("200 OK\r\nContent-Length: 0")
    url = f"http://server.example:{server.port}/"
    with pytest.raises(FetchError, match="not on the public internet"):
        fetched(to(server, rebind=["127.0.0.1", "127.0.0.2"]), url)
    assert len(server.asked) == 1
    assert fetched(to(server), url) == b""


@pytest.mark.parametrize(
    "place",
    [
        "http://10.0.0.1:{port}/",
        "//10.0.0.1:{port}/",
        "http://metadata.example:{port}/",
        "http://[::1]:{port}/",
        "file:///etc/passwd",
        "http://server.example:22/",
        "http://user:word@server.example:{port}/",
        "http://[",
        "//[x",
        "",
    ],
)
def test_every_redirect_is_checked(server: Server, place: str) -> None:
    server.answers[b"/"] = says(f"302 Found\r\nLocation: {place.format(port=server.port)}\r\nContent-Length: 0")
    with pytest.raises(FetchError):
        fetched(to(server), f"http://server.example:{server.port}/")
    assert len(server.asked) == 1


def test_redirects_end(server: Server) -> None:
    server.answers[b"/"] = says("307 Again\r\nLocation: /\r\nContent-Length: 0")
    with pytest.raises(FetchError, match="more than 5 times"):
        fetched(to(server), f"http://server.example:{server.port}/")
    assert len(server.asked) == MAX_REDIRECTS + 1


@pytest.mark.parametrize(
    ("head", "body", "cause"),
    [
        ("200 OK\r\nContent-Length: 1001", b"", "larger than 1,000 bytes"),
        ("200 OK\r\nConnection: close", b"x" * 1_001, "larger than 1,000 bytes"),
        ("200 OK\r\nTransfer-Encoding: chunked", b"3e9\r\n" + b"x" * 1_001 + b"\r\n0\r\n\r\n", "larger"),
        ("200 OK\r\nContent-Length: -1", b"", "did not answer"),
        ("200 OK\r\nContent-Length: 1_0", b"", "did not answer"),
        ("200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 0", b"", "packs"),
        ("200 OK\r\nContent-Length: 5", b"shor", "did not answer"),
        ("404 Not Found\r\nContent-Length: 0", b"", "status 404"),
        ("204 Nothing", b"", "status 204"),
        ("200 OK\r\nX: " + "x" * 200_000, b"", "did not answer"),
    ],
)
def test_bad_answers_are_told(server: Server, head: str, body: bytes, cause: str) -> None:
    server.answers[b"/"] = says(head, body)
    with pytest.raises(FetchError, match=cause):
        fetched(to(server), f"http://server.example:{server.port}/")


def _drip(connection: socket.socket, data: bytes) -> None:
    for byte in data:
        connection.sendall(bytes([byte]))
        time.sleep(0.1)


@pytest.mark.parametrize("start", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n"], ids=["head", "body"])
def test_a_server_that_drips_is_left(server: Server, start: bytes) -> None:
    def drip(connection: socket.socket, _request: bytes) -> None:
        connection.sendall(start)
        _drip(connection, b"HTTP/1.1 200 OK\r\nX-" + b"x" * 100)

    server.answers[b"/"] = drip
    began = time.monotonic()
    with pytest.raises(FetchError, match="not in time"):
        fetched(to(server, seconds=0.7), f"http://server.example:{server.port}/")
    assert time.monotonic() - began < 3


def test_what_is_no_web_server_is_told_as_one_that_does_not_answer(server: Server) -> None:
    server.answers[b"/"] = lambda connection, _: connection.sendall(b"220 mail.example ESMTP\r\n")
    url = f"http://server.example:{server.port}/"
    with pytest.raises(FetchError) as spoken:
        fetched(to(server), url)
    server.close()
    with pytest.raises(FetchError) as silent:
        fetched(to(server), url)
    assert str(spoken.value) == str(silent.value)


def test_https_alone_may_be_asked_for_but_of_the_operator_s_own_hosts(nothing_connects: list[object]) -> None:
    fetcher = SafeFetcher(1_000, resolve=by_table, https=True, hosts=frozenset({"inside.example"}))
    with pytest.raises(FetchError, match="only https"), fetcher.fetch("http://public.example/"):
        pass
    assert nothing_connects == []
    for url in ("https://public.example/", "http://inside.example/"):
        with pytest.raises(AssertionError), fetcher.fetch(url):
            pass
    assert nothing_connects == ["93.184.215.14", "10.0.0.5"]


def test_what_is_asked_for_and_how_far_is_the_caller_s(server: Server) -> None:
    server.answers[b"/"] = says("302 Found\r\nLocation: /again\r\nContent-Length: 0")
    server.answers[b"/again"] = says("404 Not Found\r\nContent-Length: 0")
    url = f"http://server.example:{server.port}/"

    def fetcher(redirects: int) -> SafeFetcher:
        return SafeFetcher(
            9,
            resolve=lambda *_: ["127.0.0.1"],
            permitted=lambda _: True,
            ports=frozenset({server.port}),
            accept="text/plain",
            redirects=redirects,
        )

    with pytest.raises(FetchError) as error:
        fetched(fetcher(1), url)
    assert error.value.details["status"] == 404
    assert b"Accept: text/plain\r\n" in server.asked[1]
    with pytest.raises(FetchError, match="more than 0 times"):
        fetched(fetcher(0), url)
