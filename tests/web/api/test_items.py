"""Handing files in, and reading what was found."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from safelight.model.access import Scope
from safelight.model.errors import FetchError
from safelight.model.service import Item, ItemState
from safelight.web.api.jobs import EXAMINE, examine_item
from safelight.web.container import the_app
from safelight.web.hooks.models import Endpoint, Message
from safelight.web.hooks.sending import add_endpoint
from safelight.web.jobs.kinds import KINDS
from safelight.web.jobs.models import Job
from tests.web.api.conftest import KNOWN, NEAR, Seen

Clients = Callable[..., Client]
Take = Callable[..., Item]

ITEMS = "/api/v1/items"
RAW = "application/octet-stream"


@pytest.mark.usefixtures("db")
class TestHandingIn:
    def test_bytes(self, client: Clients) -> None:
        answer = client(Scope.GATE).post(
            f"{ITEMS}?reference=r1&account=u7&keep=true", b"file", content_type="image/png"
        )
        assert answer.status_code == 202
        told = answer.json()
        assert answer["Location"] == f"{ITEMS}/{told['id']}"
        assert told.keys() == {"id", "created", "reference", "account"}
        item = the_app().cases.item(told["id"])
        assert (item.state, item.reference, item.account, item.keep) == (ItemState.WAITING, "r1", "u7", True)
        assert item.blob is not None
        with the_app().evidence.read(item.blob) as file:
            assert file.read() == b"file"
        assert Job.objects.get(kind=EXAMINE).subject == item.id

    def test_a_form(self, client: Clients) -> None:
        endpoint, _ = add_endpoint("https://host.example/")
        form = {"file": SimpleUploadedFile("name.png", b"file"), "reference": "r1", "callback": str(endpoint.pk)}
        answer = client(Scope.GATE).post(ITEMS, form)
        item = the_app().cases.item(answer.json()["id"])
        assert (item.reference, item.callback, item.keep) == ("r1", str(endpoint.pk), False)

    def test_a_callback_that_would_never_hear_of_it(self, client: Clients) -> None:
        deaf, _ = add_endpoint("https://host.example/", ["case.opened"], cases=True)
        off, _ = add_endpoint("https://host.example/")
        Endpoint.objects.filter(pk=off.pk).update(disabled=timezone.now())
        for number in ("999", str(deaf.pk), str(off.pk)):
            answer = client(Scope.GATE).post(f"{ITEMS}?callback={number}", b"file", content_type=RAW)
            assert (answer.status_code, answer.json()["errors"][0]["where"]) == (422, ["query", "callback"])
        assert the_app().cases.items() == []
        assert the_app().evidence.status().blobs == 0

    def test_a_url(self, client: Clients, monkeypatch: pytest.MonkeyPatch) -> None:
        class Fetcher:
            def fetch(self, url: str) -> BytesIO:
                if "gone" in url:
                    raise FetchError(cause="there is nothing")
                return BytesIO(url.encode())

        monkeypatch.setitem(vars(the_app()), "fetcher", Fetcher())
        one = client(Scope.GATE)
        told = one.post(ITEMS, {"url": "https://example.com/1"}, content_type="application/json").json()
        item = the_app().cases.item(told["id"])
        with the_app().evidence.read(item.blob or "") as file:
            assert file.read() == b"https://example.com/1"
        assert item.url == "https://example.com/1"
        again = {"Idempotency-Key": "k"}
        answers = [
            one.post(ITEMS, {"url": "https://example.com/2"}, content_type="application/json", headers=again)
            for _ in range(2)
        ]
        assert answers[0].json() == answers[1].json()
        gone = {"url": "https://example.com/gone"}
        assert (
            one.post(ITEMS, gone, content_type="application/json", headers={"Idempotency-Key": "g"}).status_code == 422
        )
        refused = one.post(ITEMS, gone, content_type="application/json")
        assert (refused.status_code, refused.json()["type"].partition("#")[2]) == (422, "fetch")

    def test_what_came_by_its_url_may_have_returned_and_that_this_is_asked_tells_nobody_of_a_match(
        self, take: Take
    ) -> None:
        came = [take(b"1", NEAR, url="https://example.com/1"), take(b"2", url="https://example.com/2")]
        take(b"3", NEAR)
        asked = Job.objects.filter(kind="takedown.returned").order_by("pk")
        assert list(asked.values_list("subject", flat=True)) == [one.id for one in came]

    @pytest.mark.parametrize(
        ("body", "kind"),
        [
            (b"", RAW),
            (b"{}", "application/json"),
            (b'{"url": "file:///etc/passwd"}', "application/json"),
            (b'{"url": "https://example.com", "more": 1}', "application/json"),
            (b"[", "application/json"),
        ],
    )
    def test_what_cannot_be_used(self, client: Clients, body: bytes, kind: str) -> None:
        answer = client(Scope.GATE).post(ITEMS, body, content_type=kind)
        assert answer.status_code == 422
        assert answer.json()["errors"]
        assert the_app().cases.items() == []

    def test_forms_that_are_none(self, client: Clients) -> None:
        one = client(Scope.GATE)
        assert one.post(ITEMS, {"reference": "r"}).status_code == 422
        assert one.post(ITEMS, b"junk", content_type="multipart/form-data; boundary=x").status_code in {400, 422}
        assert one.post(ITEMS, b"junk", content_type="multipart/form-data").status_code == 400

    @pytest.mark.parametrize("query", ["reference=%00", "callback=x", "keep=perhaps", f"account={'x' * 300}"])
    def test_what_is_said_is_checked(self, client: Clients, query: str) -> None:
        assert client(Scope.GATE).post(f"{ITEMS}?{query}", b"file", content_type=RAW).status_code == 422

    def test_too_large(self, client: Clients, monkeypatch: pytest.MonkeyPatch) -> None:
        from safelight.web.api import uploads

        class Small:
            class settings:  # noqa: N801 (stands in for the app's)
                class service:  # noqa: N801 (as above)
                    max_upload = 10
                    url = "http://127.0.0.1"

        monkeypatch.setattr(uploads, "the_app", Small)
        answer = client(Scope.GATE).post(ITEMS, b"x" * 11, content_type=RAW)
        assert answer.status_code == 413
        assert the_app().cases.items() == []


@pytest.mark.usefixtures("db")
class TestTheJob:
    def test_it_examines_and_tells(self, client: Clients, seen: Seen) -> None:
        seen.matches[b"file"] = (NEAR,)
        endpoint, _ = add_endpoint("https://example.com/hook")
        told = client(Scope.GATE).post(f"{ITEMS}?callback={endpoint.pk}", b"file", content_type=RAW).json()
        examine_item(told["id"])
        examine_item(told["id"])
        item = the_app().cases.item(told["id"])
        assert (item.state, item.case) == (ItemState.DONE, item.id)
        assert [(one.event, one.data) for one in Message.objects.all()] == [("item.done", {"item": item.id})]

    def test_it_tells_all_when_nobody_is_named(self, client: Clients, seen: Seen) -> None:
        assert seen.matches == {}
        examine_item(client(Scope.GATE).post(ITEMS, b"file", content_type=RAW).json()["id"])
        assert Message.objects.count() == 1

    def test_an_endpoint_that_is_gone_is_no_error(self, client: Clients, seen: Seen) -> None:
        assert seen.matches == {}
        endpoint, _ = add_endpoint("https://host.example/")
        told = client(Scope.GATE).post(f"{ITEMS}?callback={endpoint.pk}", b"file", content_type=RAW).json()
        endpoint.delete()
        examine_item(told["id"])
        assert Message.objects.count() == 0

    def test_a_dead_letter_is_a_failed_item(self, client: Clients) -> None:
        told = client(Scope.GATE).post(ITEMS, b"file", content_type=RAW).json()
        give_up = KINDS[EXAMINE].dead
        assert give_up is not None
        give_up(told["id"])
        assert client().get(f"{ITEMS}/{told['id']}").json()["state"] == "failed"


@pytest.mark.usefixtures("db")
class TestReading:
    def test_an_item(self, client: Clients, take: Take) -> None:
        item = take(b"file", NEAR, reference="r1")
        told = client(Scope.REVIEW).get(f"{ITEMS}/{item.id}").json()
        expected = {"id": item.id, "state": "done", "reference": "r1", "source": "items", "outcome": "near"}
        assert expected.items() <= told.items()
        assert (told["case_id"], told["actions"], told["media_kept"]) == (item.case, ["queue"], True)

    def test_one_that_waits(self, client: Clients) -> None:
        item = client(Scope.GATE).post(ITEMS, b"file", content_type=RAW).json()["id"]
        told = client(Scope.REVIEW).get(f"{ITEMS}/{item}").json()
        assert (told["state"], told["outcome"], told["case_id"]) == ("waiting", None, None)
        assert client(Scope.REVIEW).get(f"{ITEMS}/{item}/matches").json()["matches"] == []

    def test_its_matches(self, client: Clients, take: Take) -> None:
        item = take(b"file", NEAR, KNOWN)
        (first, second) = client(Scope.REVIEW).get(f"{ITEMS}/{item.id}/matches").json()["matches"]
        assert (first["match_type"], first["entry"]) == ("exact", "b")
        expected: dict[str, Any] = {
            "match_type": "near",
            "distance": 8,
            "classification": "word",
            "p_false_match": 1e-9,
        }
        assert expected.items() <= second.items()

    def test_pages(self, client: Clients, take: Take) -> None:
        one, ids = client(Scope.REVIEW), [take(bytes([n])).id for n in range(5)]
        got: list[str] = []
        cursor, more = "", True
        while more:
            page = one.get(f"{ITEMS}?cursor={cursor}&limit=2").json()
            got += [item["id"] for item in page["items"]]
            cursor, more = page["next_cursor"], page["more"]
        assert got == ids
        new = take(b"new").id
        assert [item["id"] for item in one.get(ITEMS, {"cursor": cursor}).json()["items"]] == [new]

    def test_no_item(self, client: Clients) -> None:
        one = client(Scope.REVIEW)
        assert one.get(f"{ITEMS}/00000000-0000-7000-8000-000000000000").status_code == 404
        assert one.get(f"{ITEMS}/nonsense").status_code == 422
