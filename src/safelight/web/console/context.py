"""What every page of the console knows."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Final

from django.http import HttpRequest
from django.urls import reverse

from safelight.model.access import Permission
from safelight.web.access import principal_of, recently_authenticated
from safelight.web.closing.wiring import counted_alarms
from safelight.web.console.closing_words import about
from safelight.web.console.duty_pages import SOON
from safelight.web.container import the_app

NAVIGATION: Final = (
    ("Queue", "console:queue", Permission.CASE_CLAIM),
    ("Second review", "console:second", Permission.CASE_APPROVE),
    ("Appeals", "console:appeals", Permission.APPEAL_DECIDE),
    ("Cases", "console:cases", Permission.CASE_READ),
    ("Deadlines", "console:deadlines", Permission.REPORT_READ),
    ("Takedowns", "console:takedowns", Permission.REPORT_READ),
    ("Policy", "console:policy", Permission.POLICY_READ),
    ("Quality", "console:quality", Permission.QUALITY_SEE),
    ("Log", "console:log", Permission.LOG_READ),
    ("Wellness", "console:wellness-totals", Permission.WELLNESS_TOTALS),
    ("People", "accounts_people", Permission.USER_MANAGE),
    ("Keys", "accounts_keys", Permission.KEY_MANAGE),
    ("Webhooks", "hooks:endpoints", Permission.HOOK_MANAGE),
    ("Listeners", "hooks:hearing", Permission.HOOK_GRANT),
    ("Jobs", "ops_jobs", Permission.JOB_MANAGE),
)
PERSONAL: Final = (
    ("My day", "console:wellness", Permission.CASE_CLAIM),
    ("Account", "accounts_home", Permission.OWN_ACCOUNT),
)


@dataclass(frozen=True, slots=True)
class Tally:
    """How much of something presses at a link. `words`: what that is; `over`: its time is over."""

    count: int
    words: str
    shape: str
    over: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """A link of the navigation, with what presses there."""

    label: str
    url: str
    current: bool
    tallies: tuple[Tally, ...] = ()


def console(request: HttpRequest) -> dict[str, object]:
    """`principal`: who is signed in, None for nobody. `can`: their permissions by name. The links they can follow.

    `recent`: whether they have just proved who they are, as `step_up` wants it; looked up when asked for.
    """
    principal = principal_of(request)
    held = principal.permissions if principal else frozenset()
    return {
        "principal": principal,
        "recent": partial(recently_authenticated, request),
        "can": {permission.name: True for permission in held},
        "navigation": _links(request, NAVIGATION, held),
        "personal": _links(request, PERSONAL, held),
    }


def first_page(held: frozenset[Permission]) -> str:
    """Where somebody with these permissions begins, by name."""
    return next((name for _, name, permission in (*NAVIGATION, *PERSONAL) if permission in held), "accounts_home")


def _links(
    request: HttpRequest, links: tuple[tuple[str, str, Permission], ...], held: frozenset[Permission]
) -> list[Link]:
    urls = [(name, label, reverse(name)) for label, name, permission in links if permission in held]
    return [Link(label, url, request.path == url, tuple(_PRESSING.get(name, _nothing)())) for name, label, url in urls]


def _nothing() -> Iterator[Tally]:
    yield from ()


def _duties() -> Iterator[Tally]:
    """How many cases are overdue, and how many of the others are due soon: by an index, as each page tells it."""
    app = the_app()
    now = app.clock.now()
    over = app.cases.due_before(now)
    if over:
        yield Tally(over, f"case{'s' * (over > 1)} overdue", "▲", over=True)
    if soon := app.cases.due_before(now + SOON) - over:
        yield Tally(soon, f"{'more ' * bool(over)}case{'s' * (soon > 1)} due within {about(SOON)}", "◆")


def _takedowns() -> Iterator[Tally]:
    if waiting := counted_alarms():
        yield Tally(waiting, "that wait for people" if waiting > 1 else "that waits for people", "◇")


_PRESSING: Final = {"console:deadlines": _duties, "console:takedowns": _takedowns}
