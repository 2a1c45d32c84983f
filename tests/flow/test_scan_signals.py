"""What a scan does with signals: they are told, prompts are kept apart, and none of it changes a decision."""

from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.adapter.journal.sqlite import SqliteJournal
from safelight.adapter.store import open_store
from safelight.flow.lookup import Lookup
from safelight.flow.matching import Matcher
from safelight.flow.scan import ScanRequest, judge, scan
from safelight.model.bank import Bank
from safelight.model.codec import to_json
from safelight.model.errors import ScanStateError
from safelight.model.hint import Hint, HintVerdict
from safelight.model.scan import Examination, Status
from safelight.model.signal import (
    Forgeable,
    Place,
    Prompt,
    Rule,
    Says,
    Signal,
    SignalKind,
    SignalRequest,
    Withheld,
)
from tests.fakes import BruteRoom, CountedProgress, FakeClock, FakeExaminer, KeptOutputs
from tests.rows import derivative_of, examination_of

TEXT = "a lighthouse at dusk, oil on canvas"
PLACE = Place('PNG tEXt "parameters"', 41, 76)
PROMPT = Prompt(sha256(TEXT.encode()).hexdigest(), PLACE, TEXT)
MADE = Signal(
    "generator_x",
    "names a program",
    SignalKind.METADATA,
    Says.AI_MADE,
    "X",
    (PLACE,),
    Forgeable.ANYONE,
    Rule("x", "its documentation", "2026-11-22"),
    withheld=Withheld(PROMPT.sha256, len(TEXT)),
)


class KeptPrompts:
    def __init__(self, *, room: bool = True) -> None:
        self.kept: dict[str, tuple[str, Sequence[Prompt]]] = {}
        self.room = room

    def clear(self) -> None:
        self.kept = {"cleared": ("", ())}

    def keep(self, media: str, sha256: str, prompts: Sequence[Prompt]) -> bool:
        self.kept[media] = (sha256, prompts)
        return self.room


def run(
    folder: Path, examination: Examination, request: SignalRequest | None, *, room: bool = True
) -> tuple[KeptOutputs, KeptPrompts]:
    store = open_store(folder / "home", FakeClock())
    store.create(Bank(0, "known"))
    (folder / "files").mkdir(exist_ok=True)
    path = folder / "files" / "0"
    path.touch()
    examiner = FakeExaminer({str(path): [replace(examination, path=str(path))]})
    outputs, prompts = KeptOutputs(), KeptPrompts(room=room)
    asked = ScanRequest((str(folder / "files"),), (), 1, signals=request, trust="list 1")
    journal = SqliteJournal(folder / "out" / "journal.sqlite")
    with Lookup(store, BruteRoom(), ["known"]) as lookup, Matcher(lookup) as matcher:
        try:
            scan(asked, matcher, examiner, journal, outputs, FakeClock(), CountedProgress(), None, prompts)
        except ScanStateError:
            journal.close()
            raise
    return outputs, prompts


def test_a_prompt_is_kept_apart_and_is_in_no_result(tmp_path: Path) -> None:
    examination = replace(examination_of("0", 0, MADE), prompts=(PROMPT,))
    outputs, prompts = run(tmp_path, examination, SignalRequest())
    (row,) = outputs.rows
    assert prompts.kept == {"cleared": ("", ()), row.path: (row.sha256, (PROMPT,))}
    assert row.signals == (MADE,)
    assert "lighthouse" not in to_json(row).decode()


def test_prompts_without_room_are_told_of(tmp_path: Path) -> None:
    examination = replace(examination_of("0", 0, MADE), prompts=(PROMPT,))
    outputs, _ = run(tmp_path, examination, SignalRequest(), room=False)
    assert [signal.name for signal in outputs.rows[0].signals] == ["generator_x", "prompts_dropped"]
    assert "lighthouse" not in to_json(outputs.rows[0]).decode()


def test_a_row_tells_what_its_signals_amount_to(tmp_path: Path) -> None:
    outputs, _ = run(tmp_path, examination_of("0", 0, MADE), SignalRequest())
    assert outputs.rows[0].assessment.artificialness == "fully_synthetic"
    assert outputs.summary is not None
    assert outputs.summary.by_artificialness == {"fully_synthetic": 1}


def test_a_scan_is_not_taken_up_with_other_signals(tmp_path: Path) -> None:
    journal = SqliteJournal(tmp_path / "out" / "journal.sqlite")
    journal.begin("a plan without signals")
    journal.close()
    with pytest.raises(ScanStateError):
        run(tmp_path, examination_of("0", 0), SignalRequest())


@given(
    verdict=st.sampled_from(HintVerdict),
    score=st.none() | st.floats(0, 1),
    signals=st.lists(st.builds(replace, st.just(MADE), says=st.sampled_from(Says)), max_size=3),
)
def test_no_signal_and_no_hint_changes_a_decision(
    verdict: HintVerdict, score: float | None, signals: list[Signal]
) -> None:
    plain = examination_of("0", 0)
    told = replace(plain, signals=tuple(signals), hint=Hint("a detector", "0" * 64, verdict, score, "why"))
    assert judge(told, ()).decision == judge(plain, ()).decision


def test_what_is_missing_of_a_broken_file_is_not_taken_for_replaced() -> None:
    match = derivative_of("bank", "entry")
    whole, broken = examination_of("0", 0), replace(examination_of("0", 0), status=Status.DEGRADED)
    assert judge(whole, (match,)).assessment.artificialness == "partially_altered"
    row = judge(broken, (match,))
    assert row.assessment.artificialness == "unknown"
    assert row.matches == (match,)
