"""What the page of a report tells: its documents, each file with what was really viewed, how far it came."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from markupsafe import Markup

from safelight.flow.filing_facts import Found, generative
from safelight.model.case import Case
from safelight.model.filing import FiledItem, FileStep, Filing, FilingState
from safelight.report.cybertip.words import FILE_ANNOTATIONS, GENERATIVE
from safelight.report.text import visible
from safelight.report.words import OUTCOMES
from safelight.web.console.cards import short
from safelight.web.console.closing_words import BY_API, FILE_STEPS, FILINGS, TAKERS

DOCUMENT_LENGTH: Final = 200_000
"""Characters of one document that the page shows; the bundle has the whole of it."""
_TOKEN: Final = re.compile(r"<[^>]*>|[^<]+|<")
_CODE: Final = re.compile(r": ([1-5]\d{3}): ")

REMEDIES: Final = (
    ("2", "Check SAFELIGHT_NCMEC_USER and SAFELIGHT_NCMEC_PASSWORD: the receiver does not know them."),
    ("3", "The account may not do this there. Ask the receiver's support, naming the request's id."),
    (
        "4",
        "The receiver takes the document for invalid. Prepare a new report; if it happens again, tell the maintainers.",
    ),
    (
        "5",
        "The receiver says that the report or a file is not there any more, or is finished. Look there first.",
    ),
    ("1", "The receiver failed on its side, again and again. Look whether it is up, then prepare a new report."),
)
"""What to do about a report that could not be sent, by the first digit of the receiver's code."""
STOPPED: Final = "stopped"
STOPPED_REMEDY: Final = (
    "Nobody withdrew it, and nothing of it was finished. Look at the case: where abuse is confirmed, prepare a new "
    "report, for what the law asks for is still open."
)
FLAW_REMEDY: Final = "It cannot be changed any more. Ask the support there, with the number, what they have."
REMEDY: Final = "Look at the receiver's own site for a report of this time first, so that nothing is reported twice."


@dataclass(frozen=True, slots=True)
class FilingLine:
    """A report in a list."""

    id: str
    name: str
    case: str
    case_name: str
    taker: str
    state: str
    label: str
    shape: str
    number: str
    created: datetime
    items: int
    cause: str
    production: bool


@dataclass(frozen=True, slots=True)
class Note:
    """An annotation to choose. `sorry`: why it cannot be."""

    name: str
    on: bool
    sorry: str = ""


@dataclass(frozen=True, slots=True)
class FileLine:
    """A file of a report."""

    id: str
    name: str
    label: str
    outcome: str
    mime: str
    sha256: str
    md5: str
    viewed: bool
    upload: bool
    media: bool
    step: str
    mark: str
    number: str
    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """A step of sending. `state`: `done`, `now`, `wait`, or `maybe` for what may have happened there or not."""

    name: str
    state: str
    words: str


SHAPES: Final = {
    FilingState.DRAFT: "◌",
    FilingState.SENDING: "►",
    FilingState.FINISHED: "✓",
    FilingState.HANDED: "✓",
    FilingState.DEAD: "✕",
    FilingState.WITHDRAWN: "○",
}


def filing_line(filing: Filing) -> FilingLine:
    """The line of a report."""
    return FilingLine(
        filing.id,
        short(filing.id),
        filing.case,
        short(filing.case),
        TAKERS[filing.body],
        str(filing.state),
        STOPPED if filing.stopped else FILINGS[filing.state],
        "▲" if filing.stopped or _with_flaw(filing) else SHAPES[filing.state],
        filing.number,
        filing.created,
        len(filing.items),
        filing.cause,
        filing.production,
    )


def _with_flaw(filing: Filing) -> bool:
    return filing.state is FilingState.FINISHED and bool(filing.cause)


def file_lines(filing: Filing, case: Case, found: Found) -> list[FileLine]:
    """The files of a report, with what may be said of each. `found`: what is confirmed of the case."""
    there = {item.id: item for item in case.items}
    made = generative(case, found)
    chosen = filing.told.annotations or {}
    lines = []
    for one in filing.items:
        item = there.get(one.item)
        on = chosen.get(one.item, ())
        # the finding may have changed since a draft was prepared
        marked = one.item in made if filing.state is FilingState.DRAFT else one.generative
        lines.append(
            FileLine(
                id=one.item,
                name=short(one.item),
                label=OUTCOMES[item.outcome] if item else "",
                outcome=str(item.outcome) if item else "",
                mime=item.mime if item else "",
                sha256=one.sha256,
                md5=one.md5,
                viewed=one.viewed,
                upload=one.upload,
                media=item is not None and item.blob is not None and not item.destroyed,
                step=FILE_STEPS[one.step],
                mark=str(one.step),
                number=one.number,
                notes=tuple(
                    Note(name, marked, "follows from the finding on how it was made")
                    if name == GENERATIVE
                    else Note(name, name in on)
                    for name in FILE_ANNOTATIONS
                ),
            )
        )
    return lines


def steps(filing: Filing) -> list[Step]:
    """How far a report came that is sent by a job, in the order of the receiver's interface."""
    over = filing.state is FilingState.FINISHED
    opened = Step(
        "Report opened", "done" if filing.number else "now", f"number {filing.number}" if filing.number else ""
    )
    found = [opened]
    found += [_file_step(one, opened=bool(filing.number)) for one in filing.items if one.upload]
    last = "done" if over else "maybe" if filing.finishing else "wait"
    words = "the receiver has it, whole" if over else "asked for; the answer is awaited" if filing.finishing else ""
    found.append(Step("Report finished", last, words))
    return found


def _file_step(one: FiledItem, *, opened: bool) -> Step:
    state = {
        FileStep.WAITING: "wait",
        FileStep.SENDING: "maybe",
        FileStep.SENT: "now",
        FileStep.DESCRIBED: "done",
    }[one.step]
    return Step(f"File {short(one.item)}", state if opened else "wait", FILE_STEPS[one.step])


def remedy(filing: Filing) -> str:
    """What people are to do about a report; empty for nothing."""
    if filing.stopped:
        return STOPPED_REMEDY
    if _with_flaw(filing):
        return FLAW_REMEDY
    if filing.state is not FilingState.DEAD:
        return ""
    found = _CODE.search(filing.cause)
    return next((words for first, words in REMEDIES if found and found[1].startswith(first)), REMEDY)


def by_api(filing: Filing) -> bool:
    """Whether a job sends it; else, people hand a bundle over."""
    return filing.body in BY_API


def document(text: str, mime: str) -> Markup:
    """A document to be read exactly as it is sent: escaped, nothing hidden, and of XML the tags marked."""
    told = text[:DOCUMENT_LENGTH].splitlines()
    if "xml" not in mime:
        return Markup("\n").join(visible(line, DOCUMENT_LENGTH) for line in told)
    return Markup("\n").join(Markup("").join(map(_token, _TOKEN.findall(line))) for line in told)


def _token(token: str) -> Markup:
    shown = visible(token, DOCUMENT_LENGTH)
    return Markup('<span class="tag">{}</span>').format(shown) if token.startswith("<") else shown
