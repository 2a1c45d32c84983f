"""What the log says of the policy, against rows of the database that were deleted or put back."""

from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256

import pytest

from safelight.flow.policy import BROKEN, by_default
from safelight.model.audit import LoggedEvent
from safelight.model.decision import Action
from safelight.model.errors import ConflictError, PolicyError, StorageError
from safelight.model.policy import PolicyState, PolicyVersion
from safelight.policy.rules.default import DEFAULT
from tests.flow.policy_place import ANN, BEN, LAZY, QUIET, Cases, Place
from tests.flow.test_policy import IN_FORCE, KNOWN, NEAR, SHADOW


@pytest.fixture
def place() -> Place:
    return Place()


def _deleted(place: Place) -> None:
    del place.store.kept[2]


def _deleted_and_the_one_before_put_back(place: Place) -> None:
    del place.store.kept[2]
    place.store.kept[1] = replace(place.store.kept[1], state=place.store.kept[1].wanted)


def _all_deleted(place: Place) -> None:
    place.store.kept.clear()


@pytest.mark.parametrize("undo", [_deleted, _deleted_and_the_one_before_put_back, _all_deleted])
@pytest.mark.parametrize("state", [IN_FORCE, SHADOW])
def test_a_version_that_was_deleted_is_missed(
    place: Place, undo: Callable[[Place], None], state: PolicyState, caplog: pytest.LogCaptureFixture
) -> None:
    other = place.process()
    assert other.trouble() == ""
    place.enact(LAZY, state)
    place.enact(QUIET, state)
    undo(place)
    for policies in (place.process(), place.policies, other):
        place.wait(3)
        assert "of the policy cannot be used" in policies.trouble()
        assert policies.in_force() is None or state is IN_FORCE
        if state is IN_FORCE:
            assert Action.BLOCK not in policies.of_row(KNOWN, "gate").actions
            assert ("", BROKEN) in {(one.rule, one.why) for one in policies.of_row(KNOWN, "gate").withheld}
        else:
            assert policies.of_row(KNOWN, "gate") == by_default(KNOWN, "gate")
    assert "of the policy cannot be used" in caplog.text
    said = len(caplog.records)
    place.wait(3)
    other.trouble()
    assert len(caplog.records) == said  # once, not every two seconds
    assert place.enact(LAZY, state).number == 3  # which the log has not seen yet
    place.wait(3)
    assert (place.process().trouble(), other.trouble()) == ("", "")


@pytest.mark.parametrize(
    "written",
    [
        lambda row: replace(row, text=DEFAULT),
        lambda row: replace(row, text=DEFAULT, sha256=sha256(DEFAULT.encode()).hexdigest()),
        lambda row: replace(row, wanted=PolicyState.SHADOW),
        lambda row: replace(row, number=2),
    ],
)
def test_nobody_reads_or_approves_another_text_than_was_proposed(
    place: Place, written: Callable[[PolicyVersion], PolicyVersion]
) -> None:
    """Who proposed it could else have other words read than those that come into force."""
    row = written(place.policies.propose(ANN, LAZY))
    place.store.kept[row.number] = row
    for act in (place.policies.version, lambda number: place.policies.answer(BEN, number, approve=True)):
        with pytest.raises(PolicyError, match="is not what was proposed"):
            act(row.number)
    assert place.policies.in_force() is None
    assert place.policies.answer(BEN, row.number, approve=False).state is PolicyState.REJECTED


def test_what_was_read_is_what_is_approved(place: Place) -> None:
    version = place.policies.propose(ANN, LAZY)
    with pytest.raises(ConflictError):
        place.policies.answer(BEN, 1, approve=True, digest="0" * 64)
    assert place.policies.answer(BEN, 1, approve=True, digest=version.sha256).state is PolicyState.IN_FORCE


def test_a_proposal_is_not_compared_with_another_text_than_was_agreed_on(place: Place) -> None:
    """Else its differences could be made to look small."""
    version = place.enact(LAZY)
    assert place.policies.text() == LAZY
    for changed in (replace(version, text=QUIET), replace(version, text=QUIET, sha256="0" * 64)):
        place.store.kept[1] = changed
        assert place.process().text() == DEFAULT


def test_a_row_that_is_put_back_is_asked_again(place: Place) -> None:
    version = place.enact(LAZY)
    del place.store.kept[1]
    place.wait(3)
    assert "its row is gone from the database" in place.policies.trouble()
    place.store.put(version)
    place.wait(3)
    assert (place.policies.trouble(), place.policies.in_force()) == ("", version)


def test_the_log_is_read_on_and_not_again(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    place.enact(LAZY)
    assert place.policies.trouble() == ""
    read, lengths = Cases.events, []

    def counted(cases: Cases, name: str, after: int = 0) -> list[LoggedEvent]:
        found = read(cases, name, after)
        lengths.append(len(found))
        return found

    monkeypatch.setattr(Cases, "events", counted)
    place.wait(3)
    assert place.policies.of_row(NEAR, "gate").version == 1
    assert set(lengths) == {1}  # the last one of those that were read, to see that the log goes on from it


def test_a_log_that_was_undone_is_read_anew(place: Place) -> None:
    def undone() -> None:
        with place.cases.transaction():
            place.enact(LAZY)
            assert place.policies.trouble() == ""
            raise StorageError(path="memory", cause="told to")

    with pytest.raises(StorageError):
        undone()
    place.wait(3)
    assert (place.policies.trouble(), place.policies.in_force()) == ("", None)
    place.enact(QUIET)
    assert (place.policies.trouble(), place.policies.text()) == ("", QUIET)
