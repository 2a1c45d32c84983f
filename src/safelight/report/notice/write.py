"""Writes notices, from sentences that people wrote and facts that can be checked."""

from collections.abc import Iterator
from datetime import UTC, datetime

from safelight.model.assessment import Artificialness
from safelight.model.case_events import Classification
from safelight.model.errors import DocumentError
from safelight.model.filing import Reporter
from safelight.model.notice import NoticeFacts, RemovalRequest, Written
from safelight.model.takedown import Contact, Form, Scope
from safelight.report.contacts.countries import EUROPEAN_UNION, language_of_country
from safelight.report.notice.request import removal_request
from safelight.report.notice.words import WORDS, Words

MAX_EARLIER = 10
RULE = "-" * 72
"""Between a language and the next."""


def language_of(contact: Contact) -> str:
    """The language (ISO 639-1) in which a contact is written to: by its country, English where we have none."""
    return language_of_country(contact.country)


def usual_form(contact: Contact) -> Form:
    """A platform's own where it has one, DSA in the European Union, X-ARF elsewhere.

    TAKE_IT_DOWN is never usual: who is depicted chooses it.
    """
    if contact.how == "platform":
        return Form.PLATFORM
    return Form.DSA if contact.country in EUROPEAN_UNION else Form.XARF


def choose(contact: Contact) -> tuple[Form, str]:
    """As what, and in which language, a contact is written to."""
    return usual_form(contact), language_of(contact)


def notice(
    form: Form,
    contact: Contact,
    facts: NoticeFacts,
    reporter: Reporter,
    language: str = "",
    xarf: bytes | None = None,
    request: RemovalRequest | None = None,
) -> Written:
    """A notice, in the recipient's language and, below, in English, as many desks read it.

    Args:
        form: XARF and PLATFORM are plain; DSA adds what Article 16(2) of Regulation (EU) 2022/2065 asks for;
            TAKE_IT_DOWN is the request of a person depicted, always in English.
        contact: who is told.
        facts: all that may be said.
        reporter: who tells them; without an address, nobody is named, which the DSA permits here.
        language: ISO 639-1; that of the contact's country when empty. English for one that we do not write.
        xarf: the same for machines, as `report.closing.xarf` makes it; None for none.
        request: of TAKE_IT_DOWN: what the person said; their blanks are in `Written.missing`.

    Raises:
        DocumentError: there is no URL or no item, or a URL has characters that a URL cannot have.
    """
    if not facts.urls or not facts.items:
        raise DocumentError(what="the notice", cause="it needs a URL and an item")
    if not all(url.isprintable() and url.strip() == url != "" for url in facts.urls):
        raise DocumentError(what="the notice", cause="a URL has characters that a URL cannot have")
    if form is Form.TAKE_IT_DOWN:
        return removal_request(facts, request or RemovalRequest())
    words = WORDS.get(language or language_of(contact), WORDS["en"])
    attachments = (("xarf.json", "application/json", xarf),) if xarf is not None else ()
    texts = [_text(one, form, contact, facts, reporter, bool(attachments)) for one in _both(words)]
    subject = words.subject.format(what=_what(words, facts), reference=facts.reference)
    return Written(subject, f"\n\n{RULE}\n\n".join(texts) + "\n", attachments)


def _both(words: Words) -> tuple[Words, ...]:
    return (words,) if words is WORDS["en"] else (words, WORDS["en"])


def _text(words: Words, form: Form, contact: Contact, facts: NoticeFacts, reporter: Reporter, attached: bool) -> str:
    paragraphs = [
        [words.greeting],
        [words.opening.format(what=_what(words, facts))],
        [words.places, *(f"  {url}" for url in facts.urls)],
        [words.copy, f"  SHA-256: {facts.found}"] if facts.found else [],
        [words.source if facts.found else words.items, *_items(words, facts)],
        list(_circumstances(words, facts)),
        list(_asked(words, contact, facts, reporter)),
        [words.nothing_shown, *([words.attached] if attached else [])],
        list(_dsa(words, reporter)) if form is Form.DSA else [],
        [words.farewell, *filter(None, (reporter.organisation, reporter.email))],
        [f"{words.reference}{words.colon}{facts.reference}"],
    ]
    return "\n\n".join("\n".join(lines) for lines in paragraphs if lines)


def _what(words: Words, facts: NoticeFacts) -> str:
    return words.exploiting if facts.classification is Classification.OTHER else words.abuse


def _items(words: Words, facts: NoticeFacts) -> Iterator[str]:
    for item in facts.items:
        yield f"  SHA-256: {item.sha256}"
        if item.md5:
            yield f"  MD5: {item.md5}"
        yield f"  {words.item}{words.colon}{item.id}"


def _circumstances(words: Words, facts: NoticeFacts) -> Iterator[str]:
    """Category, how it was made, when it was seen, who else knows: only what is known."""
    classified = facts.classification not in {Classification.OTHER, Classification.NONE}
    behind = f" ({words.klass.format(klass=facts.classification.value)})" if classified else ""
    yield f"{words.category}{words.colon}{_what(words, facts)}{behind}"
    if facts.artificialness is not Artificialness.UNKNOWN:
        yield f"{words.made}{words.colon}{words.how_made[facts.artificialness]}"
    if facts.seen is not None:
        yield f"{words.seen}{words.colon}{time_of(facts.seen)}"
    if facts.addresses:
        yield f"{words.addresses}{words.colon}{', '.join(facts.addresses)}"
    if facts.reports:
        yield f"{words.reports}{words.colon}{', '.join(facts.reports)}"
    if facts.returned is not None:
        yield words.returned.format(time=time_of(facts.returned))
    for scope, time in facts.earlier[-MAX_EARLIER:]:
        yield words.earlier.format(scope=words.scopes[scope], time=time_of(time))


def _asked(words: Words, contact: Contact, facts: NoticeFacts, reporter: Reporter) -> Iterator[str]:
    yield words.please if words.please.endswith(",") else words.please + words.colon.rstrip()
    first = contact.scope is Scope.HOTLINE and not any(scope is not Scope.HOTLINE for scope, _ in facts.earlier)
    asked = [words.take_up if first else words.remove[contact.scope], words.preserve]
    if reporter.email:
        asked.append(words.answer.format(email=reporter.email, reference=facts.reference))
    yield from (f"  {number}. {one}" for number, one in enumerate(asked, 1))
    if facts.due is not None:
        due = words.due_by if facts.basis else words.due
        yield due.format(time=time_of(facts.due), basis=facts.basis)


def _dsa(words: Words, reporter: Reporter) -> Iterator[str]:
    """Regulation (EU) 2022/2065, Article 16(2)(a) to (d), (4) and (5)."""
    yield words.dsa
    yield f"  {words.explanation}"
    yield f"  {words.exact}"
    if reporter.organisation or reporter.email:
        yield f"  {words.identity}"
    yield f"  {words.faith}"
    yield f"  {words.receipt}"


def time_of(time: datetime) -> str:
    """A time as letters write it."""
    return f"{time.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
