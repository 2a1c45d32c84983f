"""`ports.CaseStore` in plain lists: the obvious version that the others are compared with."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from uuid import uuid4

from safelight.case import merkle
from safelight.case.chain import entry_bytes, leaf_hash, read_entry
from safelight.case.fold import apply, check, first_due, fold
from safelight.model.audit import NO_HASH, Consistency, Flaw, Inclusion, LoggedEvent, SignedHead, TreeHead
from safelight.model.case import SERVICE_CASE, Body, Case, CaseEvent, CaseState, Draft, StatementMade
from safelight.model.closing_events import StatementKind
from safelight.model.errors import ConflictError, UnknownCaseError, UnknownItemError, UsageError
from safelight.model.service import Item
from safelight.ports import Clock


class MemoryCaseStore:
    """Keeps the log as a list, folds cases anew whenever they are asked for, and hashes the whole tree each time."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.name = str(uuid4())
        self.entries: list[LoggedEvent] = []
        self.kept_items: dict[str, Item] = {}
        self.kept_heads: dict[str, SignedHead] = {}

    def close(self) -> None:
        """Nothing is open."""

    @contextmanager
    def transaction(self) -> Iterator[None]:
        before = list(self.entries), dict(self.kept_items), dict(self.kept_heads)
        try:
            yield
        except BaseException:
            self.entries, self.kept_items, self.kept_heads = before
            raise

    def append(self, drafts: Sequence[Draft], expect: int | None = None) -> list[LoggedEvent]:
        with self.transaction():
            if drafts and expect is not None and expect != len(self._of(drafts[0].case)):
                raise ConflictError(what=f"case {drafts[0].case!r}")
            now = self.clock.now()
            for draft in drafts:
                _check_name(draft.case)
                _check_texts(getattr(draft.body, "queue", None), getattr(draft.body, "family", None))
                if abs(getattr(draft.body, "priority", 0)) > 1_000_000:
                    raise UsageError(detail="not a priority")
                events = self._of(draft.case)
                before = fold(events) if events else None
                check(before, draft.body, draft.actor, now)
                prev = events[-1].hash if events else NO_HASH
                event = CaseEvent(draft.case, len(events), now, draft.actor, draft.body, prev, draft.tool)
                try:
                    entry = entry_bytes(event)
                except ValueError as error:
                    raise UsageError(detail=str(error)) from error
                apply(before, event, leaf_hash(entry))  # raises for what no case begins with
                self.entries.append(LoggedEvent(len(self.entries), leaf_hash(entry), entry, read_entry(entry)))
            live = [case.family for case in self._all() if case.family and case.state is not CaseState.MERGED]
            if len(live) > len(set(live)):
                raise ConflictError(what="family")
            return self.entries[len(self.entries) - len(drafts) :]

    def case(self, case: str) -> Case:
        return fold(self.events(case))

    def events(self, case: str, after: int = 0) -> list[LoggedEvent]:
        events = self._of(case)[after:]
        if not events:
            raise UnknownCaseError(case=case)
        return events

    def log(self, after: int, limit: int, kinds: Collection[type[Body]] = ()) -> list[LoggedEvent]:
        found = (one for one in self.entries if not kinds or type(one.event.body) in kinds)
        return [one for one in found if one.position > after][:limit]

    def of_cases(self, cases: Collection[str], kinds: Collection[type[Body]]) -> dict[str, list[LoggedEvent]]:
        found = {case: [one for one in self._of(case) if type(one.event.body) in kinds] for case in cases}
        return {case: events for case, events in found.items() if events}

    def told(self, begin: datetime, end: datetime, after: int = -1, limit: int = 100) -> list[LoggedEvent]:
        found = self.log(after, len(self.entries), (StatementMade,))
        return [one for one in found if begin <= one.event.at < end and _is_reasons(one.event.body)][:limit]

    def cases(
        self, states: Sequence[CaseState] = (), queue: str | None = None, after: str = "", limit: int = 100
    ) -> list[Case]:
        _check_texts(after, queue)
        return [
            case
            for case in self._all()
            if case.id > after and (not states or case.state in states) and queue in {None, case.queue}
        ][:limit]

    def waiting(self, queues: Sequence[str], limit: int) -> list[Case]:
        _check_texts(*queues)
        cases = [case for case in self._all() if case.state is CaseState.OPEN and (not queues or case.queue in queues)]
        return sorted(cases, key=lambda case: (-case.priority, case.opened, case.id))[:limit]

    def agreed(self, after: str = "", limit: int = 100) -> list[Case]:
        _check_texts(after)
        return [case for case in self._live() if case.id > after and case.approved][:limit]

    def owing(self, after: tuple[datetime, str] | None = None, limit: int = 100) -> list[tuple[datetime, Case]]:
        found = sorted((due, case.id) for case in self._live() if (due := first_due(case)))
        return [(due, self.case(name)) for due, name in found if after is None or (due, name) > after][:limit]

    def due_before(self, at: datetime) -> int:
        return sum(due is not None and due < at for due in map(first_due, self._live()))

    def _live(self) -> list[Case]:
        return [case for case in self._all() if case.state is not CaseState.MERGED]

    def case_of_family(self, family: str) -> Case | None:
        _check_texts(family)
        found = [case for case in self._all() if case.family == family and case.state is not CaseState.MERGED]
        return found[0] if found else None

    def item(self, item: str) -> Item:
        if item not in self.kept_items:
            raise UnknownItemError(item=item)
        return self.kept_items[item]

    def put_item(self, item: Item) -> None:
        _check_name(item.id)
        _check_texts(item.sha256)
        self.kept_items[item.id] = item

    def items(self, after: str = "", limit: int = 100, sha256: str | None = None) -> list[Item]:
        _check_texts(after, sha256)
        items = [self.kept_items[item] for item in sorted(self.kept_items) if item > after]
        return [item for item in items if sha256 in {None, item.sha256}][:limit]

    def came(self, year: int) -> Counter[tuple[str, str | None]]:
        items = [item for item in self.kept_items.values() if item.created.astimezone(UTC).year == year]
        return Counter((item.source, item.row.decision.outcome if item.row else None) for item in items)

    def head(self) -> TreeHead:
        return TreeHead(self.name, len(self.entries), merkle.root(self._leaves()).hex(), self.clock.now())

    def inclusion(self, position: int, size: int) -> Inclusion:
        if not 0 <= position < size <= len(self.entries):
            raise UsageError(detail="no such entry")
        return Inclusion(position, size, _hex(_path(position, self._leaves()[:size])))

    def consistency(self, first: int, second: int) -> Consistency:
        if not 0 < first <= second <= len(self.entries):
            raise UsageError(detail="no such trees")
        return Consistency(first, second, _hex(_subproof(first, self._leaves()[:second], whole=True)))

    def put_head(self, head: SignedHead) -> None:
        self.kept_heads[head.signature] = head

    def heads(self, limit: int = 100) -> list[SignedHead]:
        return list(self.kept_heads.values())[::-1][:limit]

    def projection_flaws(self) -> list[Flaw]:
        return []  # nothing is kept but the log

    def _of(self, case: str) -> list[LoggedEvent]:
        return [one for one in self.entries if one.event.case == case]

    def _all(self) -> list[Case]:
        names = {one.event.case for one in self.entries} - {SERVICE_CASE}
        return [fold(self._of(name)) for name in sorted(names)]

    def _leaves(self) -> list[bytes]:
        return [bytes.fromhex(one.hash) for one in self.entries]


