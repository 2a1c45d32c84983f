"""Statements for the DSA Transparency Database: the record of its API, and what the database accepts.

Source: digital-services-act/transparency-database 69e80a0b (2026-06-24), app/Models/Statement.php. Only the words that
we use are listed. A record holds no personal data, no URL and no id of the item: `puid` is the statement's own.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import islice
from typing import Final

from safelight.model.closing_events import Prompt
from safelight.model.dossier import How
from safelight.model.errors import DocumentError
from safelight.model.filing import Reporter
from safelight.model.statement import StatementFacts
from safelight.report.closing.common import day, kind_of

BATCH: Final = 100
"""Most statements that one call takes."""

WORDS: Final[Mapping[str, frozenset[str]]] = {
    "decision_visibility": frozenset(("DECISION_VISIBILITY_CONTENT_DISABLED",)),
    "decision_ground": frozenset(("DECISION_GROUND_ILLEGAL_CONTENT", "DECISION_GROUND_INCOMPATIBLE_CONTENT")),
    "category": frozenset(("STATEMENT_CATEGORY_PROTECTION_OF_MINORS",)),
    "category_specification": frozenset(
        ("KEYWORD_CHILD_SEXUAL_ABUSE_MATERIAL", "KEYWORD_CHILD_SEXUAL_ABUSE_MATERIAL_DEEPFAKE")
    ),
    "content_type": frozenset(
        f"CONTENT_TYPE_{kind}" for kind in ("IMAGE", "VIDEO", "AUDIO", "TEXT", "OTHER", "SYNTHETIC_MEDIA")
    ),
    "source_type": frozenset(Prompt),
    "automated_detection": frozenset(("Yes", "No")),
    "automated_decision": frozenset(
        f"AUTOMATED_DECISION_{how}" for how in ("FULLY", "PARTIALLY", "NOT_AUTOMATED")
    ),
    "incompatible_content_illegal": frozenset(("Yes", "No")),
}  # fmt: skip
"""What each field may say."""

LONGEST: Final[Mapping[str, int]] = {
    "puid": 500,
    "decision_facts": 5000,
    "illegal_content_legal_ground": 500,
    "illegal_content_explanation": 2000,
    "incompatible_content_ground": 500,
    "incompatible_content_explanation": 2000,
    "content_type_other": 500,
}
"""Most characters of a text."""

_ALWAYS: Final = (
    "decision_visibility", "decision_ground", "category", "content_type", "content_date", "application_date",
    "decision_facts", "source_type", "automated_detection", "automated_decision", "puid",
)  # fmt: skip
_BY_GROUND: Final = {
    "DECISION_GROUND_ILLEGAL_CONTENT": ("illegal_content_legal_ground", "illegal_content_explanation"),
    "DECISION_GROUND_INCOMPATIBLE_CONTENT": ("incompatible_content_ground", "incompatible_content_explanation"),
}
_DATES: Final = {
    "content_date": date(2000, 1, 1),
    "application_date": date(2020, 1, 1),
    "end_date_visibility_restriction": date(2020, 1, 1),
}
_PUID: Final = re.compile(r"[a-zA-Z0-9_-]+")
_LEGAL: Final = "Directive 2011/93/EU, Articles 3 to 7, as transposed into national law"
_EXPLANATION: Final = (
    "The file falls within the offences concerning child sexual abuse material that the Directive describes."
)
_TERMS: Final = "The file endangers or exploits minors, which these terms do not allow."


def record(puid: str, facts: StatementFacts, reporter: Reporter) -> dict[str, object]:
    """One statement. `puid`: its stable id, as the database asks for one. Raises DocumentError."""
    made: dict[str, object] = {
        "decision_visibility": ["DECISION_VISIBILITY_CONTENT_DISABLED"],
        "decision_ground": _ground(facts),
        "category": "STATEMENT_CATEGORY_PROTECTION_OF_MINORS",
        "content_type": _content_types(facts),
        "content_date": day(facts.uploaded),
        "application_date": day(facts.applied),
        "decision_facts": _facts(facts),
        "source_type": str(facts.prompt),
        "automated_detection": "Yes" if facts.automated else "No",
        "automated_decision": automated_decision(facts),
        "puid": puid,
    }
    if facts.keyword:
        made["category_specification"] = [facts.keyword]
    if facts.illegal:
        made |= {"illegal_content_legal_ground": _LEGAL, "illegal_content_explanation": _EXPLANATION}
    else:
        ground = reporter.terms or "Terms of service"
        made |= {"incompatible_content_ground": ground[:500], "incompatible_content_explanation": _TERMS}
    if "CONTENT_TYPE_OTHER" in _content_types(facts):
        made["content_type_other"] = "file"
    if facts.ended is not None:
        made["end_date_visibility_restriction"] = day(facts.ended)
    check(made)
    return made


def batches(records: Iterable[Mapping[str, object]]) -> Iterator[dict[str, object]]:
    """Bodies of `POST /api/v1/statements`, as many as it takes."""
    left = iter(records)
    while batch := list(islice(left, BATCH)):
        yield {"statements": batch}


def check(record: Mapping[str, object]) -> None:
    """Hold a record against the rules of the database. Raises DocumentError with all that is wrong."""
    if flaws := [*_flaws(record)]:
        raise DocumentError(what="the statement for the DSA database", cause="; ".join(flaws))


def automated_decision(facts: StatementFacts) -> str:
    """How far a program decided. One that kept a file back before people decided had a part in it."""
    if facts.how is How.POLICY:
        return "AUTOMATED_DECISION_FULLY"
    return "AUTOMATED_DECISION_PARTIALLY" if facts.barred else "AUTOMATED_DECISION_NOT_AUTOMATED"


def _ground(facts: StatementFacts) -> str:
    return "DECISION_GROUND_ILLEGAL_CONTENT" if facts.illegal else "DECISION_GROUND_INCOMPATIBLE_CONTENT"


def _content_types(facts: StatementFacts) -> list[str]:
    kind = kind_of(facts.mime)
    types = ["CONTENT_TYPE_OTHER" if kind == "mixed" else f"CONTENT_TYPE_{kind.upper()}"]
    return [*types, "CONTENT_TYPE_SYNTHETIC_MEDIA"] if facts.artificial else types


def _facts(facts: StatementFacts) -> str:
    found = (
        "Comparing with digests and fingerprints of known material found the file"
        if facts.automated
        else "A person found the file"
    )
    decided = {
        How.POLICY: "as it is the very bytes of known material, it was decided by rule",
        How.PERSON: "a reviewer decided",
        How.TWO_PEOPLE: "two reviewers decided",
    }[facts.how]
    kept = "; a program kept it back at once" if facts.barred and facts.how is not How.POLICY else ""
    return f"{found}{kept}; {decided}. Access to it was disabled."


def _flaws(record: Mapping[str, object]) -> Iterator[str]:
    ground = str(record.get("decision_ground"))
    for name in (*_ALWAYS, *_BY_GROUND.get(ground, ())):
        if not record.get(name):
            yield f"{name} is missing"
    for name, value in record.items():
        if name in WORDS:
            yield from (f"{name}: {word!r} is unknown" for word in _all(value) if word not in WORDS[name])
        elif name in LONGEST:
            if len(str(value)) > LONGEST[name]:
                yield f"{name} is longer than {LONGEST[name]}"
        elif name in _DATES:
            yield from _date_flaws(name, str(value))
        else:
            yield f"{name} is unknown"
    if not _PUID.fullmatch(str(record.get("puid"))):
        yield "puid has letters that it may not have"


def _all(value: object) -> Sequence[object]:
    return value if isinstance(value, list) else [value]


def _date_flaws(name: str, text: str) -> Iterator[str]:
    try:
        if date.fromisoformat(text) < _DATES[name]:
            yield f"{name} is too early"
    except ValueError:
        yield f"{name} is no date"
