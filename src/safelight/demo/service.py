"""Fills the service's queue with some of the demo's files, so that a newcomer finds something to look at."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

from safelight.app import App
from safelight.flow.intake import Arrival, Intake
from safelight.model.decision import Outcome
from safelight.model.match import Match
from safelight.model.scan import ScanRow
from safelight.model.service import Item

MOST = {Outcome.DERIVED: 14, Outcome.NEAR: 6, Outcome.KNOWN: 4, Outcome.LEAD: 3}
"""How many files of each outcome become items."""


def fill_service(app: App, known: Path, rows: Iterable[ScanRow], say: Callable[[int, int], None]) -> int:
    """Take some files of a scan in, as if they had come to the gate, and the known ones that they were made from.

    Args:
        app: of the demo's own data folder.
        known: the folder of the bank's media; entries are named by their paths in it.
        rows: of the scan; what they say is not found out again.
        say: told how many items are in, of how many.

    Returns:
        The number of items.
    """
    chosen = list(_chosen(rows))
    sources = list(dict.fromkeys(path for row in chosen for path in _sources(row, known)))
    told = {row.sha256: row for row in chosen}

    def look(file: BinaryIO, name: str) -> Sequence[ScanRow]:
        digest = sha256(file.read()).hexdigest()
        file.seek(0)
        return [told[digest]] if digest in told else app.looker(file, name)

    intake = Intake(app.cases, app.evidence, app.families, app.store, look, app.ids, app.clock)
    files = [*((path, "demo-known") for path in sources), *((Path(row.path), "gate") for row in chosen)]
    try:
        for number, (path, source) in enumerate(files, 1):
            _take_in(intake, path, source)
            say(number, len(files))
    finally:
        app.close_gate()
    return len(files)


def _take_in(intake: Intake, path: Path, source: str) -> Item:
    with path.open("rb") as file:
        item = intake.receive(file, Arrival(source, path.name, "demo-account", keep=True))
    return intake.process(item.id)


def _chosen(rows: Iterable[ScanRow]) -> Iterator[ScanRow]:
    """A few of each outcome, in the order of the scan: files of their own, examined in full."""
    left = dict(MOST)
    for row in rows:
        outcome = row.decision.outcome
        if left.get(outcome) and not row.decision.degraded and row.duplicate_of is None and "!/" not in row.path:
            left[outcome] -= 1
            yield row


def _sources(row: ScanRow, known: Path) -> Iterator[Path]:
    best: Match | None = next((match for match in row.matches if not match.negative), None)
    if best is not None and (path := known / best.entry).is_file():
        yield path
