"""Dead letters: jobs that failed too often, for somebody to look at."""

from collections.abc import Sequence

from django.db.models import Count

from safelight.web.jobs import queue
from safelight.web.jobs.models import UNFINISHED, Job, JobState

SHOWN = 200


def dead() -> list[Job]:
    """Dead letters, the newest first, at most `SHOWN`."""
    return list(Job.objects.filter(state=JobState.DEAD).order_by("-finished")[:SHOWN])


def depth(apart: frozenset[str] = frozenset()) -> dict[str, int]:
    """How many jobs wait, run, and are dead letters; of the kinds `apart` only dead letters."""
    states = (JobState.WAITING, JobState.RUNNING, JobState.DEAD)
    found = Job.objects.filter(state__in=states).exclude(kind__in=apart, state__in=UNFINISHED)
    rows = found.values_list("state").annotate(n=Count("pk")).order_by()
    return {state.value: 0 for state in states} | dict(rows)


def retry(numbers: Sequence[int]) -> int:
    """Ask for the work of these dead letters anew; return how many of them there were."""
    letters = list(Job.objects.filter(pk__in=numbers, state=JobState.DEAD))
    for letter in letters:
        queue.retry(letter)
    return len(letters)


def drop(numbers: Sequence[int]) -> int:
    """Delete these dead letters; return how many there were."""
    return Job.objects.filter(pk__in=numbers, state=JobState.DEAD).delete()[0]
