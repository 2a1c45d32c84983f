"""Dead letters on the command line."""

import json

import pytest
from django.utils import timezone

from safelight.model.errors import UsageError
from safelight.web.jobs.models import Job, JobState
from safelight.web.run.letters import letters

pytestmark = pytest.mark.usefixtures("db")


def letter(subject: str) -> Job:
    now = timezone.now()
    return Job.objects.create(
        kind="jobs.prune", subject=subject, state=JobState.DEAD, attempts=8, due=now, finished=now, error="OSError"
    )


def test_letters_are_listed_for_people_and_programs(capsys: pytest.CaptureFixture[str]) -> None:
    number = letter("item-7").pk
    letters("list", (), as_json=False)
    told = capsys.readouterr()
    assert told.out == f"{number}\tjobs.prune\titem-7\t8 attempts\tOSError\t\n"
    assert told.err == "0 waiting, 0 running, 1 dead\n"
    letters("list", (), as_json=True)
    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line)["id"] == number
    assert json.loads(line)["subject"] == "item-7"


def test_letters_are_retried_and_dropped_by_number(capsys: pytest.CaptureFixture[str]) -> None:
    first, second = letter("a"), letter("b")
    letters("retry", (first.pk, 4711), as_json=False)
    letters("drop", (second.pk,), as_json=False)
    assert capsys.readouterr().out == "1 of 2 asked for anew\n1 of 1 dropped\n"
    assert dict(Job.objects.values_list("subject", "state")) == {"a": "waiting"}


@pytest.mark.parametrize("action", ["retry", "drop"])
def test_which_ones_has_to_be_said(action: str) -> None:
    with pytest.raises(UsageError, match="say which"):
        letters(action, (), as_json=False)
