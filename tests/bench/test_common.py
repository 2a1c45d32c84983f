"""The benchmarks' shared helpers."""

import time
from pathlib import Path

import numpy as np
import pytest

from safelight.bench.common import (
    at_least,
    at_most,
    bits_apart,
    informs,
    interleaved,
    median_ratio,
    require,
    shared_pictures,
    texture,
)
from safelight.model.errors import MissingPeerError


def test_a_bar_holds_at_its_very_value() -> None:
    assert at_least("x", 40.0, "x", 40, 1).holds is True
    assert at_least("x", 39.9, "x", 40, 1).holds is False
    assert at_most("x", 1.5, "x", 1.5, 1).holds is True
    assert at_most("x", 1.6, "x", 1.5, 1).holds is False
    row = informs("x", 7, "ns", 3)
    assert (row.value, row.bar, row.holds, row.n) == (7.0, None, None, 3)


def test_contestants_take_turns_and_cheap_ones_are_repeated() -> None:
    calls: list[str] = []

    def slow() -> None:
        calls.append("slow")
        deadline = time.process_time() + 0.002
        while time.process_time() < deadline:
            pass

    times = interleaved({"slow": slow, "cheap": lambda: calls.append("cheap")}, rounds=3, least=0.001)
    assert {name: len(found) for name, found in times.items()} == {"slow": 3, "cheap": 3}
    assert min(times["slow"]) >= 0.002
    assert calls.count("cheap") > calls.count("slow") == 5
    turns = [call for number, call in enumerate(calls) if number == 0 or calls[number - 1] != call]
    assert turns == ["slow", "cheap"] * 4


def test_the_ratio_is_taken_within_each_round() -> None:
    assert median_ratio([2.0, 20.0, 9.0], [1.0, 10.0, 3.0]) == 2.0


def test_a_peer_that_is_not_installed_is_named() -> None:
    assert require("math") is not None
    with pytest.raises(MissingPeerError, match="no-such-package"):
        require("no_such_module", "no-such-package")


def test_textures_are_reproducible_and_vary() -> None:
    picture = texture(130, 70, seed=5, grain=9)
    assert picture.shape == (70, 130, 3)
    assert picture.dtype == np.uint8
    assert np.array_equal(picture, texture(130, 70, seed=5, grain=9))
    assert not np.array_equal(picture, texture(130, 70, seed=6, grain=9))
    assert texture(130, 70, seed=5).std() > 3 * texture(130, 70, seed=5, contrast=0.1).std()


def test_shared_pictures_are_optional_and_evenly_chosen(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    folder = tmp_path / "shared"
    monkeypatch.setenv("SAFELIGHT_SHARED", str(folder))
    assert shared_pictures("photos", 10) == []
    (folder / "photos").mkdir(parents=True)
    for number in range(25):
        (folder / "photos" / f"{number:02}.jpg").touch()
    (folder / "photos" / "notes.txt").touch()
    assert [path.stem for path in shared_pictures("photos", 10)] == [
        "00",
        "03",
        "06",
        "09",
        "12",
        "15",
        "18",
        "21",
        "24",
    ]


def test_bits_apart() -> None:
    assert bits_apart("00ff", "0f0f") == 8
