"""The deadline board: what is open in all cases, one row for each case and urgency, a page at a time."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Final

from safelight.flow.filing_facts import confirmed, filings_of, waiting_words, waits
from safelight.flow.merged import lineage
from safelight.model.case import Case, DutyState
from safelight.model.filing import FilingState
from safelight.model.law import DutyKind
from safelight.web.closing.wiring import owing
from safelight.web.console.closing_words import DUTIES, FILINGS, TAKERS
from safelight.web.console.duty_pages import GROUPS, DutyLine, duty_line, urgency
from safelight.web.container import the_app

PAGE: Final = 50
"""Rows of one group, where it is looked at alone."""
FIRST: Final = 10
"""Rows of each group, where all are looked at."""
_GOING: Final = (FilingState.DRAFT, FilingState.SENDING, FilingState.DEAD)


@dataclass(frozen=True, slots=True)
class Row:
    """What of one urgency is open in a case. `first`: its most urgent duty; `more`: the others.

    `going`: what is under way for these, in words.
    """

    first: DutyLine
    more: tuple[DutyLine, ...]
    going: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Duties of one urgency. `count`: all its rows; `rows`: those on this page, the number `page` of `last`."""

    key: str
    shape: str
    name: str
    meaning: str
    count: int
    rows: tuple[Row, ...]
    page: int
    last: int


def board(now: datetime, jurisdiction: str = "", kind: str = "", group: str = "", page: int = 1) -> list[Group]:
    """Open duties of all cases, by urgency and then by their time.

    Args:
        now: times are told as seen from here.
        jurisdiction: of these alone, if one is named.
        kind: of this kind of duty alone.
        group: the one of GROUPS that is looked at alone, a page of PAGE rows; else the first rows of each are shown.
        page: which of its pages, from 1; one that is not there is the nearest that is.
    """
    packs = the_app().law.packs()
    cases = {case.id: case for case in owing()}
    lines = (
        duty_line(case, one, packs, now)
        for case in cases.values()
        for one in case.duties
        if one.state is DutyState.OPEN and jurisdiction in {"", one.duty.jurisdiction} and kind in {"", one.duty.kind}
    )
    ordered = sorted(lines, key=lambda one: (one.case, urgency(one)))
    together = [list(of_case) for _, of_case in groupby(ordered, key=lambda one: (one.case, one.group))]
    together.sort(key=lambda found: urgency(found[0]))
    groups = (
        _group(words, [one for one in together if one[0].group == words[0]], cases, page if group else 0)
        for words in GROUPS
        if group in {"", words[0]}
    )
    return [one for one in groups if one.count]


def _group(
    words: tuple[str, str, str, str], found: list[list[DutyLine]], cases: Mapping[str, Case], page: int
) -> Group:
    last = max(1, -(-len(found) // PAGE))
    page = min(page, last)
    shown = found[(page - 1) * PAGE : page * PAGE] if page else found[:FIRST]
    rows = tuple(Row(one[0], tuple(one[1:]), tuple(_going(cases[one[0].case], one))) for one in shown)
    return Group(*words, len(found), rows, page, last)


def _going(case: Case, lines: Iterable[DutyLine]) -> Iterator[str]:
    """What is under way for duties of a case: reports that are drafted or sent, takedowns, or a decision."""
    kinds = {one.kind for one in lines}
    app = the_app()
    if DUTIES[DutyKind.REPORT] in kinds:
        if left := waits(case, confirmed(app.cases, case)):
            yield waiting_words(left)
        for one in filings_of(app.filings, app.cases, case):
            if one.state in _GOING:
                yield f"report to {TAKERS[one.body]}: {FILINGS[one.state]}"
    if DUTIES[DutyKind.REMOVE] in kinds:
        places = [one for name in lineage(app.cases, case.id) for one in app.takedowns.of_case(name)]
        running = [one for one in places if one.begun and not one.closed]
        gone = sum(one.gone is not None for one in running)
        if running:
            yield f"takedown of {len(running)} URL{'s' * (len(running) > 1)}, {gone} gone"
