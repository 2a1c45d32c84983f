"""Checking an export with nothing but the file and a public key."""

import base64
from collections.abc import Iterator
from contextlib import suppress
from typing import TypeVar

from safelight.case.chain import Chains, leaf_hash, read_entry
from safelight.case.custody import custody
from safelight.case.fold import apply, check
from safelight.case.heads import head_bytes
from safelight.case.merkle import Peaks, append, root_of, verify_consistency, verify_inclusion
from safelight.flow.audit import json_bytes
from safelight.model.audit import AuditReport, Flaw, LoggedEvent, SignedHead, TreeHead
from safelight.model.case import SERVICE_CASE, Case
from safelight.model.codec import from_json
from safelight.model.errors import TransitionError
from safelight.model.export import (
    CASE,
    ENTRIES,
    HEAD,
    ITEMS,
    KEY,
    MEDIA,
    SIGNATURE,
    EarlierHead,
    ExportHead,
    LogLine,
)
from safelight.ports import BundleReader, StampCheck

_T = TypeVar("_T")
_MAX_LINE = 1 << 24
_MAX_PART = 1 << 28
_NOT_OURS = (ValueError, RecursionError)  # what reading JSON and hexadecimal of strangers can raise


def verify_export(bundle: BundleReader, stamps: StampCheck | None = None) -> AuditReport:
    """Check an export: every byte, chains, proofs, signatures, and what is made from the entries.

    Args:
        bundle: the file, and the keys that the verifier names.
        stamps: the time-stamp authorities that the verifier trusts; None to leave stamps unchecked.

    Returns:
        What was found. Flaws name the member of the file, and entries by their position in the log.
    """
    checks = _FileCheck(bundle, stamps)
    for name, blocks in bundle.parts():
        checks.part(name, blocks)
    checks.finish()
    flaws = (*bundle.flaws, *checks.flaws)
    return AuditReport(
        entries=checks.entries,
        cases=len(checks.cases.keys() - {SERVICE_CASE}),
        items=sum(len(case.items) for case in checks.cases.values()),
        blobs=checks.blobs,
        heads=checks.heads,
        stamps=checks.stamped,
        signed_by=(bundle.key,) if bundle.named else (),
        flaws=tuple(dict.fromkeys(flaws)),
        notes=tuple(checks.notes),
    )


