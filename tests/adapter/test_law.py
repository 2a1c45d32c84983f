"""Law packs: those that come with the program hold what their facts support, and a flawed one is named to the place."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

import safelight
from safelight.adapter.law import MOST, TomlLaw, read_packs
from safelight.model.errors import LawPackError
from safelight.model.law import Coverage, Covered, DutyKind, LawPack, LawRule, Material, Scanning, Worked
from safelight.model.signal import RuleStatus
from safelight.policy.duties import Began, Facts, duties, stale
from tests.policy.slow_durations import slow_add

PACKS = TomlLaw().packs()
SURE = RuleStatus.CONFIRMED
NOW = datetime(2032, 1, 1, tzinfo=UTC)
RULES = [pytest.param(pack, rule, id=f"{pack.id}/{rule.id}") for pack in PACKS.values() for rule in pack.rules]
EXAMPLES = [
    pytest.param(pack, rule, example, id=f"{pack.id}/{rule.id}/{example.begins.isoformat()}")
    for pack in PACKS.values()
    for rule in pack.rules
    for example in rule.examples
]


@pytest.mark.parametrize(("pack", "rule", "example"), EXAMPLES)
def test_every_example_is_due_when_a_calendar_says_so(pack: LawPack, rule: LawRule, example: Worked) -> None:
    keep = rule.kind is DutyKind.PRESERVE
    day = example.begins.date()  # the offset is the one there, see below
    assert example.applies is ((rule.from_ or day) <= day <= (rule.until or day))
    timed = bool(example.applies and rule.deadline)
    assert (slow_add(example.begins, rule.deadline, pack.zone, keep=keep) if timed else None) == example.due
    for moment in filter(None, (example.begins, example.due)):  # as clocks there show it
        assert moment.utcoffset() == moment.astimezone(ZoneInfo(pack.zone)).utcoffset()


@pytest.mark.parametrize(("pack", "rule", "example"), EXAMPLES)
def test_every_example_is_what_a_case_is_told(pack: LawPack, rule: LawRule, example: Worked) -> None:
    facts = Facts(began=(Began(rule.trigger, example.begins, rule.taker),))
    told = [one for one in duties({pack.id: replace(pack, within=())}, (pack.id,), facts, NOW) if one.rule == rule.id]
    assert [one.due for one in told] == ([example.due] if example.applies else [])


@pytest.mark.parametrize(("pack", "rule"), RULES)
def test_every_rule_has_dated_examples(pack: LawPack, rule: LawRule) -> None:
    assert len(rule.examples) >= 2
    assert any(not example.applies for example in rule.examples) is (rule.from_ is not None)
    assert any(_is_awkward(example, pack) for example in rule.examples) is bool(rule.deadline)


def _is_awkward(example: Worked, pack: LawPack) -> bool:
    """Whether clocks change in between; where they never do, whether a month ends."""
    if example.due is None:
        return False
    zone = ZoneInfo(pack.zone)
    if len({datetime(2026, month, 1, tzinfo=zone).utcoffset() for month in range(1, 13)}) > 1:
        return example.begins.utcoffset() != example.due.utcoffset()
    return (example.begins.year, example.begins.month) != (example.due.year, example.due.month)


def test_the_packs_hold_the_differences_that_matter() -> None:
    assert list(PACKS) == ["au", "ca", "es", "eu", "jp", "kr", "uk", "us"]
    answers = {
        pack.id: next((one.answer, one.status) for one in pack.covered if one.material is Material.SYNTHETIC)
        for pack in PACKS.values()
    }
    assert answers["kr"] == (Coverage.YES, SURE)
    assert answers["ca"] == (Coverage.YES, RuleStatus.UNVERIFIED)  # remembered, not seen
    assert answers["jp"] == (Coverage.NO, SURE)
    assert answers["us"] == (Coverage.SOME, SURE)
    assert PACKS["eu"].scanning.answer is Coverage.NO
    assert PACKS["es"].within == ("eu",)
    assert not any(pack.scanning.answer is Coverage.YES for pack in PACKS.values())
    confirmed = {
        f"{pack.id}/{rule.id}": (rule.deadline, rule.taker)
        for pack in PACKS.values()
        for rule in pack.rules
        if rule.status is SURE
    }
    assert confirmed == {
        "ca/report-address": ("", "cybertip_ca"),
        "ca/report-offence": ("", "police"),
        "ca/preserve": ("P21D", ""),
        "eu/decide": ("", ""),
        "eu/outcome": ("", ""),
        "eu/statement": ("", ""),
        "kr/remove": ("", ""),
        "uk/report": ("", "nca"),
        "us/report": ("", "ncmec"),
        "us/preserve": ("P1Y", "ncmec"),
        "us/take-it-down": ("PT48H", ""),
    }


@pytest.mark.parametrize("pack", [pytest.param(pack, id=pack.id) for pack in PACKS.values()])
def test_what_is_only_remembered_is_not_confirmed(pack: LawPack) -> None:
    entries: list[Covered | Scanning | LawRule] = [*pack.covered, pack.scanning, *pack.rules]
    for entry in entries:
        assert entry.source.as_of <= date(2026, 11, 21)
        if re.match(r"Remembered|Not looked up", entry.source.title):
            assert entry.status is RuleStatus.UNVERIFIED
    assert stale(PACKS, date(2027, 5, 20)) == ()
    assert pack.id in stale(PACKS, date(2027, 5, 21))
    assert re.fullmatch("[0-9a-f]{64}", pack.sha256)


SOUND = Path(safelight.__file__).with_name("law") / "us.toml"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "us.toml").write_bytes(SOUND.read_bytes())
    return tmp_path


def changed(folder: Path, old: str, new: str, name: str = "us.toml") -> LawPackError:
    text = SOUND.read_text(encoding="utf-8")
    assert old in text
    (folder / name).write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(LawPackError) as raised:
        read_packs(folder)
    assert str(folder / name) in str(raised.value)
    return raised.value


def _flaws() -> Iterator[tuple[str, str, str, str]]:
    yield 'zone = "America/New_York"', 'zone = "America/Nowhere"', "zone", "no IANA time zone"
    yield 'zone = "America/New_York"', 'zone = "../../etc/passwd"', "zone", "no IANA time zone"
    yield 'zone = "America/New_York"', "zone = 5", "zone", "str"
    yield "as_of = 2026-11-21", 'as_of = "soon"', "as_of", "date"
    yield 'id = "us"', 'id = "usa"', "id", "us.toml"
    yield 'id = "us"', 'id = "us"\nwithin = ["us"]', "within[0]", "'us'"
    yield 'id = "us"', 'id = "us"\nwithin = ["zz"]', "within[0]", "'zz'"
    yield 'id = "us"', 'id = "us"\nstate = "x"', "state", "no such key"
    yield 'material = "altered"', 'material = "real"', "covered", "of each once"
    yield 'material = "altered"', 'material = "painted"', "covered[1].material", "painted"
    yield 'answer = "some"', 'answer = "yes"', "covered[2].when", "'some'"
    yield 'answer = "some"\n', 'answer = "some"\nsure = true\n', "covered[2].sure", "no such key"
    yield 'answer = "unknown"', 'answer = "perhaps"', "scanning.answer", "perhaps"
    yield 'id = "preserve"', 'id = "report"', "rules[1].id", "another rule"
    yield 'deadline = "P1Y"', 'deadline = "a year"', "rules[1].deadline", "ISO 8601"
    yield 'deadline = "P1Y"', 'deadline = "-P1Y"', "rules[1].deadline", "negative"
    yield 'deadline = "P1Y"', 'deadline = "P2Y"', "rules[1].examples[0]", "2028-03-10T09:00:00-05:00"
    yield 'deadline = "P1Y"\n', "", "rules[1].examples[0]", "names no time"
    yield ", due = 2027-03-10T09:00:00-05:00", "", "rules[1].examples[0]", "not left out"
    yield "begins = 2026-01-15T09:00:00-05:00", "begins = 2026-01-15T09:00:00", "rules[0].examples[0]", "offset"
    yield "2026-05-18T23:30:00-04:00, applies = false", "2026-05-18T23:30:00-04:00", "rules[2].examples[0]", "is not in"
    yield "2026-05-18T23:30:00-04:00, app", "2026-05-19T00:00:00-04:00, app", "rules[2].examples[0]", "is in force"
    yield "{ begins = 2026-01-15T09:00:00-05:00 },", "", "rules[0].examples", "at least two"
    yield 'deadline = "P1Y"', 'deadline = "P9000Y"', "rules[1].examples[0]", "calendar"
    yield "from = 2026-05-19", "from = 2027-05-19", "rules[2].examples[1]", "not in force"
    yield "from = 2026-05-19", "from = 2026-05-19\nuntil = 2026-05-18", "rules[2].until", "before it begins"
    yield "from = 2026-05-19", 'from = 2026-05-19\ntaker = "ncmec"', "rules[2].taker", "reports"
    yield 'taker = "ncmec"', 'taker = "fbi"', "rules[0].taker", "regex"
    yield 'kind = "report"', 'kind = "pray"', "rules[0].kind", "pray"
    yield 'trigger = "knowledge"', 'trigger = "gossip"', "rules[0].trigger", "gossip"
    yield 'title = "Report to', 'title = "\\u001b[2J Report to', "rules[0].title", "regex"
    yield 'basis = "18 U.S.C. 2258A"\n', "", "rules[0].basis", "missing"
    yield 'url = "https://www.congress', 'url = "javascript:', "rules[2].source.url", "regex"
    yield "begins = 2026-03-10T09:00:00-04:00", "begins = 2026-03-10T09:00:00", "rules[1].examples[0]", "offset"
    yield "zone = ", "zone = = ", "line 5, column 8", "Invalid value"


@pytest.mark.parametrize(("old", "new", "place", "says"), list(_flaws()))
def test_a_flaw_is_named_with_its_place(folder: Path, old: str, new: str, place: str, says: str) -> None:
    error = changed(folder, old, new)
    assert error.details["place"] == place
    assert says in str(error.details["cause"])


def test_one_example_is_not_enough(folder: Path) -> None:
    error = changed(folder, "  { begins = 2028-02-29T12:00:00-05:00, due = 2029-03-01T12:00:00-05:00 },", "")
    assert (error.details["place"], str(error.details["cause"])) == ("rules[1].examples", "a rule has at least two")


def test_files_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    def place(path: Path) -> tuple[str, str]:
        with pytest.raises(LawPackError) as raised:
            read_packs(path)
        return str(raised.value.details["place"]), str(raised.value.details["cause"])

    assert place(tmp_path / "none") == ("file", "No such file or directory")
    assert place(tmp_path) == ("folder", "it holds no file *.toml")
    file = tmp_path / "us.toml"
    file.write_bytes(b'id = "\xff"')
    assert place(file) == ("byte 6", "it is not UTF-8")
    file.write_bytes(b"#" * (MOST + 1))
    assert place(tmp_path) == ("file", "it is larger than 1,048,576 bytes")
    file.unlink()
    file.mkdir()
    assert place(tmp_path) == ("file", "Is a directory")


def test_an_operators_own_pack_replaces_ours_and_adds_to_them(tmp_path: Path) -> None:
    ours = SOUND.read_text(encoding="utf-8")
    (tmp_path / "us.toml").write_text(ours.replace("United States, federal law", "By our counsel"), encoding="utf-8")
    (tmp_path / "xx.toml").write_text(ours.replace('id = "us"', 'id = "xx"\nwithin = ["us"]', 1), encoding="utf-8")
    packs = TomlLaw(tmp_path).packs()
    assert sorted(packs) == sorted([*PACKS, "xx"])
    assert (packs["us"].name, packs["xx"].within, packs["ca"]) == ("By our counsel", ("us",), PACKS["ca"])
    assert packs["us"].sha256 != PACKS["us"].sha256
    assert read_packs(tmp_path / "us.toml") == {"us": packs["us"]}
