"""The face answers as HMA 1.1 does, to those with a key."""

import io
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, BinaryIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from safelight.demo.draw import draw
from safelight.model.access import Scope
from safelight.model.bank import Bank, BankEntry, KnownHash
from safelight.model.case import ServiceEvent
from safelight.model.errors import BusyError, FetchError, StorageError
from safelight.web.api.limits import Limiter
from safelight.web.container import the_app
from safelight.web.hma import answers, views

pytestmark = pytest.mark.usefixtures("db", "switched_on")
Ask = Callable[..., Any]

CODE = "f" * 32 + "0" * 32
FLIPPED = "7" + CODE[1:]  # one bit away
FAR = "0" * 32 + "f" * 32
MD5 = "0123456789abcdef" * 2


@pytest.fixture
def switched_on(monkeypatch: pytest.MonkeyPatch) -> None:
    app = the_app()
    monkeypatch.setattr(app, "settings", replace(app.settings, service=replace(app.settings.service, hma=True)))


@pytest.fixture(scope="module", autouse=True)
def _ends() -> Iterator[None]:
    yield
    the_app().close_gate()


@pytest.fixture
def ask(key: Callable[..., str]) -> Ask:
    """Asks with a key for looking up and curating; the answer's status and JSON."""
    text = key(Scope.LOOKUP, Scope.CURATE)

    def call(method: str, path: str, body: object = None, **more: Any) -> tuple[int, Any]:
        client = Client(headers={"X-API-Key": text})
        if body is not None:
            more |= {"data": json.dumps(body), "content_type": "application/json"}
        answer = getattr(client, method.lower())(path, **more)
        return answer.status_code, json.loads(answer.content)

    return call


@pytest.fixture
def filled() -> Bank:
    store = the_app().store
    bank = store.create(Bank(0, "BANK_A"))
    pdq, md5 = KnownHash("pdq", CODE, 100), KnownHash("md5", MD5)
    store.add(bank, [BankEntry("one", (pdq,)), BankEntry("two", (KnownHash("pdq", FLIPPED, 100), md5))])
    return bank


def number(bank: Bank, entry: str) -> int:
    return the_app().store.entry_ids(bank, [entry])[entry]


def picture() -> bytes:
    out = io.BytesIO()
    draw(3, 320, 240).save(out, "png")
    return out.getvalue()


def test_signals_are_looked_up_by_bank(ask: Ask, filled: Bank) -> None:
    one, two = number(filled, "one"), number(filled, "two")
    status, told = ask("GET", f"/m/lookup?signal={CODE.upper()}&signal_type=pdq")
    assert (status, list(told)) == (200, ["BANK_A"])
    assert told["BANK_A"] == [{"bank_content_id": one, "distance": "0"}, {"bank_content_id": two, "distance": "1"}]
    assert ask("GET", f"/m/raw_lookup?signal={CODE}&signal_type=pdq") == (200, {"matches": [one, two]})
    with_distance = ask("GET", f"/m/raw_lookup?signal={FLIPPED}&signal_type=pdq&include_distance=true")[1]
    assert with_distance["matches"][0] == {"bank_content_id": two, "distance": "0"}
    assert ask("GET", f"/m/lookup?signal={MD5}&signal_type=video_md5")[1] == {
        "BANK_A": [{"bank_content_id": two, "distance": ""}]
    }
    assert ask("GET", f"/m/lookup?signal={FAR}&signal_type=pdq") == (200, {})
    assert ask("GET", f"/m/lookup?signal={CODE}&signal_type=pdq&banks=OTHER,THIRD") == (200, {})


def test_disabled_and_benign_banks_do_not_match(ask: Ask, filled: Bank) -> None:
    store = the_app().store
    benign = store.create(Bank(0, "BENIGN", negative=True))
    store.add(benign, [BankEntry("b", (KnownHash("pdq", FAR, 100),))])
    assert ask("GET", f"/m/lookup?signal={FAR}&signal_type=pdq") == (200, {})
    assert ask("PUT", "/c/bank/BANK_A", {"enabled": False}) == (
        200,
        {"name": "BANK_A", "matching_enabled_ratio": 0.0},
    )
    the_app().live.close()
    del the_app().live
    assert ask("GET", f"/m/lookup?signal={CODE}&signal_type=pdq") == (200, {})


