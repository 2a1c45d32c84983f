"""What documents for others may say about a case: hotlines, police, hosts, whoever uploaded it, the public.

A dossier has no field for media, for who reviewed, for notes, for paths or for where evidence lies: what it does not
hold, no document can let out.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from safelight.model.assessment import Artificialness, Strength
from safelight.model.case_events import Answer, Classification, Verdict
from safelight.model.closing_events import CaseReport, DutyState
from safelight.model.decision import Outcome
from safelight.model.filing import Body, Reporter
from safelight.model.law import Duty
from safelight.model.takedown import Form, NoticeState, Place, Scope


class How(StrEnum):
    """How a decision came about."""

    POLICY = "policy"  # the very bytes of known items, closed by rule
    PERSON = "person"
    TWO_PEOPLE = "two_people"  # one proposed it, another agreed


@dataclass(frozen=True, slots=True)
class DossierItem:
    """One file. `md5`, `sha1`, `pdq`: hexadecimal, empty where they were never taken; `sha256` is always there.

    `viewed`: whether somebody here saw pixels of it. `found`: what the comparison with known items said. `kinds`: how
    it agrees with known items, the kinds of `model.match.MatchKind`. `assessed`, `rests_on`: what the evidence says of
    how it was made, which is a hint beside the reviewers' own finding. `source`: how it came (`gate`, `items`, ...).
    `degraded`: it could not be examined in full. `destroyed`: its media is gone.
    """

    id: str
    sha256: str
    size: int
    mime: str
    source: str
    added: datetime
    found: Outcome
    viewed: bool
    md5: str = ""
    sha1: str = ""
    pdq: str = ""
    pdq_quality: int | None = None
    kinds: tuple[str, ...] = ()
    assessed: Artificialness = Artificialness.UNKNOWN
    rests_on: Strength = Strength.NONE
    degraded: bool = False
    destroyed: bool = False


@dataclass(frozen=True, slots=True)
class DossierNotice:
    """Somebody who can act was told. `to`: name of the organisation. `answered`: when it did."""

    to: str
    scope: Scope
    form: Form
    state: NoticeState
    sent: datetime | None
    answered: datetime | None = None


@dataclass(frozen=True, slots=True)
class DossierPlace:
    """A URL where an item is, or was. `addresses`: of its host. `checked`: when it was last looked at."""

    location: str
    item: str
    url: str
    added: datetime
    place: Place = Place.UNCHECKED
    checked: datetime | None = None
    gone: datetime | None = None
    returned: int = 0
    addresses: tuple[str, ...] = ()
    notices: tuple[DossierNotice, ...] = ()


@dataclass(frozen=True, slots=True)
class DossierDuty:
    """What the law asks for, and where that stands."""

    duty: Duty
    state: DutyState


@dataclass(frozen=True, slots=True)
class Dossier:
    """A case, for documents. `verdict` and what follows it: the finding that stands; `decided`: when it was made.

    `confirmed`: when abuse was first confirmed, which is when the provider knew. `reports`: also those that only test
    systems have, which nobody may be told of as reports. `preserve_until`: None for no end that was set. `held`:
    whether a legal hold is in force. `appealed`: whether somebody waits for an answer.
    """

    case: str
    opened: datetime
    reporter: Reporter
    verdict: Verdict | None = None
    classification: Classification = Classification.NONE
    artificialness: Artificialness = Artificialness.UNKNOWN
    real_victim: Answer = Answer.UNKNOWN
    decided: datetime | None = None
    how: How | None = None
    confirmed: datetime | None = None
    items: tuple[DossierItem, ...] = ()
    places: tuple[DossierPlace, ...] = ()
    reports: tuple[CaseReport, ...] = ()
    duties: tuple[DossierDuty, ...] = ()
    preserve_until: datetime | None = None
    held: bool = False
    appealed: bool = False

    def item(self, item: str) -> DossierItem:
        """The item of this id. Raises KeyError."""
        found = next((one for one in self.items if one.id == item), None)
        if found is None:
            raise KeyError(item)
        return found

    def numbers(self, item: str, taker: Body) -> tuple[str, ...]:
        """The numbers under which a receiver has reports of this item; those of test systems left out."""
        return tuple(
            report.number
            for report in self.reports
            if report.production and report.number and report.taker is taker and item in report.items
        )

    def places_of(self, item: str) -> tuple[DossierPlace, ...]:
        """Where this item is, or was."""
        return tuple(place for place in self.places if place.item == item)


@dataclass(frozen=True, slots=True)
class Marked:
    """What only a person may say, for one document; nothing here is ever derived.

    `agencies`: those that verified the item as part of the Interpol baseline, of which there must be two. `region`,
    `category`: of a national scale of VICS, such as `UK` and `1` for A.
    """

    agencies: tuple[str, ...] = ()
    region: str = ""
    category: int | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """A document for others. `name`: of the file that it is kept as; `mime`: its type."""

    name: str
    mime: str
    content: bytes

    @property
    def text(self) -> str:
        """What people read of it; empty where it is no text."""
        readable = self.mime.startswith("text/") or self.mime.endswith(("json", "xml"))
        return self.content.decode() if readable else ""
