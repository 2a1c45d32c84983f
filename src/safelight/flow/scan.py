"""The main job: every file under some paths, examined, matched and decided on.

One file, followed from here: `list_files` -> `ExamineJob` -> (confined worker: `flow.examine`) -> `Examination` ->
`Matcher.matches` -> `decide` -> `ScanRow` -> journal -> outputs.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields, is_dataclass, replace
from pathlib import Path

import numpy as np

from safelight import __version__
from safelight.flow.allowance import stored_bytes
from safelight.flow.duplicates import Duplicates
from safelight.flow.family import FamilyLabels, record_scan, with_families
from safelight.flow.matching import Matcher, depth_of
from safelight.flow.walk import display, list_files
from safelight.model.decision import Outcome
from safelight.model.match import Match, MatchKind
from safelight.model.scan import RESULT_SCHEMA, Examination, ScanRow, ScanSummary, Status
from safelight.model.signal import Signal, SignalRequest
from safelight.policy.assess import assess
from safelight.policy.decide import decide
from safelight.ports import (
    Clock,
    Examined,
    ExamineJob,
    Examiner,
    FamilyStore,
    Progress,
    Prompts,
    ScanJournal,
    ScanOutputs,
)

BATCH = 32
"""Results looked up together: enough to spread the cost of a call, few enough to lose little in a crash."""
BATCH_BYTES = 64 << 20
"""Bytes of arrays in results from which on a batch is complete: key frames of one video take up to ten MB."""
COMMIT_SECONDS = 1.0
MAX_MATCHES = 1_000
"""Matches that a row holds, the best ones: a picture may lie in a crowd of near-identical entries."""
FOUND = frozenset({Outcome.KNOWN, Outcome.NEAR, Outcome.DERIVED})
"""Outcomes that say: this is, or came from, an item of a bank. A shared scene does not."""


@dataclass(frozen=True, slots=True)
class ScanRequest:
    """What to scan. `own`: the scan's own files, not listed when they lie inside `paths`. `processes`: to be told.

    `signals`: what to read of how files were made, None for nothing. `trust`: digest of the trust list in force.
    """

    paths: tuple[str, ...]
    own: tuple[Path, ...]
    processes: int
    thumbnails: bool = False
    signals: SignalRequest | None = None
    trust: str = ""


def scan(
    request: ScanRequest,
    matcher: Matcher,
    examiner: Examiner,
    journal: ScanJournal,
    outputs: ScanOutputs,
    clock: Clock,
    progress: Progress,
    families: FamilyStore | None = None,
    prompts: Prompts | None = None,
) -> tuple[ScanSummary, dict[str, str]]:
    """Scan, or take up an interrupted scan of the same request; return the summary and the paths of the outputs.

    With `families`, what was found is kept there for later scans (docs/families.md). Prompts that files carry go to
    `prompts`, and to nothing else.

    Raises:
        InputError: a path that does not exist, or nothing to examine.
        ScanStateError: the output folder holds another unfinished scan.
        StorageError, SandboxError, IndexCorruptError: the surroundings failed; what was done is kept for a resume.
    """
    lookup = matcher.lookup
    if not journal.begin(_plan(request, matcher)) and prompts is not None:
        prompts.clear()
    journal.list_files(list_files(request.paths, request.own))
    journal.add_run(clock.now(), 0)
    done, total = journal.progress()
    progress.start(total, done)
    duplicates = Duplicates(journal)
    with examiner.run(_jobs(journal, request, matcher), duplicates.known, matcher.wanted) as results:
        lookup.open()  # while the workers warm up
        _work(_apart(results, prompts), matcher, journal, duplicates, clock, progress)
    labels = FamilyLabels(journal.rows())
    summary = _summarise(request, matcher, journal, clock, examiner, labels)
    written = outputs.write(lambda: with_families(journal.rows(), labels), summary)
    if families is not None:
        record_scan(journal.rows(), families, summary.started)
    journal.discard()
    return summary, written


def judge(examination: Examination, matches: tuple[Match, ...]) -> ScanRow:
    """The row of one examined file: its facts, its matches and the decision on it."""
    fingerprint, facts = examination.fingerprint, examination.facts
    digests = fingerprint.digests if fingerprint else None
    main = fingerprint.main if fingerprint else None
    signals = examination.signals
    if len(matches) > MAX_MATCHES:
        signals += (Signal("matches_cut", f"{len(matches):,} entries matched; the best {MAX_MATCHES:,} are told"),)
    return ScanRow(
        schema=RESULT_SCHEMA,
        path=examination.path,
        sha256=digests.sha256 if digests else None,
        md5=digests.md5 if digests else None,
        sha1=digests.sha1 if digests else None,
        size=digests.size if digests else None,
        status=examination.status,
        mime=examination.mime,
        width=facts.width if facts else None,
        height=facts.height if facts else None,
        pdq=main.pdq.hash if main else None,
        pdq_quality=main.pdq.quality if main else None,
        decision=decide(examination.status, matches, examination.error),
        matches=matches[:MAX_MATCHES],
        signals=signals,
        error=examination.error,
        thumbnail=examination.thumbnail,
        provenance=examination.provenance,
        hint=examination.hint,
        duration=facts.duration if facts else None,
        strip=examination.strip,
        assessment=assess(_telling(examination, matches), signals, examination.provenance, examination.hint),
    )


def untraced(examination: Examination, cause: str) -> Examination:
    """What was examined, but could not be compared in full."""
    status = Status.DEGRADED if examination.status is Status.OK else examination.status
    return replace(examination, status=status, error=examination.error or cause)


def _telling(examination: Examination, matches: tuple[Match, ...]) -> tuple[Match, ...]:
    """The matches, without altered regions where the file is incomplete: what is missing looks replaced."""
    if examination.status is not Status.DEGRADED:
        return matches
    return tuple(replace(match, altered_region=None) for match in matches)


def _apart(results: Iterator[Examined], prompts: Prompts | None) -> Iterator[Examined]:
    """The results without their prompts, which are kept apart."""
    for item in results:
        found, kept = item.examination, True
        if found.prompts and found.fingerprint is not None and prompts is not None:
            kept = prompts.keep(found.path, found.fingerprint.digests.sha256, found.prompts)
        if not kept:
            dropped = Signal("prompts_dropped", "prompts were found, and there is no more room for prompts")
            found = replace(found, signals=(*found.signals, dropped))
        yield replace(item, examination=replace(found, prompts=())) if found.prompts else item


def _jobs(journal: ScanJournal, request: ScanRequest, matcher: Matcher) -> Iterator[ExamineJob]:
    for key, path in journal.pending():
        matcher.expect(key, stored_bytes(path))
        yield ExamineJob(
            key,
            path,
            display(path),
            request.thumbnails,
            matcher.request,
            signals=request.signals,
            clip=matcher.clip_request,
        )


def _work(
    results: Iterator[Examined],
    matcher: Matcher,
    journal: ScanJournal,
    duplicates: Duplicates,
    clock: Clock,
    progress: Progress,
) -> None:
    committed = clock.now()
    members_found: Counter[int] = Counter()
    for batch in _behind(_started(results, matcher)):
        rows = _rows(batch, matcher, duplicates)
        for item, row in zip(batch, rows, strict=True):
            if item.last:
                duplicates.forget(item.key)
                matcher.forget(item.key)
                journal.put(item.key, item.member, _with_members(row, members_found.pop(item.key, 0)), last=True)
            else:
                members_found[item.key] += row.decision.outcome in FOUND
                journal.put(item.key, item.member, row, last=False)
        progress.advance(
            sum(item.last for item in batch),
            sum(row.size or 0 for row in rows),
            sum(row.decision.outcome in FOUND for row in rows),
        )
        elapsed = (clock.now() - committed).total_seconds()
        if elapsed >= COMMIT_SECONDS:
            journal.add_run(committed, elapsed)
            journal.commit()
            committed = clock.now()
        batch.clear()  # its arrays must not stay while the next is gathered
    journal.add_run(committed, (clock.now() - committed).total_seconds())
    journal.commit()


def _rows(batch: Sequence[Examined], matcher: Matcher, duplicates: Duplicates) -> list[ScanRow]:
    """Match and decide on what is new; take the rest from the rows of the same bytes."""
    rows = [duplicates.row_for(item) for item in batch]
    new = [(n, item.key, item.examination) for n, item in enumerate(batch) if rows[n] is None]
    found = matcher.matches([(key, examination) for _n, key, examination in new])
    for (n, key, examination), matches in zip(new, found, strict=True):
        cause = matcher.untraced.pop((key, examination.path), None)
        rows[n] = judge(examination if cause is None else untraced(examination, cause), matches)
    return [row for row in rows if row is not None]


def _with_members(row: ScanRow, found: int) -> ScanRow:
    """An archive's row says when something was found in it: who sees only that row must not pass over it."""
    if not found:
        return row
    return replace(row, signals=(*row.signals, Signal("members_matched", f"{found} of its members match a bank")))


