"""What two people agreed on, done: holds are lifted, media is destroyed."""

from collections.abc import Iterator
from typing import Final

from safelight.flow.review_rules import TOOL
from safelight.model.access import Principal
from safelight.model.case import Body, Case, CaseItem, Draft, Grave, HoldLifted, ItemDestroyed, Proposal
from safelight.ports import CaseStore, EvidenceVault

METHOD: Final = "its data key was destroyed, then the encrypted bytes"
"""How media is destroyed, as the receipt says it."""


def carry_out(who: Principal, case: str, store: CaseStore, vault: EvidenceVault) -> tuple[Proposal, ...]:
    """Do what two people have agreed on and is not done yet; return what is left. Safe to repeat.

    The vault keeps the same bytes once, so media goes when all items that have it may go.

    Raises:
        TransitionError: a hold or the law's preservation is in force. What was agreed on stays so.
        UnknownCaseError, StorageError: as the store and the vault do.
    """
    found = store.case(case)
    with store.transaction():
        _append(store, who, case, _lifted(found))
        gone: dict[str, list[Body]] = {}
        for proposal in found.approved:
            item = _item(found, proposal)
            if item is not None and item.blob is not None and _free(found, item, store):
                receipt = ItemDestroyed(item.id, item.sha256, METHOD, proposal.what.reason)
                gone.setdefault(item.blob, []).append(receipt)
        for blob, receipts in gone.items():
            _append(store, who, case, receipts)
            vault.destroy(blob)
    return store.case(case).approved


def _lifted(case: Case) -> list[Body]:
    asked = (proposal.what for proposal in case.approved)
    return [HoldLifted(one.hold, one.reason) for one in asked if one.action is Grave.LIFT_HOLD and one.hold]


def _item(case: Case, proposal: Proposal) -> CaseItem | None:
    if proposal.what.action is not Grave.DESTROY:
        return None
    return next((item for item in case.items if item.id == proposal.what.item), None)


def _free(case: Case, item: CaseItem, store: CaseStore) -> bool:
    """Whether every item with the same media may go."""
    agreed = {one.what.item for one in case.approved if one.what.action is Grave.DESTROY}
    return all(other in agreed for other in _sharing(case, item, store))


def _sharing(case: Case, item: CaseItem, store: CaseStore) -> Iterator[str]:
    """Items of this and other cases whose media is the same and not destroyed."""
    yield from (other.id for other in case.items if other.blob == item.blob and not other.destroyed)
    for other in store.items(sha256=item.sha256, limit=1_000):
        if other.case is not None and other.case != case.id and other.blob == item.blob:
            there = store.case(other.case).items
            yield from (one.id for one in there if one.id == other.id and not one.destroyed)


def _append(store: CaseStore, who: Principal, case: str, bodies: list[Body]) -> None:
    if bodies:
        store.append([Draft(case, who.actor, body, TOOL) for body in bodies])
