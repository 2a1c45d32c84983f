"""Documents of the benign example case, one for each format, for anybody who wants to read them or check them."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Final

from safelight.model.closing_events import Prompt, StatementKind
from safelight.model.dossier import Document, Dossier, DossierItem
from safelight.model.filing import Body, Told
from safelight.model.statement import Statement, StatementFacts
from safelight.model.takedown import Contact, Form, Location, Notice, NoticeState, Scope
from safelight.report.closing.bundles import documents
from safelight.report.closing.case_documents import CASE_DOCUMENTS
from safelight.report.closing.common import automated, pretty
from safelight.report.closing.crosswalk import ARTIFICIAL, Target, level, of
from safelight.report.closing.example import BEGAN, DOCUMENT_ID, EXAMPLE_NOTE, REPORTER, example
from safelight.report.closing.statement import statement
from safelight.report.closing.tdb import batches, record
from safelight.report.closing.xarf import xarf_document
from safelight.report.cybertip.documents import PENDING, file_details, report
from safelight.report.cybertip.values import FileFacts, Incident
from safelight.report.notice import facts_of, notice

MADE: Final = BEGAN + timedelta(hours=4)
"""When the example's documents are made."""


def example_documents(form: str) -> tuple[Document, ...]:
    """The documents of the example in a format of FORMATS; the first is the one that matters. Raises KeyError."""
    return FORMATS[form](example())


def _ncmec(dossier: Dossier) -> tuple[Document, ...]:
    told = Told(when=BEGAN, urls=tuple(place.url for place in dossier.places), additional=EXAMPLE_NOTE)
    incident = Incident(told, dossier.reporter, BEGAN, remarks=(f"The provider's case: {dossier.case}",))
    files = (
        Document(f"file-{number}.xml", "text/xml", file_details(PENDING, PENDING, _file(dossier, item)))
        for number, item in enumerate(dossier.items, 1)
    )
    return Document("report.xml", "text/xml", report(incident)), *files


def _file(dossier: Dossier, item: DossierItem) -> FileFacts:
    mark = of(dossier, item, Target.GENERATIVE)
    hashes = (("MD5", item.md5), ("SHA1", item.sha1), ("SHA256", item.sha256), ("PDQ", item.pdq))
    return FileFacts(
        name=item.id,
        received=item.added,
        viewed=item.viewed,
        annotations=(mark,) if mark else (),
        classification=of(dossier, item, Target.INDUSTRY),
        hashes=tuple(pair for pair in hashes if pair[1]),
        remarks=(EXAMPLE_NOTE,),
    )


def _xarf(dossier: Dossier) -> tuple[Document, ...]:
    place = dossier.places[0]
    return (xarf_document(dossier, place.item, place, DOCUMENT_ID, MADE),)


def _dsa(dossier: Dossier) -> tuple[Document, ...]:
    """The notice to a host, Article 16, as it would be mailed."""
    place = dossier.places[0]
    location = Location(
        place.location, dossier.case, place.item, dossier.item(place.item).sha256, place.url, place.added, place.place
    )
    contact = Contact(Scope.HOST, "Example Hosting", "abuse@host.example.com", country="IE")
    told = Notice(DOCUMENT_ID, place.location, contact, Form.DSA, "en", NoticeState.WAITING, MADE)
    attached = _xarf(dossier)[0].content
    written = notice(Form.DSA, contact, facts_of(dossier, location, told, None), dossier.reporter, "en", attached)
    mail = f"Subject: {written.subject}\n\n{written.text}"
    return (
        Document("notice.txt", "text/plain", mail.encode()),
        *(Document(name, mime, content) for name, mime, content in written.attachments),
    )


def _facts(dossier: Dossier) -> StatementFacts:
    item = dossier.items[1]
    assert dossier.decided is not None
    assert dossier.how is not None
    artificial = level(dossier.artificialness, item.found, (one.found for one in dossier.items)) in ARTIFICIAL
    return StatementFacts(
        item=item.id,
        mime=item.mime,
        uploaded=item.added,
        applied=dossier.decided,
        how=dossier.how,
        automated=automated(item.found),
        barred=False,
        artificial=artificial,
        keyword=of(dossier, item, Target.DSA_KEYWORD),
        illegal=True,
        prompt=Prompt.OWN,
        reference="benign-drawing-2",
    )


def example_statement(language: str) -> Statement:
    """The statement to whoever uploaded the altered drawing. Raises UsageError for a language that we have not."""
    found = example()
    return statement(DOCUMENT_ID, found.case, StatementKind.REASONS, _facts(found), REPORTER, language, MADE)


def _statement(_dossier: Dossier) -> tuple[Document, ...]:
    return (Document("statement.txt", "text/plain", example_statement("en").text.encode()),)


def _tdb(dossier: Dossier) -> tuple[Document, ...]:
    body = next(batches([record(f"benign-example-{DOCUMENT_ID}", _facts(dossier), REPORTER)]))
    return (Document("statements.json", "application/json", pretty(body)),)


def _by_hand(body: Body, dossier: Dossier) -> tuple[Document, ...]:
    return documents(body, dossier, MADE, Told(additional=EXAMPLE_NOTE))


FORMATS: Final[Mapping[str, Callable[[Dossier], tuple[Document, ...]]]] = {
    "ncmec": _ncmec,
    "xarf": _xarf,
    "dsa": _dsa,
    "statement": _statement,
    "tdb": _tdb,
    "vics": lambda dossier: (CASE_DOCUMENTS["vics"](dossier, MADE),),
    "case": lambda dossier: (CASE_DOCUMENTS["case"](dossier, MADE),),
    "pdf": lambda dossier: (CASE_DOCUMENTS["pdf"](dossier, MADE),),
    "canada": lambda dossier: _by_hand(Body.CYBERTIP_CA, dossier),
    "nca": lambda dossier: _by_hand(Body.NCA, dossier),
    "police": lambda dossier: _by_hand(Body.POLICE, dossier),
}
"""Makers of documents, by the name of the format."""
