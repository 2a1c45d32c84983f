"""The policy that comes with Safelight does what was done before there was one."""

import pytest

from safelight.model.decision import Action, Outcome
from safelight.model.match import Match, MatchKind
from safelight.model.policy import Stage
from safelight.model.scan import Status
from safelight.policy.decide import decide
from safelight.policy.rules.default import default_policy
from safelight.policy.rules.evaluate import evaluate
from safelight.policy.rules.facts import Facts
from tests.rows import derivative_of, scene_of

EXACT = Match("a", "one", MatchKind.EXACT, "sha256", 0)
NEAR = Match("a", "one", MatchKind.NEAR, "pdq", 12)
MATCHES = [(), (EXACT,), (NEAR,), (derivative_of("a", "one"),), (scene_of("a", "one"),)]


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("matches", MATCHES)
def test_people_look_at_what_a_scan_queues(status: Status, matches: tuple[Match, ...]) -> None:
    decision = decide(status, matches)
    facts: Facts = {"outcome": str(decision.outcome), "degraded": decision.degraded}
    ruling = evaluate(default_policy(), Stage.FILE, facts)
    assert (Action.QUEUE in ruling.actions) == (Action.QUEUE in decision.actions)
    assert (Action.BLOCK in ruling.actions) == (decision.outcome is Outcome.KNOWN and not decision.degraded)
    assert not decision.degraded or set(ruling.actions) <= {Action.QUEUE, Action.NONE}


@pytest.mark.parametrize(
    ("verdict", "actions"),
    [
        ("none", (Action.NONE,)),
        ("not_abuse", (Action.NONE,)),
        ("unsure", (Action.QUEUE,)),
        ("confirmed", (Action.REPORT, Action.PRESERVE, Action.NOTIFY)),
    ],
)
def test_a_confirmed_case_is_reported_kept_and_told_of(verdict: str, actions: tuple[Action, ...]) -> None:
    ruling = evaluate(default_policy(), Stage.CASE, {"verdict": verdict, "jurisdictions": ["us", "eu"]})
    assert (ruling.actions, ruling.policy, ruling.version) == (actions, "default", 0)


def test_nobody_is_warned_where_no_law_wants_them_told() -> None:
    ruling = evaluate(default_policy(), Stage.CASE, {"verdict": "confirmed", "jurisdictions": ["us", "ca"]})
    assert ruling.actions == (Action.REPORT, Action.PRESERVE)
