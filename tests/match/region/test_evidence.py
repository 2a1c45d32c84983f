import numpy as np
import pytest

from safelight.match.region import evidence
from tests.match.region.pictures import drawn, edited, jpeg

EVERYWHERE = np.ones((300, 400), np.float32)


def test_a_misalignment_of_a_pixel_costs_nothing() -> None:
    picture = drawn(2).astype(np.float32)
    moved = np.roll(picture, 1, axis=1)
    found = evidence.difference(moved, picture, EVERYWHERE)
    assert found.luma[:, 2:-2].max() == 0
    assert found.colour[:, 2:-2].max() == 0
    assert evidence.difference(np.roll(picture, 6, axis=1), picture, EVERYWHERE).luma.mean() > 2


def test_noise_is_what_trusted_places_differ_by() -> None:
    picture = np.full((300, 400, 3), 100, np.float32)
    rng = np.random.default_rng(1)
    other = picture + rng.normal(0, 4, (300, 400, 1)).astype(np.float32)
    other[:100] += 90
    trust = EVERYWHERE.copy()
    trust[:100] = 0.01
    found = evidence.difference(other, picture, trust)
    assert found.noise == pytest.approx(0.67 * 4, rel=0.1)  # the median of a normal error
    assert found.colour_noise < 0.1


@pytest.mark.parametrize("number", [2, 8, 14])
def test_replaced_places_have_odds_above_even_and_others_below(number: int) -> None:
    case = edited("rr20", number)
    found = evidence.difference(case.pixels.astype(np.float32), drawn(number).astype(np.float32), EVERYWHERE)
    odds = evidence.log_odds(evidence.measures(found, np.ones((300, 400), np.bool_)))
    assert odds.shape == (150, 200)
    replaced = case.replaced[::2, ::2]
    assert (odds[replaced] > 0).mean() > 0.9
    assert (odds[~replaced] > 0).mean() < 0.1


def test_what_is_not_usable_does_not_speak_for_its_surroundings() -> None:
    source = drawn(2)
    suspect = jpeg(source, 85)
    suspect[100:150, 100:200] = 255
    usable = np.ones((300, 400), np.bool_)
    usable[98:152, 98:202] = False
    found = evidence.difference(suspect.astype(np.float32), source.astype(np.float32), EVERYWHERE)
    beside = np.s_[40:48, 50:100]  # on the grid of half the size, just above the white bar
    heard = evidence.log_odds(evidence.measures(found, np.ones_like(usable)))[beside]
    unheard = evidence.log_odds(evidence.measures(found, usable))[beside]
    assert unheard.max() < heard.max() - 2
    assert unheard.max() < 0
