"""Exporting cases and the log as evidence, and checking the store that they come from."""

from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from functools import partial
from itertools import takewhile
from typing import BinaryIO

import msgspec

from safelight.case.custody import custody
from safelight.case.fold import absorbed, apply, check, fold
from safelight.case.heads import head_bytes
from safelight.case.merkle import Peaks, append, root_of, verify_consistency
from safelight.model.access import Actor
from safelight.model.audit import AuditReport, Flaw, LoggedEvent, SignedHead, TreeHead
from safelight.model.case import SERVICE_CASE, Draft, ItemExported, Merged, ServiceEvent
from safelight.model.errors import LogRewrittenError, SafelightError, StorageError, TransitionError
from safelight.model.export import (
    CASE,
    ENTRIES,
    HEAD,
    ITEMS,
    MEDIA,
    EarlierHead,
    Exported,
    ExportHead,
    ExportLabel,
    LogLine,
)
from safelight.ports import Bundles, CaseStore, EvidenceVault, ExportPart, LastHead, Signer, Stamper

PAGE = 1_000
"""Entries that are read at once."""
EARLIER_HEADS = 16
"""So many of the heads that were signed before go into an export, the newest."""
_ALL_HEADS = 1 << 20
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Exporter:
    """What exports need. `signer`: None for files that nobody vouches for. `tool`: name and version of the program.

    `last`: what the signer signed last, where it signs this log alone.
    """

    store: CaseStore
    vault: EvidenceVault
    bundles: Bundles
    tool: str
    signer: Signer | None = None
    stamper: Stamper | None = None
    last: LastHead | None = None


def export_case(exporter: Exporter, case: str, out: BinaryIO, *, media: bool, actor: Actor, reason: str) -> Exported:
    """Write one case with all its entries, proofs and, when asked for, media; then log that it left.

    Args:
        exporter: where it comes from, and who signs.
        case: its id.
        out: where the file goes. It must not be given to anybody before this returns: what is logged comes last.
        media: whether the items' media goes along, as far as the vault has it.
        actor: who exports.
        reason: why, for the log.

    Raises:
        UnknownCaseError: there is no such case.
        EvidenceDamagedError, VaultKeyError: media cannot be read.
        LogRewrittenError: the log does not go on from what was signed last.
        StorageError: writing failed.
    """
    store = exporter.store
    head = sign_head(store, exporter.signer, exporter.stamper, exporter.last)
    # Others may append meanwhile: what the head does not cover is left out.
    events = [logged for logged in store.events(case) if logged.position < head.head.size]
    folded = fold(events)
    lines = [_line(one, store.inclusion(one.position, head.head.size).path) for one in events]
    taken = [item for item in folded.items if item.blob and not item.destroyed] if media else []
    names = {MEDIA + item.id for item in taken}
    parts: list[ExportPart] = [
        (HEAD, lambda: [json_bytes(ExportHead(head, _earlier(store, head.head)))]),
        (ENTRIES, lambda: lines),
        (CASE, lambda: [json_bytes(folded)]),
        (ITEMS, lambda: [json_bytes(custody(folded, events, names))]),
        *((MEDIA + item.id, partial(_blocks, exporter.vault, item.blob or "")) for item in taken),
    ]
    label = ExportLabel(head.head.log, case, head.head.at, exporter.tool)
    sha256, size = exporter.bundles.write(out, label, _frozen(parts), exporter.signer)
    left = {item.id for item in taken}
    told = [
        Draft(case, actor, ItemExported(item.id, sha256, item.id in left, reason), exporter.tool)
        for item in folded.items
    ]
    store.append(told)
    return Exported(sha256, size, len(events), tuple(item.id for item in taken), head)


