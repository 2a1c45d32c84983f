"""Charts and tables of hosts, and of a year."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from safelight.flow.takedown_retract import of_abuse
from safelight.flow.transparency import MISTAKEN
from safelight.model.defang import defanged
from safelight.model.filing import Body
from safelight.model.statement import Figures
from safelight.model.takedown import Alarm, AlarmKind, NoticeState, Place, RetractionState
from safelight.report.takedown_figures import HostFigures, figures
from safelight.report.words import OUTCOMES
from safelight.web.closing.wiring import takedown_alarms
from safelight.web.console.cards import short
from safelight.web.console.closing_words import NOTICES, PLACES, RETRACTIONS, TAKERS, about
from safelight.web.console.takedown_pages import LEGAL
from safelight.web.container import the_app

HOSTS: Final = 50
"""Hosts in the chart, the slowest."""
ALARMS: Final = {
    AlarmKind.LATE: ("▲", "The law's time to remove is over, and something is still there"),
    AlarmKind.SOON: ("◆", "The law's time to remove is over within 12 hours"),
    AlarmKind.RETRACT: ("↩", "Hosts were told of what is no abuse: take it back"),
    AlarmKind.UNVOUCHED: (
        "≠",
        "The database says of it what the log, or the plan, does not: somebody may have changed it",
    ),
    AlarmKind.RETURNED: ("↺", "It is there again, or something of its family is elsewhere"),
    AlarmKind.UNCLEAR: ("◇", "Something else is there that only a person can judge; nobody is told meanwhile"),
    AlarmKind.PAUSED: ("‖", "The case has let nothing go on for a day"),
    AlarmKind.UNSETTLED: ("?", "For days no look has said whether it is gone"),
    AlarmKind.NO_HOST: ("∅", "Its host has had no address for a week: say if it is gone"),
    AlarmKind.EXHAUSTED: ("■", "Everybody was asked, and it is still there"),
    AlarmKind.ASTRAY: ("▶", "It leads on and on, and the last place is not followed"),
    AlarmKind.BY_HAND: ("▷", "A notice waits for a person to send it"),
}
PARTS: Final = {
    "items": "Files that came",
    "outcomes": "What comparing said",
    "detections": "Files that matched known items",
    "decisions": "Decisions on cases",
    "deciders": "Who decided",
    "appeals": "Appeals that were answered",
    "reports": "Reports to hotlines and authorities",
    "notices": "Notices to hosts and others",
    "removals": "URLs that were worked on",
    "retractions": "Notices that were taken back",
    "statements": "Statements to uploaders",
    "duties": "Duties of the law",
}
_LABELS: Final[dict[str, Mapping[str, str]]] = {
    "outcomes": {str(one): words for one, words in OUTCOMES.items()},
    "reports": {str(one): TAKERS[one] for one in Body},
    "notices": {str(one): NOTICES[one] for one in NoticeState} | {MISTAKEN: "of what is no abuse"},
    "retractions": {str(one): RETRACTIONS[one] for one in RetractionState},
    "removals": {str(one): PLACES[one] for one in Place},
}


@dataclass(frozen=True, slots=True)
class HostLine:
    """A host in the chart. `width`: of its bar, in percent; `slow`: it takes longer than `LEGAL`, or half is there."""

    name: str
    figures: HostFigures
    width: str
    median: str
    p90: str
    slow: bool


@dataclass(frozen=True, slots=True)
class AlarmLine:
    """Something that waits for people."""

    shape: str
    words: str
    alarm: Alarm
    name: str
    due: bool


def alarms(now: datetime) -> list[AlarmLine]:
    """What of all takedowns waits for people, the most pressing first."""
    return [_alarm(one) for one in takedown_alarms(now)]


def hosts() -> dict[str, object]:
    """The ranking of hosts and networks, with what is pressing."""
    app = the_app()
    now = app.clock.now()
    found = figures(of_abuse(app.cases, app.takedowns), now)
    shown = [*found.hosts[:HOSTS], *found.networks[:HOSTS]]
    longest = max([LEGAL, *(one.median for one in shown if one.median is not None)])
    return {
        "now": now,
        "whole": found.whole,
        "median": _time(found.whole.median),
        "p90": _time(found.whole.p90),
        "hosts": [_host(one, longest) for one in found.hosts[:HOSTS]],
        "networks": [_host(one, longest) for one in found.networks[:HOSTS] if one.name],
        "months": [(one, _time(one.median)) for one in found.months],
        "legal": f"{100 * (LEGAL / longest):.2f}",
        "alarms": alarms(now),
    }


def year(number: int) -> dict[str, object]:
    """The exact figures of a year, part by part, with bars."""
    found = the_app().transparency(number)
    return {
        "year": number,
        "figures": found,
        "parts": [(title, _bars(found, name)) for name, title in PARTS.items()],
        "removal": about(timedelta(hours=found.removal_hours)) if found.removal_hours is not None else "",
    }


def _host(one: HostFigures, longest: timedelta) -> HostLine:
    width = 100.0 if one.median is None else max(100 * (one.median / longest), 0.8)
    slow = one.median is None or one.median > LEGAL
    return HostLine(defanged(f"//{one.name}")[2:], one, f"{width:.2f}", _time(one.median), _time(one.p90), slow)


def _time(span: timedelta | None) -> str:
    return about(span) if span is not None else "not reached"


def _alarm(one: Alarm) -> AlarmLine:
    shape, words = ALARMS[one.kind]
    return AlarmLine(shape, words, one, short(one.location or one.case), one.kind in {AlarmKind.LATE, AlarmKind.SOON})


def _bars(found: Figures, name: str) -> list[tuple[str, int, str]]:
    """Label, number, and width of a bar in percent; any number above zero has one that can be seen."""
    counts: dict[str, int] = getattr(found, name)
    words = _LABELS.get(name, {})
    longest = max(counts.values(), default=0) or 1
    return [
        (words.get(key, key.replace("_", " ")), count, f"{max(100 * count / longest, 0.8) if count else 0:.2f}")
        for key, count in counts.items()
    ]
