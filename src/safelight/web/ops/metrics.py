"""Figures for Prometheus. docs/operations.md lists them; nothing here is about a single item, case or person.

What happens in web processes is counted in shared files (PROMETHEUS_MULTIPROC_DIR, set by the supervisor), so that any
of them answers for all; what the database knows is asked for when somebody looks.
"""

import os
from collections.abc import Iterable
from contextlib import suppress
from typing import Final, NamedTuple

from django.db.models import Count, Min, Sum
from django.utils import timezone
from prometheus_client import REGISTRY as OWN
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from safelight.flow.wellness import FEWEST_PEOPLE
from safelight.model.errors import LawPackError, UsageError
from safelight.model.service import GateVerdict
from safelight.web.closing.wiring import pressing, stale_packs, unvouched
from safelight.web.console.models import Look
from safelight.web.container import the_app
from safelight.web.jobs.models import Job, JobState, Tally
from safelight.web.ops.following import FOLLOWING, LABEL, folded

METHODS: Final = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))

REQUESTS = Histogram(
    "safelight_request_seconds",
    "Time to answer a request.",
    ("method", "route", "status"),
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)
GATE = Counter("safelight_gate_answers", "Answers of the gate.", ("verdict", "checked"))


class Listed(NamedTuple):
    """A figure: its name, its type, what it means, and its labels."""

    name: str
    kind: str
    text: str
    labels: tuple[str, ...] = ()


_APART = f"Of jobs that only cases ask for, as `{LABEL}`, those in trouble alone."
DEPTH = Listed("safelight_jobs", "gauge", f"Jobs that wait, run, or are dead letters. {_APART}", ("kind", "state"))
LATE = Listed("safelight_job_overdue_seconds", "gauge", "How long the job has been due that waits longest.")
ENDED = Listed(
    "safelight_job_outcomes_total",
    "counter",
    f"How runs of jobs ended: done, failed, lost with their worker; and dead letters. {_APART}",
    ("kind", "outcome"),
)
DUTIES = Listed("safelight_duties_overdue", "gauge", "Open duties of the law whose time is over.")
POLICY = Listed(
    "safelight_policy_trouble", "gauge", "1 while the policy in force, or the one in shadow, cannot be used; else 0."
)
OLD_LAW = Listed("safelight_law_packs_old", "gauge", "Law packs in use that nobody has gone through for 180 days.")
UNVOUCHED = Listed(
    "safelight_rows_unvouched",
    "gauge",
    "Rows of the database that say what the log does not: somebody may have changed it.",
)
_DAYS = f"on whole days (UTC) on which at least {FEWEST_PEOPLE} did"
LOOKS = Listed("safelight_exposures_total", "counter", f"How often people uncovered media, {_DAYS}.")
SEEN = Listed(
    "safelight_exposure_seconds_total", "counter", f"Seconds of uncovered media that people have looked at, {_DAYS}."
)


def listed() -> tuple[Listed, ...]:
    """All figures, for the documentation."""
    counted = (
        Listed("safelight_request_seconds", "histogram", REQUESTS._documentation, REQUESTS._labelnames),  # noqa: SLF001 (it has no public way)
        Listed("safelight_gate_answers_total", "counter", GATE._documentation, GATE._labelnames),  # noqa: SLF001 (as above)
    )
    return (*counted, DEPTH, LATE, ENDED, DUTIES, UNVOUCHED, POLICY, OLD_LAW, LOOKS, SEEN)


def count_request(method: str, route: str, status: int, seconds: float) -> None:
    """Count an answered request. `route`: its template, never its path; empty for none."""
    REQUESTS.labels(method if method in METHODS else "other", route or "none", str(status)).observe(seconds)


def count_gate(verdict: GateVerdict, *, checked: bool) -> None:
    """Count an answer of the gate."""
    GATE.labels(verdict.value, "yes" if checked else "no").inc()


def exposition() -> bytes:
    """All figures in Prometheus' text format, version 0.0.4."""
    registry = CollectorRegistry()
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    else:
        registry.register(_Own())
    registry.register(_Stored())
    return generate_latest(registry)


class _Own(Collector):
    """What this process counted, where it is the only one."""

    def collect(self) -> Iterable[Metric]:
        return (metric for metric in OWN.collect() if metric.name.startswith("safelight_"))


class _Stored(Collector):
    """What the database knows."""

    def collect(self) -> Iterable[Metric]:
        depth = GaugeMetricFamily(DEPTH.name, DEPTH.text, labels=DEPTH.labels)
        open_states = (JobState.WAITING, JobState.RUNNING, JobState.DEAD)
        rows = Job.objects.filter(state__in=open_states).values_list("kind", "state").annotate(n=Count("pk")).order_by()
        for labels, number in folded(rows).items():
            depth.add_metric(labels, number)
        yield depth
        yield GaugeMetricFamily(LATE.name, LATE.text, value=overdue())
        ended = CounterMetricFamily(ENDED.name.removesuffix("_total"), ENDED.text, labels=ENDED.labels)
        for labels, total in folded(Tally.objects.values_list("kind", "outcome", "total")).items():
            ended.add_metric(labels, total)
        yield ended
        yield from _law()
        looks, seconds = _exposure()
        yield CounterMetricFamily(LOOKS.name.removesuffix("_total"), LOOKS.text, value=looks)
        yield CounterMetricFamily(SEEN.name.removesuffix("_total"), SEEN.text, value=seconds)


def _law() -> Iterable[Metric]:
    """What law and policy ask of people. Where law packs cannot be read, all other figures are told all the same.

    Duties that are not overdue are not counted: they begin when something was found (see `following`).
    """
    now = the_app().clock.now()
    yield GaugeMetricFamily(DUTIES.name, DUTIES.text, value=sum(over for _, _, over in pressing(now)))
    yield GaugeMetricFamily(UNVOUCHED.name, UNVOUCHED.text, value=len(unvouched()))
    with suppress(LawPackError, UsageError):
        yield GaugeMetricFamily(POLICY.name, POLICY.text, value=bool(the_app().policies.trouble()))
        yield GaugeMetricFamily(OLD_LAW.name, OLD_LAW.text, value=len(stale_packs(now)))


def _exposure() -> tuple[int, float]:
    """Looks and seconds of whole days on which enough people looked.

    Neither a sum nor what was added to it since somebody asked last may tell of single people.
    """
    days = (
        Look.objects.filter(started__date__lt=timezone.now().date())
        .values("started__date")
        .annotate(people=Count("person", distinct=True), looks=Count("pk"), seconds=Sum("seconds"))
        .filter(people__gte=FEWEST_PEOPLE)
        .order_by()
    )
    rows = list(days.values_list("looks", "seconds"))
    return sum(looks for looks, _ in rows), sum(seconds or 0.0 for _, seconds in rows)


def overdue() -> float:
    """Seconds for which the job has been due that waits longest; 0 when none is late.

    Not of `FOLLOWING`: that one waits tells of a find. Where workers do not keep up, what is asked for all the time is
    late as well.
    """
    now = timezone.now()
    late = Job.objects.filter(state=JobState.WAITING, due__lt=now).exclude(kind__in=FOLLOWING)
    first = late.aggregate(first=Min("due"))["first"]
    return float((now - first).total_seconds()) if first else 0.0
