"""The yearly transparency report: one page and one JSON document, exact for the operator, safe for the public.

What is public holds no small count: one below FEWEST is only said to be that, so that nobody finds a person behind it;
and no sums. Some parts count the same things in other ways, so that the whole of one is that of another: where one of
their counts is small, others are withheld with it, until nobody finds any of them by taking away what is told.
"""

from collections.abc import Set as AbstractSet
from dataclasses import fields
from typing import Final

from jinja2 import Environment
from markupsafe import Markup

from safelight.model.filing import Body
from safelight.model.statement import Figures
from safelight.model.takedown import NoticeState, Place, RetractionState
from safelight.report import page
from safelight.report.closing.common import pretty
from safelight.report.closing.words import PLACES, TAKERS
from safelight.report.text import count
from safelight.report.words import OUTCOMES

FEWEST: Final = 5
"""The smallest count that the public is told, but for none at all."""
FEW: Final = f"fewer than {FEWEST}"
WITHHELD: Final = "withheld"
"""In place of counts in `_SHARED` that are small, or would tell a small one; which of both, nobody learns."""
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
    "removals": ("Addresses that were worked on", "By where they stand now; without what turned out to be no abuse."),
    "retractions": ("Notices that were taken back", "What they were about was found to be no abuse."),
    "statements": ("Statements to uploaders", "Reasons, answers to complaints, withdrawals."),
    "duties": ("Duties of the law", "That arose in the year, by where they stand now."),
}  # fmt: skip
"""Titles and notes, in the order of the page."""

_SHARED: Final = frozenset(("items", "outcomes", "detections", "decisions", "deciders"))
"""Parts of which another part tells the whole."""

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


_WORDS: Final = {
    "notices": {str(NoticeState.FAILED): "failed: could not be delivered", "mistaken": "about what was no abuse"},
    "retractions": {
        str(RetractionState.WAITING): "on their way",
        str(RetractionState.SENT): "they were told",
        str(RetractionState.FAILED): "could not be delivered",
        str(RetractionState.UPHELD): "found to be abuse after all",
        str(RetractionState.GIVEN_UP): "nobody could be told",
    },
}
"""Words for keys of parts that mean something else in another one."""


def public(figures: Figures) -> dict[str, object]:
    """The figures as anybody may see them: JSON values, small counts as words."""
    told: dict[str, object] = {
        "schema": SCHEMA,
        "year": figures.year,
        "organisation": figures.organisation,
        "made": figures.made.isoformat(),
    }
    hidden = _hidden(figures)
    for name in _PARTS:
        word = WITHHELD if name in _SHARED else FEW
        told[name] = {key: word if key in hidden[name] else number for key, number in _counts(figures, name).items()}
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
    hidden = {name: frozenset[str]() for name in _PARTS} if inside else _hidden(figures)
    parts = [
        (name, title, note, _bars(name, _counts(figures, name), hidden[name])) for name, (title, note) in _PARTS.items()
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


def _bars(name: str, counts: dict[str, int], hidden: frozenset[str]) -> Markup:
    """Horizontal bars, as `report.charts.bars` draws them. That of a hidden count is as long as FEWEST."""
    longest = max((*(number for key, number in counts.items() if key not in hidden), FEWEST))
    word = WITHHELD if name in _SHARED else f"< {FEWEST}"
    row = Markup(
        '<tr><th scope="row">{}</th><td class="bar"><svg width="100%" height="14" aria-hidden="true">'
        '<rect class="track" width="100%" height="14" rx="3"/>'
        '<rect class="plain" width="{}%" height="14" rx="3"/></svg></td><td class="num">{}</td></tr>'
    )
    rows = Markup("").join(
        row.format(
            _label(name, key),
            f"{_length(FEWEST if key in hidden else number, longest):.2f}",
            word if key in hidden else count(number),
        )
        for key, number in counts.items()
    )
    head = Markup(
        '<thead class="hush"><tr><th scope="col">What</th><th scope="col">Bar</th>'
        '<th scope="col">Number</th></tr></thead>'
    )
    return Markup('<table class="bars">{}<tbody>{}</tbody></table>').format(head, rows) if rows else Markup("")


def _length(number: int, longest: int) -> float:
    """Of a bar, in percent: any number above zero gets one that can be seen."""
    return max(100 * number / longest, 0.8) if number else 0


def _label(name: str, key: str) -> str:
    """The words for a key of a part."""
    if name == "outcomes":
        return next((words for outcome, words in OUTCOMES.items() if outcome == key), key)
    if name == "removals":
        return PLACES[Place(key)] if key in {*Place} else key
    if name in _WORDS:
        return _WORDS[name].get(key, key)
    if name == "detections":
        kind, _, medium = key.partition(" ")
        return f"{_NAMES.get(kind, kind)}, {medium}"
    if name == "statements" and key == "upheld":
        return "answers to complaints"
    return TAKERS[Body(key)] if key in {*Body} else _NAMES.get(key, key)


def _counts(figures: Figures, name: str) -> dict[str, int]:
    found: dict[str, int] = getattr(figures, name)
    return found


def _hidden(figures: Figures) -> dict[str, frozenset[str]]:
    """What of each part is not told."""
    hidden = {name: _few(_counts(figures, name)) for name in _PARTS}
    for pair in (("items", "outcomes"), ("decisions", "deciders")):
        parts = {name: _counts(figures, name) for name in pair}
        hidden |= {name: _protected(counts) for name, counts in parts.items()}
        if any(_bare(counts, hidden[name]) for name, counts in parts.items()):
            hidden |= {
                name: frozenset(key for key, number in counts.items() if number) for name, counts in parts.items()
            }
    return hidden | {"detections": _detections(figures.detections, hidden["outcomes"])}


def _few(counts: dict[str, int]) -> frozenset[str]:
    return frozenset(key for key, number in counts.items() if 0 < number < FEWEST)


def _protected(counts: dict[str, int]) -> frozenset[str]:
    """The small counts, and the smallest of the others until the sum of all that is hidden tells nothing of any."""
    hidden = set(_few(counts))
    others = sorted((number, key) for key, number in counts.items() if number >= FEWEST)
    for _, key in others if hidden else ():
        if not _bare(counts, hidden):
            break
        hidden.add(key)
    return frozenset(hidden)


def _bare(counts: dict[str, int], hidden: AbstractSet[str]) -> bool:
    """Whether the sum of what is hidden would tell: there is only one, or it is small itself, or each can only be 1."""
    whole = sum(counts[one] for one in hidden)
    return bool(hidden) and (len(hidden) == 1 or whole < FEWEST or whole == len(hidden))


def _detections(counts: dict[str, int], outcomes: frozenset[str]) -> frozenset[str]:
    """The same for what matched, of which the outcomes are the sums: those that are hidden there, are here as well."""
    hidden = set[str]()
    for outcome in {key.partition(" ")[0] for key in counts}:
        group = {key: number for key, number in counts.items() if key.partition(" ")[0] == outcome}
        hidden |= group.keys() if outcome in outcomes else _protected(group)
    return frozenset(hidden)


def _median(figures: Figures) -> float | None:
    """The median of few removals would be about single ones."""
    return figures.removal_hours if figures.timed >= FEWEST else None


def _environment() -> Environment:
    return page.environment()
