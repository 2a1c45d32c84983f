"""The generated parts of docs/notices.md."""

from datetime import timedelta

from safelight.model.signal import RuleStatus
from safelight.model.takedown import Contact, Contacts, Form, Location, Notice, NoticeState, Place, Scope
from safelight.report.closing.example import example
from safelight.report.contacts.countries import LANGUAGES, countries_of_language
from safelight.report.contacts.hotlines import HOTLINES
from safelight.report.notice import facts_of, notice, retraction
from tools.docs_tables import table


def hotlines() -> str:
    """Who is told where nobody else acted."""
    rows = (
        (entry.country or "others", entry.name, entry.form, f"{_mark(entry.status)}, {entry.as_of}")
        for entry in HOTLINES
    )
    return table(("country", "hotline", "page", "known"), rows)


def languages() -> str:
    """In which language a country is written to."""
    rows = ((f"`{one}`", ", ".join(countries_of_language(one)) or "all others") for one in LANGUAGES)
    return table(("language", "countries"), rows)


def notice_example() -> str:
    """The text of a notice of the benign example case."""
    case = example()
    [place] = case.places
    item = case.item(place.item)
    told = _told()
    host, seen = told.contact, told.created
    found = Contacts(place.url, place.added, (host,), place.addresses)
    where = Location("l", case.case, item.id, item.sha256, place.url, place.added, Place.PRESENT, found, last_look=seen)
    facts = facts_of(case, where, told, seen + timedelta(hours=24))
    return f"```text\n{notice(Form.XARF, host, facts, case.reporter, xarf=b'{}').text}```\n"


def retraction_example() -> str:
    """The letter that takes it back."""
    [place] = example().places
    return f"```text\n{retraction(_told(), place.url, example().reporter).text}```\n"


def _told() -> Notice:
    """A notice about the benign example case."""
    [place] = example().places
    host, seen = Contact(Scope.HOST, "Example Hosting", "abuse@host.example"), place.checked or place.added
    return Notice("0195558d-0000-7000-8000-0000000000bb", "l", host, Form.XARF, "en", NoticeState.WAITING, seen)


def _mark(status: RuleStatus) -> str:
    return "confirmed" if status is RuleStatus.CONFIRMED else "unverified: check before use"
