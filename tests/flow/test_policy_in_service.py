"""What the gate and the way in do under a policy of one's own: files end where its rulings say, within the rails."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from safelight.flow.gate import answer_of
from safelight.flow.intake import Intake
from safelight.model.assessment import Assessment, Strength
from safelight.model.case import CaseState, PolicyApplied
from safelight.model.decision import Action
from safelight.model.hint import Hint, HintVerdict
from safelight.model.match import Match
from safelight.model.policy import Policy, PolicyRule, Stage
from safelight.model.scan import ScanRow, Status
from safelight.model.service import GateFailure, GateVerdict
from safelight.policy.rules.compile import Compiled, Program, compile_policy
from safelight.policy.rules.evaluate import evaluate
from safelight.policy.rules.facts import of_row
from tests.flow.policy_place import LAZY, QUIET, Place
from tests.flow.test_gate import EXACT, NEAR, row
from tests.flow.test_intake import World, known, near, told
from tests.rows import scene_of

OPEN, CLOSED = GateFailure.OPEN, GateFailure.CLOSED
ALLOW, HOLD, DENY = GateVerdict.ALLOW, GateVerdict.HOLD, GateVerdict.DENY
LIKELY_AI = Hint("d", "0" * 64, HintVerdict.LIKELY_AI, 0.99, "x")


def gate(when: str, *then: Action) -> Callable[[ScanRow, GateFailure], GateVerdict]:
    compiled = compile_policy(Policy("ours", (PolicyRule("r", Stage.FILE, when, then, "because"),)))
    return _answers(compiled)


def _answers(compiled: Compiled) -> Callable[[ScanRow, GateFailure], GateVerdict]:
    def rule(of: ScanRow, source: str) -> object:
        return evaluate(compiled, Stage.FILE, of_row(of, source))

    return lambda of, failure: answer_of([of], failure, rule).verdict  # type: ignore[arg-type] # it gives rulings


def test_the_gate_does_as_the_policy_says() -> None:
    blocked, held, queued = (gate("true", action) for action in (Action.BLOCK, Action.HOLD, Action.QUEUE))
    assert [blocked(one, OPEN) for one in (row(EXACT), row(NEAR), row())] == [DENY, HOLD, HOLD]
    assert [held(one, OPEN) for one in (row(EXACT), row(scene_of("a", "one")), row())] == [HOLD, HOLD, HOLD]
    assert [queued(one, OPEN) for one in (row(EXACT), row(NEAR), row())] == [ALLOW, ALLOW, ALLOW]
    from_gate = gate('source == "gate" && mime == "image/png"', Action.HOLD)
    assert from_gate(row(), OPEN) is HOLD


def test_what_was_read_in_part_is_kept_back_and_not_denied() -> None:
    blocked = gate('outcome == "known"', Action.BLOCK)
    assert blocked(row(EXACT, status=Status.DEGRADED), OPEN) is HOLD
    assert gate("degraded", Action.QUEUE)(row(status=Status.DEGRADED), OPEN) is ALLOW
    assert gate("degraded", Action.QUEUE)(row(status=Status.DEGRADED), CLOSED) is HOLD


def test_a_detector_alone_holds_nothing_up() -> None:
    leaning = replace(row(), hint=LIKELY_AI, assessment=Assessment(strength=Strength.HINTED))
    for when in ('hint == "likely_ai"', 'strength == "hinted"'):
        assert gate(when, Action.BLOCK, Action.HOLD)(leaning, OPEN) is ALLOW
    assert (
        gate('outcome == "known" && hint != "likely_ai"', Action.BLOCK)(replace(row(EXACT), hint=LIKELY_AI), OPEN)
        is DENY
    )


def test_a_rule_that_fails_is_as_a_file_that_could_not_be_looked_at() -> None:
    rule = PolicyRule("r", Stage.FILE, "true", (Action.NONE,), "because")
    failing = _answers(Compiled(Policy("ours", (rule,)), {Stage.FILE: (Program(rule, lambda _facts: "no value"),)}))
    assert (failing(row(), OPEN), failing(row(), CLOSED)) == (ALLOW, HOLD)


class Ours(World):
    """A service whose policy is that of a history."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.place = Place()
        self.version = self.place.enact(text)

    def intake(self, wrap: Callable[[object], object] = lambda port: port) -> Intake:
        return replace(super().intake(wrap), rule=self.place.policies.of_row)


def applied(world: World, case: str) -> list[PolicyApplied]:
    bodies = [logged.event.body for logged in world.cases.events(case)]
    return [body for body in bodies if isinstance(body, PolicyApplied)]


def test_known_bytes_that_the_policy_does_not_block_are_for_people() -> None:
    world = Ours(QUIET)
    case = world.case(world.take(b"1", told(known())))
    assert (case.state, case.by_policy) == (CaseState.OPEN, False)
    assert applied(world, case.id) == [PolicyApplied(1, Stage.FILE, (Action.QUEUE, Action.HOLD), ("known-bytes",))]
    assert world.kinds(case.id) == ["case.opened", "item.added", "policy.applied"]


def test_what_the_policy_lets_go_is_in_no_case_unless_it_could_not_be_checked() -> None:
    world = Ours(LAZY)
    assert world.take(b"1", told(near())).case is None
    unread = world.take(b"2", told(near(), status=Status.DEGRADED))
    assert applied(world, world.case(unread).id)[0].degraded
    assert applied(world, world.case(unread).id)[0].actions == (Action.NONE,)


def test_what_only_a_policy_asks_for_is_in_a_case() -> None:
    text = QUIET.replace('outcome == "shared_scene"', 'hint == "likely_ai"').replace(
        'outcome = "shared_scene", kinds = ["shared_scene"]', 'hint = "likely_ai"'
    )
    world = Ours(text.replace('then = ["queue"]\nwhy = "a lead', 'then = ["hold"]\nwhy = "a lead'))

    def leaning(name: str, data: bytes) -> ScanRow:
        return replace(told()(name, data), hint=LIKELY_AI)

    (event,) = applied(world, world.case(world.take(b"1", leaning)).id)
    assert (event.actions, event.withheld[0].action) == ((Action.QUEUE,), Action.HOLD)
    member = world.take(b"2", leaning, told())
    assert world.case(member).items[0].degraded  # found in a part of it
    assert world.take(b"3", told()).case is None


def test_each_item_that_joins_a_case_says_what_was_applied() -> None:
    world = Ours(QUIET)
    first = world.take(b"1", told(near()))
    second = world.take(b"2", told(near()))
    assert first.case == second.case
    assert [event.rules for event in applied(world, world.case(first).id)] == [("looks-known",)] * 2


@pytest.mark.parametrize("matches", [(known(),), (near(),), ()])
def test_the_default_policy_leaves_the_log_as_it_was(matches: tuple[Match, ...]) -> None:
    world = World()
    item = world.take(b"1", told(*matches))
    assert item.case is None or not applied(world, item.case)
