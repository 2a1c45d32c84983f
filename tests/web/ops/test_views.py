"""Health, version, figures, and the page of jobs that failed for good."""

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from safelight import __version__
from safelight.adapter.closing.models import PolicyRow
from safelight.flow.wellness import FEWEST_PEOPLE
from safelight.model.access import SYSTEM, Actor, ActorKind, Principal, Role, Scope, granted
from safelight.model.case import Body, Draft, DutyArose, DutyMet, Opened
from safelight.model.law import Duty, DutyKind
from safelight.model.service import GateVerdict
from safelight.policy.rules.default import DEFAULT
from safelight.web.accounts.models import User
from safelight.web.api.jobs import EXAMINE
from safelight.web.console.models import Look
from safelight.web.container import the_app
from safelight.web.jobs.kinds import KINDS
from safelight.web.jobs.models import Job, JobState, Tally
from safelight.web.ops import health, metrics
from safelight.web.ops.following import FOLLOWING
from tests.web.closing.operator import operated
from tests.web.conftest import MakeUser

pytestmark = pytest.mark.usefixtures("db")


WITHOUT_DECODERS = {name: part for name, part in health.PARTS.items() if name != "examiner"}


def letter(subject: str = "a") -> Job:
    return Job.objects.create(
        kind="jobs.prune",
        subject=subject,
        state=JobState.DEAD,
        due=timezone.now(),
        finished=timezone.now(),
        error="OSError",
    )


def test_health_and_version_are_for_anyone() -> None:
    assert Client().get("/healthz").content == b"ok\n"
    assert Client().get("/version").json() == {"name": "safelight", "version": __version__}
    assert Client().post("/healthz").status_code in {403, 405}


def test_ready_names_what_failed_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> None:
        raise OSError("cannot reach s3://secret-bucket")

    broken = health.Health({"database": health.database, "blobs": away})
    monkeypatch.setattr("safelight.web.ops.views.HEALTH", broken)
    answer = Client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {"ready": False, "failed": ["blobs"]}


def test_a_ready_service_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("safelight.web.ops.views.HEALTH", health.Health(WITHOUT_DECODERS))
    answer = Client().get("/readyz")
    assert answer.json() == {"ready": True, "failed": []}
    assert answer.status_code == 200


def test_late_jobs_are_not_ready() -> None:
    Job.objects.create(kind="x", subject="y", due=timezone.now() - timedelta(hours=1))
    assert health.Health(WITHOUT_DECODERS).failed() == ("queue",)


def test_that_a_job_waits_which_follows_a_find_is_not_told() -> None:
    due = timezone.now() - timedelta(hours=1)
    Job.objects.bulk_create(Job(kind=kind, subject="y", due=due) for kind in sorted(FOLLOWING))
    assert metrics.overdue() == 0
    assert health.Health(WITHOUT_DECODERS).failed() == ()
    Job.objects.create(kind="closing.follow", subject="", due=due)
    assert metrics.overdue() >= 3600


def test_decoders_that_are_not_up_are_not_ready() -> None:
    assert health.Health({"examiner": health.examiner}).failed() == ("examiner",)


def test_parts_are_not_asked_for_every_question() -> None:
    asked: list[int] = []
    checked = health.Health({"database": lambda: asked.append(1)})
    for _ in range(5):
        checked.failed()
    assert len(asked) == 1


def samples(text: str) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    return {
        (one.name, tuple(sorted(one.labels.items()))): one.value
        for family in text_string_to_metric_families(text)
        for one in family.samples
    }


