"""What an uploader is told: why access was barred, what came of a complaint, that a decision does not stand.

Regulation (EU) 2022/2065, Article 17(3) says what has to be in it: kind, territory and duration of the restriction,
the facts and whether somebody gave notice, automated means, the ground in law or terms, and how to complain.
"""

from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256

from safelight.model.closing_events import Prompt, StatementKind
from safelight.model.dossier import How
from safelight.model.errors import UsageError
from safelight.model.filing import Reporter
from safelight.model.statement import Statement, StatementFacts
from safelight.report.closing.common import day, stamp
from safelight.report.closing.statement_words import LANGUAGES, WORDS


def statement(
    number: str,
    case: str,
    kind: StatementKind,
    facts: StatementFacts,
    reporter: Reporter,
    language: str,
    at: datetime,
) -> Statement:
    """A statement. `number`: its id, which uploaders quote. Raises UsageError for a language that we have not."""
    if language not in WORDS:
        raise UsageError(detail=f"statements are written in {', '.join(LANGUAGES)}, not in {language!r}")
    blanks = {
        "id": number,
        "at": stamp(at),
        "organisation": reporter.organisation or "-",
        "reference": facts.reference or facts.item,
        "uploaded": day(facts.uploaded),
        "since": day(facts.applied),
        "terms": reporter.terms or "-",
        "email": reporter.email or "-",
        "day": day(facts.ended or at),
    }
    words = WORDS[language]
    text = "\n\n".join(words[key].format_map(blanks) for key in _keys(kind, facts)) + "\n"
    digest = sha256(text.encode()).hexdigest()
    return Statement(number, case, facts.item, kind, language, at, text, digest)


def _keys(kind: StatementKind, facts: StatementFacts) -> Iterator[str]:
    yield f"title.{kind}"
    yield "head"
    yield "file"
    if kind is StatementKind.UPHELD:
        yield from ("upheld", "what", "illegal" if facts.illegal else "terms", "further")
    elif kind is StatementKind.WITHDRAWN:
        yield from ("withdrawn", "sorry")
    else:
        yield from ("what", "illegal" if facts.illegal else "terms")
        yield "prompt.own" if facts.prompt is Prompt.OWN else "prompt.notice"
        yield "found.automated" if facts.automated else "found.person"
        yield "how.policy" if facts.how is How.POLICY else "how.barred" if facts.barred else "how.person"
        yield "redress"
