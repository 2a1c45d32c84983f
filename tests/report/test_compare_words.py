"""Verdicts in words, and figures as people read them."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.model.comparison import Shares
from safelight.model.derivation import Derivation, Verdict
from safelight.report.compare_words import (
    VERDICTS,
    cannot_conclude,
    factor,
    likelihood,
    percent,
    statement,
    transform,
)
from tests.report.comparisons import affine_of

SHARES = Shares(0.642, 0.351, 0.007, 0.0, 0.7)


@pytest.mark.parametrize(
    ("part", "words"),
    [(0, "0 %"), (1, "100 %"), (0.351, "35.1 %"), (1e-9, "< 0.1 %"), (1 - 1e-9, "> 99.9 %"), (-1e-17, "0 %")],
)
def test_shares_are_never_rounded_to_nothing_or_all(part: float, words: str) -> None:
    assert percent(part) == words


def test_a_derivative_is_told_with_its_shares() -> None:
    said = statement(Derivation(Verdict.DERIVATIVE), SHARES, 92, same_bytes=False)
    assert said.startswith("The suspect picture derives from the original: 64.2 % of it is unchanged, and 35.1 %")
    assert "Text or other marks lie over 0.7 %" in said
    assert "does not reach" not in said
    whole = statement(Derivation(Verdict.DERIVATIVE), Shares(1, 0, 0, 0, 1), 4, same_bytes=False)
    assert (
        whole
        == "The suspect picture derives from the original: 100 % of it is unchanged, and no replaced part was found."
    )


@pytest.mark.parametrize("verdict", [v for v in Verdict if v is not Verdict.DERIVATIVE])
def test_other_verdicts_say_so_plainly(verdict: Verdict) -> None:
    said = statement(Derivation(verdict), None, 120, same_bytes=False)
    assert said.startswith("Undecided" if verdict is Verdict.UNDECIDED else "Not derived")
    assert "derives from" not in said
    assert "12 of 256 bits" in statement(Derivation(verdict), None, 12, same_bytes=False)


@pytest.mark.parametrize("verdict", Verdict)
@pytest.mark.parametrize("same_bytes", [False, True])
def test_every_verdict_has_its_limits(verdict: Verdict, same_bytes: bool) -> None:
    limits = cannot_conclude(Derivation(verdict), same_bytes=same_bytes)
    assert any("nobody was identified" in limit for limit in limits)
    assert all(limit.endswith(".") and limit[0].isupper() for limit in limits)
    assert len(set(limits)) == len(limits) >= 3
    assert verdict in VERDICTS


def test_absence_of_evidence_is_not_called_evidence() -> None:
    limits = cannot_conclude(Derivation(Verdict.NOT_DERIVED), same_bytes=False)
    assert limits[0].startswith("That the suspect picture holds nothing of the original.")


def test_direction_is_left_open() -> None:
    limits = cannot_conclude(Derivation(Verdict.DERIVATIVE), same_bytes=False)
    assert limits[0].startswith("Which of the two pictures came first.")


@pytest.mark.parametrize(
    ("nats", "words"),
    [
        (0, "\u00d7 1.0"),
        (math.log(3.46), "\u00d7 3.5"),
        (-math.log(40.2), "\u00f7 40"),
        (math.log(12_345), "\u00d7 12,000"),
        (math.log(1.94e12), "\u00d7 1.9 \u00d7 10¹²"),
        (200, "\u00d7 more than 10³⁰"),
        (-200, "\u00f7 more than 10³⁰"),
    ],
)
def test_factors(nats: float, words: str) -> None:
    assert factor(nats) == words


@given(st.floats(-300, 300, allow_nan=False))
def test_factors_are_short_and_on_the_right_side(nats: float) -> None:
    assert factor(nats)[0] == ("\u00d7" if nats >= 0 else "\u00f7")
    assert len(factor(nats)) <= 18
    assert ("does not derive from the original than" in likelihood(nats)) == (nats < 0)


@given(st.booleans(), st.floats(-179, 179), st.floats(0.1, 8), st.floats(1.0, 1.4), st.floats(-500, 500))
def test_what_was_done_to_the_original_is_told(
    mirrored: bool, turn: float, scale: float, stretch: float, shift: float
) -> None:
    """Made from known steps; the words name the same ones."""
    angle = math.radians(turn)
    rotation = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    linear = scale * rotation @ np.diag([stretch**0.5, stretch**-0.5]) @ np.diag([-1.0 if mirrored else 1.0, 1.0])
    forward = np.vstack([np.column_stack([linear, [shift, 2 * shift]]), [0, 0, 1]])
    words = transform(affine_of(np.linalg.inv(forward)[:2]))
    assert ("mirrored" in words) == mirrored
    near = (scale * (1 - 1e-9), scale * (1 + 1e-9))  # half a per cent is rounded up or down, as the inverse comes out
    assert any(f"scaled to {100 * one:.0f} %" in words for one in near)
    if abs(turn) > 0.3:
        assert f"turned {'clockwise' if turn > 0 else 'counter-clockwise'} by" in words
        said = float(words.split(" by ")[1].split("°")[0])
        assert abs(said - abs(turn)) < 0.06
    assert ("stretched" in words) == (stretch >= 1.02) or abs(stretch - 1.02) < 1e-6
