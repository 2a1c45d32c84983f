"""The shortlist of docs/plugins.md keeps the contract, and what it names is decided by keypoints alone."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safelight.flow.trace import SHORTLISTED, Tracer
from safelight.model.bank import Bank, BankEntry
from safelight.model.local import OF_KNOWN, WorkingPicture
from safelight.model.match import Match, MatchKind
from safelight.model.scan import Depth
from safelight.plugin.shortlists import load_shortlist
from safelight.ports import Shortlist
from tests.contract.memory_bank_store import MemoryBankStore, SetClock
from tests.contract.memory_features import MemoryFeatureRoom
from tests.match.local.pictures import Rgb, drawn, patched, quantiser, seen, sketch
from tests.plugin.packages import EXAMPLE, install_example, reachable

KNOWN = range(8)


@pytest.fixture
def example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shortlist:
    install_example(tmp_path / "site")
    reachable(monkeypatch, tmp_path / "site")
    return load_shortlist(EXAMPLE, tmp_path / "room")


def working(pixels: Rgb) -> WorkingPicture:
    return seen(pixels, OF_KNOWN).working


def filled(shortlist: Shortlist, bank: int = 1, numbers: Iterable[int] = KNOWN) -> Shortlist:
    shortlist.add(bank, [(100 + number, working(drawn(number))) for number in numbers])
    return shortlist


def test_the_source_of_a_patched_picture_ranks_high(example: Shortlist) -> None:
    filled(example)
    ranks = []
    for number in KNOWN:
        query = seen(patched(drawn(number), drawn(number + 20), (200, 120, 420, 360))).working
        ranks.append(example.nearest(1, query, 50).index(100 + number))
    assert ranks.count(0) >= 6
    assert max(ranks) <= 2


def test_what_is_kept_outlives_the_process_and_is_no_picture(example: Shortlist, tmp_path: Path) -> None:
    filled(example)
    query = working(drawn(5))
    again = load_shortlist(EXAMPLE, tmp_path / "room")
    assert again.nearest(1, query, 50) == example.nearest(1, query, 50)
    assert sorted(again.nearest(1, query, 50)) == [100 + number for number in KNOWN]
    held = [path for path in (tmp_path / "room").rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in held) < 200 * len(KNOWN)


def test_banks_are_apart_and_what_is_forgotten_leaves_no_byte(example: Shortlist, tmp_path: Path) -> None:
    filled(example)
    filled(example, bank=2, numbers=[1])
    query = working(drawn(3))
    file = tmp_path / "room" / EXAMPLE / "1.npy"
    row = next(one.tobytes() for one in np.load(file) if one["entry"] == 103)
    example.remove(1, [103, 999])
    assert 103 not in example.nearest(1, query, 50)
    assert row not in file.read_bytes()
    example.drop(1)
    example.drop(77)
    assert (example.nearest(1, query, 50), example.nearest(2, query, 50)) == ([], [101])
    assert not file.exists()


def test_adding_again_replaces_and_ties_go_by_entry(example: Shortlist) -> None:
    filled(example, numbers=[4])
    example.add(1, [(104, working(drawn(6))), (50, working(drawn(6))), (7, working(drawn(4)))])
    assert example.nearest(1, working(drawn(4)), 50) == [7, 50, 104]


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 255))
def test_any_picture_has_a_place(height: int, width: int, luma: int) -> None:
    """By the page's own function: a fixture would be shared by all examples."""
    from tests.docs.pages import DOCS, fenced

    names: dict[str, object] = {"__name__": "example"}
    exec(fenced((DOCS / "plugins.md").read_text(encoding="utf-8"), "python")[0], names)
    grey = np.arange(height * width, dtype=np.uint8).reshape(height, width) ^ np.uint8(luma)
    vector = names["describe"](grey)  # type: ignore[operator]  # it is looked up by its name
    assert (vector.dtype, vector.shape) == (np.int8, (128,))
    assert abs(np.linalg.norm(vector.astype(float)) - 127) < 8 or not vector.any()


class Naming:
    """A shortlist that names what it is told to."""

    name = "naming"

    def __init__(self, *entries: int) -> None:
        self.entries = entries
        self.asked: list[tuple[int, int]] = []

    def nearest(self, bank_id: int, working: WorkingPicture, count: int) -> list[int]:
        del working
        self.asked.append((bank_id, count))
        return list(self.entries)

    def add(self, bank_id: int, items: Iterable[tuple[int, WorkingPicture]]) -> None:
        raise NotImplementedError

    def remove(self, bank_id: int, entries: Iterable[int]) -> None:
        raise NotImplementedError

    def drop(self, bank_id: int) -> None:
        raise NotImplementedError


class Traced:
    """A bank of drawn pictures, with one entry for each of `numbers`, traced with and without a shortlist."""

    def __init__(self, numbers: Iterable[int]) -> None:
        self.store = MemoryBankStore(SetClock())
        self.features = MemoryFeatureRoom()
        self.bank = self.store.create(Bank(0, "known"))
        names = {f"{place:02}": number for place, number in enumerate(numbers)}
        self.store.add(self.bank, [BankEntry(name, ()) for name in names])
        self.ids = self.store.entry_ids(self.bank, list(names))
        with_sketches = [(self.ids[name], 0, sketch(number)) for name, number in names.items()]
        self.features.open(self.bank, write=True).add(with_sketches)

    def by(self, shortlist: Shortlist | None, pixels: Rgb) -> list[Match]:
        with Tracer(self.store, self.features, [self.bank], quantiser, Depth.FULL, shortlist=shortlist) as tracer:
            return tracer.by_keypoints(seen(pixels), "item")


def test_results_are_the_same_when_everything_is_found_anyway(example: Shortlist) -> None:
    traced = Traced(KNOWN)
    example.add(traced.bank.id, [(traced.ids[f"{n:02}"], working(drawn(n))) for n in KNOWN])
    for number in (1, 4, 33):
        pixels = patched(drawn(number), drawn(number + 20), (200, 120, 380, 330))
        without = traced.by(None, pixels)
        assert traced.by(example, pixels) == without
        assert [m.entry for m in without if m.kind is MatchKind.DERIVATIVE] == [f"{number:02}"] * (number in KNOWN)


def test_what_only_the_shortlist_brings_is_found_by_the_same_evidence() -> None:
    """Of six copies of one picture in a bank, the search looks at four."""
    traced = Traced([1, 1, 1, 1, 1, 1, 2, 3])
    pixels = patched(drawn(1), drawn(21), (200, 120, 380, 330))
    without = traced.by(None, pixels)
    assert [match.entry for match in without] == ["00", "01", "02", "03"]
    naming = Naming(traced.ids["04"], traced.ids["00"], traced.ids["06"])
    found = traced.by(naming, pixels)
    assert naming.asked == [(traced.bank.id, SHORTLISTED)]
    assert [match.entry for match in found] == ["00", "01", "02", "03", "04"]
    fields = ("kind", "affine", "inliers", "found", "log_ratio", "parts", "p_false_match", "altered_region")
    assert {tuple(getattr(match, name) for name in fields) for match in found} == {
        tuple(getattr(without[0], name) for name in fields)
    }


def test_what_a_shortlist_names_is_no_match_by_that() -> None:
    """Wrong ones, ones that are gone, and none at all."""
    traced = Traced(KNOWN)
    everything = Naming(*traced.ids.values(), 12345, -1)
    for shortlist in (everything, Naming(12345), Naming()):
        assert traced.by(shortlist, drawn(33)) == []
