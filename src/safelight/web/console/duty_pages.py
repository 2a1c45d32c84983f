"""What the deadline board and the law page tell: open duties by their urgency, packs, and where they differ."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from safelight.flow.merged import current
from safelight.model.case import Case, DutyState
from safelight.model.closing_events import CaseDuty
from safelight.model.law import Coverage, Covered, DutyKind, LawPack, LawRule, Material, Scanning, Trigger
from safelight.model.signal import RuleStatus
from safelight.policy.duties import STALE, chosen
from safelight.web.closing.wiring import own_reminder
from safelight.web.console.cards import short
from safelight.web.console.closing_words import (
    COVERAGE,
    DUTIES,
    DUTY_STATES,
    MARKS,
    MATERIALS,
    RULE_STATUSES,
    SCANNING,
    TRIGGERS,
    about,
)
from safelight.web.container import the_app

SOON: Final = timedelta(hours=24)
"""A duty that is due within this time is due soon."""
_RECORDED: Final = (Trigger.REQUEST, Trigger.NOTICE, Trigger.ORDER, Trigger.DETECTION)

GROUPS: Final = (
    ("overdue", "▲", "Overdue", "Its time is over and nobody has noted that it was done."),
    ("soon", "◆", "Due within 24 hours", ""),
    ("later", "●", "Due later", ""),
    ("words", "▶", "Without a fixed time", "The law says when in words: do these as soon as you can."),
    ("keep", "■", "To be kept", "Nothing to do but to destroy nothing before."),
)
"""Key, shape, name and meaning of each group of the board, the most urgent first."""


@dataclass(frozen=True, slots=True)
class DutyLine:
    """A duty of a case for a list.

    `left`: the time to `due`, or since, in words. `reminder`: the operator's own, where the law names no time.
    """

    case: str
    name: str
    id: str
    group: str
    law: str
    kind: str
    title: str
    recipient: str
    began: datetime
    due: datetime | None
    left: str
    words: str
    basis: str
    source: str
    url: str
    as_of: str
    drives: bool
    status: str
    covered: str
    state: str
    open: bool
    by: str
    reminder: datetime | None


def jurisdictions() -> Mapping[str, LawPack]:
    """The packs that apply here, by id."""
    packs = the_app().law.packs()
    return {pack.id: pack for pack in chosen(packs, the_app().settings.service.closing.jurisdictions)}


def duty_lines(case: Case, now: datetime) -> list[DutyLine]:
    """All duties of a case, the open ones first."""
    packs = the_app().law.packs()
    lines = [duty_line(case, one, packs, now) for one in case.duties]
    return sorted(lines, key=lambda line: (not line.open, urgency(line)))


def to_remove(case: str, now: datetime) -> DutyLine | None:
    """The most urgent open duty to remove what a case holds, or the one that it was merged into, if it has a time."""
    found = duty_lines(current(the_app().cases, case), now)
    return next((one for one in found if one.open and one.kind == DUTIES[DutyKind.REMOVE] and one.due), None)


def stale(packs: Iterable[LawPack], now: datetime) -> list[tuple[str, str]]:
    """Packs that nobody has gone through for long: name, and how long ago."""
    return [(pack.name, age(pack, now)) for pack in packs if now.date() - pack.as_of > STALE]


def age(pack: LawPack, now: datetime) -> str:
    """How long ago a pack was gone through as a whole."""
    return about(timedelta(days=(now.date() - pack.as_of).days)) if now.date() > pack.as_of else "today"


def recordable(packs: Iterable[LawPack], now: datetime) -> list[tuple[str, str]]:
    """Rules whose clock starts when somebody asks: id and name, for a person who records that they did."""
    today = now.date()
    return [
        (
            f"{pack.id}/{rule.id}",
            f"{pack.name}: {rule.title}{'' if rule.status is RuleStatus.CONFIRMED else ' (unverified)'}",
        )
        for pack in packs
        for rule in pack.rules
        if rule.trigger in _RECORDED
        and (not rule.from_ or rule.from_ <= today)
        and (not rule.until or today <= rule.until)
    ]


def duty_line(case: Case, one: CaseDuty, packs: Mapping[str, LawPack], now: datetime) -> DutyLine:
    """A duty of a case for a list."""
    duty = one.duty
    pack = packs.get(duty.jurisdiction)
    rule = next((rule for rule in pack.rules if rule.id == duty.rule), None) if pack else None
    return DutyLine(
        case=case.id,
        name=short(case.id),
        id=duty.id,
        group=_group(duty.kind, duty.due, now),
        law=pack.name if pack else duty.jurisdiction,
        kind=DUTIES[duty.kind],
        title=duty.title,
        recipient=duty.recipient,
        began=duty.began,
        due=duty.due,
        left=about(duty.due - now) if duty.due else "",
        words=duty.words,
        basis=duty.basis,
        source=urlsplit(duty.source).hostname or duty.source,
        url=duty.source if duty.source.startswith("https://") else "",
        as_of=duty.as_of,
        drives=duty.drives,
        status=_status(duty.drives, rule),
        covered="" if duty.covered is Coverage.YES else f"such material is {COVERAGE[duty.covered]} there",
        state=DUTY_STATES[one.state],
        open=one.state is DutyState.OPEN,
        by=one.by,
        reminder=own_reminder(duty),
    )


def _status(drives: bool, rule: LawRule | None) -> str:
    """How well a duty is known: the rule may be confirmed, and yet not be sure to reach what the case holds."""
    if drives:
        return RULE_STATUSES[RuleStatus.CONFIRMED]
    if rule is not None and rule.status is RuleStatus.CONFIRMED:
        return "confirmed, may not cover this: informs only"
    return RULE_STATUSES[RuleStatus.UNVERIFIED]


def _group(kind: DutyKind, due: datetime | None, now: datetime) -> str:
    if kind is DutyKind.PRESERVE:
        return "keep"
    if due is None:
        return "words"
    return "overdue" if due <= now else "soon" if due - now <= SOON else "later"


def urgency(line: DutyLine) -> tuple[int, bool, float, str]:
    """What comes first in a list of duties."""
    rank = next(number for number, group in enumerate(GROUPS) if group[0] == line.group)
    return rank, not line.drives and line.due is None, (line.due or line.began).timestamp(), line.id


@dataclass(frozen=True, slots=True)
class Answer:
    """How one jurisdiction answers about one kind of material, or about scanning. `mark`: a shape for the answer."""

    mark: str
    words: str
    when: str
    basis: str
    title: str
    url: str
    as_of: str
    status: str
    confirmed: bool


@dataclass(frozen=True, slots=True)
class RuleLine:
    """A rule of a pack as a table shows it."""

    rule: LawRule
    kind: str
    trigger: str
    materials: str
    status: str
    confirmed: bool


@dataclass(frozen=True, slots=True)
class PackShown:
    """A pack for the page of the law. `answers`: by kind of material, in the order of `Material`."""

    pack: LawPack
    age: str
    stale: bool
    applies: bool
    answers: tuple[Answer | None, ...]
    scanning: Answer
    rules: tuple[RuleLine, ...]


def shown_packs(now: datetime) -> list[PackShown]:
    """All packs, those that apply here first."""
    here = jurisdictions()
    packs = sorted(the_app().law.packs().values(), key=lambda pack: (pack.id not in here, pack.name))
    return [
        PackShown(
            pack,
            age(pack, now),
            now.date() - pack.as_of > STALE,
            pack.id in here,
            tuple(_covered(pack, material) for material in Material),
            _scanning(pack),
            tuple(map(_rule, pack.rules)),
        )
        for pack in packs
    ]


def differences(packs: Iterable[PackShown]) -> list[tuple[str, int, int, int, int]]:
    """Of each kind of material, how many packs say yes, under conditions, no, and not known."""
    found = []
    packs = list(packs)
    for number, material in enumerate(Material):
        marks = [one.mark if (one := pack.answers[number]) else MARKS[Coverage.UNKNOWN] for pack in packs]
        yes, some, no, unknown = (
            marks.count(MARKS[answer]) for answer in (Coverage.YES, Coverage.SOME, Coverage.NO, Coverage.UNKNOWN)
        )
        found.append((MATERIALS[material], yes, some, no, unknown))
    return found


def _covered(pack: LawPack, material: Material) -> Answer | None:
    found = next((one for one in pack.covered if one.material is material), None)
    return _answer(found, COVERAGE, found.when, found.basis) if found else None


def _scanning(pack: LawPack) -> Answer:
    return _answer(pack.scanning, SCANNING, pack.scanning.note, "")


def _answer(entry: Covered | Scanning, words: Mapping[Coverage, str], when: str, basis: str) -> Answer:
    return Answer(
        MARKS[entry.answer],
        words[entry.answer],
        when,
        basis,
        entry.source.title,
        entry.source.url,
        str(entry.source.as_of),
        RULE_STATUSES[entry.status],
        entry.status is RuleStatus.CONFIRMED,
    )


def _rule(rule: LawRule) -> RuleLine:
    every = set(rule.materials) >= set(Material)
    return RuleLine(
        rule,
        DUTIES[rule.kind],
        TRIGGERS[rule.trigger],
        "" if every else ", ".join(MATERIALS[one].lower() for one in rule.materials),
        RULE_STATUSES[rule.status],
        rule.status is RuleStatus.CONFIRMED,
    )
