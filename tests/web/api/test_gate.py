"""`POST /api/v1/gate`: what it takes, and its answers."""

import asyncio
import hashlib
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, BinaryIO

import numpy as np
import pytest
from PIL import Image

from safelight.bench.common import texture
from safelight.fingerprint.pdq import pdq
from safelight.flow.banks import create_bank
from safelight.flow.gate import Gate
from safelight.flow.intake import Arrival
from safelight.model.access import Scope
from safelight.model.bank import BankEntry, KnownHash
from safelight.model.errors import FetchError
from safelight.model.service import GateAnswer, GateFailure, GateVerdict
from safelight.web.api import gate
from safelight.web.container import the_app
from tests.rows import row_of
from tests.web.talking import Talk, hang_up, let_go, talk

URL = "/api/v1/gate"
ALLOW, HOLD, DENY = GateVerdict.ALLOW, GateVerdict.HOLD, GateVerdict.DENY


@dataclass
class SetGate:
    """Gives the answer that it is set to."""

    answer: GateAnswer
    asked: list[tuple[bytes, str, Arrival]] = field(default_factory=list)

    async def check(self, file: BinaryIO, name: str, arrival: Arrival) -> GateAnswer:
        self.asked.append((file.read(), name, arrival))
        return self.answer


@pytest.fixture
def set_gate(monkeypatch: pytest.MonkeyPatch, committed_db: None) -> Iterator[SetGate]:
    made = SetGate(GateAnswer(ALLOW, checked=True, row=row_of("upload")))
    monkeypatch.setattr(gate, "the_gate", lambda: made)
    yield made
    hang_up()


@pytest.fixture
def sign(set_gate: SetGate, key: Callable[..., str]) -> dict[str, str]:
    return {"Authorization": f"Bearer {key(Scope.GATE)}"}


@pytest.mark.parametrize(
    ("verdict", "checked", "item", "status"),
    [(ALLOW, True, None, 200), (ALLOW, False, None, 200), (HOLD, False, "an-id", 202), (DENY, True, "an-id", 451)],
)
def test_the_answers_have_one_form(
    set_gate: SetGate, sign: dict[str, str], verdict: GateVerdict, checked: bool, item: str | None, status: int
) -> None:
    set_gate.answer = GateAnswer(verdict, checked, row_of("upload"), item)
    answer = talk("POST", f"{URL}?reference=r%201&account=a", headers=sign, parts=[b"by", b"tes"])
    expected = {"verdict": verdict.value, "checked": checked} | ({"item": item} if item else {})
    assert (answer.status, answer.json) == (status, expected)
    assert answer.answered["content-type"].startswith("application/json")
    assert answer.answered["cache-control"] == "no-store"
    assert "retry-after" not in answer.answered
    assert set_gate.asked == [(b"bytes", "upload", Arrival("gate", "r 1", "a"))]


def test_a_busy_gate_says_when_to_ask_again(set_gate: SetGate, sign: dict[str, str]) -> None:
    set_gate.answer = replace(set_gate.answer, checked=False, retry=3)
    answer = talk("POST", URL, headers=sign, parts=[b"x"])
    assert (answer.status, answer.answered["retry-after"]) == (200, "3")


@pytest.mark.parametrize("scopes", [None, (), (Scope.LOOKUP,), tuple(set(Scope) - {Scope.GATE})])
def test_without_the_right_key_all_uploads_are_the_same(
    set_gate: SetGate, key: Callable[..., str], scopes: tuple[Scope, ...] | None
) -> None:
    headers = {} if scopes is None else {"X-API-Key": key(*scopes)}
    answers = [talk("POST", URL, headers=headers, parts=[data]) for data in (b"x", b"y" * 500_000, b"")]
    assert {answer.status for answer in answers} == {401 if scopes is None else 403}
    assert {len(answer.body) for answer in answers} == {len(answers[0].body)}
    assert [answer.read for answer in answers] == [0, 0, 0]
    assert set_gate.asked == []