def export_log(exporter: Exporter, out: BinaryIO, *, actor: Actor, reason: str) -> Exported:
    """Write the whole log, without media; then log that it left. As `export_case` otherwise."""
    store = exporter.store
    head = sign_head(store, exporter.signer, exporter.stamper, exporter.last)
    parts: list[ExportPart] = [
        (HEAD, lambda: [json_bytes(ExportHead(head, _earlier(store, head.head)))]),
        (ENTRIES, lambda: (_line(logged) for logged in pages(store, head.head.size))),
    ]
    label = ExportLabel(head.head.log, None, head.head.at, exporter.tool)
    sha256, size = exporter.bundles.write(out, label, [_once(parts[0]), parts[1]], exporter.signer)
    details = {"export": sha256, "entries": str(head.head.size), "reason": reason}
    store.append([Draft(SERVICE_CASE, actor, ServiceEvent("log.exported", details), exporter.tool)])
    return Exported(sha256, size, head.head.size, (), head)


def sign_head(
    store: CaseStore, signer: Signer | None, stamper: Stamper | None = None, last: LastHead | None = None
) -> SignedHead:
    """The tree as it is now, signed, stamped when there is an authority, and kept; unsigned without a signer.

    Raises:
        LogRewrittenError: the log does not go on from the head in `last`. Nothing is signed.
        FetchError: the authority does not answer. The head is kept without a stamp.
    """
    if signer is None:
        return SignedHead(store.head(), "", "")
    with last.alone() if last else nullcontext():
        head = store.head()
        if last:
            check_goes_on(store, last.get(), head)
            last.put(head)  # before there is a signature, so that none is ever forgotten
        signature = b64encode(signer.sign(head_bytes(head))).decode()
        signed = SignedHead(head, signer.fingerprint, signature)
        store.put_head(signed)
    return stamp_head(store, signed, stamper) if stamper else signed


def stamp_head(store: CaseStore, signed: SignedHead, stamper: Stamper) -> SignedHead:
    """Have a signed head stamped, and keep it so. Raises FetchError when the authority does not answer."""
    stamped = replace(signed, stamp=stamper.stamp(b64decode(signed.signature)))
    store.put_head(stamped)
    return stamped


def check_goes_on(store: CaseStore, last: TreeHead | None, now: TreeHead) -> None:
    """Raise LogRewrittenError unless the log of head `now` begins with what was signed last; None: nothing was."""
    if last is None or not last.size:
        return
    if now.log != last.log:
        raise LogRewrittenError(size=last.size, cause="it is another log")
    if now.size < last.size:
        raise LogRewrittenError(size=last.size, cause=f"it has {now.size} entries")
    path = [bytes.fromhex(text) for text in store.consistency(last.size, now.size).path]
    if not verify_consistency(last.size, now.size, path, bytes.fromhex(last.root), bytes.fromhex(now.root)):
        raise LogRewrittenError(size=last.size, cause="it does not begin as it did")


def verify_store(
    store: CaseStore,
    vault: EvidenceVault | None,
    holds: Callable[[str, str, bytes], bool | None] = lambda _key, _signature, _data: None,
    last: TreeHead | None = None,
) -> AuditReport:
    """Check a live store: the log, the tree, signed heads, what the rules allow, cases as folds, and media.

    Args:
        store: others may go on working with it.
        vault: each item's media is read back from it; None to leave media out.
        holds: whether a signature (key's fingerprint, signature in base64, data) holds; None for a key not known.
        last: what was signed last, as it is kept apart from the store.

    Raises:
        StorageError: the store cannot be read at all.
    """
    head = store.head()
    checks = _StoreCheck(store, vault, holds, store.projection_flaws())
    checks.heads(head, last)
    for case in sorted(checks.cases):
        checks.case(case)
    if vault is None:
        checks.notes.append("media was not read")
    return AuditReport(
        entries=head.size,
        cases=len(checks.cases),
        items=checks.items,
        blobs=len(checks.blobs),
        heads=checks.signed,
        stamps=0,
        signed_by=tuple(sorted(checks.signed_by)),
        flaws=tuple(checks.flaws),
        notes=tuple(checks.notes),
    )


