"""Nobody learns from an answer, its size or its time what the service holds, but who may ask for just that."""

import asyncio
import gc
import io
import json
import random
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np
import pytest
from django.test import Client
from PIL import Image

from safelight.demo.draw import draw
from safelight.demo.variants import jpeg
from safelight.fingerprint.pdq import pdq
from safelight.flow.banks import create_bank
from safelight.model.access import SYSTEM, Permission, Principal, Role, Scope, granted
from safelight.model.bank import BankEntry, KnownHash
from safelight.model.notice import RemovalRequest
from safelight.model.service import Item
from safelight.web.accounts.keys import revoke_key
from safelight.web.accounts.models import ApiKey, User
from safelight.web.api import door, gate
from safelight.web.api.api import api
from safelight.web.api.jobs import the_intake
from safelight.web.container import the_app
from safelight.web.hooks.models import Endpoint
from tests.web.api.conftest import KNOWN, NEAR, PDQ, at_work
from tests.web.talking import Talk, hang_up, talk

JSON = {"Content-Type": "application/json"}
TIMES = 200
"""Requests of each kind whose times are compared."""
ALIKE = 0.17
"""How much more often than by tossing a coin somebody may be right who tells two requests apart by one time.

Of 200 each that do not differ, chance alone goes as far once in a hundred million."""

Key = Callable[..., str]


@dataclass(frozen=True)
class Request:
    """A request that is sent with different keys."""

    method: str
    path: str
    body: bytes = b""

    def sent(self, headers: dict[str, str]) -> Talk:
        return Talk(self.method, self.path, headers=JSON | headers, parts=[self.body])


@dataclass(frozen=True)
class Pair:
    """Two requests that differ in whether there is something behind them, and `wanted`: what both ask for."""

    there: Request
    elsewhere: Request
    wanted: Permission

    def __str__(self) -> str:
        return f"{self.there.method} {self.there.path}"


