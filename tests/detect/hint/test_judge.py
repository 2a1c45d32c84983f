import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from safelight.detect.hint.judge import MOST_FRAMES, Seen, judge, pool, see, weigh
from safelight.model.hint import Hint, HintVerdict
from tests.detect.hint.heads import Sized, head, photograph, views

CARD = "ab" * 32
scores = st.floats(-50, 50)
seen = st.one_of(scores.map(lambda score: Seen("", score)), st.sampled_from(["it is small", "plain"]).map(Seen))


def judged(frames: list[np.ndarray[tuple[int, ...], np.dtype[np.uint8]]], mime: str = "image/jpeg") -> Hint:
    return judge(frames, mime, Sized(), head(), detector="test 1", card=CARD)


def test_bright_is_likely_dark_is_no_indication_and_between_is_neither() -> None:
    found = [judged([photograph(1, level)]) for level in (140, 128, 116)]
    assert [one.verdict for one in found] == [
        HintVerdict.LIKELY_AI,
        HintVerdict.INCONCLUSIVE,
        HintVerdict.NO_INDICATION,
    ]
    given_scores = [one.score for one in found if one.score is not None]
    assert given_scores == sorted(given_scores, reverse=True)
    assert len(given_scores) == 3
    assert all(one.detector == "test 1" and one.card == CARD and one.reason for one in found)


def test_the_same_pixels_give_the_same_hint() -> None:
    assert judged([photograph(1)]) == judged([photograph(1)])


def test_what_is_outside_is_not_even_encoded() -> None:
    encoder = Sized()
    plain = np.full((400, 400, 3), (10, 120, 200), np.uint8)
    found = judge([plain], "image/png", encoder, head(), detector="test 1", card=CARD)
    assert (found.verdict, found.score, encoder.calls) == (HintVerdict.INCONCLUSIVE, None, 0)
    assert "plain" in found.reason


def test_a_gif_is_outside_by_its_format() -> None:
    found = judged([photograph(1, 200)], "image/gif")
    assert (found.verdict, found.score) == (HintVerdict.INCONCLUSIVE, None)


def test_graphics_are_outside() -> None:
    assert weigh(views(40, graphics=5.1), head()).outside
    assert weigh(views(40, graphics=4.9), head()) == Seen("", 40)


def test_a_video_is_judged_by_the_median_of_few_frames() -> None:
    encoder = Sized()
    frames = [photograph(n, 128 + 12 * (n % 3 > 0)) for n in range(30)]
    found = judge(frames, "video/mp4", encoder, head(), detector="test 1", card=CARD)
    assert found.verdict is HintVerdict.LIKELY_AI
    assert encoder.calls <= 5 * MOST_FRAMES


def test_frames_outside_are_left_out_unless_they_are_half() -> None:
    plain = Seen("plain")
    assert pool([Seen("", 9), Seen("", 9), plain], head())[0] is HintVerdict.LIKELY_AI
    verdict, score, reason = pool([Seen("", 9), plain], head())
    assert (verdict, score) == (HintVerdict.INCONCLUSIVE, None)
    assert "plain" in reason


@given(st.lists(seen, min_size=1, max_size=9))
def test_a_hint_never_says_more_than_its_three_words(frames: list[Seen]) -> None:
    verdict, score, reason = pool(frames, head())
    assert verdict in {HintVerdict.LIKELY_AI, HintVerdict.INCONCLUSIVE, HintVerdict.NO_INDICATION}
    assert score is None or 0 <= score <= 1
    assert (score is None) <= (verdict is HintVerdict.INCONCLUSIVE)
    assert reason.isprintable()
    assert "real" not in reason
    assert len(reason) < 300


@given(st.lists(scores, min_size=1, max_size=9), st.floats(0, 20))
def test_higher_scores_never_give_a_lower_answer(values: list[float], more: float) -> None:
    order = [HintVerdict.NO_INDICATION, HintVerdict.INCONCLUSIVE, HintVerdict.LIKELY_AI]
    low = pool([Seen("", one) for one in values], head())
    high = pool([Seen("", one + more) for one in values], head())
    assert order.index(low[0]) <= order.index(high[0])
    assert low[1] is not None
    assert high[1] is not None
    assert low[1] <= high[1]


def test_a_frame_that_is_inside_is_seen_in_five_views() -> None:
    encoder = Sized()
    assert see(photograph(1), encoder, head()).outside == ""
    assert encoder.calls == 5


def test_there_is_no_word_for_real() -> None:
    assert {one.value for one in HintVerdict} == {"likely_ai", "inconclusive", "no_indication"}
