import hashlib
import random
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from safelight.flow.family import FamilyLabels, find_family, forget_item, record_scan, with_families
from safelight.model.bank import Bank, BankEntry, KnownHash
from safelight.model.errors import InputError, UnknownEntryError
from safelight.model.family import EdgeKind, Family, MemberKind, family_id
from safelight.model.match import Match, MatchKind
from safelight.model.scan import ScanRow
from tests.contract.memory_bank_store import MemoryBankStore, SetClock
from tests.contract.memory_family_store import MemoryFamilyStore
from tests.rows import digests_of, row_of

MOMENT = datetime(2026, 6, 1, tzinfo=UTC)


def match(entry: str, kind: MatchKind = MatchKind.NEAR, **other: object) -> Match:
    bank, _, name = entry.partition("/")
    values = {"algorithm": "pdq", "distance": 9, "p_false_match": 1e-6, **other}
    return Match(bank=bank, entry=name, kind=kind, **values)  # type: ignore[arg-type]  # tests name the fields


def row(number: int, *matches: Match, path: str = "") -> ScanRow:
    return replace(row_of(path or f"/files/{number}.png", number), matches=matches)


def sha256(number: int) -> str:
    return digests_of(number).sha256


ROWS = [
    row(1, match("known/a"), match("list/b")),
    row(2, match("list/b", MatchKind.DERIVATIVE)),
    row(1, match("known/a"), match("list/b"), path="/files/copy of 1.png"),
    row(3, match("known/c")),
    row(4, match("known/a", MatchKind.SHARED_SCENE)),
    row(5, match("benign/a", negative=True), match("known/a", suppressed_by="benign/a")),
    row(6),
    row_of("/files/unread.png"),
]


class TestLabels:
    def test_rows_get_the_family_they_are_in(self) -> None:
        labels = FamilyLabels(ROWS)
        a, c = family_id("known/a"), family_id("known/c")
        assert [one.family for one in with_families(ROWS, labels)] == [a, a, a, c, None, None, None, None]
        assert (labels.count, labels.largest) == (2, 3)

    def test_the_order_of_rows_does_not_matter(self) -> None:
        shuffled = random.Random(3).sample(ROWS, len(ROWS))
        labels, others = FamilyLabels(ROWS), FamilyLabels(shuffled)
        assert [labels.of(one) for one in ROWS] == [others.of(one) for one in ROWS]

    def test_a_scan_without_matches_has_no_families(self) -> None:
        labels = FamilyLabels(ROWS[4:])
        assert (labels.count, labels.largest) == (0, 0)
        assert list(with_families(ROWS[4:], labels)) == ROWS[4:]


@pytest.fixture
def banks() -> MemoryBankStore:
    store = MemoryBankStore(SetClock())
    for name in ("known", "list", "off"):
        store.create(Bank(0, name, enabled=name != "off"))
    store.create(Bank(0, "benign", negative=True))
    store.add(store.bank("known"), [BankEntry("a", (KnownHash("sha256", sha256(9)),)), BankEntry("c", ())])
    store.add(store.bank("list"), [BankEntry("b", ())])
    for name in ("benign", "off"):
        store.add(store.bank(name), [BankEntry("d", (KnownHash("sha256", sha256(3)),))])
    return store


@pytest.fixture
def families() -> MemoryFamilyStore:
    store = MemoryFamilyStore()
    record_scan(iter(ROWS), store, MOMENT)
    return store


def items(family: Family | None) -> set[str]:
    assert family is not None
    return {member.identity for member in family.members}


def test_only_files_with_something_to_say_are_kept(families: MemoryFamilyStore) -> None:
    assert set(families.paths) == {sha256(n) for n in (1, 2, 3, 4)}
    assert set(families.paths[sha256(1)]) == {"/files/1.png", "/files/copy of 1.png"}


def test_recording_again_changes_nothing(families: MemoryFamilyStore) -> None:
    before = MemoryFamilyStore(dict(families.edges), dict(families.kept_leads), dict(families.paths))
    record_scan(reversed(ROWS), families, MOMENT)
    assert families == before


WHOLE = {"known/a", "list/b", sha256(1), sha256(2)}


@pytest.mark.parametrize(
    "item", ["known/a", "list/b", sha256(1), sha256(2).upper(), family_id("known/a"), family_id("list/b").upper()]
)
def test_a_family_is_found_from_each_of_its_members(
    banks: MemoryBankStore, families: MemoryFamilyStore, item: str
) -> None:
    family = find_family(item, banks, families)
    assert items(family) == WHOLE
    assert family is not None
    assert family.id == family_id("known/a")
    assert [lead.item for lead in family.leads] == [sha256(4)]
    assert [member.name for member in family.beside] == ["/files/4.png"]
    (one,) = (member for member in family.members if member.sha256 == sha256(1))
    assert (one.kind, one.name, one.places) == (MemberKind.FILE, "/files/1.png", 2)