@pytest.fixture(autouse=True)
def _over(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The face of HMA is on; nothing that a process keeps is another test's."""
    app = the_app()
    monkeypatch.setattr(app, "settings", replace(app.settings, service=replace(app.settings.service, hma=True)))
    door.limiter.cache_clear()
    yield
    door.limiter.cache_clear()
    hang_up()
    app.close_intake()
    app.close_gate()
    if "live" in vars(app):
        app.live.close()
        del app.live


@pytest.fixture
def pairs(committed_db: None, listed: object, take: Callable[..., Item]) -> list[Pair]:
    """For every operation: one about what is there, one of the same length about what is not."""
    item = take(b"near", NEAR)
    take(b"known", KNOWN)
    assert item.case
    family = the_app().cases.case(item.case).family
    assert family
    hook = Endpoint.objects.create(url="https://hooks.example/a")
    work = at_work(item.case, item.id)
    lead = Principal(SYSTEM, frozenset(Permission))
    asked = the_app().requests.receive(lead, item.case, item.id, RemovalRequest("/s/ A"), item.created)
    ids = {
        "{item_id}": (item.id, _other(item.id)),
        "{case_id}": (item.case, _other(item.case)),
        "{family_id}": (family, _other(family)),
        "{name}": ("listed", "absent"),
        "{entry}": ("a", "z"),
        "{endpoint}": (str(hook.pk), str(hook.pk + 1)),
        "{pack_id}": ("us", "zz"),
        "{duty_id}": (work.duty, work.duty.replace("2026", "2027")),
        "{filing_id}": (work.filing, _other(work.filing)),
        "{location_id}": (work.location, _other(work.location)),
        "{notice_id}": (work.notice, _other(work.notice)),
        "{statement_id}": (work.statement, _other(work.statement)),
        "{request_id}": (asked.id, _other(asked.id)),
        "{year}": ("2026", "2025"),
        "{form}": ("case", "case"),
    }
    bodies = {
        "/gate": (b"known", b"clean"),
        "/items": (b"known", b"clean"),
        "/lookup": tuple(
            json.dumps({"queries": [{"id": "q", "pdq": code, "sha256": sha}]}).encode()
            for code, sha in ((PDQ, "b" * 64), ("a5" * 32, "d" * 64))
        ),
    }
    made = []
    for method, path, wanted, _ in api.operations():
        paths = [path, path]
        for name, values in ids.items():
            paths = [one.replace(name, value) for one, value in zip(paths, values, strict=True)]
        assert "{" not in paths[0]
        sent = bodies.get(path, (b"{}", b"{}"))
        requests = [Request(method, f"/api/v1{one}", body) for one, body in zip(paths, sent, strict=True)]
        made.append(Pair(requests[0], requests[1], wanted))
    return made + _hma()


def _hma() -> list[Pair]:
    look = "/m/raw_lookup?signal_type=pdq&signal="
    pairs = [
        (Permission.LOOKUP, "GET", look + PDQ, look + "a5" * 32),
        (Permission.BANK_READ, "GET", "/c/bank/listed", "/c/bank/absent"),
        (Permission.BANK_WRITE, "DELETE", "/c/bank/listed", "/c/bank/absent"),
        (Permission.BANK_READ, "GET", "/c/bank/listed/content/1", "/c/bank/listed/content/9"),
    ]
    return [Pair(Request(method, there), Request(method, not_there), want) for want, method, there, not_there in pairs]


def _other(name: str) -> str:
    """A name of the same form that nothing has."""
    return name[:-6] + "".join("1" if digit != "1" else "2" for digit in name[-6:])


@pytest.fixture
def callers(committed_db: None, key: Key) -> dict[str, dict[str, str]]:
    """Those who may nothing, by headers, from no key to one that was good yesterday."""
    good = key(*Scope)
    revoked = key(*Scope)
    revoke_key(ApiKey.objects.get(prefix=revoked.split("_")[1]))
    texts = {
        "garbage": "x" * len(good),
        "nobody's": good.replace(good.split("_")[1], "a" * 12),
        "wrong": good[:-1] + ("A" if good[-1] != "A" else "B"),
        "expired": key(*Scope, expires=timedelta(seconds=-1)),
        "revoked": revoked,
    }
    return {"none": {}} | {name: {"X-API-Key": text} for name, text in texts.items()}


def told(answer: Talk) -> tuple[int, int, dict[str, str], str]:
    """All that an answer says and how long it is, without the request's id and how many requests are left."""
    headers = {name: value for name, value in answer.answered.items() if name not in {"x-request-id", "ratelimit"}}
    body = re.sub(r'"instance": "[0-9a-f]{32}"', '"instance": "…"', answer.body.decode())
    return answer.status, len(answer.body), headers, body


def asked(request: Request, headers: dict[str, str]) -> tuple[int, int, dict[str, str], str]:
    return told(asyncio.run(request.sent(headers)()))


def test_without_a_key_in_force_all_is_the_same(pairs: list[Pair], callers: dict[str, dict[str, str]]) -> None:
    for pair in pairs:
        answers = [asked(one, who) for who in callers.values() for one in (pair.there, pair.elsewhere)]
        assert answers[0][0] == 401, pair
        assert all(answer == answers[0] for answer in answers), pair


def test_without_the_scope_all_is_the_same(pairs: list[Pair], key: Key) -> None:
    for pair in pairs:
        lacking = [scope for scope in Scope if pair.wanted not in granted(scopes=[scope])]
        for scopes in (lacking, [Scope.GATE] if Scope.GATE in lacking else [], []):
            headers = {"X-API-Key": key(*scopes)}
            there, elsewhere = asked(pair.there, headers), asked(pair.elsewhere, headers)
            assert there[0] == 403, pair
            assert there == elsewhere, pair


def test_the_pairs_do_differ_for_who_may_ask(pairs: list[Pair], key: Key) -> None:
    """Else the tests above would say nothing."""
    reads = [pair for pair in pairs if pair.there.method == "GET" and pair.there.path != pair.elsewhere.path]
    assert len(reads) >= 8
    for pair in reads:
        headers = {"X-API-Key": key(*Scope)}  # each has its own limit: "too many requests" would be the same for both
        assert asked(pair.there, headers)[:2] != asked(pair.elsewhere, headers)[:2], pair
    (lookup,) = (pair for pair in pairs if pair.there.path == "/api/v1/lookup")
    assert asked(lookup.there, headers)[1] > asked(lookup.elsewhere, headers)[1]


def test_people_without_the_role_are_told_the_same(
    pairs: list[Pair], user: Callable[..., User], client_of: Callable[[User], Client]
) -> None:
    (case,) = (
        pair for pair in pairs if pair.there.path.startswith("/api/v1/cases/") and pair.there.path.count("/") == 4
    )
    (item,) = (
        pair for pair in pairs if pair.there.path.startswith("/api/v1/items/") and pair.there.path.count("/") == 4
    )
    there, elsewhere = ([one.path.rpartition("/")[2] for one in both] for both in zip(*_both(case, item), strict=True))
    paths = ("/cases/{}", "/cases/{}/items/{}/frames", "/cases/{}/items/{}/covered/map")
    for browser in (Client(), client_of(user()), client_of(user(Role.INTEGRATOR)), client_of(user(Role.ADMIN))):
        for path in paths:
            heard = []
            for names in (there, elsewhere):
                answer = browser.get(path.format(*names))
                said = answer.content.decode() + answer.headers.get("Location", "")
                for name in names:
                    said = said.replace(name, "…")
                headers = {
                    name: value for name, value in answer.headers.items() if name not in {"X-Request-Id", "Location"}
                }
                heard.append((answer.status_code, len(answer.content), headers, _without_tokens(said)))
            assert heard[0][0] in {302, 403}, path
            assert heard[0] == heard[1], path


def _both(*pairs: Pair) -> list[tuple[Request, Request]]:
    return [(pair.there, pair.elsewhere) for pair in pairs]


def _without_tokens(page: str) -> str:
    return re.sub(r"\b[0-9a-f]{32}\b|[A-Za-z0-9]{64}", "…", page)


CHOSEN = ("/gate", "/items/", "/lookup", "/banks/", "/cases/")


def _timed(pairs: Sequence[Pair]) -> list[Pair]:
    """One of each kind."""
    return [next(pair for pair in pairs if pair.there.path.startswith(f"/api/v1{start}")) for start in CHOSEN]


@pytest.mark.parametrize("who", ["none", "wrong", "expired", "other scope"])
def test_without_the_scope_all_takes_the_same_time(
    pairs: list[Pair], callers: dict[str, dict[str, str]], key: Key, who: str
) -> None:
    for pair in _timed(pairs):
        lacking = [scope for scope in Scope if pair.wanted not in granted(scopes=[scope])]
        headers = callers[who] if who in callers else {"X-API-Key": key(*lacking)}
        wall, cpu = asyncio.run(compare(pair, headers))
        assert wall < ALIKE, f"{pair}: {wall:.3f} by the clock"
        assert cpu < ALIKE, f"{pair}: {cpu:.3f} by CPU time"


def test_a_difference_would_be_noticed(pairs: list[Pair], key: Key) -> None:
    lookup = next(pair for pair in pairs if pair.there.path == "/api/v1/lookup")
    _, cpu = asyncio.run(compare(lookup, {"X-API-Key": key(Scope.LOOKUP)}))  # the clock may see nothing but load
    assert cpu > ALIKE


async def compare(pair: Pair, headers: dict[str, str]) -> tuple[float, float]:
    """Both requests in a random order, many times: how well one time tells which it was, by the clock and by CPU time.

    0 is a coin's toss, 0.5 every time.
    """
    order = random.Random(6).sample([pair.there, pair.elsewhere] * TIMES, 2 * TIMES)
    times: dict[bool, list[tuple[float, float]]] = {True: [], False: []}
    for request in (pair.there, pair.elsewhere) * 5:
        await request.sent(headers)()
    gc.collect()
    gc.disable()
    try:
        for request in order:
            asking = request.sent(headers)
            wall, cpu = time.perf_counter(), time.process_time()
            await asking()
            times[request is pair.there].append((time.perf_counter() - wall, time.process_time() - cpu))
    finally:
        gc.enable()
    wall_, cpu_ = (
        abs(chance([one[which] for one in times[True]], [one[which] for one in times[False]]) - 0.5) for which in (0, 1)
    )
    return wall_, cpu_


def chance(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """That one of ours is larger than one of theirs, equals counting half (Mann and Whitney's U, as a share)."""
    mine, other = np.asarray(ours)[:, None], np.asarray(theirs)[None]
    return float(((mine > other) + 0.5 * (mine == other)).mean())


def test_a_key_for_the_gate_learns_neither_how_close_nor_that_it_was_near(
    committed_db: None, key: Key, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All of it is real: decoders, banks, vault. A near miss is allowed as what is unrelated; held is held."""
    app, uploads = the_app(), {what: jpeg(draw(number, 400, 300)) for number, what in enumerate(FLIPPED)}
    bank = create_bank(app.store, "known", local=False)
    entries = []
    for what, bits in FLIPPED.items():
        code = pdq(np.asarray(Image.open(io.BytesIO(uploads[what]))))
        assert code is not None
        if bits is not None:
            entries.append(BankEntry(what, (KnownHash("pdq", _flipped(code.hash, bits), 100),)))
    app.store.add(bank, entries)
    made = app.gate(lambda file, arrival: the_intake().receive(file, arrival).id)
    monkeypatch.setattr(gate, "the_gate", lambda: made)
    headers = {"X-API-Key": key(Scope.GATE), "Content-Type": "application/octet-stream"}

    def heard(path: str, data: bytes) -> tuple[int, dict[str, str], str]:
        answer = talk("POST", path, headers=headers, parts=[data])
        status, _, head, body = told(answer)
        head = {name: ID.sub("id", value) for name, value in head.items()}
        return status, head, TIME.sub("time", ID.sub("id", body))

    try:
        app.open_gate()
        app.live.open()
        gated = {what: heard("/api/v1/gate", data) for what, data in uploads.items()}
        handed_in = {what: heard("/api/v1/items", data) for what, data in uploads.items()}
    finally:
        made._threads.shutdown()
    assert gated["unrelated"][0] == 200
    assert gated["near miss"] == gated["unrelated"]
    assert gated["close"][0] == 202
    assert json.loads(gated["close"][2]) == {"verdict": "hold", "checked": True, "item": "id"}
    assert gated["just near"] == gated["close"]
    assert len({str(answer) for answer in handed_in.values()}) == 1


FLIPPED = {"unrelated": None, "near miss": 34, "just near": 30, "close": 2}
"""How many bits of an upload's PDQ code are others in the bank; up to 31 are near."""
ID = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")
TIME = re.compile(r"20\d\d-\d\d-\d\dT[0-9:.]+(Z|\+00:00)")


def _flipped(code: str, bits: int) -> str:
    flips = np.zeros(256, np.uint8)
    flips[np.random.default_rng(6).choice(256, bits, replace=False)] = 1
    return (np.frombuffer(bytes.fromhex(code), np.uint8) ^ np.packbits(flips)).tobytes().hex()
