"""What the law asks for: rules of law packs held against what is known of a case.

Who does not know how a file was made treats it as what it appears to be: a picture of a real child. So an unknown
artificialness never keeps a duty from arising. A rule that may not cover the material informs people, and drives
nothing; it is left out only where the law surely does not reach. What was reported is kept whatever it is: there the
law asks for what follows from a report, and no more for what is in it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from safelight.model.assessment import Artificialness
from safelight.model.case_events import Answer
from safelight.model.errors import UsageError
from safelight.model.law import Coverage, Covered, Duty, DutyKind, LawPack, LawRule, Material, Trigger
from safelight.model.signal import RuleStatus
from safelight.policy.durations import add

STALE = timedelta(days=180)
"""How long after a pack was gone through people are reminded to do so again."""

_MADE: Mapping[Artificialness, frozenset[Material]] = {
    Artificialness.CAMERA_ORIGINAL: frozenset((Material.REAL,)),
    Artificialness.MINIMALLY_MODIFIED: frozenset((Material.REAL,)),
    Artificialness.PARTIALLY_ALTERED: frozenset((Material.ALTERED,)),
    Artificialness.HYBRID: frozenset((Material.ALTERED, Material.SYNTHETIC)),
    Artificialness.FULLY_SYNTHETIC: frozenset((Material.SYNTHETIC,)),
    Artificialness.UNKNOWN: frozenset((Material.REAL,)),  # as it appears
}
_BEST = (Coverage.YES, Coverage.SOME, Coverage.UNKNOWN, Coverage.NO)


@dataclass(frozen=True, slots=True)
class Began:
    """What started clocks, and when. `taker`: of a REPORT, who took it, as in `model.filing.Body`."""

    trigger: Trigger
    at: datetime
    taker: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a case, as people found it, and what has happened."""

    artificialness: Artificialness = Artificialness.UNKNOWN
    real_victim: Answer = Answer.UNKNOWN
    began: tuple[Began, ...] = ()


@dataclass(frozen=True, slots=True)
class Kept:
    """Until when a rule has things kept, UTC."""

    until: datetime
    pack: LawPack
    rule: LawRule


def chosen(packs: Mapping[str, LawPack], jurisdictions: Sequence[str]) -> tuple[LawPack, ...]:
    """The packs of these jurisdictions and of those that they are within, each once.

    Raises UsageError, which names those that there are none of.
    """
    unknown = sorted(set(jurisdictions) - set(packs))
    if unknown:
        known = ", ".join(sorted(packs))
        raise UsageError(detail=f"SAFELIGHT_JURISDICTIONS: no law pack is called {', '.join(unknown)}; known: {known}")
    names = dict.fromkeys(jurisdictions)
    while more := [name for one in names for name in packs[one].within if name not in names]:
        names.update(dict.fromkeys(more))
    return tuple(packs[name] for name in names)


def stale(packs: Mapping[str, LawPack], today: date) -> tuple[str, ...]:
    """Ids of packs that nobody has gone through for more than 180 days."""
    return tuple(sorted(pack.id for pack in packs.values() if today - pack.as_of > STALE))


def duties(packs: Mapping[str, LawPack], jurisdictions: Sequence[str], facts: Facts, now: datetime) -> tuple[Duty, ...]:
    """Everything that the law of these jurisdictions asks for.

    Args:
        packs: by id.
        jurisdictions: whose law applies.
        facts: of the case.
        now: what began later has not begun.

    Returns:
        Each duty once, the first to be due first, those without a computed time last.

    Raises:
        UsageError: for a jurisdiction without a pack.
    """
    found: dict[str, Duty] = {}
    for pack in chosen(packs, jurisdictions):
        for rule in pack.rules:
            for began in facts.began:
                if began.at <= now and applies(pack, rule, began):
                    found.update((duty.id, duty) for duty in _duty(pack, rule, facts, began))
    return tuple(sorted(found.values(), key=lambda one: (one.due is None, one.due or one.began, one.id)))


