"""Entries of the log: their exact bytes, their hashes, and the chain that each case's entries form."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec

from safelight.model.access import Actor
from safelight.model.audit import NO_HASH, Flaw, LoggedEvent
from safelight.model.case import KINDS, LOG_SCHEMA, NAMES, Body, CaseEvent
from safelight.model.codec import decoder, from_json

_ENCODER = msgspec.json.Encoder(order="sorted")


@dataclass(frozen=True, slots=True)
class _Envelope:
    """An entry as it is written: keys sorted, the body's fields under `body`, what it is under `kind`."""

    actor: Actor
    at: str
    body: msgspec.Raw
    case: str
    kind: str
    prev: str
    schema: int
    seq: int
    tool: str


_DECODER = decoder(_Envelope)


def entry_bytes(event: CaseEvent) -> bytes:
    """The one way to write an event: UTF-8 JSON on one line, keys sorted, times in RFC 3339, UTC, with microseconds.

    Raises ValueError for an event that could not be read back: a time without a zone, a text that is not Unicode, a
    body whose values are not of its types.
    """
    if event.at.tzinfo is None:
        raise ValueError("the event's time has no zone")
    # Once there and back: 3 becomes the 3.0 of a field for fractions, and what no reader would take is refused.
    return _written(event, from_json(_ENCODER.encode(event.body), type(event.body)))


def _written(event: CaseEvent, body: Body) -> bytes:
    """The entry of an event. `body`: its own, as it is read."""
    return _ENCODER.encode(
        _Envelope(
            actor=event.actor,
            at=event.at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z"),
            body=msgspec.Raw(_ENCODER.encode(body)),
            case=event.case,
            kind=NAMES[type(event.body)],
            prev=event.prev,
            schema=event.schema,
            seq=event.seq,
            tool=event.tool,
        )
    )


def read_entry(entry: bytes) -> CaseEvent:
    """The event that `entry_bytes` wrote, of this version or an earlier one. Raises ValueError for anything else.

    Down to a space more. Bodies get fields as Safelight grows: an entry from before may lack those that have a default.
    """
    try:
        envelope = _DECODER.decode(entry)
        if envelope.schema != LOG_SCHEMA:
            raise ValueError(f"schema {envelope.schema}, which this version of Safelight does not know")
        if envelope.kind not in KINDS:
            raise ValueError(f"an event of kind {envelope.kind!r}, which this version of Safelight does not know")
        event = CaseEvent(
            case=envelope.case,
            seq=envelope.seq,
            at=datetime.fromisoformat(envelope.at),
            actor=envelope.actor,
            body=from_json(envelope.body, KINDS[envelope.kind]),
            prev=envelope.prev,
            tool=envelope.tool,
            schema=envelope.schema,
        )
        now = _written(event, event.body)
        same = now == entry or _was_written(entry, now)
    except (RecursionError, OverflowError) as error:
        raise ValueError("is no entry") from error
    if not same:
        raise ValueError("is not written as Safelight writes it")
    return event


def _was_written(entry: bytes, now: bytes) -> bool:
    """Whether an entry is written as `now` is, but for fields that it lacks, and that had their defaults when read."""
    was, whole = from_json(entry, dict), from_json(now, dict)
    return _ENCODER.encode(was) == entry and was.keys() == whole.keys() and _is_part(was, whole)


def _is_part(was: object, whole: object) -> bool:
    """Whether two values are the same, but for keys of objects that the first lacks."""
    if isinstance(was, dict) and isinstance(whole, dict):
        return was.keys() <= whole.keys() and all(_is_part(one, whole[name]) for name, one in was.items())
    if isinstance(was, list) and isinstance(whole, list):
        return len(was) == len(whole) and all(map(_is_part, was, whole))
    return _ENCODER.encode(was) == _ENCODER.encode(whole)


def leaf_hash(entry: bytes) -> str:
    """The hash of an entry, hexadecimal: that of a leaf in RFC 6962, section 2.1."""
    return hashlib.sha256(b"\x00" + entry).hexdigest()


class Chains:
    """Follows the chains of any number of cases through entries in the order of the log."""

    def __init__(self) -> None:
        self.ends: dict[str, tuple[int, str]] = {}
        """By case: how many of its entries came, and the hash of the last one."""

    def add(self, logged: LoggedEvent) -> list[Flaw]:
        """Take the next entry; what is wrong with it. Each flaw names the entry by its position in the log."""
        where = f"entry {logged.position}"
        found = leaf_hash(logged.entry)
        try:
            event = read_entry(logged.entry)
        except ValueError as error:
            event, flaws = logged.event, [Flaw(where, f"{error}")]
        else:
            flaws = [] if event == logged.event else [Flaw(where, "its bytes say something else than its event")]
        if found != logged.hash:
            flaws.append(Flaw(where, f"its hash is {found}, not {logged.hash}"))
        length, end = self.ends.get(event.case, (0, NO_HASH))
        if event.seq != length:
            flaws.append(Flaw(where, f"is number {event.seq} of case {event.case!r}, where number {length} belongs"))
        elif event.prev != end:
            flaws.append(Flaw(where, f"number {event.seq} of case {event.case!r} does not follow the one before it"))
        self.ends[event.case] = (event.seq + 1, found)
        return flaws


def chain_flaws(case: str, events: Iterable[LoggedEvent]) -> list[Flaw]:
    """What is wrong with the chain of one case, given all its events in order; nothing when it is whole."""
    chains, flaws, last = Chains(), list[Flaw](), -1
    for logged in events:
        if logged.event.case != case:
            flaws.append(Flaw(f"entry {logged.position}", f"is of case {logged.event.case!r}, not of {case!r}"))
        if logged.position <= last:
            flaws.append(Flaw(f"entry {logged.position}", f"comes after entry {last}"))
        last = logged.position
        flaws += chains.add(logged)
    return flaws