def _behind(batches: Iterator[list[Examined]]) -> Iterator[list[Examined]]:
    """The batches, each when the next is complete: the workers have had time to go on while it was traced."""
    held: list[Examined] = []
    for batch in batches:
        if held:
            yield held
        held = batch
    if held:
        yield held


def _started(results: Iterable[Examined], matcher: Matcher) -> Iterator[list[Examined]]:
    """The results in batches, each with its tracing begun."""
    batch: list[Examined] = []
    held = 0
    for item in results:
        found = item.examination
        held += _array_bytes((found.local, found.clip, found.key_frames))
        batch.append(replace(item, examination=matcher.start(item.key, item.examination)))
        if len(batch) >= BATCH or held >= BATCH_BYTES:
            yield batch
            batch, held = [], 0
    if batch:
        yield batch


def _array_bytes(value: object) -> int:
    """Bytes of all arrays in a value."""
    if isinstance(value, np.ndarray):
        return value.nbytes
    if isinstance(value, tuple):
        return sum(map(_array_bytes, value))
    if is_dataclass(value):
        return sum(_array_bytes(getattr(value, field.name)) for field in fields(value))
    return 0


def _plan(request: ScanRequest, matcher: Matcher) -> str:
    """What must be the same for an interrupted scan to be taken up again."""
    plan = {
        "version": __version__,
        "paths": request.paths,
        "thumbnails": request.thumbnails,
        "banks": matcher.lookup.state(),
        "depth": depth_of(matcher.tracer),
        "shortlist": matcher.tracer.shortlist if matcher.tracer else "",
        "sketches": matcher.tracer.sizes() if matcher.tracer else {},
        "clips": matcher.clips.sizes() if matcher.clips else {},
        "signals": asdict(request.signals) if request.signals else None,
        "trust": request.trust,
    }
    return json.dumps(plan, sort_keys=True)


