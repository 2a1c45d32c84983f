"""Law as data: what a jurisdiction covers, who has to do what by when, and how well each rule is known.

A pack is one dated file for a jurisdiction. Nothing of it is legal advice, and a rule that is not CONFIRMED informs
people and drives nothing.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from safelight.model.signal import RuleStatus


class Material(StrEnum):
    """What kind of material a rule is about, by how it was made."""

    REAL = "real"
    ALTERED = "altered"  # of a real child, changed: a face, clothes
    SYNTHETIC = "synthetic"  # no part of it was ever in front of a camera


class Coverage(StrEnum):
    """Whether the law of a jurisdiction covers a kind of material."""

    YES = "yes"
    NO = "no"
    SOME = "some"  # under conditions that the entry names
    UNKNOWN = "unknown"


class DutyKind(StrEnum):
    """What has to be done."""

    REPORT = "report"
    PRESERVE = "preserve"
    REMOVE = "remove"
    INFORM = "inform"  # tell the uploader, or whoever gave notice


class Trigger(StrEnum):
    """What starts the clock of a rule."""

    KNOWLEDGE = "knowledge"  # the provider knows: a case was confirmed
    REPORT = "report"  # a report was sent
    REQUEST = "request"  # a person depicted asked for removal, validly
    NOTICE = "notice"  # somebody gave notice of content
    ORDER = "order"  # an authority demands something
    DECISION = "decision"  # content was restricted
    DETECTION = "detection"  # found by scanning private messages


@dataclass(frozen=True, slots=True)
class Source:
    """Where something was read. `as_of`: when the source was read. `url`: may be empty for a printed one."""

    title: str
    url: str
    as_of: date


@dataclass(frozen=True, slots=True)
class Covered:
    """Whether a kind of material is covered; `when`: the condition of SOME, in words."""

    material: Material
    answer: Coverage
    basis: str
    when: str
    source: Source
    status: RuleStatus


@dataclass(frozen=True, slots=True)
class Scanning:
    """Whether a provider may scan private messages for such material without being asked."""

    answer: Coverage
    note: str
    source: Source
    status: RuleStatus


@dataclass(frozen=True, slots=True)
class Worked:
    """An example of a rule: what began when (with its offset from UTC), and when it has to be done, or was kept.

    `due`: None where the law names no time, and where the rule does not apply. `applies`: whether the rule was in force
    on that day.
    """

    begins: datetime
    due: datetime | None = None
    applies: bool = True


@dataclass(frozen=True, slots=True)
class LawRule:
    """One duty of one law.

    `id`: never given another meaning. `actor`, `recipient`: in words. `deadline`: ISO 8601 duration in which it has to
    be done, or for which something is kept; empty where the law says it in `words` alone. `from_`, `until`: the days
    on which it is in force (both included); None for open. `materials`: the kinds that it is about. `taker`: who of
    `model.filing.Body` takes such reports; empty where none of them does. `any_content`: whether it is about whatever
    was restricted or told of, also where the pack does not cover it.
    """

    id: str
    kind: DutyKind
    trigger: Trigger
    title: str
    actor: str
    recipient: str
    deadline: str
    words: str
    basis: str
    source: Source
    status: RuleStatus
    materials: tuple[Material, ...] = tuple(Material)
    from_: date | None = None
    until: date | None = None
    note: str = ""
    taker: str = ""
    examples: tuple[Worked, ...] = ()
    any_content: bool = False


@dataclass(frozen=True, slots=True)
class LawPack:
    """The law of one jurisdiction.

    `id`: as in file names and settings (`us`, `eu`). `zone`: IANA time zone in which its days are counted. `as_of`:
    when the pack was last gone through as a whole. `sha256`: of the file. `within`: ids of packs whose law applies
    there, too.
    """

    id: str
    name: str
    as_of: date
    zone: str
    covered: tuple[Covered, ...]
    scanning: Scanning
    rules: tuple[LawRule, ...]
    note: str = ""
    sha256: str = ""
    within: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Duty:
    """A rule that applies, with its time.

    `id`: the same for the same rule and beginning, so that it arises once. `due`: UTC; None where the law only says it
    in words. Of PRESERVE, `due` is until when to keep. `drives`: whether it may start anything by itself: only a
    CONFIRMED rule may. `covered`: whether the material is surely covered, maybe, or not known to be.
    """

    id: str
    jurisdiction: str
    rule: str
    kind: DutyKind
    title: str
    recipient: str
    began: datetime
    due: datetime | None
    words: str
    basis: str
    source: str
    as_of: str
    drives: bool
    covered: Coverage = Coverage.UNKNOWN
    taker: str = ""