def test_changes_of_banks_are_in_the_log_and_benign_ones_are_for_people(ask: Ask, filled: Bank) -> None:
    benign = the_app().store.create(Bank(0, "BENIGN", negative=True))
    assert ask("POST", "/c/banks", {"name": "MINE"})[0] == 201
    status, added = ask("POST", "/c/bank/MINE/signal", {"pdq": CODE})
    assert status == 200
    assert ask("PUT", "/c/bank/MINE", {"enabled": False})[0] == 200
    assert ask("DELETE", f"/c/bank/MINE/content/{added['id']}") == (200, {"deleted": 1})
    assert ask("DELETE", "/c/bank/MINE")[0] == ask("DELETE", "/c/bank/MINE")[0] == 200
    assert ask("POST", f"/c/bank/{benign.name}/signal", {"pdq": CODE})[0] == 403
    assert ask("PUT", f"/c/bank/{benign.name}", {"enabled": False})[0] == 403
    logged = [one.event.body for one in the_app().cases.log(-1, 100)]
    assert [(one.what, one.details) for one in logged if isinstance(one, ServiceEvent) and one.what[:5] == "bank."] == [
        ("bank.created", {"bank": "MINE"}),
        ("bank.entries_added", {"bank": "MINE", "count": "1"}),
        ("bank.changed", {"bank": "MINE", "enabled": "False"}),
        ("bank.entries_removed", {"bank": "MINE", "count": "1"}),
        ("bank.deleted", {"bank": "MINE", "entries": "0"}),
    ]
    assert the_app().store.bank(filled.name).entries == 2