def _summarise(
    request: ScanRequest,
    matcher: Matcher,
    journal: ScanJournal,
    clock: Clock,
    examiner: Examiner,
    labels: FamilyLabels,
) -> ScanSummary:
    counts: Counter[str] = Counter()
    by_status: Counter[str] = Counter()
    by_outcome: Counter[str] = Counter()
    by_mime: Counter[str] = Counter()
    by_artificialness: Counter[str] = Counter()
    distances: Counter[int] = Counter()
    for row in journal.rows():
        counts["rows"] += 1
        counts["bytes"] += row.size or 0
        counts["duplicates"] += row.duplicate_of is not None
        counts["found"] += row.decision.outcome in FOUND
        by_status[row.status] += 1
        by_outcome[row.decision.outcome] += 1
        by_mime[row.mime or "unknown"] += 1
        by_artificialness[row.assessment.artificialness] += 1
        near = [m.distance or 0 for m in row.matches if m.kind is MatchKind.NEAR and not m.negative]
        if near:
            distances[min(near)] += 1
    started, runs, seconds = journal.runs()
    return ScanSummary(
        schema=RESULT_SCHEMA,
        version=__version__,
        paths=tuple(map(display, request.paths)),
        banks=matcher.uses(),
        started=started,
        finished=clock.now(),
        seconds=round(seconds, 3),
        runs=runs,
        processes=request.processes,
        files=journal.progress()[1],
        rows=counts["rows"],
        bytes=counts["bytes"],
        duplicates=counts["duplicates"],
        found=counts["found"],
        families=labels.count,
        largest_family=labels.largest,
        by_status=dict(sorted(by_status.items())),
        by_outcome=dict(sorted(by_outcome.items())),
        by_mime=dict(by_mime.most_common()),
        looked_for=request.signals,
        by_artificialness=dict(by_artificialness.most_common()),
        distances=dict(sorted(distances.items())),
        confinement=examiner.confinement,
        depth=depth_of(matcher.tracer),
        tiers=matcher.tiers(examiner.spent),
    )
