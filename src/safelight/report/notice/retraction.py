"""The word that a notice is taken back: the case was decided anew, and what the notice was about is no abuse.

It says which notice, of when, about which address, and what is asked for now. It has no more facts: no category, no
digest, no reason and nobody's name but that of the organisation.
"""

from safelight.model.errors import DocumentError
from safelight.model.filing import Reporter
from safelight.model.notice import Written
from safelight.model.takedown import Notice
from safelight.report.notice.words import RETRACTIONS, WORDS
from safelight.report.notice.write import RULE, time_of


def retraction(told: Notice, url: str, reporter: Reporter) -> Written:
    """The letter, in the language of the notice and, below, in English; the same for the same notice.

    Args:
        told: the notice that is taken back. One that was cut off has no time of sending; then its making is told.
        url: that it was about, exactly as it was told.
        reporter: who takes it back.

    Raises:
        DocumentError: the URL has characters that a URL cannot have.
    """
    if not (url.isprintable() and url.strip() == url != ""):
        raise DocumentError(what="the retraction", cause="the URL has characters that a URL cannot have")
    language = told.language if told.language in RETRACTIONS else "en"
    texts = [_text(one, told, url, reporter) for one in dict.fromkeys((language, "en"))]
    subject = RETRACTIONS[language].subject.format(reference=told.id)
    return Written(subject, f"\n\n{RULE}\n\n".join(texts) + "\n")


def _text(language: str, told: Notice, url: str, reporter: Reporter) -> str:
    words, back = WORDS[language], RETRACTIONS[language]
    paragraphs = [
        [words.greeting],
        [back.withdrawn.format(reference=told.id, time=time_of(told.sent or told.created)), f"  {url}"],
        [back.anew],
        [back.undo, back.passed_on],
        [back.records, back.others],
        [back.sorry],
        [back.questions.format(email=reporter.email)] if reporter.email else [],
        [words.farewell, *filter(None, (reporter.organisation, reporter.email))],
        [f"{words.reference}{words.colon}{told.id}"],
    ]
    return "\n\n".join("\n".join(lines) for lines in paragraphs if lines)
