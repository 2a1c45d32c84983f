"""The clients of `bench service`: what they send, and what they make of answers."""

import io
import json
import os
import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest
from PIL import Image

from safelight.bench.service import material
from safelight.bench.service.load import Heard, Target, answer, cpu_of_tree, together, work


class Server(BaseHTTPRequestHandler):
    """Answers with the status that its path names, and closes where that says so."""

    protocol_version = "HTTP/1.1"
    seen: list[tuple[str, str, bytes]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.seen.append((self.path, self.headers["X-API-Key"], body))
        self.send_response(int(self.path.rpartition("/")[2]))
        self.send_header("Content-Length", "5")
        if "close" in self.path:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(b"hello")
        until = time.thread_time() + 0.01  # the kernel counts in hundredths of a second
        while time.thread_time() < until:
            pass

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Say nothing."""


@pytest.fixture
def target(socket_enabled: None) -> Iterator[Target]:
    Server.seen = []
    with ThreadingHTTPServer(("127.0.0.1", 0), Server) as server:
        server.block_on_close = False
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield Target(server.server_port, os.getpid(), {"X-API-Key": "k"})
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("path", ["/200", "/close/451"])
def test_requests_arrive_whole_and_answers_count(target: Target, path: str) -> None:
    heard = work(target, path, "image/jpeg", [b"a" * 100_000, b"b"], 3, 0.2)
    assert heard.errors == 0
    assert len(heard.seconds) == len(Server.seen) >= 3
    assert set(Server.seen) == {(path, "k", b"a" * 100_000), (path, "k", b"b")}
    assert heard.wall >= 0.2
    assert heard.rate == len(heard.seconds) / heard.wall
    assert heard.cpu > 0


def test_other_answers_and_none_are_errors(target: Target) -> None:
    heard = work(target, "/503", "image/jpeg", [b"a"], 1, 0.05)
    assert heard.errors == len(heard.seconds) > 0
    assert heard.rate == 0
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        refused = work(Target(nobody.getsockname()[1], os.getpid()), "/200", "image/jpeg", [b"a"], 1, 0.02)
    assert refused.errors == len(refused.seconds) > 0


def test_an_answer_may_come_in_pieces() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        text = b"HTTP/1.1 202 Accepted\r\nContent-Length: 4\r\nConnection: close\r\n\r\nbody"
        sender = threading.Thread(target=lambda: [theirs.send(text[n : n + 1]) for n in range(len(text))])
        sender.start()
        assert answer(ours) == ("202", False)
        sender.join()
        theirs.shutdown(socket.SHUT_WR)
        with pytest.raises(ConnectionResetError):
            answer(ours)


def test_figures() -> None:
    runs = [Heard([0.1] * 98 + [2.0], 1, 10, 3), Heard([3.0], 0, 5, 1)]
    whole = together(runs)
    assert (len(whole.seconds), whole.errors, whole.wall, whole.cpu) == (100, 1, 15, 4)
    assert (whole.rate, whole.cpu_each) == (99 / 15, 0.04)
    assert (whole.quantile(0.5), whole.quantile(0.98), whole.quantile(1.0)) == (0.1, 2.0, 3.0)
    assert cpu_of_tree(os.getpid()) > 0


def test_pictures_have_their_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(material, "WIDTH", 512)
    monkeypatch.setattr(material, "HEIGHT", 384)
    monkeypatch.setattr(material, "BYTES", 40_000)
    first, second = material.pictures(2)
    assert first != second
    for data in (first, second):
        assert Image.open(io.BytesIO(data)).size == (512, 384)
        assert len(data) == pytest.approx(40_000, rel=0.1)


def test_a_tenth_of_the_hashes_is_near_known_ones() -> None:
    known = material.codes(50)
    for batch in material.questions(known, 100, 3):
        asked = np.frombuffer(bytes.fromhex("".join(batch)), np.uint8).reshape(-1, 32)
        apart = np.bitwise_count(asked[:, None] ^ known[None]).sum(axis=2).min(axis=1)
        assert (apart <= 31).nonzero()[0].tolist() == list(range(0, 100, 10))
    assert json.loads(material.for_ours(batch))["queries"][3] == {"id": "3", "pdq": batch[3]}
    assert json.loads(material.for_peer(batch)) == {"hashes": batch}
