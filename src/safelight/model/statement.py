"""Statements to whoever uploaded something, and what is counted for the public."""

from dataclasses import dataclass, field
from datetime import date, datetime

from safelight.model.access import Actor
from safelight.model.closing_events import Prompt, StatementKind
from safelight.model.dossier import How


@dataclass(frozen=True, slots=True)
class StatementFacts:
    """All that a statement may say of one item; nothing in it names a reviewer or describes what is seen.

    `reference`: the integrator's own id of the item. `uploaded`: when it came; `applied`: since when nobody can reach
    it. `automated`: comparing found it, with no person; `how`: who decided. `barred`: a program kept it back before
    anybody had looked. `illegal`: the ground is the law; else the terms of service. `ended`: when the restriction was
    withdrawn.
    """

    item: str
    mime: str
    uploaded: datetime
    applied: datetime
    how: How
    automated: bool
    barred: bool
    artificial: bool
    keyword: str
    illegal: bool
    prompt: Prompt = Prompt.OWN
    reference: str = ""
    ended: datetime | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement as the uploader gets it. `digest`: SHA-256 of the text in UTF-8, as the log has it.

    `told`: when it was first said that it was passed on, `told_by`: by whom; None while nobody has.
    """

    id: str
    case: str
    item: str
    kind: StatementKind
    language: str
    at: datetime
    text: str
    digest: str
    told: datetime | None = None
    told_by: Actor | None = None


@dataclass(frozen=True, slots=True)
class Figures:
    """A year in numbers; each mapping counts by the word that is its key.

    `items`: that came, by how they came. `outcomes`: what comparing said of them. `detections`: items of cases that
    matched something known, by kind and medium. `decisions`: findings of cases, by verdict; `deciders`: by who decided.
    `appeals`: answered ones, by outcome. `reports`: to hotlines and authorities, by who took them; those to test
    systems left out. `notices`: sent, by what became of them. `removals`: URLs that were worked on, by where they
    stood at the end, without those that were found to be no abuse; `retractions`: notices that were taken back, by
    what became of that; `removal_hours`: median time from the first notice to gone, None where nothing went, and
    `timed` how many it is the median of. `statements`: to uploaders, by kind. `duties`: of the law, by where they
    stand.
    """

    year: int
    organisation: str
    made: date
    items: dict[str, int] = field(default_factory=dict)
    outcomes: dict[str, int] = field(default_factory=dict)
    detections: dict[str, int] = field(default_factory=dict)
    decisions: dict[str, int] = field(default_factory=dict)
    deciders: dict[str, int] = field(default_factory=dict)
    appeals: dict[str, int] = field(default_factory=dict)
    reports: dict[str, int] = field(default_factory=dict)
    notices: dict[str, int] = field(default_factory=dict)
    removals: dict[str, int] = field(default_factory=dict)
    retractions: dict[str, int] = field(default_factory=dict)
    statements: dict[str, int] = field(default_factory=dict)
    duties: dict[str, int] = field(default_factory=dict)
    removal_hours: float | None = None
    timed: int = 0
