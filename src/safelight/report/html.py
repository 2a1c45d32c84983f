"""The report of a scan as one self-contained HTML page.

The page asks nothing of anybody: its style and script are inside it, named by their hashes in a content security
policy that forbids everything else, and it works from disk. It never holds a picture unless rows carry mosaics.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, lru_cache

from jinja2 import Environment

from safelight.model.assessment import Artificialness
from safelight.model.decision import Outcome
from safelight.model.scan import ScanRow, ScanSummary, Status
from safelight.model.segment import clock
from safelight.report import (
    charts,
    evidence,
    family_section,
    order,
    page,
    png,
    signal_words,
    signals,
    text,
    timeline,
    words,
)
from safelight.report.family_section import ShownFamily
from safelight.report.how_known import how_known
from safelight.report.segment_words import segment_line

MAX_ROWS = 5000
"""Files that the page holds."""

STEP = 500
"""Files that are laid out at a time: a browser takes seconds for thousands. Sorting and filtering see all of them."""

MAX_MATCHES = 20
"""Matches that the page lists for one file."""

MAX_SEGMENTS, MAX_STILLS = 20, 24
"""Segments that the page lists for one match, and frames that it shows of one video."""

_TYPES = 7
_FOUND = (Outcome.KNOWN, Outcome.NEAR, Outcome.DERIVED)


def render(
    summary: ScanSummary, rows: Iterable[ScanRow], families: Sequence[ShownFamily] = (), *, max_rows: int = MAX_ROWS
) -> Iterator[str]:
    """The page, piece by piece.

    `rows` is read once; at most `max_rows` of them are held and listed, those that were found first (see
    `safelight.report.order`). `families` are those to list. Counts and charts come from `summary`. All text is taken
    for hostile: it is escaped, and characters that hide or reorder text are shown by their code points.
    """
    shown = order.first_rows(rows, max_rows)
    style, script = page.source("report.css", _environment()), page.source("report.js", _environment())
    stream = (
        _environment()
        .get_template("report.html.j2")
        .stream(
            summary=summary,
            style=style,
            script=script,
            policy=page.policy(style, script),
            headline=headline(summary),
            figures=figures(summary),
            outcome_chart=charts.bars(
                [charts.Bar(words.OUTCOMES[o], n, f"o-{o}") for o, n in outcomes(summary).items()]
            ),
            status_chart=charts.bars(
                [charts.Bar(words.STATUSES[s], n, "plain") for s, n in _statuses(summary).items()]
            ),
            type_chart=charts.top_bars(summary.by_mime, _TYPES, "plain"),
            distance_chart=charts.histogram(summary.distances, (b.threshold for b in summary.banks if not b.negative)),
            outcomes=outcomes(summary),
            families=families,
            family_ids=frozenset(family.id for family in families),
            shown=shown,
            shown_outcomes=Counter(row.decision.outcome for row in shown),
            shown_statuses=Counter(row.status for row in shown),
            shown_levels=Counter(row.assessment.artificialness for row in shown),
            looked_for=summary.looked_for,
            level_chart=charts.bars(
                [charts.Bar(signal_words.LEVELS[level], n, "plain") for level, n in levels(summary).items()]
            ),
            hint_asked=summary.looked_for is not None and summary.looked_for.hint,
            left_out=_left_out(summary, shown),
            mosaics=any(row.thumbnail or row.strip for row in shown),
        )
    )
    stream.enable_buffering(512)  # the template yields a few dozen short pieces for each row
    yield from stream


def headline(summary: ScanSummary) -> str:
    """The result of the scan in one or two calm sentences."""
    found = sum(summary.by_outcome.get(outcome, 0) for outcome in _FOUND)
    leads, unchecked = (summary.by_outcome.get(outcome, 0) for outcome in (Outcome.LEAD, Outcome.UNCHECKED))
    if not summary.rows:
        return "There was no file to check."
    if found:
        verb = "matches" if found == 1 else "match"
        sentences = [f"{text.count(found)} of {_files(summary.rows)} {verb} a bank: {_kinds_found(summary)}."]
    else:
        sentences = [f"None of {_files(summary.rows)} matches a bank."]
    if leads:
        sentences.append(f"{text.count(leads)} {'is only a lead' if leads == 1 else 'are only leads'}.")
    if unchecked:
        sentences.append(f"{text.count(unchecked)} could not be checked.")
    return " ".join(sentences)


def _kinds_found(summary: ScanSummary) -> str:
    return ", ".join(
        f"{text.count(summary.by_outcome.get(outcome, 0))} {words.OUTCOMES[outcome].lower()}" for outcome in _FOUND
    )


def _files(number: int) -> str:
    return f"{text.count(number)} file{'' if number == 1 else 's'}"


def figures(summary: ScanSummary) -> list[tuple[str, str, str]]:
    """The headline figures: label, number, and a line that says what the number is."""
    leads, partial, unchecked = (
        summary.by_outcome.get(outcome, 0) for outcome in (Outcome.LEAD, Outcome.PARTIAL, Outcome.UNCHECKED)
    )
    besides = f"; besides, {text.count(leads)} lead{'' if leads == 1 else 's'}" if leads else ""
    timed = summary.seconds > 0
    bytes_rate = f"{text.size(round(summary.bytes / summary.seconds))} a second" if timed else ""
    files_rate = f"{text.rate(summary.rows, summary.seconds)} files a second" if timed else ""
    return [
        (
            "Files checked",
            text.count(summary.rows - unchecked),
            f"of {text.count(summary.rows)}, archive members included",
        ),
        ("Found", text.count(summary.found), _kinds_found(summary) + besides),
        ("Not checked", text.count(unchecked), f"{text.count(partial)} more only in part"),
        ("Duplicates", text.count(summary.duplicates), "same bytes as a file before"),
        ("Families", text.count(summary.families), _largest(summary)),
        ("Bytes read", text.size(summary.bytes), bytes_rate),
        ("Time", text.duration(summary.seconds), files_rate),
    ]


def _largest(summary: ScanSummary) -> str:
    return f"the largest has {_files(summary.largest_family)}" if summary.families else "no file matches a bank"


def outcomes(summary: ScanSummary) -> Mapping[Outcome, int]:
    """Rows by outcome, every outcome there, in the report's order."""
    return {outcome: summary.by_outcome.get(outcome, 0) for outcome in words.OUTCOMES}