class _StoreCheck:
    """What is found. The store may be damaged anywhere, so that no reading may end the check."""

    def __init__(
        self,
        store: CaseStore,
        vault: EvidenceVault | None,
        holds: Callable[[str, str, bytes], bool | None],
        flaws: list[Flaw],
    ) -> None:
        self._store = store
        self._vault = vault
        self._holds = holds
        self.flaws = flaws
        self.notes: list[str] = []
        self.cases: set[str] = set()
        self.items = 0
        self.blobs: set[str] = set()
        self.signed = 0
        self.signed_by: set[str] = set()

    def heads(self, now: TreeHead, last: TreeHead | None) -> None:
        """All signed heads must be beginnings of the log as it is; so must be the one that was signed last."""
        try:
            heads = self._store.heads(_ALL_HEADS)
        except (StorageError, ValueError) as error:
            self.flaws.append(Flaw("signed heads", f"cannot be read: {error}"))
            heads = []
        known = [signed.head for signed in heads] + ([last] if last else [])
        roots, unknown, covered = self._walk(now.size, {head.size for head in known}), set[str](), 0
        if last and (what := _misfit(last, now, roots)):
            self.flaws.append(Flaw(f"head of {last.size} entries, the last that was signed here", what))
        for signed in heads:
            head, where = signed.head, f"head of {signed.head.size} entries"
            if what := _misfit(head, now, roots):
                self.flaws.append(Flaw(where, what))
            else:
                covered = max(covered, head.size)
            held = self._holds(signed.key, signed.signature, head_bytes(head))
            if held is None:
                unknown.add(signed.key)
            elif held:
                self.signed += 1
                self.signed_by.add(signed.key)
            else:
                self.flaws.append(Flaw(where, "its signature does not hold"))
        self.notes += [f"no public key was named to check signatures of {key} with" for key in sorted(unknown)]
        if covered < now.size:
            self.notes.append(f"entries after the last signed head: {now.size - covered}")

    def _walk(self, size: int, sizes: set[int]) -> dict[int, str]:
        """The roots that the entries give at these sizes, up to the first that cannot be read. Hears of all cases."""
        peaks, roots = Peaks(), {0: root_of(Peaks()).hex()}
        for position, logged in self._entries(size):
            if logged is None:
                continue
            self.cases.add(logged.event.case)
            if position == peaks.size:
                peaks, _ = append(peaks, bytes.fromhex(logged.hash))
                if peaks.size in sizes:
                    roots[peaks.size] = root_of(peaks).hex()
        self.cases.discard(SERVICE_CASE)
        return roots

    def _entries(self, size: int) -> Iterator[tuple[int, LoggedEvent | None]]:
        """Every position of the log; None for an entry that cannot be read, which is then told."""
        after, limit = -1, PAGE
        while after + 1 < size:
            try:
                page = self._store.log(after, min(limit, size - after - 1))
            except StorageError as error:
                if limit == 1:
                    self._once(Flaw(f"entry {after + 1}", str(error.details.get("cause", error))))
                    yield after + 1, None
                    after, limit = after + 1, PAGE
                else:
                    limit = max(1, limit // 10)
                continue
            if not page:
                return
            for logged in page:
                yield logged.position, logged
            after = page[-1].position

    def case(self, case: str) -> None:
        """What happened in a case must have been allowed, and its media must be there."""
        try:
            events = self._store.events(case)
            folded = fold(events)
        except (SafelightError, ValueError):
            return  # the log as it is stored has been found wanting already
        self.flaws += rule_flaws(events)
        if folded.merged_into is not None and not self._taken_in(events, folded.merged_into):
            self.flaws.append(Flaw(f"case {case}", f"is not, with all that protects it, in case {folded.merged_into}"))
        self.items += len(folded.items)
        for item in folded.items if self._vault else ():
            if item.blob and not item.destroyed and item.blob not in self.blobs:
                self.blobs.add(item.blob)
                self._blob(item.blob, item.id, item.sha256)

    def _taken_in(self, events: Sequence[LoggedEvent], into: str) -> bool:
        """Whether the case that one was merged into has its items, holds and all else that goes along, as they were."""
        try:
            there = self._store.events(into)
        except SafelightError:
            return False
        before = takewhile(lambda one: not isinstance(one.event.body, Merged), events)
        forms = [absorbed(fold(before))]  # and as earlier versions wrote it
        for lacks in ({"finding": None}, {"undone": ()}, {"verdict": None}):
            forms.append(replace(forms[-1], **lacks))
        return any(logged.event.body in forms for logged in there)

    def _blob(self, blob: str, item: str, sha256: str) -> None:
        assert self._vault is not None
        where = f"media {blob} of item {item}"
        try:
            if self._vault.blob(blob).sha256 != sha256:
                self.flaws.append(Flaw(where, "is another content than the log names"))
            with self._vault.read(blob):
                pass  # it is verified as a whole before it can be read
        except (SafelightError, ValueError) as error:
            self.flaws.append(Flaw(where, str(error)))

    def _once(self, flaw: Flaw) -> None:
        if all(flaw.where != there.where for there in self.flaws):
            self.flaws.append(flaw)


def _misfit(head: TreeHead, now: TreeHead, roots: Mapping[int, str]) -> str:
    """Why a head is no beginning of the log; empty when it is one."""
    if head.log != now.log:
        return f"is of another log, {head.log}"
    if head.size > now.size:
        return f"the log has {now.size} entries: its end was cut off"
    return "" if roots.get(head.size) == head.root else "the log does not begin as it did when this was signed"


def rule_flaws(events: Sequence[LoggedEvent]) -> list[Flaw]:
    """Events of one case that its state did not allow when they happened."""
    case, flaws = None, list[Flaw]()
    for logged in events:
        event = logged.event
        try:
            check(case, event.body, event.actor, event.at)
            case = apply(case, event, logged.hash)
        except TransitionError as error:
            flaws.append(Flaw(f"entry {logged.position}", f"was not allowed: {error}"))
            if case is not None:
                case = apply(case, event, logged.hash)
    return flaws


def pages(store: CaseStore, size: int) -> Iterator[LoggedEvent]:
    """The first `size` entries of the log, in order. Raises StorageError."""
    after = -1
    while after + 1 < size and (page := store.log(after, min(PAGE, size - after - 1))):
        yield from page
        after = page[-1].position


def json_bytes(value: object) -> bytes:
    """Canonical JSON of a model value: keys sorted, a newline at the end."""
    return msgspec.json.encode(value, order="sorted") + b"\n"


def _line(logged: LoggedEvent, path: tuple[str, ...] = ()) -> bytes:
    return json_bytes(LogLine(logged.entry.decode(), path, logged.position))


def _earlier(store: CaseStore, head: TreeHead) -> tuple[EarlierHead, ...]:
    """Heads that were signed before, oldest first, with the proofs that nothing below them was changed since."""
    heads = [one for one in store.heads(EARLIER_HEADS + 1) if 0 < one.head.size <= head.size and one.head != head]
    return tuple(
        EarlierHead(one, store.consistency(one.head.size, head.size).path) for one in reversed(heads[:EARLIER_HEADS])
    )


def _once(part: ExportPart) -> ExportPart:
    """The part with its bytes made now, so that they are the same each time."""
    name, blocks = part
    data = list(blocks())
    return name, lambda: data


def _frozen(parts: Sequence[ExportPart]) -> list[ExportPart]:
    return [part if part[0].startswith(MEDIA) else _once(part) for part in parts]


def _blocks(vault: EvidenceVault, blob: str) -> Iterator[bytes]:
    with vault.read(blob) as file:
        while block := file.read(_BLOCK):
            yield block
