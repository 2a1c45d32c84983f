"""Detectors of others are found, held at arm's length, and say no more than a hint can."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from safelight.model.errors import PluginError, UsageError
from safelight.model.hint import Hint, HintVerdict
from safelight.model.plugin import PluginState
from safelight.plugin.detectors import GROUP, list_plugins, load_detector
from safelight.ports.hinting import Detector
from tests.plugin.packages import install, reachable

CARD = "ab" * 32
PIXELS = np.full((300, 400, 3), 7, np.uint8)
SOURCE = """
from safelight.model.hint import Hint, HintVerdict
class Pretender:
    name = {name}
    card = {card}
    asked = 0
    def judge(self, frames, mime):
        self.asked += 1
        if self.asked == 1:  # the grey picture that comes first
            return Hint("x", "y", HintVerdict.INCONCLUSIVE, None, "grey")
        {answer}
def open_detector(): return Pretender()
"""

Install = Callable[..., None]


def source(answer: str, name: str = '"pretender 1"', card: str = f'"{CARD}"') -> str:
    return SOURCE.format(answer=answer, name=name, card=card)


def saying(verdict: str, score: str, reason: str = '"because"') -> str:
    return source(f'return Hint("another", "00", {verdict}, {score}, {reason})')


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    def run(**sources: str) -> None:
        for package, text in sources.items():
            install(tmp_path / "site", package, text, package, group=GROUP, function="open_detector")
        reachable(monkeypatch, tmp_path / "site")

    return run


def test_a_detector_is_found_and_its_hints_carry_its_own_name_and_card(installed: Install) -> None:
    installed(pretender=saying("HintVerdict.LIKELY_AI", "0.75"))
    detector = load_detector("pretender")
    assert isinstance(detector, Detector)
    assert detector.judge([PIXELS], "image/png") == Hint("pretender 1", CARD, HintVerdict.LIKELY_AI, 0.75, "because")
    assert [(one.name, one.kind, one.state) for one in list_plugins()] == [
        ("pretender", "detector", PluginState.LOADED)
    ]


@pytest.mark.parametrize(
    ("answer", "cause"),
    [
        ('return Hint("x", "y", HintVerdict.LIKELY_AI, 1.5, "sure")', "ValueError"),
        ('return Hint("x", "y", HintVerdict.LIKELY_AI, float("nan"), "sure")', "ValueError"),
        ('return Hint("x", "y", "real", 0.0, "a photograph")', "ValueError"),
        ('return "likely_ai"', "TypeError"),
        ("frames[0][0, 0] = 1", "ValueError"),
        ("raise RuntimeError(frames)", "RuntimeError"),
    ],
)
def test_what_cannot_be_said_is_an_abstention(installed: Install, answer: str, cause: str) -> None:
    installed(pretender=source(answer))
    hint = load_detector("pretender").judge([PIXELS.copy()], "image/png")
    assert (hint.verdict, hint.score) == (HintVerdict.INCONCLUSIVE, None)
    assert hint.reason == f"the detector could not look at it: {cause}"


def test_reasons_are_one_printable_line(installed: Install) -> None:
    installed(pretender=saying("HintVerdict.NO_INDICATION", "0.1", r'"a\nb\u202e" * 1000'))
    hint = load_detector("pretender").judge([PIXELS], "image/png")
    assert hint.reason.isprintable()
    assert len(hint.reason) <= 300


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        (source("pass", card='"none"'), "card must be"),
        (source("pass", name='""'), "name and version"),
        ("def open_detector(): return 7", "no Detector"),
        ("raise ImportError('no weights')", "no weights"),
    ],
)
def test_one_that_cannot_be_used_is_told_of(installed: Install, text: str, cause: str) -> None:
    installed(broken=text)
    with pytest.raises(PluginError, match=cause):
        load_detector("broken")
    (listed,) = list_plugins()
    assert listed.state is PluginState.FAILED
    assert cause in listed.error


def test_an_unknown_name_names_those_there_are(installed: Install) -> None:
    installed(pretender=saying("HintVerdict.LIKELY_AI", "0.75"))
    with pytest.raises(UsageError, match="installed: pretender"):
        load_detector("other")
