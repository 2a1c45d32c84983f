"""What the page of a case tells about law, reports and places."""

from dataclasses import dataclass
from datetime import datetime

from safelight.flow.filing_facts import confirmed, waits
from safelight.flow.merged import lineage
from safelight.model.access import Principal
from safelight.model.case import Case, Verdict
from safelight.model.removal import NEEDED
from safelight.web.console.closing_words import TAKERS
from safelight.web.console.duty_pages import DutyLine, duty_lines, jurisdictions, recordable
from safelight.web.console.filing_pages import FilingLine, filing_line
from safelight.web.console.request_pages import FIELDS, RequestLine, request_lines
from safelight.web.console.statement_pages import StatementLine, statement_lines
from safelight.web.console.takedown_pages import LocationLine, location_line
from safelight.web.container import the_app


@dataclass(frozen=True, slots=True)
class Closing:
    """A case on its way from found to gone. `confirmed`: abuse is what stands. `recordable`: see `duty_pages`.

    `known`: of how many items that is so, whatever has joined the case since; `waits`: of how many people still have to
    decide. `pressing`: the most urgent open duty, if it is overdue or due soon. `request_fields`: see
    `request_pages.FIELDS`; `request_needed`: names of those that the law asks for. `more_statements`: how many are not
    among `statements`.
    """

    now: datetime
    confirmed: bool
    known: int
    waits: int
    duties: list[DutyLine]
    filings: list[FilingLine]
    places: list[LocationLine]
    recordable: list[tuple[str, str]]
    takers: list[tuple[str, str]]
    requests: list[RequestLine]
    statements: list[StatementLine]
    more_statements: int
    pressing: DutyLine | None
    request_fields: tuple[tuple[str, str, str], ...] = FIELDS
    request_needed: tuple[str, ...] = tuple(NEEDED)


def closing_of(who: Principal, case: Case) -> Closing:
    """All of it for a case, and for those that were merged into it."""
    app = the_app()
    now, names = app.clock.now(), lineage(app.cases, case.id)
    duties = duty_lines(case, now)
    statements, more = statement_lines(who, case)
    known = confirmed(app.cases, case)
    return Closing(
        now=now,
        confirmed=case.finding is not None and case.finding.verdict is Verdict.CONFIRMED,
        known=len(known),
        waits=waits(case, known),
        duties=duties,
        filings=[filing_line(one) for name in names for one in app.filings.of_case(name)],
        places=[location_line(one, now) for name in names for one in app.takedowns.of_case(name)],
        recordable=recordable(jurisdictions().values(), now),
        takers=[(body.value, words) for body, words in TAKERS.items()],
        requests=request_lines(who, case, duties),
        statements=statements,
        more_statements=more,
        pressing=next((one for one in duties if one.open and one.group in {"overdue", "soon"}), None),
    )
