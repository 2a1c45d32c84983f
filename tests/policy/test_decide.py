from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.model.decision import Action, Outcome
from safelight.model.match import Match, MatchKind
from safelight.model.region import AlteredRegion, RegionBasis
from safelight.model.scan import Status
from safelight.policy.decide import decide
from tests.golden_matches import cases, parse
from tests.report.clips import FERRY, FRAME, HARBOUR, STILL
from tests.rows import derivative_of, scene_of


@pytest.mark.parametrize("case", cases("policy/decide.yml"), ids=lambda case: str(case["name"]))
def test_golden(case: dict[str, Any]) -> None:
    decision = decide(Status(case["status"]), [parse(m) for m in case["matches"]], case.get("error"))
    assert decision.outcome == case["outcome"]
    assert list(decision.actions) == case["actions"]
    assert decision.degraded == case["degraded"]
    assert [rule.rule for rule in decision.rules if rule.matched] == case["matched"]
    assert decision.reason == case.get("reason", decision.reason)


short_matches = st.builds(
    "{}/{} {}{}".format,
    st.just("known"),
    st.sampled_from("abc"),
    st.sampled_from(["exact 0", "near 0", "near 31", "derivative 12", "shared_scene 40"]),
    st.sampled_from(["", " negative", " suppressed"]),
).filter(lambda short: not (short.startswith("exact") and "suppressed" in short))


@given(st.sampled_from(list(Status)), st.lists(short_matches.map(parse), max_size=4))
def test_every_input_gets_a_decision_with_all_rules(status: Status, matches: list[Match]) -> None:
    decision = decide(status, matches)
    assert [rule.rule for rule in decision.rules] == [
        "known-bytes",
        "near-known",
        "derived-from-known",
        "known-benign",
        "shared-scene",
        "could-not-check",
        "checked-in-part",
    ]
    assert decision.actions
    assert decision.reason


@given(st.sampled_from(list(Status)), st.lists(short_matches.map(parse), max_size=4))
def test_nothing_is_held_but_the_very_bytes_and_only_of_a_whole_file(status: Status, matches: list[Match]) -> None:
    decision = decide(status, matches)
    if Action.HOLD in decision.actions:
        assert decision.outcome is Outcome.KNOWN
        assert not decision.degraded
        assert status not in {Status.DEGRADED, Status.UNREADABLE, Status.SKIPPED}


@given(st.sampled_from(list(Status)), st.lists(short_matches.map(parse), max_size=4))
def test_a_shared_scene_changes_nothing_but_a_file_without_matches(status: Status, matches: list[Match]) -> None:
    decision = decide(status, matches)
    without = decide(status, [match for match in matches if match.kind is not MatchKind.SHARED_SCENE])
    if decision.outcome is Outcome.LEAD:
        assert without.outcome in {Outcome.UNCHECKED, Outcome.PARTIAL, Outcome.CLEAR}
        assert decision.actions == (Action.QUEUE,)
    else:
        assert (decision.outcome, decision.actions) == (without.outcome, without.actions)


@given(st.sampled_from(list(Status)), st.lists(short_matches.map(lambda s: parse(f"{s} negative")), max_size=4))
def test_known_benign_matches_alone_find_nothing(status: Status, matches: list[Match]) -> None:
    decision = decide(status, matches)
    assert decision.outcome is decide(status, ()).outcome
    assert decision.actions == (Action.NONE,)


def test_a_derivative_is_told_with_its_figures() -> None:
    match = derivative_of("known", "a")
    assert decide(Status.OK, [match, derivative_of("known", "b")]).reason == (
        "derivative of known/a: 31 % replaced, 182 keypoints agree, p_false_match 1e-09 and 1 more"
    )
    by_tiles = replace(match, algorithm="tiles", inliers=0, p_false_match=None, altered_region=None)
    assert decide(Status.OK, [by_tiles]).reason == "derivative of known/a: 11 of 16 tiles agree"


@pytest.mark.parametrize(
    ("area", "told"),
    [(0.0, ""), (0.0004, ", less than 1 % replaced"), (0.01, ", 1 % replaced"), (1.0, ", 100 % replaced")],
)
def test_what_was_replaced_is_never_rounded_away(area: float, told: str) -> None:
    near = replace(parse("known/a near 8"), altered_region=AlteredRegion(area, None, RegionBasis.TILES))
    assert decide(Status.OK, [near]).reason == f"PDQ distance 8 to known/a{told}"


def test_a_shared_scene_is_called_a_lead() -> None:
    (rule,) = (rule for rule in decide(Status.OK, [scene_of("known", "a")]).rules if rule.rule == "shared-scene")
    assert rule.matched
    assert rule.reason == "seems to show the scene of known/a, in another picture (41 keypoints agree): only a lead"


def test_a_video_is_told_with_its_stretches() -> None:
    reason = decide(Status.OK, [HARBOUR, FERRY]).reason
    assert reason == (
        "derivative of partner-list/harbour at dawn.mp4: 0:12-0:48 of it at 0:03-0:39, 1 more stretch, "
        "51 % of the video, up to 24 % replaced, 24 of 24 frames agree, p_false_match 2e-08 and 1 more"
    )
    assert decide(Status.OK, [replace(FERRY, share=0.004, p_false_match=None)]).reason == (
        "derivative of benign-drawings/boats/ferry.webm: 1:00:05-1:00:20 of it at 0:41-0:55, "
        "less than 1 % of the video, 7 of 7 frames agree"
    )


def test_seconds_of_frames_are_told() -> None:
    assert decide(Status.OK, [FRAME]).reason == "PDQ distance 8 to benign-drawings/rose-003.png, at 1:22"
    assert decide(Status.OK, [STILL]).reason == "PDQ distance 12 to partner-list/harbour at dawn.mp4, second 0:31 of it"
    traced = derivative_of("known", "a.mp4", source_time=12.0, altered_region=None, p_false_match=None)
    assert decide(Status.OK, [traced]).reason == "derivative of known/a.mp4: second 0:12 of it, 182 keypoints agree"


def test_a_near_video_is_told_with_its_stretches() -> None:
    near = replace(FERRY, kind=MatchKind.NEAR, distance=6, share=1.0)
    assert decide(Status.OK, [near]).reason == (
        "near benign-drawings/boats/ferry.webm: 1:00:05-1:00:20 of it at 0:41-0:55, 100 % of the video, "
        "7 of 7 frames agree, PDQ distance 6 at the median"
    )


def test_videos_are_called_videos() -> None:
    benign = replace(HARBOUR, negative=True)
    assert decide(Status.OK, [benign]).reason.startswith("derivative of a known-benign video: partner-list/")
    assert decide(Status.OK, [replace(HARBOUR, suppressed_by="logos/intro")]).reason.endswith(
        "explains the whole video"
    )
    scene = replace(FERRY, kind=MatchKind.SHARED_SCENE, share=None)
    assert decide(Status.OK, [scene]).reason == (
        "seems to show the scene of benign-drawings/boats/ferry.webm, in another video "
        "(1:00:05-1:00:20 of it at 0:41-0:55, 7 of 7 frames agree): only a lead"
    )
