"""Generated parts of docs/takedown.md."""

from datetime import timedelta

from safelight.model.takedown import AlarmKind
from safelight.policy.takedown import DEFAULT_PLAN

_ALARMS = {
    AlarmKind.LATE: "a duty of the law to remove is past its time, and nobody has met or dropped it",
    AlarmKind.SOON: "such a duty is due within 12 hours",
    AlarmKind.RETRACT: "hosts were told of what is no abuse, and not yet that this was taken back",
    AlarmKind.UNVOUCHED: "a row of the database says that it was begun, or whom to tell, and the log does not: nothing"
    " is sent. Or it has the next look, or the end of a notice's time, farther away than the plan puts it (which is so"
    " for a while, too, once the plan was made shorter). Somebody may have changed the database",
    AlarmKind.RETURNED: "it is there again after it was removed, or something of its family came from another address,"
    " or from one that was closed",
    AlarmKind.UNCLEAR: "something else is there that only a person can judge, also where it was gone; nobody is told"
    " meanwhile",
    AlarmKind.PAUSED: "the case has let nothing go on for a day",
    AlarmKind.UNSETTLED: "no look can tell, so a person has to: it was begun a day ago, no look has ever seen it, and"
    " nobody is told; it was not there once, and for 3 days no look has said whether that is so; or for 3 days looks"
    " find it gone that a person says is there",
    AlarmKind.NO_HOST: "its host has had no address for 7 days: a person may say that it is gone",
    AlarmKind.EXHAUSTED: "everybody was asked, and it is still there",
    AlarmKind.ASTRAY: "it leads to a place that nobody works on",
    AlarmKind.BY_HAND: "a notice waits for a person to send it, or could not be sent for a day",
}


def plan() -> str:
    """The default plan, as a file that says the same."""
    lines = ["```toml", f"looks = [{_list(DEFAULT_PLAN.looks)}]", f"watch = [{_list(DEFAULT_PLAN.watch)}]"]
    for step in DEFAULT_PLAN.steps:
        lines += ["", "[[steps]]", f'scope = "{step.scope}"', f'wait = "{iso(step.wait)}"']
    return "\n".join([*lines, "```"]) + "\n"


def alarms() -> str:
    """What waits for people, the most pressing first."""
    rows = [f"| `{kind}` | {_ALARMS[kind]} |" for kind in AlarmKind]
    return "\n".join(["| alarm | what it says |", "| --- | --- |", *rows]) + "\n"


def iso(wait: timedelta) -> str:
    """A wait as ISO 8601 writes it."""
    days, rest = wait.days, wait - timedelta(days=wait.days)
    hours, minutes = rest // timedelta(hours=1), rest % timedelta(hours=1) // timedelta(minutes=1)
    time = f"{f'{hours}H' if hours else ''}{f'{minutes}M' if minutes else ''}"
    return f"P{f'{days}D' if days else ''}{f'T{time}' if time else ''}"


def _list(waits: tuple[timedelta, ...]) -> str:
    return ", ".join(f'"{iso(wait)}"' for wait in waits)