def test_requests_here_count_as_those_to_the_api(key: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> None:
    box = Limiter(0.2, the_app().clock)
    monkeypatch.setattr(answers, "limiter", lambda: box)
    client = Client(headers={"X-API-Key": key(Scope.LOOKUP)})
    replies = [client.get(f"/m/lookup?signal={CODE}&signal_type=pdq") for _ in range(3)]
    assert [reply.status_code for reply in replies] == [200, 200, 429]
    assert replies[2].json() == {"message": "too many requests"}
    assert int(replies[2]["Retry-After"]) in {4, 5}


def test_faults_are_told_in_fixed_words(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    def lost(*_given: object) -> None:
        raise StorageError(path="/a/place", cause="the disk is full")

    def busy(*_given: object) -> None:
        raise BusyError(seconds=2)

    where = f"/m/lookup?signal={CODE}&signal_type=pdq"
    monkeypatch.setattr(views, "matches_of", lost)
    assert ask("GET", where) == (507, {"message": "a fault in the service; its log has more"})
    monkeypatch.setattr(views, "matches_of", busy)
    assert ask("GET", where)[0] == 503


def test_files_are_hashed_and_looked_up(ask: Ask) -> None:
    def sent() -> dict[str, object]:
        return {"data": {"photo": SimpleUploadedFile("a.png", picture())}}

    status, hashes = ask("POST", "/h/hash", **sent())
    assert (status, list(hashes)) == (200, ["pdq"])
    assert len(hashes["pdq"]) == 64
    assert ask("POST", "/c/banks", {"name": "MINE"}) == (201, {"name": "MINE", "matching_enabled_ratio": 1.0})
    status, added = ask("POST", "/c/bank/MINE/content?note=n", **sent())
    assert (status, added["signals"]) == (200, hashes)
    assert ask("POST", "/m/lookup", **sent())[1]["pdq"]["MINE"] == [{"bank_content_id": added["id"], "distance": "0"}]
    path = f"/c/bank/MINE/content/{added['id']}"
    told = ask("GET", f"{path}?include_signals=true&include_metadata=true")[1]
    assert (told["id"], told["signals"], told["note"]) == (added["id"], hashes, "n")
    assert ask("DELETE", path) == (200, {"deleted": 1})
    assert ask("DELETE", path) == (200, {"deleted": 0})
    assert ask("GET", path)[0] == 404


def test_urls_are_fetched_by_the_guarded_fetcher(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    class Fetches:
        @contextmanager
        def fetch(self, url: str) -> Iterator[BinaryIO]:
            if "inside" in url:
                raise FetchError(cause="its host is not on the public internet")
            import tempfile

            with tempfile.TemporaryFile() as file:
                file.write(picture())
                file.seek(0)
                yield file

    monkeypatch.setitem(the_app().__dict__, "fetcher", Fetches())
    status, hashes = ask("GET", "/h/hash?url=https://public.example/a.png")
    assert (status, len(hashes["pdq"])) == (200, 64)
    status, refused = ask("GET", "/h/hash?url=http://inside.example/")
    assert (status, list(refused)) == (400, ["message"])
    assert ask("GET", "/m/lookup?url=https://public.example/a.png") == (200, {"pdq": {}})


def test_hashes_are_compared(ask: Ask) -> None:
    assert ask("POST", "/m/compare", {"pdq": [CODE, FLIPPED], "video_md5": [MD5, MD5]}) == (
        200,
        {"pdq": [True, {"distance": 1}], "video_md5": [True, {}]},
    )
    assert ask("POST", "/m/compare", {"pdq": [CODE, FAR]}) == (200, {"pdq": [False, {"distance": 256}]})


def test_banks_come_and_go(ask: Ask) -> None:
    assert ask("POST", "/c/banks", {"name": "NEW", "enabled_ratio": 0}) == (
        201,
        {"name": "NEW", "matching_enabled_ratio": 0.0},
    )
    assert ask("POST", "/c/banks", {"name": "NEW"}) == (403, {"message": "Bank already exists"})
    assert {"name": "NEW", "matching_enabled_ratio": 0.0} in ask("GET", "/c/banks")[1]
    assert ask("GET", "/c/bank/NEW")[1]["name"] == "NEW"
    assert ask("PUT", "/c/bank/NEW", {"name": "OTHER"})[0] == 400
    assert ask("POST", "/c/bank/NEW/signal", {"pdq": CODE})[1]["signals"] == {"pdq": CODE}
    assert ask("DELETE", "/c/bank/NEW") == (200, {"message": "Done"})
    assert ask("DELETE", "/c/bank/NEW") == (200, {"message": "Done"})
    assert ask("GET", "/c/bank/NEW") == (404, {"message": "bank 'NEW' not found"})


def test_what_there_is(ask: Ask, filled: Bank) -> None:
    assert ask("GET", "/m/index/status?signal_type=pdq")[1]["pdq"]["size"] == 2
    assert ask("GET", "/c/signal_type")[1] == [
        {"name": "pdq", "enabled_ratio": 1.0},
        {"name": "video_md5", "enabled_ratio": 1.0},
    ]
    assert ask("GET", "/c/signal_type/index")[1]["pdq"]["index_out_of_date"] is False
    assert ask("GET", "/c/exchanges") == (200, [])
    assert [one["name"] for one in ask("GET", "/c/content_type")[1]] == ["photo", "video"]


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/m/lookup", None, 400),
        ("GET", "/m/lookup?signal=xyz&signal_type=pdq", None, 400),
        ("GET", f"/m/lookup?signal={CODE}&signal_type=tmk", None, 400),
        ("GET", f"/m/raw_lookup?signal={CODE}&signal_type=pdq&include_distance=perhaps", None, 400),
        ("GET", "/m/index/status?signal_type=tmk", None, 400),
        ("GET", "/h/hash", None, 400),
        ("POST", "/h/hash", {}, 400),
        ("GET", "/h/hash?types=tmk&url=https://public.example/", None, 400),
        ("POST", "/m/compare", [], 400),
        ("POST", "/m/compare", {"pdq": [CODE]}, 400),
        ("POST", "/m/compare", {"pdq": [CODE, 5]}, 400),
        ("POST", "/c/banks", {}, 400),
        ("POST", "/c/banks", {"name": "../x"}, 400),
        ("POST", "/c/banks", {"name": "Y", "enabled_ratio": "much"}, 400),
        ("POST", "/c/bank/NONE/signal", {"pdq": CODE}, 404),
        ("GET", "/c/bank/NONE/content/1", None, 404),
        ("PUT", "/c/bank/NONE/content/1", {}, 501),
        ("POST", "/c/exchanges", {}, 501),
        ("DELETE", "/m/lookup", None, 405),
    ],
)
def test_bad_requests_are_told(ask: Ask, method: str, path: str, body: object, status: int) -> None:
    found, told = ask(method, path, body)
    assert (found, list(told)) == (status, ["message"])


def test_without_the_right_key_there_is_nothing(key: Callable[..., str], filled: Bank) -> None:
    for path in ("/m/lookup?signal=x&signal_type=pdq", "/c/banks", "/c/bank/BANK_A", "/c/bank/NONE", "/h/hash"):
        assert Client().get(path).status_code == 401
        wrong = Client(headers={"X-API-Key": key(Scope.GATE, Scope.ADMIN, Scope.REVIEW)}).get(path)
        assert (wrong.status_code, wrong.content) == (403, b'{"message": "not permitted"}')
    looks_up = Client(headers={"X-API-Key": key(Scope.LOOKUP)})
    assert looks_up.post("/c/banks", "{}", content_type="application/json").status_code == 403
    assert Client().get("/status").content == b"I-AM-ALIVE"


def test_switched_off_it_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    app = the_app()
    monkeypatch.setattr(app, "settings", replace(app.settings, service=replace(app.settings.service, hma=False)))
    for path in ("/status", "/m/lookup", "/c/banks"):
        assert Client().get(path).status_code == 404
