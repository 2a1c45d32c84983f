"""How the commands speak of each kind of match, and which of them they count."""

import io
import json
import re
from dataclasses import replace

import msgspec
import pytest
from rich.console import Console

from safelight.cli.lookup import is_find, match_line
from safelight.cli.main import FOUND, NOTHING, UNCHECKED
from safelight.cli.scan import exit_code, show_summary
from safelight.model.codec import from_json
from safelight.model.decision import Outcome
from safelight.model.fingerprint import View
from safelight.model.match import Match, MatchKind
from tests.report.clips import FRAME, HARBOUR, STILL
from tests.report.samples import row, summary
from tests.rows import derivative_of, scene_of

EXACT = Match("b", "e", MatchKind.EXACT, "sha1", 0)
NEAR = Match("b", "e", MatchKind.NEAR, "pdq", 8, view=View.UPRIGHT, dihedral="flip_y", p_false_match=2.13e-11)
DERIVATIVE = derivative_of("b", "e")
SCENE = scene_of("b", "e")
KINDS = (EXACT, NEAR, DERIVATIVE, SCENE)


def test_each_kind_on_one_line() -> None:
    by_tiles = derivative_of("b", "e", algorithm="tiles", inliers=0, looked_for=0, log_ratio=None, mirrored=True)
    by_keypoints = replace(DERIVATIVE, tiles=None, looked_for=0, log_ratio=None)
    assert [match_line(match) for match in (EXACT, NEAR, by_keypoints, by_tiles, SCENE)] == [
        "exact by sha1: b/e",
        "PDQ distance 8, upright, as flip_y, p_false_match 2.1e-11: b/e",
        "derivative, 31.0 % replaced, 182 keypoints agree, p_false_match 1.0e-09: b/e",
        "derivative, 31.0 % replaced, 11 of 16 tiles agree, mirrored, p_false_match 1.0e-09: b/e",
        "lead: same scene, another picture, 41 keypoints agree, 35 of 280 more found where predicted: b/e",
    ]
    assert match_line(replace(DERIVATIVE, suppressed_by="logos/x")).endswith(", suppressed by logos/x: b/e")


def test_a_lead_is_no_find_and_neither_is_what_is_benign_or_suppressed() -> None:
    assert [is_find(match) for match in KINDS] == [True, True, True, False]
    assert not any(is_find(replace(match, negative=True)) for match in KINDS)
    assert not any(is_find(replace(match, suppressed_by="logos/x")) for match in KINDS)


@pytest.mark.parametrize("match", KINDS, ids=lambda match: match.kind.value)
def test_a_match_printed_as_json_can_be_read_back(match: Match) -> None:
    told = msgspec.to_builtins(match)
    assert from_json(json.dumps(told), Match) == match
    assert (told["distance"] is None) == (match.algorithm == "local")


@pytest.mark.parametrize(
    ("outcomes", "code"),
    [
        (["derivative", "not_checked"], FOUND),
        (["shared_scene", "no_match"], NOTHING),
        (["shared_scene", "not_checked"], UNCHECKED),
        (["suppressed"], NOTHING),
    ],
)
def test_a_lead_does_not_change_the_exit_code(outcomes: list[str], code: int) -> None:
    assert exit_code(summary([row(number, Outcome(name)) for number, name in enumerate(outcomes)])) == code


def test_the_table_has_a_line_for_every_outcome() -> None:
    text = io.StringIO()
    rows = [row(1, Outcome.DERIVED), row(2, Outcome.LEAD), row(3, Outcome.LEAD)]
    show_summary(summary(rows), {}, Console(file=text, width=120))
    lines = dict(re.findall(r"│ (\w+) +│ +(\d+) │", text.getvalue()))
    assert lines == {outcome.value: "0" for outcome in Outcome} | {"derivative": "1", "shared_scene": "2"}
    assert "a lead, not a find" in text.getvalue()


def test_videos_and_their_frames_are_told_with_their_seconds() -> None:
    assert match_line(FRAME) == (
        "PDQ distance 8, at 1:22, as flip_y, p_false_match 1.0e-09: benign-drawings/rose-003.png"
    )
    assert match_line(STILL).startswith("PDQ distance 12, second 0:31 of it, p_false_match")
    assert match_line(replace(DERIVATIVE, time=82.0)).startswith("derivative, at 1:22, ")
    assert match_line(HARBOUR).startswith("derivative, up to 24.5 % replaced, 24 of 24 frames agree, in 2 stretches, ")