@pytest.mark.parametrize(
    ("headers", "data"),
    [
        ({}, b""),
        ({"Content-Type": "multipart/form-data; boundary=x"}, b"--x--"),
        ({"Content-Type": "application/json"}, b"{}"),
        ({"Content-Type": "application/json"}, b'{"url": "file:///etc/passwd"}'),
        ({"Content-Type": "application/json"}, b'{"url": "http://a/", "more": 1}'),
        ({"Content-Type": "application/json"}, b"no json"),
    ],
)
def test_what_cannot_be_used_is_said(
    set_gate: SetGate, sign: dict[str, str], headers: dict[str, str], data: bytes
) -> None:
    answer = talk("POST", URL, headers=sign | headers, parts=[data])
    assert (answer.status, answer.answered["content-type"]) == (422, "application/problem+json")
    assert set_gate.asked == []


def test_what_a_url_names_is_fetched(set_gate: SetGate, sign: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    closed = []

    class Fetcher:
        @contextmanager
        def fetch(self, url: str) -> Iterator[BinaryIO]:
            if url != "https://example.org/a.jpg":
                raise FetchError(cause="not found")
            yield io.BytesIO(b"fetched")
            closed.append(url)

    monkeypatch.setitem(vars(the_app()), "fetcher", Fetcher())
    as_json = sign | {"Content-Type": "application/json"}
    answer = talk("POST", URL, headers=as_json, parts=[b'{"url": "https://example.org/a.jpg"}'])
    assert answer.json == {"verdict": "allow", "checked": True}
    assert set_gate.asked == [(b"fetched", "upload", Arrival("gate", url="https://example.org/a.jpg"))]
    assert closed == ["https://example.org/a.jpg"]
    failed = talk("POST", URL, headers=as_json, parts=[b'{"url": "https://example.org/b.jpg"}'])
    assert (failed.status, failed.json["type"].rpartition("#")[2]) == (422, "fetch")


def test_it_can_be_asked_through_django_alone(
    set_gate: SetGate, key: Callable[..., str], api_client: Callable[[str], Any]
) -> None:
    response = api_client(key(Scope.GATE)).post(URL, b"bytes", content_type="image/jpeg")
    assert (response.status_code, response.json()) == (200, {"verdict": "allow", "checked": True})
    assert set_gate.asked[0][0] == b"bytes"


def _encoded(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=90)
    return out.getvalue()


def test_from_bytes_to_the_verdict(
    committed_db: None, key: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """All of it: confined decoders, banks, verdicts; evidence is made up here."""
    app, kept = the_app(), []

    def keep(file: BinaryIO, _arrival: Arrival) -> str:
        kept.append(hashlib.sha256(file.read()).hexdigest())
        return f"item-{len(kept)}"

    known, other = (_encoded(Image.fromarray(texture(256, 256, seed))) for seed in (1, 2))
    code = pdq(np.array(Image.open(io.BytesIO(known))))
    assert code is not None
    hashes = (KnownHash("sha256", hashlib.sha256(known).hexdigest()), KnownHash("pdq", code.hash, code.quality))
    made = app.gate(keep)
    monkeypatch.setattr(gate, "the_gate", lambda: made)
    sign = {"Authorization": f"Bearer {key(Scope.GATE)}"}

    async def ask(*uploads: bytes) -> list[tuple[int, bool]]:
        asked = [Talk("POST", URL, headers=sign, parts=[data])() for data in uploads]
        return [(answer.status, answer.json["checked"]) for answer in await asyncio.gather(*asked)]

    try:
        app.open_gate()
        assert asyncio.run(ask(known)) == [(200, True)]
        app.store.add(create_bank(app.store, "of-this-test"), [BankEntry("one", hashes)])
        monkeypatch.setattr(app.live, "_due", 0.0)
        app.live.open()
        smaller = _encoded(Image.open(io.BytesIO(known)).resize((200, 200)))
        assert asyncio.run(ask(known, smaller, other, b"no picture", known[:5000])) == [
            (451, True),
            (202, True),
            (200, True),
            (202, False),
            (202, False),
        ]
        assert len(kept) == 4
    finally:
        let_go(made._threads)
        made._threads.shutdown()
        app.close_gate()
        hang_up()
    assert isinstance(made, Gate)
    assert made._failure is GateFailure.CLOSED
