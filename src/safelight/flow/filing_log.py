"""How far a report came by the log: who can change a row in a database changes none of that, and sends nothing by it.

A row is acted by where the log says the same of it. The number that the receiver gave stands in the log when it stands
in the row, and so does the intent to finish: no other number is ever finished or taken back.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from safelight.model.access import ActorKind
from safelight.model.audit import LoggedEvent
from safelight.model.case import Merged, ReportConfirmed, ReportFailed, ReportFinished, ReportFinishing, ReportOpened
from safelight.model.filing import Filing
from safelight.ports import CaseStore


@dataclass(frozen=True, slots=True)
class Way:
    """What the log says of a report on its way.

    `confirmed`: a person confirmed just this: these words and items, to this receiver, real or not. `ended`: since then
    it has been finished or given up. `numbers`: those that the receiver gave it, in order, but for that of a finished
    one. `finishing`: the one of them that may be finished there, whatever we heard; empty for none.
    """

    confirmed: bool = False
    ended: bool = False
    numbers: tuple[str, ...] = ()
    finishing: str = ""

    def bears_out(self, filing: Filing) -> bool:
        """Whether a row that is on its way may be acted by."""
        here = (self.finishing,) if self.finishing else ("", *self.numbers[-1:])
        same = filing.finishing is bool(self.finishing) and filing.number in here
        return self.confirmed and not self.ended and same

    @property
    def given_up(self) -> tuple[str, ...]:
        """What is not finished there, for sure, if the report is not on its way."""
        return tuple(number for number in self.numbers if number != self.finishing)


def way_of(cases: CaseStore, filing: Filing) -> Way:
    """How far this report came. Raises UnknownCaseError, StorageError."""
    items = tuple(one.item for one in filing.items)
    wanted = ReportConfirmed(filing.id, filing.body, items, filing.agreed, filing.production)
    way = Way()
    for logged in onwards(cases, filing.case):
        match logged.event.body:
            case ReportConfirmed() as body if body == wanted and logged.event.actor.kind is ActorKind.USER:
                way = replace(way, confirmed=True, ended=False)
            case ReportOpened(filing=filing.id, number=number):
                way = replace(way, numbers=(*way.numbers, number))
            case ReportFinishing(filing=filing.id, number=number, called=called):
                way = replace(way, finishing=number if called else "")
            case ReportFailed(filing=filing.id):
                way = replace(way, ended=True)
            case ReportFinished(filing=filing.id, number=number):
                others = tuple(one for one in way.numbers if one != number)
                way = replace(way, ended=True, numbers=others, finishing="")
            case _:
                pass
    return way


def vouched(cases: CaseStore, filing: Filing) -> bool:
    """Whether the log bears out a report that is on its way by its row; see `Way.bears_out`."""
    return way_of(cases, filing).bears_out(filing)


def onwards(cases: CaseStore, case: str) -> Iterator[LoggedEvent]:
    """The log of a case, then that of the one that it was merged into, and so on."""
    while case:
        events, case = cases.events(case), ""
        for logged in events:
            yield logged
            if isinstance(logged.event.body, Merged):
                case = logged.event.body.into