def test_several_scans_make_one_family(banks: MemoryBankStore, families: MemoryFamilyStore) -> None:
    record_scan([row(7, match("known/a"), match("known/c"))], families, MOMENT)
    assert items(find_family(sha256(3), banks, families)) == {*WHOLE, "known/c", sha256(3), sha256(7)}


def test_a_file_never_scanned_finds_its_family_by_the_bytes_of_an_entry(
    banks: MemoryBankStore, families: MemoryFamilyStore, tmp_path: Path
) -> None:
    content = b"the very bytes"
    digest = hashlib.sha256(content).hexdigest()
    banks.add(banks.bank("list"), [BankEntry("same", (KnownHash("md5", hashlib.md5(content).hexdigest()),))])
    (tmp_path / "file.png").write_bytes(content)
    family = find_family(str(tmp_path / "file.png"), banks, families)
    assert items(family) == {"list/same", digest}
    assert family is not None
    assert family.members[1].name == str(tmp_path / "file.png")
    assert family.edges[0].kind is EdgeKind.EXACT
    assert items(find_family(sha256(9), banks, families)) == {*WHOLE, sha256(9)}
    assert digest not in families.paths, "asking keeps nothing"


def test_disabled_and_known_benign_banks_join_nothing(banks: MemoryBankStore, families: MemoryFamilyStore) -> None:
    assert items(find_family(sha256(3), banks, families)) == {"known/c", sha256(3)}
    banks.update(replace(banks.bank("list"), negative=True))
    assert items(find_family(sha256(1), banks, families)) == {"known/a", sha256(1)}
    assert find_family(sha256(2), banks, families) is None
    banks.update(replace(banks.bank("known"), negative=True))
    assert find_family(sha256(4), banks, families) is None


def test_a_lead_alone_is_no_family_but_is_told(banks: MemoryBankStore, families: MemoryFamilyStore) -> None:
    lone = find_family(sha256(4), banks, families)
    assert items(lone) == {sha256(4)}
    assert lone is not None
    assert lone.edges == ()
    assert [(lead.item, lead.entry) for lead in lone.leads] == [(sha256(4), "known/a")]
    assert lone.members[0].name == "/files/4.png"


def test_what_nothing_is_kept_of(banks: MemoryBankStore, families: MemoryFamilyStore, tmp_path: Path) -> None:
    (tmp_path / "new.png").write_bytes(b"never seen")
    banks.add(banks.bank("known"), [BankEntry("alone", ())])
    for item in (sha256(6), "f" * 16, str(tmp_path / "new.png"), "known/alone"):
        assert find_family(item, banks, families) is None


@pytest.mark.parametrize("item", ["nowhere.png", "no-bank/a", "ab" * 31, "", "known"])
def test_what_is_none_of_the_four(banks: MemoryBankStore, families: MemoryFamilyStore, item: str) -> None:
    with pytest.raises(InputError, match="neither a file, nor a SHA-256, a family's id or BANK/ENTRY"):
        find_family(item, banks, families)


def test_an_entry_that_is_not_there(banks: MemoryBankStore, families: MemoryFamilyStore) -> None:
    with pytest.raises(UnknownEntryError, match="bank 'known' has no entry called 'zz'"):
        find_family("known/zz", banks, families)


def test_what_cannot_be_read(banks: MemoryBankStore, families: MemoryFamilyStore, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not a regular file"):
        find_family(str(tmp_path), banks, families)
    (tmp_path / "dangling").symlink_to(tmp_path / "gone")
    with pytest.raises(InputError, match="dangling: not a regular file"):
        find_family(str(tmp_path / "dangling"), banks, families)


def test_forgetting(banks: MemoryBankStore, families: MemoryFamilyStore, tmp_path: Path) -> None:
    forget_item("list/b", families)
    assert items(find_family(sha256(1), banks, families)) == {"known/a", sha256(1)}
    assert find_family(sha256(2), banks, families) is None
    (tmp_path / "file").write_bytes(b"x")
    record_scan([replace(row(1, match("known/c")), sha256=hashlib.sha256(b"x").hexdigest())], families, MOMENT)
    forget_item(str(tmp_path / "file"), families)
    assert items(find_family("known/c", banks, families)) == {"known/c", sha256(3)}
    forget_item("known/gone", families)
