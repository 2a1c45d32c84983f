"""What the page of a case tells about law, reports and places."""

from dataclasses import dataclass
from datetime import datetime

from safelight.flow.merged import lineage
from safelight.model.case import Case, Verdict
from safelight.web.console.closing_words import TAKERS
from safelight.web.console.duty_pages import DutyLine, duty_lines, jurisdictions, recordable
from safelight.web.console.filing_pages import FilingLine, filing_line
from safelight.web.console.takedown_pages import LocationLine, location_line
from safelight.web.container import the_app


@dataclass(frozen=True, slots=True)
class Closing:
    """A case on its way from found to gone. `confirmed`: abuse is what stands. `recordable`: see `duty_pages`."""

    now: datetime
    confirmed: bool
    duties: list[DutyLine]
    filings: list[FilingLine]
    places: list[LocationLine]
    recordable: list[tuple[str, str]]
    takers: list[tuple[str, str]]


def closing_of(case: Case) -> Closing:
    """All of it for a case, and for those that were merged into it."""
    app = the_app()
    now, names = app.clock.now(), lineage(app.cases, case.id)
    return Closing(
        now=now,
        confirmed=case.finding is not None and case.finding.verdict is Verdict.CONFIRMED,
        duties=duty_lines(case, now),
        filings=[filing_line(one) for name in names for one in app.filings.of_case(name)],
        places=[location_line(one, now) for name in names for one in app.takedowns.of_case(name)],
        recordable=recordable(jurisdictions().values(), now),
        takers=[(body.value, words) for body, words in TAKERS.items()],
    )
