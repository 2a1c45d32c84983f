"""The looks by which what is personal ends by itself: over at each of them for a week, it is erased; told of before."""

from datetime import datetime

import structlog
from django.db import transaction
from django.db.models import Q

from safelight.model.errors import ConflictError, NotNowError
from safelight.policy.ending import NOTICE, over_since, ripe
from safelight.web.closing.models import Over
from safelight.web.container import the_app

_log = structlog.get_logger("safelight.closing")


def look() -> None:
    """Look at every row that was not erased, and erase what was over for long enough. Safe to repeat at any time.

    Each row is a transaction of its own: one that fails keeps no other waiting; in the end the first failure is raised.
    """
    app = the_app()
    began, failed = app.clock.now(), list[Exception]()
    for name in app.endings.names():
        try:
            _look_at(name)
        except (ConflictError, NotNowError) as error:  # somebody has changed it meanwhile
            _log.info("left for the next time", row=name, error=type(error).__name__)
        except Exception as error:  # noqa: BLE001 - whatever is wrong with one row is no other's affair
            _log.error("what a row tells of people could not be looked at", row=name, error=type(error).__name__)
            failed.append(error)
    # Erased by a person meanwhile, or unreadable, or seen by a clock that was ahead: there it begins anew.
    Over.objects.filter(Q(seen__lt=began) | Q(seen__gt=app.clock.now())).delete()
    if failed:
        raise failed[0]


def erased_on(name: str, at: datetime) -> datetime:
    """When a row whose time is over at `at` is erased at the earliest, unless it is held before."""
    found = Over.objects.filter(of=name).first()
    return (found.since if found else max(at, the_app().clock.now())) + NOTICE


def announced(most: int) -> list[Over]:
    """Rows that are erased within days unless they are held, the first ones first."""
    return list(Over.objects.order_by("since", "of")[:most])


def _look_at(name: str) -> None:
    app = the_app()
    now, before, found = app.clock.now(), Over.objects.filter(of=name).first(), app.endings.over(name)
    if found is None:  # of most rows, of which nothing is written
        if before is not None:
            before.delete()
        return
    since = over_since(before.since, before.seen, now) if before else now
    with transaction.atomic():
        if ripe(since, now) and app.endings.end(name):
            Over.objects.filter(of=name).delete()
        else:
            Over.objects.update_or_create(of=name, defaults={"case": found.case, "since": since, "seen": now})
