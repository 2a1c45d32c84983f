"""Banks by the API, look-ups, and the feed of entries with what went."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from safelight.model.access import Scope
from safelight.model.bank import Bank, BankEntry, KnownHash
from safelight.model.case import ServiceEvent
from safelight.web.container import the_app
from tests.web.api.conftest import PDQ

Clients = Callable[..., Client]

BANKS = "/api/v1/banks"
LOOKUP = "/api/v1/lookup"


def sent(client: Client, method: str, path: str, body: object) -> Any:
    return getattr(client, method)(path, body, content_type="application/json")


@pytest.mark.usefixtures("db")
class TestBanks:
    def test_a_life(self, client: Clients) -> None:
        one = client(Scope.CURATE)
        made = sent(one, "post", BANKS, {"name": "mine", "threshold": 20})
        assert (made.status_code, made.json()["threshold"], made.json()["enabled"]) == (201, 20, True)
        assert [bank["name"] for bank in one.get(BANKS).json()["banks"]] == ["mine"]
        changed = sent(one, "patch", f"{BANKS}/mine", {"enabled": False})
        assert (changed.status_code, changed.json()["enabled"], changed.json()["threshold"]) == (200, False, 20)
        assert one.get(f"{BANKS}/mine").json() == changed.json()
        assert one.delete(f"{BANKS}/mine").status_code == 204
        assert one.get(f"{BANKS}/mine").status_code == 404

    def test_there_is_one_of_a_name(self, client: Clients) -> None:
        one = client(Scope.CURATE)
        assert [sent(one, "post", BANKS, {"name": "mine"}).status_code for _ in range(2)] == [201, 409]

    @pytest.mark.parametrize("body", [{"name": ""}, {"name": "a/b"}, {"name": "x", "threshold": 41}, {"nam": "x"}, []])
    def test_what_cannot_be_used(self, client: Clients, body: object) -> None:
        assert sent(client(Scope.CURATE), "post", BANKS, body).status_code == 422

    def test_what_is_no_json(self, client: Clients) -> None:
        answer = client(Scope.CURATE).post(BANKS, b"{", content_type="application/json")
        assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")


@pytest.mark.usefixtures("db", "listed")
class TestEntries:
    def test_what_was_added_is_found_at_once(self, client: Clients) -> None:
        one = client(Scope.CURATE, Scope.LOOKUP)
        code = "f0" * 32
        new = [
            {"name": "new", "pdq": [code, code.upper()], "source": "me", "metadata": {"series": "1"}},
            {"name": "a", "md5": "0" * 32},
        ]
        answer = sent(one, "post", f"{BANKS}/listed/entries", {"entries": new})
        assert (answer.status_code, answer.json()) == (201, {"added": 1, "present": 1})
        (found,) = sent(one, "post", LOOKUP, {"queries": [{"pdq": code}]}).json()["results"]
        assert [(hit["entry"], hit["match_type"], hit["sources"]) for hit in found["matches"]] == [
            ("new", "near", ["me"])
        ]
        (entry,) = [e for e in one.get(f"{BANKS}/listed/entries").json()["entries"] if e["name"] == "new"]
        assert (len(entry["hashes"]), entry["metadata"]) == (1, {"series": "1"})

    @pytest.mark.parametrize(
        "entry",
        [
            {"name": "x"},
            {"name": "x", "md5": "z" * 32},
            {"name": "", "md5": "0" * 32},
            {"name": "\x00", "md5": "0" * 32},
            {"name": "x", "md5": "0" * 32, "expires": "9999-12-31T23:59:59-12:00"},
            {"name": "x", "md5": "0" * 32, "expires": "0001-01-01T00:00:00+12:00"},
        ],
    )
    def test_what_cannot_be_used(self, client: Clients, entry: object) -> None:
        body = {"entries": [{"name": "good", "md5": "1" * 32}, entry]}
        assert sent(client(Scope.CURATE), "post", f"{BANKS}/listed/entries", body).status_code == 422
        assert the_app().store.bank("listed").entries == 3

    def test_a_bank_that_is_not_there(self, client: Clients) -> None:
        one = client(Scope.CURATE)
        assert one.get(f"{BANKS}/none/entries").status_code == 404
        assert one.delete(f"{BANKS}/listed/entries/none").status_code == 404

    def test_the_feed_goes_on_and_tells_what_went(self, client: Clients) -> None:
        one, path = client(Scope.CURATE), f"{BANKS}/listed/entries"
        first = one.get(path, {"limit": 2}).json()
        assert ([e["name"] for e in first["entries"]], first["more"], first["removed"]) == (["a", "b"], True, [])
        assert one.delete(f"{path}/c/with a slash").status_code == 204
        assert one.delete(f"{path}/a").status_code == 204
        sent(one, "post", path, {"entries": [{"name": "d", "sha1": "d" * 40}]})
        second = one.get(path, {"cursor": first["next_cursor"]}).json()
        assert ([e["name"] for e in second["entries"]], second["more"]) == (["d"], False)
        ids = {h["id"] for e in first["entries"] if e["name"] == "a" for h in e["hashes"]}
        assert ids <= set(second["removed"])
        assert len(second["removed"]) == 3
        third = one.get(path, {"cursor": second["next_cursor"]}).json()
        assert (third["entries"], third["removed"]) == ([], [])

    def test_a_cursor_is_of_one_bank(self, client: Clients) -> None:
        one = client(Scope.CURATE)
        sent(one, "post", BANKS, {"name": "other"})
        cursor = one.get(f"{BANKS}/listed/entries").json()["next_cursor"]
        assert one.get(f"{BANKS}/other/entries", {"cursor": cursor}).status_code == 422
        assert one.get(f"{BANKS}/listed/entries", {"cursor": cursor + "x"}).status_code == 422


@pytest.mark.usefixtures("db", "listed")
class TestLookup:
    def test_by_each_hash(self, client: Clients) -> None:
        queries: list[dict[str, Any]] = [
            {"id": "1", "pdq": PDQ},
            {"id": "2", "md5": "A" * 32},
            {"id": "3", "sha256": "b" * 64, "md5": "a" * 32},
            {"id": "4", "sha1": "0" * 40},
            {"id": "5", "pdq": PDQ, "quality": 10},
            {"id": "6"},
        ]
        got = sent(client(Scope.LOOKUP), "post", LOOKUP, {"queries": queries}).json()["results"]
        found = {one["id"]: [(hit["match_type"], hit["entry"]) for hit in one["matches"]] for one in got}
        assert found == {
            "1": [("near", "a")],
            "2": [("exact", "a")],
            "3": [("exact", "a"), ("exact", "b")],
            "4": [],
            "5": [],
            "6": [],
        }
        near = got[0]["matches"][0]
        assert (near["distance"], near["classification"], near["sources"]) == (0, "word", ["partner"])
        assert 0 <= near["p_false_match"] < 1e-6

    def test_from_named_banks(self, client: Clients) -> None:
        one = client(Scope.LOOKUP)
        body = {"queries": [{"pdq": PDQ}], "banks": ["other"]}
        assert sent(one, "post", LOOKUP, body).json()["results"][0]["matches"] == []
        assert sent(one, "post", LOOKUP, body | {"banks": ["listed"]}).json()["results"][0]["matches"]

    def test_at_most_a_thousand(self, client: Clients) -> None:
        one = client(Scope.LOOKUP)
        asked = [{"pdq": f"{n:064x}"} for n in range(1_001)]
        assert sent(one, "post", LOOKUP, {"queries": asked}).status_code == 422
        answer = sent(one, "post", LOOKUP, {"queries": asked[:1_000]})
        assert (answer.status_code, len(answer.json()["results"])) == (200, 1_000)
        assert sent(one, "post", LOOKUP, {"queries": []}).status_code == 422


def noted() -> list[tuple[str, dict[str, str]]]:
    logged = [one.event.body for one in the_app().cases.log(-1, 1_000)]
    return [(one.what, one.details) for one in logged if isinstance(one, ServiceEvent) and one.what[:5] == "bank."]


@pytest.mark.usefixtures("db")
class TestTheLog:
    def test_every_change_is_in_it(self, client: Clients) -> None:
        one = client(Scope.CURATE)
        before = len(noted())
        entries = {"entries": [{"name": "x", "pdq": [PDQ]}, {"name": "y", "md5": "a" * 32}]}
        assert sent(one, "post", BANKS, {"name": "b"}).status_code == 201
        assert sent(one, "patch", f"{BANKS}/b", {"threshold": 20}).status_code == 200
        assert sent(one, "post", f"{BANKS}/b/entries", entries).status_code == 201
        assert sent(one, "post", f"{BANKS}/b/entries", entries).status_code == 201  # they are there: nothing changes
        assert one.delete(f"{BANKS}/b/entries/x").status_code == 204
        assert one.delete(f"{BANKS}/b").status_code == 204
        assert noted()[before:] == [
            ("bank.created", {"bank": "b"}),
            ("bank.changed", {"bank": "b", "threshold": "20"}),
            ("bank.entries_added", {"bank": "b", "count": "2"}),
            ("bank.entries_removed", {"bank": "b", "count": "1"}),
            ("bank.deleted", {"bank": "b", "entries": "1"}),
        ]

    def test_what_was_not_done_is_not(self, client: Clients) -> None:
        one = client(Scope.CURATE)
        sent(one, "post", BANKS, {"name": "b"})
        before = len(noted())
        assert sent(one, "post", BANKS, {"name": "b"}).status_code == 409
        assert one.delete(f"{BANKS}/none").status_code == 404
        assert one.delete(f"{BANKS}/b/entries/none").status_code == 404
        assert noted()[before:] == []


@pytest.mark.usefixtures("db")
def test_known_benign_banks_are_for_people(client: Clients) -> None:
    """What is in one makes matches go away: a key could let files pass."""
    one, store = client(Scope.CURATE), the_app().store
    benign = store.create(Bank(0, "benign", negative=True))
    store.add(benign, [BankEntry("x", (KnownHash("pdq", PDQ),))])
    sent(one, "post", BANKS, {"name": "b"})

    refused = (
        sent(one, "post", BANKS, {"name": "c", "negative": True}),
        sent(one, "patch", f"{BANKS}/b", {"negative": True}),
        sent(one, "patch", f"{BANKS}/benign", {"threshold": 31}),
        sent(one, "post", f"{BANKS}/benign/entries", {"entries": [{"name": "y", "md5": "a" * 32}]}),
    )
    assert [answer.status_code for answer in refused] == [403] * 4
    assert [(bank.name, bank.negative, bank.entries) for bank in store.banks()] == [
        ("b", False, 0),
        ("benign", True, 1),
    ]
    assert one.delete(f"{BANKS}/benign/entries/x").status_code == 204
    assert one.delete(f"{BANKS}/benign").status_code == 204