def applies(pack: LawPack, rule: LawRule, began: Began) -> bool:
    """Whether this starts the rule's clock: the right trigger, on a day on which the rule is in force."""
    day = began.at.astimezone(ZoneInfo(pack.zone)).date()
    begun = rule.from_ is None or rule.from_ <= day
    ended = rule.until is not None and rule.until < day
    other = rule.trigger is Trigger.REPORT and bool(rule.taker) and rule.taker != began.taker
    return rule.trigger is began.trigger and begun and not ended and not other


def due(pack: LawPack, rule: LawRule, began: datetime) -> datetime | None:
    """Until when it has to be done, or kept, UTC; None where the law says it in words alone."""
    return add(began, rule.deadline, pack.zone, keep=rule.kind is DutyKind.PRESERVE) if rule.deadline else None


def longest(packs: Mapping[str, LawPack], jurisdictions: Sequence[str], at: datetime) -> Kept | None:
    """The longest that any confirmed rule of these jurisdictions would have things kept, if its clock began at `at`.

    Returns:
        None where no confirmed rule that is in force on that day names a time.

    Raises:
        UsageError: for a jurisdiction without a pack.
    """
    kept = (
        Kept(until, pack, rule)
        for pack in chosen(packs, jurisdictions)
        for rule in pack.rules
        if rule.kind is DutyKind.PRESERVE and rule.status is RuleStatus.CONFIRMED
        if applies(pack, rule, Began(rule.trigger, at, rule.taker)) and (until := due(pack, rule, at))
    )
    return max(kept, key=lambda one: one.until, default=None)


def _duty(pack: LawPack, rule: LawRule, facts: Facts, began: Began) -> Iterator[Duty]:
    shown = Answer.YES if began.trigger is Trigger.REQUEST else facts.real_victim  # who asks is in the picture
    kinds = _kinds(facts.artificialness, shown) & frozenset(rule.materials)
    reported = began.trigger is Trigger.REPORT
    outside = not rule.any_content and shown is Answer.NO and _surely_outside(pack, kinds)
    if not reported and (not kinds or outside):
        return
    entries = list(_entries(pack, kinds))
    covered = min((one.answer for one in entries), key=_BEST.index, default=Coverage.UNKNOWN)
    sure = any(one.answer is Coverage.YES and one.status is RuleStatus.CONFIRMED for one in entries)
    yield Duty(
        id=f"{pack.id}/{rule.id}/{began.at.astimezone(UTC).isoformat()}",
        jurisdiction=pack.id,
        rule=rule.id,
        kind=rule.kind,
        title=rule.title,
        recipient=rule.recipient,
        began=began.at.astimezone(UTC),
        due=due(pack, rule, began.at),
        words=rule.words,
        basis=rule.basis,
        source=rule.source.url or rule.source.title,
        as_of=rule.source.as_of.isoformat(),
        drives=rule.status is RuleStatus.CONFIRMED and (reported or sure or rule.any_content or Material.REAL in kinds),
        covered=Coverage.YES if rule.any_content else covered,
        taker=rule.taker,
    )


def _kinds(made: Artificialness, shown: Answer) -> frozenset[Material]:
    """What it counts as. What shows a real child is no invention, however it was made."""
    kinds = _MADE[made]
    return kinds | {Material.ALTERED} if shown is Answer.YES and Material.REAL not in kinds else kinds


def _entries(pack: LawPack, kinds: frozenset[Material]) -> Iterator[Covered]:
    return (one for one in pack.covered if one.material in kinds)


def _surely_outside(pack: LawPack, kinds: frozenset[Material]) -> bool:
    """Whether the law is known not to cover any of these kinds."""
    sure = {
        one.material
        for one in _entries(pack, kinds)
        if one.answer is Coverage.NO and one.status is RuleStatus.CONFIRMED
    }
    return sure == kinds
