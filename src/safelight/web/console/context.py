"""What every page of the console knows."""

from dataclasses import dataclass
from functools import partial
from typing import Final

from django.http import HttpRequest
from django.urls import reverse

from safelight.model.access import Permission
from safelight.web.access import principal_of, recently_authenticated
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
class Link:
    """A link of the navigation. `count`: of what is pressing there, if anything is; `counted`: what that is."""

    label: str
    url: str
    current: bool
    count: int = 0
    counted: str = ""


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
    return [Link(label, url, request.path == url, *_pressing(name)) for name, label, url in urls]


def _pressing(name: str) -> tuple[int, str]:
    """How many cases are overdue, else due soon: by an index, as each page tells it."""
    if name != "console:deadlines":
        return 0, ""
    app = the_app()
    now = app.clock.now()
    if over := app.cases.due_before(now):
        return over, f"case{'s' * (over > 1)} overdue"
    soon = app.cases.due_before(now + SOON)
    return soon, f"case{'s' * (soon > 1)} due within {about(SOON)}" if soon else ""
