"""The demo's folders hold what their expectations say: checked with Safelight's own stages, without a scan."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from safelight.demo.folder import Expectation, expectations, make_bank_folder, make_negative_folder, make_suspect_folder
from safelight.flow.bank_media import known_hashes
from safelight.flow.examine import examine
from safelight.flow.looking import WorkingLook
from safelight.match.judge import exact_matches, near_hits, near_matches, suppress
from safelight.match.local.derive import derive
from safelight.match.local.sketch import lists_of, make_sketch
from safelight.match.local.trace import trace
from safelight.match.queries import pack, queries_of
from safelight.model.bank import Bank, BankEntry, KnownHash
from safelight.model.decision import Outcome
from safelight.model.derivation import Verdict
from safelight.model.local import OF_KNOWN, OF_QUERY, LocalRequest
from safelight.model.match import Match
from safelight.model.media import Limits
from safelight.model.scan import Examination, Status
from safelight.policy.decide import decide
from tests.match.local.pictures import quantiser

VIDEOS = {"clips", "videos"}
"""Folders of videos."""
EMPTY = "other/clip.mp4"
"""A video without a frame: it could not be checked, as is known only when videos are looked at."""


def pictures_of(files: Path) -> dict[str, Expectation]:
    """What is expected of all but the videos, and of stills that are known from videos only."""
    return {path: row for path, row in expectations(files).items() if not path.startswith("videos/") and path != EMPTY}


def examined(folder: Path, local: LocalRequest | None = None, only: str = "*") -> Iterator[Examination]:
    """All but the videos, which `test_videos` looks at."""
    for path in sorted(folder.rglob(only)):
        if path.is_file() and path.parent.name not in VIDEOS:
            with path.open("rb") as stream:
                yield from examine(path.relative_to(folder).as_posix(), stream, Limits(), local=local)


class PlainBank:
    """A bank in memory, searched by comparing everything with everything."""

    def __init__(self, bank: Bank, folder: Path) -> None:
        self.bank = bank
        self.entries: dict[int, tuple[BankEntry, KnownHash]] = {}
        self.digests: dict[str, tuple[Bank, BankEntry, KnownHash]] = {}
        for item in examined(folder):
            assert item.status is Status.OK
            assert item.fingerprint is not None
            entry = BankEntry(item.path, known_hashes(item.fingerprint))
            for known in entry.hashes:
                if known.kind == "pdq":
                    self.entries[len(self.entries)] = (entry, known)
                else:
                    self.digests[known.value] = (bank, entry, known)
        codes = b"".join(bytes.fromhex(known.value) for _, known in self.entries.values())
        self.codes = np.frombuffer(codes, dtype=np.uint8).reshape(-1, 32)

    def matches(self, item: Examination) -> list[Match]:
        if item.fingerprint is None:
            return []
        digests = item.fingerprint.digests
        same = [self.digests[v] for v in (digests.md5, digests.sha1, digests.sha256) if v in self.digests]
        queries = queries_of(item.fingerprint)
        distances = np.bitwise_count(pack(queries)[:, None] ^ self.codes[None]).sum(-1, dtype=int)
        places = zip(*np.nonzero(distances <= self.bank.threshold), strict=True)
        hits = [(int(query), int(known), int(distances[query, known])) for query, known in places]
        return [
            *exact_matches(same),
            *near_matches(queries, [near_hits(self.bank, queries, hits, self.entries, len(self.entries))]),
        ]


@pytest.mark.timeout(120)
def test_a_scan_finds_what_is_expected(tmp_path: Path) -> None:
    known = PlainBank(Bank(1, "known"), make_bank_folder(tmp_path / "known"))
    benign = PlainBank(Bank(2, "benign", negative=True), make_negative_folder(tmp_path / "benign"))
    files = make_suspect_folder(tmp_path / "files")
    expected = pictures_of(files)
    found = {
        item.path: decide(item.status, suppress([*known.matches(item), *benign.matches(item)]), item.error).outcome
        for item in examined(files)
        if item.path != EMPTY
    }
    by_hashes = {path: row.expect for path, row in expected.items() if row.expect is not Outcome.DERIVED}
    assert {path: outcome for path, outcome in found.items() if path in by_hashes} == by_hashes
    assert {found[path] for path in expected.keys() - by_hashes.keys()} == {Outcome.CLEAR, Outcome.PARTIAL}
    assert len({entry.name for entry, _ in known.entries.values()}) == 40
    written = [path for path in files.rglob("*") if path.is_file()]
    assert len(written) >= 330
    assert sum(path.stat().st_size for path in written) < 60e6
    counts = Counter(found.values())
    assert set(counts) == set(Outcome) - {Outcome.DERIVED, Outcome.LEAD}
    assert counts[Outcome.NEAR] > 100 < counts[Outcome.CLEAR]
    listing = json.loads((tmp_path / "expected.json").read_text(encoding="utf-8"))
    assert list(listing) == sorted(listing)
    assert all(row["why"] for row in listing.values())


def test_altered_files_are_traced_and_others_are_not(tmp_path: Path) -> None:
    make_bank_folder(tmp_path / "known")
    known = [item.local for item in examined(tmp_path / "known", OF_KNOWN) if item.local is not None]
    sketches = [make_sketch(local, quantiser()) for local in known]
    lists = lists_of(sketches)
    files = make_suspect_folder(tmp_path / "files")
    expected = pictures_of(files)
    derived = {path for path, row in expected.items() if row.expect is Outcome.DERIVED}
    clear = sorted(path for path, row in expected.items() if row.expect is Outcome.CLEAR and "!" not in path)
    for path in [*sorted(derived), *clear[::8]]:
        (item,) = examined(files, OF_QUERY, path)
        assert item.local is not None
        look = WorkingLook(item.local.working)
        size = (item.local.working.width, item.local.working.height)
        found = trace(item.local.features, [lists], lambda _s, n: sketches[n], look, quantiser())
        verdicts = {derive(one, look, size, len(sketches)).derivation.verdict for one in found}
        assert (Verdict.DERIVATIVE in verdicts) == (path in derived), path


def test_bank_folders_are_deterministic(tmp_path: Path) -> None:
    first, second = make_negative_folder(tmp_path / "a"), make_negative_folder(tmp_path / "b")
    for path in first.iterdir():
        assert path.read_bytes() == (second / path.name).read_bytes()
