"""The periodic jobs of the service: heads are signed, rubbish goes."""

import io
from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from django.db import connection
from django.test import Client

from safelight.case.heads import head_bytes
from safelight.flow import audit
from safelight.flow.audit import export_log
from safelight.model.access import SYSTEM, Role
from safelight.model.case import SERVICE_CASE, Draft, Opened, ServiceEvent
from safelight.model.errors import FetchError, LogRewrittenError
from safelight.web.accounts.models import User
from safelight.web.api.models import Answer
from safelight.web.container import the_app
from safelight.web.jobs import jobs, queue
from safelight.web.jobs.kinds import KINDS
from safelight.web.jobs.models import Job, JobState
from safelight.web.ops import health
from tests.web.conftest import MakeUser

pytestmark = pytest.mark.usefixtures("db")


def test_the_log_is_signed_when_it_has_grown_and_only_then() -> None:
    app = the_app()
    app.cases.append([Draft(SERVICE_CASE, SYSTEM, ServiceEvent("test.run"))])
    jobs.sign_head("")
    jobs.sign_head("")
    heads = app.cases.heads()
    assert len(heads) == 1
    assert heads[0].head.size == app.cases.head().size > 0
    public = load_pem_public_key(app.log_signer.public_key.encode())
    assert isinstance(public, Ed25519PublicKey)
    public.verify(b64decode(heads[0].signature), head_bytes(heads[0].head))
    assert (app.settings.home / "log-key.pem").stat().st_mode & 0o777 == 0o600
    app.cases.append([Draft(SERVICE_CASE, SYSTEM, ServiceEvent("test.run"))])
    jobs.sign_head("")
    assert len(app.cases.heads()) == 2


def note(text: str) -> Draft:
    return Draft(SERVICE_CASE, SYSTEM, ServiceEvent("test.run", {"text": text}))


def rewrite() -> None:
    """What whoever owns the database can do, without any key: another log, of which no head was ever signed."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("ALTER TABLE casework_event DISABLE TRIGGER ALL")
        else:
            for what in ("update", "delete", "replace"):
                cursor.execute(f"DROP TRIGGER casework_event_no_{what}")
        for table in connection.introspection.table_names(cursor):
            if table.startswith("casework_") and table != "casework_logstate":
                cursor.execute(f"DELETE FROM {table}")
        cursor.execute("UPDATE casework_logstate SET size = 0, peaks = %s", [b""])


@pytest.mark.parametrize("length", [1, 2, 3], ids=["shorter", "as long", "longer"])
def test_a_log_that_was_rewritten_is_not_signed(length: int, monkeypatch: pytest.MonkeyPatch) -> None:
    app = the_app()
    app.cases.append([note("what must not be known"), note("and this")])
    jobs.sign_head("")
    assert health.Health({"log": health.log}).failed() == ()
    kept = app.last_head.get()
    rewrite()
    app.cases.append([note(f"nothing happened {number}") for number in range(length)])
    with pytest.raises(LogRewrittenError):
        jobs.sign_head("")
    with pytest.raises(LogRewrittenError):
        audit.sign_head(app.cases, app.log_signer, last=app.last_head)
    assert app.cases.heads() == []
    assert app.last_head.get() == kept
    assert health.Health({"log": health.log}).failed() == ("log",)
    assert audit.verify_store(app.cases, None, last=kept).flaws
    monkeypatch.setattr("safelight.web.jobs.kinds.FIRST", timedelta())
    row = Job(kind="log.sign", subject="", state=JobState.RUNNING, attempts=KINDS["log.sign"].attempts)
    row.holder, row.due = queue.HOLDER, app.clock.now()
    row.save()
    queue._run(row)
    row.refresh_from_db()
    assert (row.state, row.error) == (JobState.DEAD, "LogRewrittenError")


def test_an_entry_that_is_exchanged_before_the_last_head_is_not_signed_over() -> None:
    """The tree made to fit again, as its owner can: every hash in it is right, and is not what was signed."""
    app = the_app()
    app.cases.append([note(str(number)) for number in range(5)])
    jobs.sign_head("")
    size = app.cases.head().size
    rewrite()
    app.cases.append([note(str(number if number != 2 else 7)) for number in range(size + 3)])
    with pytest.raises(LogRewrittenError, match="does not begin"):
        jobs.sign_head("")


def test_neither_the_console_nor_the_command_line_signs_it(
    user: MakeUser, client_of: Callable[[User], Client], tmp_path: Path
) -> None:
    app, lead = the_app(), user(Role.LEAD)
    opened = Draft(app.ids.new(), SYSTEM, Opened("test"))
    app.cases.append([opened])
    client = client_of(lead)
    assert client.post(f"/cases/{opened.case}/export", {"reason": "asked for"}).getvalue().startswith(b"PK")
    kept = app.last_head.get()
    assert kept
    assert kept.size == app.cases.heads()[0].head.size
    rewrite()
    app.cases.append([note("first"), opened])
    client.raise_request_exception = False
    answer = client.post(f"/cases/{opened.case}/export", {"reason": "asked for"})
    assert answer.status_code == 500
    assert "Content-Disposition" not in answer
    with pytest.raises(LogRewrittenError):
        export_log(app.exporter(app.settings.home / "log-key.pem", str), io.BytesIO(), actor=SYSTEM, reason="x")
    assert app.cases.heads() == []
    own, _ = app.make_key(tmp_path / "own.pem", "")
    assert own.exists()
    assert app.exporter(tmp_path / "own.pem", str).last is None, "that key may sign other logs, too"


class Authority:
    """Stamps, or does not answer."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.answers = False

    def stamp(self, data: bytes) -> str:
        if not self.answers:
            raise FetchError(cause="no answer")
        return b64encode(data[:4]).decode()


def test_heads_are_stamped_and_an_authority_that_fails_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    app, authority = the_app(), Authority("http://stamps.example")
    service = replace(app.settings.service, timestamp_url=authority.url)
    monkeypatch.setattr(app, "settings", replace(app.settings, service=service))
    monkeypatch.setattr(app, "time_stamps", lambda _url: authority)
    app.cases.append([note("one")])
    jobs.sign_head("")
    assert [head.stamp for head in app.cases.heads()] == [""]
    authority.answers = True
    jobs.sign_head("")
    [head] = app.cases.heads()
    assert head.stamp == b64encode(b64decode(head.signature)[:4]).decode()


def test_old_answers_go() -> None:
    now = the_app().clock.now()
    for key, age in (("new", timedelta()), ("old", timedelta(days=3))):
        Answer.objects.create(actor="key:1", key=key, fingerprint=b"", created=now - age)
    jobs.prune_answers("")
    assert [answer.key for answer in Answer.objects.all()] == ["new"]


def test_loose_blobs_go_and_young_ones_stay() -> None:
    app = the_app()
    for left in list(app.blobs.names()):  # by tests whose records are rolled back: bytes are not
        app.blobs.delete(left)
    name = app.ids.new()
    app.blobs.put(name, [b"sealed"])
    jobs.sweep_blobs("")
    assert name in set(app.blobs.names())
    app.blobs.delete(name)


def test_what_is_periodic_is_known() -> None:
    periodic = {name for name, kind in KINDS.items() if kind.every}
    assert {"jobs.prune", "log.sign", "blobs.sweep", "api.prune"} <= periodic
