"""What two people agreed on, done: holds are lifted, media is destroyed."""

from contextlib import suppress
from datetime import datetime
from typing import Final

from safelight.case.fold import in_force
from safelight.flow.same_bytes import same_bytes
from safelight.model.access import Principal
from safelight.model.case import TOOL, Body, Case, Draft, Grave, HoldLifted, ItemDestroyed, Proposal
from safelight.model.errors import TransitionError
from safelight.ports import CaseStore, EvidenceVault

METHOD: Final = "its data key was destroyed, then the encrypted bytes"
"""How media is destroyed, as the receipt says it."""


def carry_out(who: Principal, case: str, store: CaseStore, vault: EvidenceVault) -> tuple[Proposal, ...]:
    """Do what two people have agreed on and is not done yet; return what is left. Safe to repeat.

    Media is left while a hold or the law's preservation is in force. And the vault keeps the same bytes once, so it is
    left until two people have agreed to destroy each item that has it, of whatever case; then it goes for all of them.
    Holds are lifted first, and each media goes by itself, so that one that has to wait keeps nothing else from its end.

    Raises UnknownCaseError, StorageError as the store and the vault do.
    """
    with store.transaction():
        found = store.case(case)
        _append(store, who, case, _lifted(found))
    agreed = _agreed(found)
    for blob, sha256 in {item.blob: item.sha256 for item in found.items if item.blob and item.id in agreed}.items():
        with suppress(TransitionError), store.transaction():
            vault.lock(blob)  # the same bytes may come again this moment
            receipts = _receipts(case, blob, sha256, store)
            for name, bodies in receipts.items():
                _append(store, who, name, bodies)
            if receipts:
                vault.destroy(blob)
    return store.case(case).approved


def can_go_on(case: Case, now: datetime) -> bool:
    """Whether something of what two people agreed on may be done by now, as far as the case itself says."""
    kept = any(in_force(hold, now) for hold in case.holds) or (case.preserve_until or now) > now
    return bool(_lifted(case)) or not kept


def _lifted(case: Case) -> list[Body]:
    asked = (proposal.what for proposal in case.approved)
    return [HoldLifted(one.hold, one.reason) for one in asked if one.action is Grave.LIFT_HOLD and one.hold]


def _agreed(case: Case) -> dict[str | None, str]:
    """Items that two people agreed to destroy, and why."""
    return {one.what.item: one.what.reason for one in case.approved if one.what.action is Grave.DESTROY}


def _receipts(case: str, blob: str, sha256: str, store: CaseStore) -> dict[str, list[Body]]:
    """The receipts of all items whose media this is, by case; nothing when not all of them may go."""
    cases = {case} | {item.case for item in same_bytes(sha256, store) if item.case and item.blob == blob}
    receipts: dict[str, list[Body]] = {}
    for name in sorted(cases):
        found = store.case(name)
        agreed = _agreed(found)
        for item in found.items:
            if item.blob == blob and not item.destroyed:
                if item.id not in agreed:
                    return {}
                receipts.setdefault(name, []).append(ItemDestroyed(item.id, item.sha256, METHOD, agreed[item.id]))
    return receipts


def _append(store: CaseStore, who: Principal, case: str, bodies: list[Body]) -> None:
    if bodies:
        store.append([Draft(case, who.actor, body, TOOL) for body in bodies])
