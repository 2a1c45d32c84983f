"""What the page of a case tells: its items and what is known of them, its family, what happened to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup

from safelight.flow.review_history import of_closing, weighed
from safelight.flow.review_rules import is_other
from safelight.match.families import FamilyTies, relations_of
from safelight.model.access import Permission, Principal
from safelight.model.audit import LoggedEvent
from safelight.model.case import Case, CaseItem, Grave, Hidden, Revealed
from safelight.model.decision import Outcome
from safelight.model.errors import NotNowError, UnknownItemError
from safelight.model.family import FamilyMember, MemberKind
from safelight.model.match import Match
from safelight.model.scan import ScanRow
from safelight.model.signal import SignalRequest
from safelight.report.evidence import figures, region_words
from safelight.report.family_section import leads, tree
from safelight.report.how_known import Part, how_known
from safelight.report.text import chance, count, size, variant
from safelight.report.words import ALGORITHMS, KINDS, OUTCOMES, STATUSES
from safelight.web.console.cards import foremost, short
from safelight.web.console.sources import matches_of, source_of
from safelight.web.console.wiring import review, store
from safelight.web.console.words import ANSWERS, ARTIFICIALNESS, actor_words, axis_words, event_words, warning_for

MATCHES = 10
"""Matches of an item on its page, the strongest."""
ITEMS = 100
"""Items of a case in its list, and in its family."""
EVENTS = 200
"""Events of a case's history, the newest."""
_LOOKED_FOR = SignalRequest()


@dataclass(frozen=True, slots=True)
class ShownMatch:
    """A match as a table shows it."""

    entry: str
    kind: str
    mark: str
    how: str
    figures: tuple[str, ...]
    form: str
    chance: str
    classification: str
    benign: str
    region: str


@dataclass(frozen=True, slots=True)
class Frame:
    """The drawing area of a covered picture, in its own pixels, and the outline of what was replaced in it."""

    width: int
    height: int
    box: tuple[int, int, int, int] | None
    share: str
    cells: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ShownItem:
    """An item of the case with all that is known of it. `sorry`: why nothing of it is shown; empty when it can be."""

    item: CaseItem
    name: str
    label: str
    facts: tuple[tuple[str, str], ...]
    matches: tuple[ShownMatch, ...]
    known: tuple[Part, ...]
    warning: str
    video: bool
    coverable: bool
    sorry: str
    frame: Frame | None
    source: bool
    left: int


@dataclass(frozen=True, slots=True)
class ShownEvent:
    """A line of the history."""

    number: int
    at: datetime
    who: str
    what: str
    hash: str


def shown_item(who: Principal, case: Case, item: CaseItem) -> ShownItem:
    """An item for the page."""
    row = _row(item.id)
    sees = who.may(Permission.MEDIA_REVEAL)
    sorry = _sorry(who, case, item) if sees else "Your role sees no media."
    kept = item.blob is not None and not item.destroyed
    coverable = sees and kept and (item.outcome is not Outcome.KNOWN or not sorry)
    matches = row.matches if row else ()
    classes = {match.classification for match in matches_of(row)} if row else set()
    return ShownItem(
        item=item,
        name=short(item.id),
        label=OUTCOMES[item.outcome],
        facts=tuple(_facts(item, row)),
        matches=tuple(map(_shown_match, matches[:MATCHES])),
        known=how_known(row, _LOOKED_FOR) if row else (),
        warning=warning_for(classes),
        video=item.mime.startswith("video/"),
        coverable=coverable,
        sorry=sorry,
        frame=_frame(row) if coverable else None,
        source=coverable and source_of(item.id) is not None,
        left=max(len(matches) - MATCHES, 0),
    )


def family_of(case: Case) -> Markup:
    """The family that the case is about, as lists inside each other; empty when nothing joins its items."""
    ties, members = FamilyTies(), {}
    for item in case.items[:ITEMS]:
        row = _row(item.id)
        related = relations_of(row) if row else None
        if related is None:
            continue
        ties.add(related.edges, related.leads)
        members[item.sha256] = FamilyMember(MemberKind.FILE, f"item {short(item.id)}", item.sha256)
    families = ties.families(members)
    trees = [tree(family, root=True) for family in families]
    return Markup("").join([*trees, leads(families)]) if trees else Markup("")


def history_of(who: Principal, case: Case, found: Sequence[LoggedEvent]) -> list[ShownEvent]:
    """What happened, the newest first; without what a first person found, for who is asked to be the second.

    Who looked at what, and when, is for them, and for those who may read the log. Duties, reports and takedowns are for
    those who may read reports. `found`: all events of the case.
    """
    unheard = unheard_of(who, case)
    closing = set() if who.may(Permission.REPORT_READ) else of_closing(found)
    events = [
        logged
        for logged in found
        if logged.event.seq not in closing
        and (
            not isinstance(logged.event.body, Revealed | Hidden)
            or logged.event.actor == who.actor
            or who.may(Permission.LOG_READ)
        )
    ][-EVENTS:]
    return [
        ShownEvent(
            logged.event.seq,
            logged.event.at,
            actor_words(logged.event.actor, who.actor),
            event_words(logged.event.body, secret=logged.event.seq in unheard),
            logged.hash,
        )
        for logged in reversed(events)
    ]