def _path(position: int, leaves: list[bytes]) -> list[bytes]:
    """PATH(m, D[n]) of RFC 6962, section 2.1.1."""
    if len(leaves) == 1:
        return []
    split = 1 << (len(leaves) - 1).bit_length() - 1
    if position < split:
        return [*_path(position, leaves[:split]), merkle.root(leaves[split:])]
    return [*_path(position - split, leaves[split:]), merkle.root(leaves[:split])]


def _subproof(first: int, leaves: list[bytes], *, whole: bool) -> list[bytes]:
    """SUBPROOF(m, D[n], b) of RFC 6962, section 2.1.2."""
    if first == len(leaves):
        return [] if whole else [merkle.root(leaves)]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    if first <= split:
        return [*_subproof(first, leaves[:split], whole=whole), merkle.root(leaves[split:])]
    return [*_subproof(first - split, leaves[split:], whole=False), merkle.root(leaves[:split])]


def _is_reasons(body: Body) -> bool:
    return isinstance(body, StatementMade) and body.kind is StatementKind.REASONS


def _hex(hashes: list[bytes]) -> tuple[str, ...]:
    return tuple(found.hex() for found in hashes)


def _check_name(name: str) -> None:
    if not 0 < len(name) <= 64 or not name.isascii() or not name.isprintable():
        raise UsageError(detail="not an id")


def _check_texts(*texts: str | None) -> None:
    if any("\0" in text or text != text.encode(errors="ignore").decode() for text in texts if text):
        raise UsageError(detail="not a text")
