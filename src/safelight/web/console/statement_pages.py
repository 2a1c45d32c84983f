"""What the page of a case tells of statements to uploaders: their words, and whether they were passed on."""

from dataclasses import dataclass

from safelight.flow.settle_facts import account_of
from safelight.model.access import Principal
from safelight.model.case import Case
from safelight.model.statement import Statement
from safelight.report.text import visible
from safelight.web.console.cards import short
from safelight.web.console.closing_words import STATEMENTS
from safelight.web.console.pages import ITEMS
from safelight.web.console.words import actor_words
from safelight.web.container import the_app


@dataclass(frozen=True, slots=True)
class StatementLine:
    """A statement with what surrounds it. `label`: what it says, in short. `by`: who noted that it was passed on."""

    one: Statement
    name: str
    item: str
    account: str
    label: str
    text: str
    by: str


def statement_lines(who: Principal, case: Case) -> tuple[list[StatementLine], int]:
    """Statements of a case, those first that nobody has passed on, then the newest; and how many are left out."""
    made = sorted(the_app().statements.of_case(case.id), key=lambda one: one.at, reverse=True)
    made.sort(key=lambda one: one.told is not None)
    return [_line(who, one) for one in made[:ITEMS]], max(len(made) - ITEMS, 0)


def _line(who: Principal, one: Statement) -> StatementLine:
    by = actor_words(one.told_by, who.actor) if one.told_by else ""
    return StatementLine(
        one,
        short(one.id),
        short(one.item),
        visible(account_of(the_app().cases, one.item) or ""),
        STATEMENTS[one.kind],
        one.text,
        by,
    )
