"""A request that is sent again is done once."""

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any, BinaryIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from safelight.adapter.evidence.vault import DjangoEvidenceVault
from safelight.flow import banks as flow
from safelight.model.access import Scope
from safelight.model.bank import Bank
from safelight.model.errors import StorageError
from safelight.model.service import Blob
from safelight.web.api import idempotency
from safelight.web.api.idempotency import KEPT, STALE
from safelight.web.api.models import Answer
from safelight.web.container import the_app

Clients = Callable[..., Client]

BANKS, ITEMS = "/api/v1/banks", "/api/v1/items"

pytestmark = pytest.mark.usefixtures("db")


def make(client: Client, name: str, key: str | None = "k1") -> Any:
    headers = {"Idempotency-Key": key} if key is not None else {}
    return client.post(BANKS, {"name": name}, content_type="application/json", headers=headers)


def test_the_same_request_has_the_same_answer(client: Clients) -> None:
    one = client(Scope.CURATE)
    first, again = make(one, "a"), make(one, "a")
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert again["Content-Type"] == first["Content-Type"]
    assert (again["Idempotency-Replayed"], "Idempotency-Replayed" in first.headers) == ("true", False)
    assert make(one, "a", None).status_code == 409
    assert make(one, "a", "k2").status_code == 409


def test_another_request_under_the_key_is_refused(client: Clients) -> None:
    one = client(Scope.CURATE)
    make(one, "a")
    answer = make(one, "b")
    assert (answer.status_code, answer.json()["type"].partition("#")[2]) == (422, "idempotency-reused")
    entries = one.post(
        f"{BANKS}/a/entries", {"name": "a"}, content_type="application/json", headers={"Idempotency-Key": "k1"}
    )
    assert entries.json()["type"].partition("#")[2] == "idempotency-reused"


def test_keys_are_of_who_sends_them(client: Clients) -> None:
    make(client(Scope.CURATE), "a")
    assert make(client(Scope.CURATE), "b").status_code == 201


def test_without_the_right_nothing_is_learnt(client: Clients) -> None:
    one = client(Scope.GATE)
    assert make(one, "a").status_code == 403
    assert make(Client(), "a").status_code == 401
    assert not Answer.objects.exists()


@pytest.mark.parametrize("text", ["", "x" * 256, "\x07", "é"])
def test_keys_that_are_none(client: Clients, text: str) -> None:
    assert make(client(Scope.CURATE), "a", text).status_code == 400


def test_one_that_is_being_worked_on(client: Clients) -> None:
    one = client(Scope.CURATE)
    make(one, "a")
    Answer.objects.update(status=None)
    answer = make(one, "a")
    assert (answer.status_code, answer["Retry-After"]) == (409, "1")
    Answer.objects.update(created=timezone.now() - STALE - timedelta(seconds=1))
    assert make(one, "a").json()["type"].partition("#")[2] == "bank-exists"  # taken over, and done


def test_answers_are_forgotten(client: Clients) -> None:
    one = client(Scope.CURATE)
    make(one, "a")
    Answer.objects.update(created=timezone.now() - KEPT - timedelta(seconds=1))
    assert make(one, "b").status_code == 201
    assert Answer.objects.count() == 1


def test_a_refusal_is_kept_and_a_fault_is_not(client: Clients, monkeypatch: pytest.MonkeyPatch) -> None:
    one = client(Scope.CURATE)
    assert make(one, "a/b").status_code == 422
    assert make(one, "a/b")["Idempotency-Replayed"] == "true"
    done: list[str] = []

    def create(*_given: object, **_options: object) -> None:
        the_app().store.create(Bank(0, "half"))
        done.append("half")
        raise StorageError(path="disk", cause="full")

    with monkeypatch.context() as patched:
        patched.setattr(flow, "create_bank", create)
        assert make(one, "c", "k2").status_code == 507
    assert done == ["half"]
    assert [bank.name for bank in the_app().store.banks()] == []  # nothing of it stays
    assert make(one, "c", "k2").status_code == 201


