"""Outcomes made by hand: who was asked, and what came back."""

from collections.abc import Iterable, Mapping

from safelight.bench.derivative.edits import EDITS
from safelight.bench.derivative.pictures import Picture
from safelight.bench.derivative.queries import POSITIVE, Query
from safelight.bench.derivative.tracer import DERIVATIVE, Traced
from safelight.bench.derivative.trial import Answer, Located, Outcome


def outcome(group: str, number: int, edit: str, *results: Traced, located: Located | None = None) -> Outcome:
    """A query of drawn picture `number`, and what `ours` answered within 20 ms; `peer` found nothing."""
    query = Query(group, Picture(f"drawn-{number}", "", drawn=number), edit, (), 1)
    ours = Answer(results, 0.02, {"look": 0.01}, located)
    return Outcome(query, {"ours": ours, "peer": Answer((), 0.001)})


def result(number: int, verdict: str = DERIVATIVE, score: float = 1.0) -> Traced:
    return Traced(f"drawn-{number}", verdict, score)


def every_edit(sources: int, missed: Mapping[int, Iterable[str]], located: Located | None = None) -> list[Outcome]:
    """Positive queries for all edits of some sources, all recalled but those named."""
    return [
        outcome(POSITIVE, number, edit)
        if edit in missed.get(number, ())
        else outcome(POSITIVE, number, edit, result(number), located=located)
        for number in range(sources)
        for edit in EDITS
    ]
