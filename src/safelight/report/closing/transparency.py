"""The yearly transparency report: one page and one JSON document, exact for the operator, safe for the public.

What is public holds no small count: one below FEWEST is only said to be that, so that nobody finds a person behind it;
and no sums, so that nobody finds it by taking others away.
"""

from dataclasses import fields
from typing import Final

from jinja2 import Environment
from markupsafe import Markup

from safelight.model.filing import Body
from safelight.model.statement import Figures
from safelight.model.takedown import NoticeState, Place
from safelight.report import page
from safelight.report.closing.common import pretty
from safelight.report.closing.words import PLACES, TAKERS
from safelight.report.text import count
from safelight.report.words import OUTCOMES

FEWEST: Final = 5
"""The smallest count that the public is told, but for none at all."""
FEW: Final = f"fewer than {FEWEST}"
SCHEMA: Final = 1
"""Version of the JSON document; raised when a field changes its meaning or goes."""

_PARTS: Final = {
    "items": ("Files that came", "By the way they came."),
    "outcomes": ("What comparing said", "Every file is compared with known items; this is no statement on content."),
    "detections": ("Files that matched known items", "By kind of match and medium."),
    "decisions": ("Decisions on cases", "A case holds the files of one family. Decisions on appeal count as well."),
    "deciders": ("Who decided", "A rule decides only on the very bytes of known items, where the operator wants so."),
    "appeals": ("Appeals that were answered", "By outcome."),
    "reports": ("Reports to hotlines and authorities", "Sent, or handed over by people; without tests."),
    "notices": ("Notices to hosts and others who can act", "By what became of them."),
    "removals": ("Addresses that were worked on", "By where they stand now."),
    "statements": ("Statements to uploaders", "Reasons, answers to complaints, withdrawals."),
    "duties": ("Duties of the law", "That arose in the year, by where they stand now."),
}  # fmt: skip
"""Titles and notes, in the order of the page."""

_NAMES: Final = {
    **{str(body): name for body, name in TAKERS.items()},
    "policy": "a rule",
    "person": "one reviewer",
    "two_people": "two reviewers",
    "confirmed": "confirmed",
    "not_abuse": "not abuse",
    "unsure": "for a senior reviewer",
    "upheld": "the decision stays",
    "overturned": "the decision was changed",
    "reasons": "reasons",
    "withdrawn": "a decision was withdrawn",
    "gate": "at upload, by the gate",
    "items": "by the API",
    "known": "same bytes",
    "near": "same picture",
    "derivative": "altered copy",
}


def public(figures: Figures) -> dict[str, object]:
    """The figures as anybody may see them: JSON values, small counts as words."""
    told: dict[str, object] = {
        "schema": SCHEMA,
        "year": figures.year,
        "organisation": figures.organisation,
        "made": figures.made.isoformat(),
    }
    for name in _PARTS:
        told[name] = {key: _safe(number) for key, number in _counts(figures, name).items()}
    return told | {"median_hours_to_removal": _median(figures)}


def exact(figures: Figures) -> dict[str, object]:
    """The figures for the operator alone."""
    told = {one.name: getattr(figures, one.name) for one in fields(figures)}
    return {"schema": SCHEMA} | told | {"made": figures.made.isoformat()}


def document(figures: Figures) -> bytes:
    """The public figures as JSON."""
    return pretty(public(figures))


def render(figures: Figures, *, inside: bool = False) -> str:
    """The page, self-contained. `inside`: exact, for the operator alone, and it says so."""
    style = page.source("report.css", _environment())
    parts = [
        (name, title, note, _bars(name, _counts(figures, name), inside=inside))
        for name, (title, note) in _PARTS.items()
    ]
    return (
        _environment()
        .get_template("transparency.html.j2")
        .render(
            style=style,
            policy=page.policy(style),
            year=figures.year,
            organisation=figures.organisation or "A provider",
            made=figures.made.isoformat(),
            inside=inside,
            median=figures.removal_hours if inside else _median(figures),
            fewest=FEWEST,
            parts=parts,
        )
    )


def _bars(name: str, counts: dict[str, int], *, inside: bool) -> Markup:
    """Horizontal bars, as `report.charts.bars` draws them. The bar of a small count is as long as FEWEST."""
    longest = max((*counts.values(), FEWEST))
    row = Markup(
        '<tr><th scope="row">{}</th><td class="bar"><svg width="100%" height="14" aria-hidden="true">'
        '<rect class="track" width="100%" height="14" rx="3"/>'
        '<rect class="plain" width="{}%" height="14" rx="3"/></svg></td><td class="num">{}</td></tr>'
    )
    rows = Markup("").join(
        row.format(
            _label(name, key),
            f"{_length(number, longest, inside=inside):.2f}",
            count(number) if inside else _shown(number),
        )
        for key, number in counts.items()
    )
    head = Markup(
        '<thead class="hush"><tr><th scope="col">What</th><th scope="col">Bar</th>'
        '<th scope="col">Number</th></tr></thead>'
    )
    return Markup('<table class="bars">{}<tbody>{}</tbody></table>').format(head, rows) if rows else Markup("")


def _length(number: int, longest: int, *, inside: bool) -> float:
    """Of a bar, in percent: any number above zero gets one that can be seen."""
    if 0 < number < FEWEST and not inside:
        number = FEWEST
    return max(100 * number / longest, 0.8) if number else 0


def _label(name: str, key: str) -> str:
    """The words for a key of a part."""
    if name == "outcomes":
        return next((words for outcome, words in OUTCOMES.items() if outcome == key), key)
    if name == "removals":
        return PLACES[Place(key)] if key in {*Place} else key
    if name == "notices":
        return "failed: could not be delivered" if key == NoticeState.FAILED else key
    if name == "detections":
        kind, _, medium = key.partition(" ")
        return f"{_NAMES.get(kind, kind)}, {medium}"
    if name == "statements" and key == "upheld":
        return "answers to complaints"
    return TAKERS[Body(key)] if key in {*Body} else _NAMES.get(key, key)


def _counts(figures: Figures, name: str) -> dict[str, int]:
    found: dict[str, int] = getattr(figures, name)
    return found


def _safe(number: int) -> int | str:
    return FEW if 0 < number < FEWEST else number


def _shown(number: int) -> str:
    return f"< {FEWEST}" if 0 < number < FEWEST else count(number)


def _median(figures: Figures) -> float | None:
    """The median of few removals would be about single ones."""
    return figures.removal_hours if figures.removals.get(Place.GONE, 0) >= FEWEST else None


def _environment() -> Environment:
    return page.environment()