def axes_of(case: Case, events: Sequence[LoggedEvent]) -> list[tuple[str, str]]:
    """How people say that it was made, and whether a real child is a victim, with how many say so; none undecided."""
    said = weighed(case, events)
    if said is None:
        return []
    first, second = said.first, said.second
    made = axis_words(ARTIFICIALNESS, first.artificialness, second.artificialness if second else None, two=said.two)
    victim = axis_words(ANSWERS, first.real_victim, second.real_victim if second else None, two=said.two)
    return [("How it was made", made), ("Is a real child a victim?", victim)]


def unheard_of(who: Principal, case: Case) -> set[int]:
    """Numbers of the events in which a first person says what they found, while a second one is to decide unaware."""
    return {one.number for one in case.proposals if one.what.action is Grave.DECIDE and is_other(who, one)}


def known_facts(case: Case) -> list[tuple[str, str]]:
    """Facts of a case's first items, for a known answer."""
    found = []
    for item in case.items[:1]:
        row = _row(item.id)
        found += [("Type", item.mime or "not known")]
        for match in map(_shown_match, row.matches[:3] if row else ()):
            found.append(
                ("Match", f"{match.kind}; {'; '.join(match.figures)}; bank says {match.classification or 'nothing'}")
            )
            if match.region:
                found.append(("Altered region", match.region))
    return found


def _row(item: str) -> ScanRow | None:
    try:
        return store().item(item).row
    except UnknownItemError:
        return None


def _sorry(who: Principal, case: Case, item: CaseItem) -> str:
    try:
        review().seeable(who, case, item)
    except NotNowError as error:
        return str(error)
    return ""


def _facts(item: CaseItem, row: ScanRow | None) -> list[tuple[str, str]]:
    facts = [("Came by", item.source), ("Your reference", item.reference), ("Type", item.mime or "not known")]
    if row and row.width and row.height:
        facts.append(("Pixels", f"{row.width} \u00d7 {row.height}"))
    facts.append(("Size", f"{size(item.size)} ({count(item.size)} bytes)"))
    if row:
        facts.append(("Read", STATUSES[row.status] + (f": {row.error}" if row.error else "")))
        if row.duration is not None:
            facts.append(("Duration", f"{row.duration:.1f} s"))
    facts.append(("SHA-256", item.sha256))
    if row and row.pdq:
        facts.append(("PDQ", f"{row.pdq} (quality {row.pdq_quality})"))
    return [(name, value) for name, value in facts if value]


def _shown_match(match: Match) -> ShownMatch:
    if match.p_false_match is not None:
        false = chance(match.p_false_match)
    else:
        false = "not a matter of chance" if match.kind == "exact" else "not told"
    benign = "known benign" if match.negative else f"suppressed by {match.suppressed_by}" if match.suppressed_by else ""
    mark = {"exact": "known"}.get(match.kind, str(match.kind))
    return ShownMatch(
        entry=f"{match.bank} / {match.entry}",
        kind=KINDS[match.kind],
        mark=mark,
        how=ALGORITHMS.get(match.algorithm, match.algorithm),
        figures=figures(match),
        form=variant(match),
        chance=false,
        classification=match.classification,
        benign=benign,
        region=region_words(match.altered_region) if match.altered_region else "",
    )


def _frame(row: ScanRow | None) -> Frame | None:
    """The picture's shape, the outline of what was replaced in it by the strongest match that tells, and its cells."""
    if row is None or not row.width or not row.height:
        return None
    regions = [match.altered_region for match in matches_of(row) if match.altered_region]
    region = next((one for one in regions if one.bbox), None)
    share = f"{100 * region.area:.0f} %" if region else ""
    box = region.bbox if region else None
    return Frame(row.width, row.height, box, share, _cells(4))


def _cells(side: int) -> tuple[tuple[str, str], ...]:
    """Parts of the picture to be looked at singly: what they are called, and their regions as JSON."""
    step = 1 / side
    return tuple(
        (
            f"row {row + 1}, column {column + 1}",
            f"[{column * step},{row * step},{(column + 1) * step},{(row + 1) * step}]",
        )
        for row in range(side)
        for column in range(side)
    )


def box_region(frame: Frame | None) -> str:
    """The region of a frame's outline as JSON, empty without one."""
    if frame is None or frame.box is None:
        return ""
    left, top, right, bottom = frame.box
    return f"[{left / frame.width:.4f},{top / frame.height:.4f},{right / frame.width:.4f},{bottom / frame.height:.4f}]"


def chosen_item(case: Case, wanted: str) -> CaseItem | None:
    """The item that the page is about: the one asked for, else the one that most asks for a person."""
    return next((item for item in case.items if item.id == wanted), foremost(case))
