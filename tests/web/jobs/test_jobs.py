"""The periodic jobs of the service: heads are signed, rubbish goes."""

from base64 import b64decode
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from safelight.case.heads import head_bytes
from safelight.model.access import SYSTEM
from safelight.model.case import SERVICE_CASE, Draft, ServiceEvent
from safelight.web.api.models import Answer
from safelight.web.container import the_app
from safelight.web.jobs import jobs
from safelight.web.jobs.kinds import KINDS

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


def test_old_answers_go() -> None:
    now = the_app().clock.now()
    for key, age in (("new", timedelta()), ("old", timedelta(days=3))):
        Answer.objects.create(actor="key:1", key=key, fingerprint=b"", created=now - age)
    jobs.prune_answers("")
    assert [answer.key for answer in Answer.objects.all()] == ["new"]


def test_loose_blobs_go_and_young_ones_stay() -> None:
    app = the_app()
    name = app.ids.new()
    app.blobs.put(name, [b"sealed"])
    jobs.sweep_blobs("")
    assert name in set(app.blobs.names())
    app.blobs.delete(name)


def test_what_is_periodic_is_known() -> None:
    periodic = {name for name, kind in KINDS.items() if kind.every}
    assert {"jobs.prune", "log.sign", "blobs.sweep", "api.prune"} <= periodic