def test_what_takes_long_is_done_before_the_transaction(client: Clients, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fetching and encrypting: on SQLite nobody else could write meanwhile."""
    depths: list[int] = []
    depth = len(connection.savepoint_ids)

    class Fetcher:
        def fetch(self, url: str) -> BytesIO:
            depths.append(len(connection.savepoint_ids) - depth)
            return BytesIO(url.encode())

    monkeypatch.setitem(vars(the_app()), "fetcher", Fetcher())
    seal = type(the_app().evidence).seal

    def sealed(vault: DjangoEvidenceVault, plain: BinaryIO, mime: str) -> Blob:
        depths.append(len(connection.savepoint_ids) - depth)
        return seal(vault, plain, mime)

    monkeypatch.setattr(DjangoEvidenceVault, "seal", sealed)
    one, body = client(Scope.GATE), {"url": "https://host.example/file"}
    for headers in ({}, {"Idempotency-Key": "k"}, {"Idempotency-Key": "k"}):
        assert one.post(ITEMS, body, content_type="application/json", headers=headers).status_code == 202
    assert depths == [0, 0] * 2
    assert len(the_app().cases.items()) == 2


def test_of_two_that_do_the_work_one_has_done_it(client: Clients, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first is so slow that its claim is taken over, and alive after all."""
    one = client(Scope.GATE)
    answers: list[Any] = []

    def send() -> Any:
        return one.post(ITEMS, b"file", content_type="image/png", headers={"Idempotency-Key": "k"})

    seal = DjangoEvidenceVault.seal

    def slow(vault: DjangoEvidenceVault, plain: BinaryIO, mime: str) -> Blob:
        monkeypatch.setattr(DjangoEvidenceVault, "seal", seal)
        answers.append(send())
        Answer.objects.update(created=timezone.now() - STALE - timedelta(seconds=1))
        answers.append(send())
        return seal(vault, plain, mime)

    monkeypatch.setattr(DjangoEvidenceVault, "seal", slow)
    last = send()
    assert [answer.status_code for answer in (*answers, last)] == [409, 202, 409]
    assert last.json()["type"].partition("#")[2] == "idempotency-in-flight"
    [item] = the_app().cases.items()
    assert send()["Location"] == answers[1]["Location"] == f"{ITEMS}/{item.id}"


def test_a_death_leaves_a_claim_and_no_work(client: Clients, monkeypatch: pytest.MonkeyPatch) -> None:
    class Killed(BaseException):
        pass

    def die(_claim: object, _response: HttpResponse) -> None:
        raise Killed

    one = client(Scope.GATE)
    with monkeypatch.context() as patched:
        patched.setattr(idempotency, "_keep", die)
        with pytest.raises(Killed):
            one.post(ITEMS, b"file", content_type="image/png", headers={"Idempotency-Key": "k"})
    assert the_app().cases.items() == []
    first = one.post(ITEMS, b"file", content_type="image/png", headers={"Idempotency-Key": "k"})
    again = one.post(ITEMS, b"file", content_type="image/png", headers={"Idempotency-Key": "k"})
    assert again["Location"] == first["Location"]
    assert len(the_app().cases.items()) == 1


def test_forms_are_told_apart_by_what_is_in_them(client: Clients) -> None:
    one = client(Scope.GATE)

    def send(data: bytes, reference: str) -> Any:
        form = {"file": SimpleUploadedFile("f", data), "reference": reference}
        # Another boundary each time, as clients have it.
        from django.test.client import encode_multipart

        boundary = f"b{send_count()}"
        body = encode_multipart(boundary, form)
        kind = f"multipart/form-data; boundary={boundary}"
        return one.post(ITEMS, body, content_type=kind, headers={"Idempotency-Key": "k"})

    numbers = iter(range(100))

    def send_count() -> int:
        return next(numbers)

    first, again = send(b"file", "r"), send(b"file", "r")
    assert again.json() == first.json()
    assert send(b"file", "other").status_code == 422
    assert send(b"fils", "r").status_code == 422
    assert len(the_app().cases.items()) == 1


def test_no_digest_of_content_is_kept(client: Clients) -> None:
    import hashlib

    client(Scope.GATE).post(ITEMS, b"file", content_type="image/png", headers={"Idempotency-Key": "k"})
    kept = bytes(Answer.objects.get().fingerprint)
    assert len(kept) == 32
    assert kept != hashlib.sha256(b"file").digest()


def test_an_upload_that_cannot_be_read_is_a_problem(client: Clients) -> None:
    answer = client(Scope.GATE).post(ITEMS, b"", content_type="image/png", headers={"Idempotency-Key": "k"})
    assert (answer.status_code, answer["Content-Type"]) == (422, "application/problem+json")