def levels(summary: ScanSummary) -> Mapping[Artificialness, int]:
    """Rows by the answer of their assessment, every level there, in the report's order."""
    return {level: summary.by_artificialness.get(level, 0) for level in signal_words.LEVELS}


def _statuses(summary: ScanSummary) -> Mapping[Status, int]:
    return {status: summary.by_status.get(status, 0) for status in words.STATUSES}


def _left_out(summary: ScanSummary, shown: Iterable[ScanRow]) -> Mapping[Outcome, int]:
    """Rows by outcome that are in results.jsonl and not on the page."""
    listed = Counter(row.decision.outcome for row in shown)
    missing = {outcome: number - listed[outcome] for outcome, number in outcomes(summary).items()}
    return {outcome: number for outcome, number in missing.items() if number > 0}


# Most texts of a page are the same few rules, reasons and types again and again.
_seen = lru_cache(maxsize=4096)(text.visible)


@cache
def _environment() -> Environment:
    environment = page.environment(_seen)
    environment.filters |= {
        "visible": text.visible,
        "count": text.count,
        "size": text.size,
        "duration": text.duration,
        "moment": text.moment,
        "chance": text.chance,
        "variant": text.variant,
        "brief": evidence.brief,
        "figures": evidence.figures,
        "region": evidence.region_words,
        "outline": evidence.outline,
        "mask_link": evidence.mask_link,
        "closeness": order.closeness,
        "best": order.best_match,
        "rank": order.rank,
        "mosaic": png.mosaic_uri,
        "clock": clock,
        "segment_line": segment_line,
        "timeline": lambda row: timeline.timeline(row.matches, row.duration),
        "drawn": timeline.draw,
        "badge": signals.badge,
        "worth_showing": signals.worth_showing,
        "shown": signals.shown,
        "manifest": signals.manifest,
        "actions": signals.actions,
        "failures": signals.failures,
        "ingredients": signals.ingredients,
        "hint_facts": signals.hint_facts,
    }
    environment.globals |= {
        "section": family_section,
        "words": words,
        "told": signal_words,
        "signals": signals,
        "how_known": how_known,
        "max_matches": MAX_MATCHES,
        "max_segments": MAX_SEGMENTS,
        "max_stills": MAX_STILLS,
        "step": STEP,
    }
    return environment
