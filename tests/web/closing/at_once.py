"""Each job of closing the loop by several workers at once: run by test_at_once.py as a program of its own.

Prints one JSON object: how often there is what should be there once, and the errors that the jobs ended with.
"""

import io
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

WORKERS = 3


def main(cases: int) -> None:
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)
    from safelight.web.closing import jobs

    errors: Counter[str] = Counter()
    found, agreed = [f"found-{n}" for n in range(cases)], [f"agreed-{n}" for n in range(cases)]
    for name in found:
        _found(name)
    for name in agreed:
        _agreed(name)
    _at_once(errors, jobs.follow, "")
    _at_once(errors, jobs.settle, *found)
    _at_once(errors, jobs.returned, *(f"{name}-i" for name in found))
    for job in (jobs.resume_filings, jobs.advance_all, jobs.alarm, jobs.law_age, jobs.carry_out_agreed):
        _at_once(errors, job, "")
    made = Counter(" ".join(one) for one in _made(found, agreed))
    sys.stdout.write(json.dumps({"made": sorted(made), "twice": sorted(made - Counter(set(made))), "errors": errors}))


def _at_once(errors: "Counter[str]", job: Callable[[str], object], *subjects: str) -> None:
    from django.db import connections

    def run(subject: str) -> None:
        try:
            job(subject)
        except Exception as error:  # noqa: BLE001 (the test says which ones may be)
            errors[f"{job.__name__}: {type(error).__name__}"] += 1
        finally:
            connections.close_all()

    with ThreadPoolExecutor(WORKERS) as threads:
        list(threads.map(run, [subject for subject in subjects for _ in range(WORKERS)]))


def _found(name: str) -> None:
    """A case that was decided, whose duty is late; with a report that was confirmed, and an address that was begun."""
    from safelight.model.access import Actor, ActorKind, Principal, Role, granted
    from safelight.model.case import Decided, Draft, DutyArose, Finding, ItemAdded, Opened, Verdict
    from safelight.model.decision import Outcome
    from safelight.model.filing import Body, Filing, FilingState
    from safelight.model.law import Duty, DutyKind
    from safelight.model.service import Item, ItemState
    from safelight.web.container import the_app

    app, person = the_app(), Actor(ActorKind.USER, "1")
    now, item = app.clock.now(), f"{name}-i"
    facts = ("us", "report", DutyKind.REPORT, "title", "to", now, now - timedelta(hours=1), "words", "basis", "url")
    url = f"https://host.invalid/{name}"
    kept = Item(item, ItemState.DONE, now, "items", account="a", sha256="a" * 64, case=name, url=f"{url}/again")
    app.cases.put_item(kept)
    added = ItemAdded(item, "a" * 64, 3, "image/png", "items", Outcome.KNOWN, "why")
    late = DutyArose(Duty("late", *facts, as_of="2026-11-21", drives=True))
    bodies = (Opened("why"), added, Decided(Finding(Verdict.CONFIRMED)), late)
    app.cases.append([Draft(name, person, body, "test 1") for body in bodies])
    app.filings.put(Filing(f"{name}-f", name, Body.NCMEC, FilingState.SENDING, now, ()))
    who = Principal(person, granted([Role.SENIOR]))
    app.takedown.begin(who, app.takedown.add(who, name, item, url).id)


def _agreed(name: str) -> None:
    """A case of which two people agreed that its media is to be destroyed."""
    from safelight.model.access import Actor, ActorKind
    from safelight.model.case import Approved, Draft, Grave, ItemAdded, Opened, Proposed
    from safelight.model.decision import Outcome
    from safelight.model.service import Item, ItemState
    from safelight.web.container import the_app

    app = the_app()
    blob = app.evidence.put(io.BytesIO(name.encode()), "image/png")
    item = f"{name}-i"
    app.cases.put_item(
        Item(item, ItemState.DONE, app.clock.now(), "items", blob=blob.id, sha256=blob.sha256, case=name)
    )
    added = ItemAdded(item, blob.sha256, 3, "image/png", "items", Outcome.NEAR, "why", blob=blob.id)
    bodies = (Opened("why"), added, Proposed(Grave.DESTROY, "the time is over", item=item))
    app.cases.append([Draft(name, Actor(ActorKind.USER, "1"), body, "test 1") for body in bodies])
    app.cases.append([Draft(name, Actor(ActorKind.USER, "2"), Approved(2), "test 1")])


def _made(found: list[str], agreed: list[str]) -> Iterator[tuple[str, ...]]:
    """What the jobs have made, each in a few words."""
    from safelight.model.case import DutyArose, ItemDestroyed, StatementMade
    from safelight.model.filing import FilingState
    from safelight.web.container import the_app
    from safelight.web.hooks.models import Message
    from safelight.web.jobs.models import Job

    app = the_app()
    for name in found:
        for one in app.cases.events(name):
            if isinstance(one.event.body, DutyArose):
                yield "duty", name, one.event.body.duty.id
            elif isinstance(one.event.body, StatementMade):
                yield "statement", name, one.event.body.item, one.event.body.kind
        for filing in app.filings.of_case(name):
            if filing.state is FilingState.DRAFT:
                yield "draft", name, filing.body
        for location in app.takedowns.of_case(name):
            yield "location", name, location.url
    for name in agreed:
        yield from (("end", name) for one in app.cases.events(name) if isinstance(one.event.body, ItemDestroyed))
    yield from (("job", *one) for one in Job.objects.values_list("kind", "subject"))
    yield from (("told", one.event, *sorted(one.data.values())) for one in Message.objects.all())


if __name__ == "__main__":
    main(int(sys.argv[1]))
