"""The policy as it comes into force, by two people; as it is asked; and what happens when it cannot be."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from hashlib import sha256

import pytest

from safelight.flow.policy import ATTEMPTS, BROKEN, by_default, in_words
from safelight.match.judge import suppress
from safelight.model.access import SYSTEM, Role
from safelight.model.audit import LoggedEvent
from safelight.model.case import SERVICE_CASE, TOOL, Draft, ServiceEvent
from safelight.model.decision import Action
from safelight.model.errors import ConflictError, ForbiddenError, NotNowError, PolicyError, StorageError, UsageError
from safelight.model.match import Match, MatchKind
from safelight.model.policy import PolicyFlaw, PolicyState, PolicyVersion, Stage
from safelight.model.scan import ScanRow, Status
from safelight.policy.decide import decide
from safelight.policy.rules import check as checks
from safelight.policy.rules.default import DEFAULT
from tests.flow.policy_place import ANN, BEN, LAZY, QUIET, Cases, Place, person
from tests.policy.rules.test_facts import case
from tests.rows import row_of

SHADOW, IN_FORCE, RETIRED = PolicyState.SHADOW, PolicyState.IN_FORCE, PolicyState.RETIRED
REMOVED = DEFAULT.replace("outcome ==", "outcome_of_old ==")
"""A policy from when another fact was there."""


def row(*matches: Match, status: Status = Status.OK) -> ScanRow:
    found = suppress(matches)
    return replace(row_of("a"), status=status, matches=found, decision=decide(status, found))


KNOWN = row(Match("a", "one", MatchKind.EXACT, "sha256", 0))
NEAR = row(Match("a", "one", MatchKind.NEAR, "pdq", 12))
CLEAR = row()


@pytest.fixture
def place() -> Place:
    return Place()


def test_without_a_version_the_one_that_comes_with_the_program_is_asked(place: Place) -> None:
    for one in (KNOWN, NEAR, CLEAR):
        assert place.policies.of_row(one, "gate") == by_default(one, "gate")
    assert place.policies.in_force() is None
    assert place.policies.text() == DEFAULT
    assert place.policies.shadow_of_case(case()) is None


def test_two_people_put_a_version_in_force(place: Place) -> None:
    first = place.policies.propose(ANN, QUIET, "fewer refusals")
    assert (first.number, first.state, first.by, first.note) == (1, PolicyState.PROPOSED, "user:1", "fewer refusals")
    assert place.policies.of_row(KNOWN, "gate").version == 0
    with pytest.raises(NotNowError, match="another person has to approve"):
        place.policies.answer(ANN, 1, approve=True)
    approved = place.policies.answer(BEN, 1, approve=True, note="agreed")
    assert (approved.state, approved.answered_by, approved.note) == (IN_FORCE, "user:2", "fewer refusals\nagreed")
    ruling = place.policies.of_row(KNOWN, "gate")
    assert (ruling.policy, ruling.version, ruling.actions) == ("quiet", 1, (Action.QUEUE, Action.HOLD))
    second = place.enact(LAZY)
    assert [version.state for version in place.policies.versions()] == [IN_FORCE, RETIRED]
    assert place.policies.of_row(NEAR, "gate").actions == (Action.NONE,)
    assert place.policies.in_force() == second
    assert place.policies.text() == LAZY
    assert place.told() == [
        ("policy.proposed", "user:1", "1"),
        ("policy.approved", "user:2", "1"),
        ("policy.proposed", "user:1", "2"),
        ("policy.approved", "user:2", "2"),
        ("policy.retired", "user:2", "1"),
    ]


def test_a_rejected_version_is_never_asked_and_answered_once(place: Place) -> None:
    place.policies.propose(ANN, QUIET)
    assert place.policies.answer(ANN, 1, approve=False).state is PolicyState.REJECTED  # its author may, too
    assert place.policies.of_row(KNOWN, "gate").version == 0
    with pytest.raises(NotNowError, match="does not wait"):
        place.policies.answer(BEN, 1, approve=True)
    assert [what for what, _, _ in place.told()] == ["policy.proposed", "policy.rejected"]


def test_what_may_not_be_done_leaves_nothing(place: Place) -> None:
    reader = person(3, Role.AUDITOR)
    with pytest.raises(ForbiddenError):
        place.policies.propose(reader, QUIET)
    with pytest.raises(PolicyError, match=r"rule known-bytes, characters 12 to 18: .*knwon.*did you mean `known`"):
        place.policies.propose(ANN, QUIET.replace('"known"', '"knwon"'))
    with pytest.raises(UsageError, match="in_force or shadow"):
        place.policies.propose(ANN, QUIET, wanted=RETIRED)
    with pytest.raises(UsageError, match="a note has"):
        place.policies.propose(ANN, QUIET, "n" * 2_001)
    with pytest.raises(UsageError, match="no version 7"):
        place.policies.answer(BEN, 7, approve=True)
    place.policies.propose(ANN, QUIET)
    with pytest.raises(ForbiddenError):
        place.policies.answer(reader, 1, approve=True)
    with pytest.raises(NotNowError, match="not in shadow"):
        place.policies.end_shadow(ANN, 1)
    assert len(place.told()) == 1


def test_a_version_and_its_event_are_kept_both_or_not_at_all(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    def put(_version: object) -> None:
        raise StorageError(path="memory", cause="full")

    monkeypatch.setattr(place.store, "put", put)
    with pytest.raises(StorageError):
        place.policies.propose(ANN, QUIET)
    assert (place.told(), place.store.kept) == ([], {})


class Busy(Cases):
    """Somebody else writes into the log first, so many times."""

    times = 0

    def append(self, drafts: Sequence[Draft], expect: int | None = None) -> list[LoggedEvent]:
        if expect is not None and self.times:
            self.times -= 1
            raise ConflictError(what="case 'service'")
        return super().append(drafts, expect)


def test_others_who_write_into_the_log_are_waited_for(place: Place) -> None:
    place.cases = busy = Busy(place.clock, place.store)
    policies = place.process()
    busy.times = ATTEMPTS - 1
    assert policies.propose(ANN, QUIET).number == 1
    busy.times = ATTEMPTS
    with pytest.raises(ConflictError):
        policies.propose(ANN, QUIET)
    assert list(place.store.kept) == [1]


def test_other_processes_ask_a_new_version_within_seconds(place: Place) -> None:
    other = place.process()
    assert other.of_row(KNOWN, "gate").version == 0
    place.enact(QUIET)
    place.wait(1.9)
    assert other.of_row(KNOWN, "gate").version == 0
    place.wait(0.2)
    assert other.of_row(KNOWN, "gate").version == 1
    reads = place.store.reads
    for _ in range(50):
        other.of_row(KNOWN, "gate")
    assert place.store.reads == reads
    place.wait(-3600)  # a clock that was set back
    assert other.of_row(KNOWN, "gate").version == 1
    assert place.store.reads > reads


def test_a_store_that_fails_leaves_what_was_read(place: Place) -> None:
    place.enact(QUIET)
    place.store.fails = True
    with pytest.raises(StorageError):
        place.process().of_row(KNOWN, "gate")
    place.store.fails = False
    assert place.policies.of_row(KNOWN, "gate").version == 1
    place.store.fails = True
    place.wait(5)
    assert place.policies.of_row(KNOWN, "gate").version == 1


@pytest.mark.parametrize("text", [REMOVED, "not a policy", QUIET + "\n# changed in the store"])
def test_a_version_that_cannot_be_used_lets_nothing_through_and_says_so(place: Place, text: str) -> None:
    version = place.enact(QUIET)
    digest = version.sha256 if text.startswith(QUIET) else sha256(text.encode()).hexdigest()
    place.store.kept[1] = replace(version, text=text, sha256=digest)
    policies = place.process()
    ruling = policies.of_row(KNOWN, "gate")
    assert ruling.actions == (Action.QUEUE, Action.HOLD)
    assert (ruling.policy, ruling.version) == ("default, in place of version 1", 1)
    assert ("", BROKEN) in {(one.rule, one.why) for one in ruling.withheld}
    assert policies.of_row(NEAR, "gate").actions == (Action.QUEUE, Action.HOLD)
    assert policies.of_row(CLEAR, "gate").actions == (Action.NONE,)
    assert "version 1 of the policy cannot be used" in policies.trouble()
    place.enact(LAZY)
    place.wait(3)
    assert policies.trouble() == ""


def _another_text(place: Place) -> PolicyVersion:
    """What was approved, with rules that nobody has seen; its digest is right."""
    version = place.enact(QUIET)
    return replace(version, text=LAZY, sha256=sha256(LAZY.encode()).hexdigest())


def _never_approved(place: Place) -> PolicyVersion:
    return replace(place.policies.propose(ANN, LAZY), state=IN_FORCE, answered_by="user:2")


def _for_the_shadow(place: Place) -> PolicyVersion:
    return replace(place.enact(LAZY, SHADOW), state=IN_FORCE)


def _for_the_shadow_and_says_otherwise(place: Place) -> PolicyVersion:
    return replace(place.enact(LAZY, SHADOW), state=IN_FORCE, wanted=IN_FORCE)


def _replaced_since(place: Place) -> PolicyVersion:
    version = place.enact(LAZY)
    place.store.kept[place.enact(QUIET).number] = replace(version, number=2, state=RETIRED)
    return version


def _rejected(place: Place) -> PolicyVersion:
    version = place.policies.propose(ANN, LAZY)
    return replace(place.policies.answer(BEN, version.number, approve=False), state=IN_FORCE)


def _approved_by_its_author(place: Place) -> PolicyVersion:
    version = replace(place.policies.propose(ANN, LAZY), state=IN_FORCE)
    details = {"version": "1", "sha256": version.sha256, "wanted": "in_force"}
    place.cases.append([Draft(SERVICE_CASE, ANN.actor, ServiceEvent("policy.approved", details), TOOL)])
    return version


@pytest.mark.parametrize(
    "written",
    [
        *(_another_text, _never_approved, _for_the_shadow, _for_the_shadow_and_says_otherwise),
        *(_replaced_since, _rejected, _approved_by_its_author),
    ],
)
def test_a_row_that_the_log_does_not_vouch_for_is_not_asked(
    place: Place, written: Callable[[Place], PolicyVersion]
) -> None:
    version = written(place)
    place.store.kept[version.number] = version
    for policies in (place.process(), place.policies):
        place.wait(3)
        assert "does not say that two people agreed" in policies.trouble()
        assert policies.of_row(NEAR, "gate").actions == (Action.QUEUE, Action.HOLD)
        assert Action.BLOCK not in policies.of_row(KNOWN, "gate").actions


def test_a_version_that_is_replaced_while_it_is_looked_at_is_no_trouble(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = place.process()
    place.enact(LAZY)
    read = Cases.events

    def late(cases: Cases, name: str, after: int = 0) -> list[LoggedEvent]:
        monkeypatch.undo()
        place.enact(QUIET)
        return read(cases, name, after)

    monkeypatch.setattr(Cases, "events", late)
    version = other.in_force()
    assert version is not None
    assert (version.number, other.trouble()) == (2, "")


def test_a_version_that_has_become_wrong_is_not_approved(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as earlier:
        earlier.setattr(checks, "check", lambda _text: [])
        place.policies.propose(ANN, REMOVED)
    with pytest.raises(PolicyError):
        place.policies.answer(BEN, 1, approve=True)
    assert place.policies.answer(BEN, 1, approve=False).state is PolicyState.REJECTED


def test_the_shadow_has_no_effect_and_is_counted(place: Place) -> None:
    place.enact(LAZY, SHADOW)
    for one in (KNOWN, NEAR, NEAR, CLEAR):
        assert place.policies.of_row(one, "gate") == by_default(one, "gate")
    place.policies.of_case(case())
    assert place.policies.shadowed(1).asked == 0
    place.wait(61)
    place.policies.of_row(NEAR, "gate")
    shadowed = place.policies.shadowed(1)
    assert (shadowed.asked, shadowed.differed) == (6, 3)
    assert shadowed.kinds == {"file: queue hold -> none": 3}
    place.policies.of_row(NEAR, "gate")
    place.policies.keep_counts()
    assert place.policies.shadowed(1).asked == 7
    length = len(place.cases.log(-1, 100))
    place.policies.keep_counts()
    assert len(place.cases.log(-1, 100)) == length


def test_counts_that_cannot_be_written_are_kept(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    place.enact(LAZY, SHADOW)
    place.policies.of_row(NEAR, "gate")
    with monkeypatch.context() as broken:

        def append(*_: object) -> None:
            raise StorageError(path="memory", cause="full")

        broken.setattr(place.cases, "append", append)
        place.wait(61)
        assert place.policies.of_row(NEAR, "gate") == by_default(NEAR, "gate")
        with pytest.raises(StorageError):
            place.policies.keep_counts()
    place.policies.keep_counts()
    assert place.policies.shadowed(1).asked == 2


def test_one_person_ends_a_shadow(place: Place) -> None:
    place.enact(LAZY, SHADOW)
    place.enact(QUIET, SHADOW)
    assert [version.state for version in place.policies.versions()] == [SHADOW, RETIRED]
    shadow = place.policies.shadow_of_case(case())
    assert shadow is not None
    assert shadow.policy == "quiet"
    assert place.policies.end_shadow(ANN, 2).state is RETIRED
    assert place.policies.shadow_of_case(case()) is None


def test_of_a_case(place: Place) -> None:
    only_here = DEFAULT.replace('verdict == "unsure"', '"us" in jurisdictions && items == 1').replace(
        'facts = { verdict = "unsure" }\nmatches = true', 'facts = { jurisdictions = ["us"] }\nmatches = true'
    )
    assert place.policies.of_case(case()).actions == (Action.NONE,)
    place.enact(only_here)
    ruling = place.policies.of_case(case())
    assert (ruling.actions, ruling.stage) == ((Action.QUEUE,), Stage.CASE)


def test_events_of_others_are_no_counts(place: Place) -> None:
    place.cases.append([Draft(SERVICE_CASE, SYSTEM, ServiceEvent("people.invited", {}), TOOL)])
    assert place.policies.shadowed(1).asked == 0


def test_flaws_in_words() -> None:
    assert in_words(PolicyFlaw("", "not TOML")) == "not TOML"
    assert in_words(PolicyFlaw("r", "no", 0, 3, "or so")) == "rule r, characters 1 to 3: no (or so)"