class _FileCheck:
    def __init__(self, bundle: BundleReader, stamps: StampCheck | None) -> None:
        self._bundle = bundle
        self._stamps = stamps
        self._head: TreeHead | None = None
        self._chains = Chains()
        self._peaks = Peaks()
        self._events: list[LoggedEvent] = []
        self._last = -1
        self.cases: dict[str, Case] = {}
        self.entries = self.blobs = self.heads = self.stamped = 0
        self.flaws: list[Flaw] = []
        self.notes: list[str] = []

    @property
    def _only(self) -> str | None:
        """The case that the export is of; None for the whole log."""
        return self._bundle.label.case if self._bundle.label else None

    def part(self, name: str, blocks: Iterator[bytes]) -> None:
        if name == ENTRIES:
            self._lines(blocks)
        elif name.startswith(MEDIA):
            self._media(name)
        elif name in {HEAD, KEY, CASE, ITEMS}:
            data = _limited(blocks)
            if data is None:
                self._flaw(name, "is too large")
            elif name == HEAD:
                self._read_head(data)
            elif name != KEY:
                self._derived(name, data)

    def finish(self) -> None:
        """What can be said once all was read."""
        bundle, head = self._bundle, self._head
        if bundle.label is None:
            return
        names = (
            {HEAD, ENTRIES} | ({CASE, ITEMS} if self._only is not None else set()) | ({KEY} if bundle.key else set())
        )
        for name in sorted(names - bundle.files.keys()):
            self._flaw(name, "is not there")
        if self._only is None and head and (head.size, head.root) != (self._peaks.size, root_of(self._peaks).hex()):
            self._flaw(HEAD, f"the {self._peaks.size} entries that are here are not the log that it is of")
        if not bundle.key and not any(flaw.where == SIGNATURE for flaw in bundle.flaws):
            self.notes.append("nobody signed this export")
        elif bundle.key and not bundle.named:
            self.notes.append(f"signed by a key that you did not name, {bundle.key}")
        without = sum(1 for case in self.cases.values() for item in case.items) - self.blobs
        if self._only is not None and without:
            self.notes.append(f"items that are here without their media: {without}")

    def _flaw(self, where: str, what: str) -> None:
        self.flaws.append(Flaw(where, what))

    def _read_head(self, data: bytes) -> None:
        said = _canonical(data, ExportHead)
        if said is None:
            self._flaw(HEAD, "is not written as Safelight writes it")
            return
        self._head = said.head.head
        if self._bundle.label and self._bundle.label.log != self._head.log:
            self._flaw(HEAD, "is of another log than the manifest says")
        if said.head.key != self._bundle.key:
            self._flaw(HEAD, "is not signed by the key that signed the export")
        elif said.head.key:
            self._signature(said.head)
        for earlier in said.earlier:
            self._consistent(earlier)

    def _consistent(self, earlier: EarlierHead) -> None:
        head, now = earlier.head.head, self._head
        where = f"{HEAD}, head of {head.size} entries"
        try:
            path, roots = _hashes(earlier.path), _hashes((head.root, now.root if now else ""))
        except ValueError:
            path, roots = [], [b"", b""]
        if now is None or head.log != now.log or not verify_consistency(head.size, now.size, path, *roots):
            self._flaw(where, "nothing proves that the log still begins as it did when this was signed")
        self._signature(earlier.head)

    def _signature(self, signed: SignedHead) -> None:
        where = f"{HEAD}, head of {signed.head.size} entries"
        try:
            held = self._bundle.holds(signed.key, signed.signature, head_bytes(signed.head))
        except ValueError:
            held = False
        if held is None:
            self.notes.append(f"{where}: signed by a key that you did not name, {signed.key}")
        elif held:
            self.heads += 1
        else:
            self._flaw(where, "its signature does not hold")
        if signed.stamp and self._stamps is None:
            self.notes.append(f"{where}: its time stamp was not checked; name the authority's certificate")
        elif signed.stamp and self._stamps:
            try:
                time = self._stamps.time(signed.stamp, base64.b64decode(signed.signature, validate=True))
            except ValueError as error:
                self._flaw(where, f"its time stamp does not hold: {error}")
            else:
                self.stamped += 1
                self.notes.append(f"{where}: was signed by {time:%Y-%m-%d %H:%M:%S} UTC, says the time stamp")

    def _lines(self, blocks: Iterator[bytes]) -> None:
        for number, line in enumerate(_split(blocks), 1):
            said = _canonical(line, LogLine) if line is not None else None
            where = f"{ENTRIES}, line {number}"
            if said is None:
                self._flaw(where, "is not written as Safelight writes it")
                continue
            entry = said.entry.encode()
            self.entries += 1
            self._proven(said, leaf_hash(entry))
            try:
                event = read_entry(entry)
            except ValueError as error:
                self._flaw(f"entry {said.position}", f"{error} ({where})")
                continue
            self._event(LoggedEvent(said.position, leaf_hash(entry), entry, event))

    def _proven(self, said: LogLine, leaf: str) -> None:
        """Hold an entry against the head: by its path, or, of a whole log, as the next leaf."""
        where = f"entry {said.position}"
        if said.position <= self._last or (self._only is None and said.position != self._last + 1):
            self._flaw(where, f"comes after entry {self._last}")
        self._last = said.position
        if self._only is None:
            self._peaks, _ = append(self._peaks, bytes.fromhex(leaf))
            return
        head = self._head
        try:
            proven = head is not None and verify_inclusion(
                bytes.fromhex(leaf), said.position, head.size, _hashes(said.path), bytes.fromhex(head.root)
            )
        except ValueError:
            proven = False
        if not proven:
            self._flaw(where, "nothing proves that it is in the log of the head")

    def _event(self, logged: LoggedEvent) -> None:
        event, where = logged.event, f"entry {logged.position}"
        self.flaws += self._chains.add(logged)
        if self._only is None:
            pass
        elif event.case != self._only:
            self._flaw(where, f"is of case {event.case!r}")
            return
        else:
            self._events.append(logged)
        case = self.cases.get(event.case)
        try:
            check(case, event.body, event.actor, event.at)
        except TransitionError as error:
            self._flaw(where, f"was not allowed: {error}")
        with suppress(TransitionError):  # told by the check before
            self.cases[event.case] = apply(case, event, logged.hash)

    def _derived(self, name: str, data: bytes) -> None:
        """What is made from the entries is made again."""
        case = self.cases.get(self._only or "")
        made = None
        if case is not None:
            made = json_bytes(case if name == CASE else custody(case, self._events, self._bundle.files.keys()))
        if data != made:
            self._flaw(name, "is not what the entries say")

    def _media(self, name: str) -> None:
        """The reader holds the bytes against the manifest; here, the manifest against the log."""
        items = {MEDIA + item.id: item for case in self.cases.values() for item in case.items}
        listed = self._bundle.files[name]
        if name not in items:
            self._flaw(name, "is of no item of the case")
        elif (items[name].sha256, items[name].size) != (listed.sha256, listed.size):
            self._flaw(name, "is another content than the log names")
        else:
            self.blobs += 1


def _canonical(data: bytes, kind: type[_T]) -> _T | None:
    """A value that is written in the one way there is, else None."""
    try:
        value = from_json(data, kind)
        return value if data == json_bytes(value) else None
    except _NOT_OURS:
        return None


def _hashes(texts: tuple[str, ...]) -> list[bytes]:
    return [bytes.fromhex(text) for text in texts]


def _limited(blocks: Iterator[bytes]) -> bytes | None:
    """A small member as a whole; None for one that is too large."""
    data = bytearray()
    for block in blocks:
        data += block
        if len(data) > _MAX_PART:
            return None
    return bytes(data)


def _split(blocks: Iterator[bytes]) -> Iterator[bytes | None]:
    """Lines with their ends; None for one that is too long, which is the last that is told."""
    rest = b""
    for block in blocks:
        *lines, rest = (rest + block).split(b"\n")
        for line in lines:
            yield line + b"\n"
        if len(rest) > _MAX_LINE:
            yield None
            return
    if rest:
        yield rest