def test_figures_are_for_keys_that_may(
    key: Callable[..., str], api_client: Callable[[str], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    for client in (Client(), api_client("slk_nobody")):
        refused = client.get("/metrics")
        assert (refused.status_code, refused["WWW-Authenticate"]) == (401, 'Bearer realm="safelight"')
        assert refused["Content-Type"] == "application/problem+json"
    assert api_client(key(Scope.GATE)).get("/metrics").status_code == 403
    letter()
    Tally.objects.create(kind="jobs.prune", outcome="dead", total=3)
    metrics.count_gate(GateVerdict.HOLD, checked=True)
    answer = api_client(key(Scope.ADMIN)).get("/metrics")
    assert answer.status_code == 200
    found = samples(answer.content.decode())
    assert found["safelight_jobs", (("kind", "jobs.prune"), ("state", "dead"))] == 1
    assert found["safelight_job_outcomes_total", (("kind", "jobs.prune"), ("outcome", "dead"))] == 3
    assert found["safelight_job_overdue_seconds", ()] == 0
    assert found["safelight_gate_answers_total", (("checked", "yes"), ("verdict", "hold"))] >= 1
    denied = (("method", "GET"), ("route", "metrics"), ("status", "403"))
    assert found["safelight_request_seconds_count", denied] >= 1


def test_only_duties_that_are_overdue_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    now = timezone.now()
    known = ("us", "report", DutyKind.REPORT, "title", "to", now)
    due = [now + timedelta(hours=hours) for hours in (-1, 1, 2, 40)]
    arose = [
        DutyArose(Duty(str(number), *known, at, "words", "law", "url", "", drives=True))
        for number, at in enumerate(due)
    ]
    bodies: list[Body] = [Opened("why"), *arose, DutyMet("2", "filing:1")]
    the_app().cases.append([Draft("c", SYSTEM, body) for body in bodies])
    operated(monkeypatch, jurisdictions=("us",))
    found = samples(metrics.exposition().decode())
    assert found["safelight_duties_overdue", ()] == 1
    assert not [name for name, _ in found if "dut" in name and name != "safelight_duties_overdue"]
    assert ("safelight_law_packs_old", ()) in found
    operated(monkeypatch, jurisdictions=("no-such",))
    found = samples(metrics.exposition().decode())
    assert ("safelight_law_packs_old", ()) not in found
    assert ("safelight_exposures_total", ()) in found


def test_a_policy_whose_row_is_gone_is_told_of(user: MakeUser, client_of: Callable[[User], Client]) -> None:
    def trouble() -> float:
        vars(the_app()).pop("policies", None)  # as another process
        return samples(metrics.exposition().decode())["safelight_policy_trouble", ()]

    assert trouble() == 0
    policies = the_app().policies
    one, other = (Principal(Actor(ActorKind.USER, name), granted([Role.LEAD])) for name in ("901", "902"))
    policies.answer(other, policies.propose(one, DEFAULT, "as it is").number, approve=True)
    assert trouble() == 0
    PolicyRow.objects.all().delete()
    assert trouble() == 1
    page = client_of(user(Role.LEAD)).get("/policy").content.decode()
    assert "version 1 of the policy cannot be used: its row is gone from the database" in page
    assert "nothing but keeping back and looking follows" in page
    vars(the_app()).pop("policies", None)


def test_exposure_is_told_of_whole_days_and_enough_people() -> None:
    now = timezone.now()

    def look(person: int, days: int) -> None:
        at = now - timedelta(days=days)
        Look.objects.create(id=f"{days}-{person}", person=f"user:{person}", case="c", item="i", started=at, seconds=3.0)

    def told() -> tuple[float, float]:
        found = samples(metrics.exposition().decode())
        return found["safelight_exposures_total", ()], found["safelight_exposure_seconds_total", ()]

    for person in range(9):
        look(person, 0)  # today is not over: what is added meanwhile would tell of whoever works right now
    for person in range(FEWEST_PEOPLE - 1):
        look(person, 2)
        look(person, 3)
    assert told() == (0, 0)
    look(FEWEST_PEOPLE, 2)
    assert told() == (5, 15)


def test_figures_name_no_paths_methods_or_ids_of_callers() -> None:
    Client().generic("BREACH", "/cases/secret-id-4711?q=secret")
    text = metrics.exposition().decode()
    assert "secret" not in text
    assert "BREACH" not in text


def test_every_figure_is_listed() -> None:
    names = {name.split("_bucket")[0] for name, _ in samples(metrics.exposition().decode())}
    listed = {row.name for row in metrics.listed()}
    families = {name.removesuffix("_created").removesuffix("_sum").removesuffix("_count") for name in names}
    assert {name.removesuffix("_total") for name in families} <= {name.removesuffix("_total") for name in listed}


@pytest.mark.parametrize(("role", "status"), [(Role.ADMIN, 200), (Role.INTEGRATOR, 200), (Role.REVIEWER, 403)])
def test_the_page_of_jobs_is_for_those_who_run_the_service(
    role: Role, status: int, user: Callable[..., User], client_of: Callable[[User], Client]
) -> None:
    letter("item-7")
    answer = client_of(user(role)).get("/jobs")
    assert answer.status_code == status
    assert (b"item-7" in answer.content) is (status == 200)


def test_figures_tell_nobody_that_something_was_found(client_of: Callable[[User], Client], user: MakeUser) -> None:
    """Who may read figures could else hand in a file, and look whether its case is worked on."""
    before = metrics.exposition()
    for kind in FOLLOWING:
        Job.objects.create(kind=kind, subject="secret", due=timezone.now() + timedelta(hours=1))
        Job.objects.create(kind=kind, subject="secret 2", state=JobState.RUNNING, due=timezone.now())
        Tally.objects.create(kind=kind, outcome="done", total=7)
    assert metrics.exposition() == before
    for kind in FOLLOWING:
        Tally.objects.create(kind=kind, outcome="failed", total=2)
    told = samples(client_of(user(Role.INTEGRATOR)).get("/metrics").content.decode())
    assert told["safelight_job_outcomes_total", (("kind", "following"), ("outcome", "failed"))] == 2 * len(FOLLOWING)
    assert not {value for _, labels in told for _, value in labels} & FOLLOWING


def test_every_kind_of_job_is_periodic_or_for_every_item_or_following() -> None:
    """A new kind has to be thought about: does its being there say that something was found?"""
    assert {name for name, kind in KINDS.items() if kind.every is None} - {EXAMINE} == FOLLOWING


@pytest.mark.parametrize(("roles", "shown"), [((Role.INTEGRATOR,), False), ((Role.INTEGRATOR, Role.SENIOR), True)])
def test_what_jobs_about_cases_are_about_is_for_who_may_read_cases(
    roles: tuple[Role, ...], shown: bool, user: MakeUser, client_of: Callable[[User], Client]
) -> None:
    failed = letter("item-7")
    Job.objects.filter(pk=failed.pk).update(kind="takedown.returned", message="judge.py:7")
    Job.objects.create(kind="closing.settle", subject="case-8", due=timezone.now() + timedelta(hours=1))
    client = client_of(user(*roles))
    page = client.get("/jobs").content.decode()
    for word in ("item-7", "takedown.returned", "judge.py", "OSError", "1 waiting"):
        assert (word in page) is shown, word
    assert ("following" in page) is not shown
    assert "1 failed for good" in page
    client.post("/jobs/retry", {"job": [str(failed.pk)]})
    assert Job.objects.get(subject="item-7").kind == "takedown.returned"


def test_letters_are_retried_and_dropped(user: Callable[..., User], client_of: Callable[[User], Client]) -> None:
    client = client_of(user(Role.ADMIN))
    first, second = letter("a"), letter("b")
    assert client.get("/jobs/retry").status_code == 405
    client.post("/jobs/retry", {"job": [str(first.pk), "x", "9" * 30]})
    assert dict(Job.objects.values_list("subject", "state")) == {"a": "waiting", "b": "dead"}
    answer = client.post("/jobs/drop", {"job": [str(second.pk)]}, follow=True)
    assert b"1 job dropped." in answer.content
    assert list(Job.objects.values_list("subject", flat=True)) == ["a"]


def test_json_answers_are_json() -> None:
    assert json.loads(Client().get("/readyz").content).keys() == {"ready", "failed"}
