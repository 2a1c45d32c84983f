"""Documents held against the schema, and answers read. What others sent is never trusted to be XML of the good kind."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from lxml import etree

from safelight.model.errors import DocumentError
from safelight.report.cybertip.words import clean

MOST: Final = 4 << 20
"""Bytes of a schema, and of an answer, that are read at all."""
_XS = "{http://www.w3.org/2001/XMLSchema}"
_LEADS_AWAY = frozenset(f"{_XS}{name}" for name in ("import", "include", "redefine", "override"))
_CAUSE = 500


@dataclass(frozen=True, slots=True)
class Answer:
    """A `<reportResponse>`, or the `<reportDoneResponse>` of `finish`. `report`, `file`: numbers; empty where none."""

    code: int
    words: str = ""
    report: str = ""
    file: str = ""
    hash: str = ""
    files: tuple[str, ...] = ()


def validate(document: bytes, xsd: bytes) -> None:
    """Hold a document of ours against the receiver's schema.

    Raises DocumentError with line and cause when it is not valid, and when the schema is none.
    """
    schema = schema_of(xsd)
    root = _parsed(document, "the document")
    try:
        schema.assertValid(root)
    except etree.DocumentInvalid as error:
        first = next(iter(error.error_log), None)
        cause = f"line {first.line}: {first.message}" if first else str(error)
        raise DocumentError(what=f"<{etree.QName(root).localname}>", cause=clean(cause, _CAUSE)) from error


@lru_cache(maxsize=4)
def schema_of(xsd: bytes) -> etree.XMLSchema:
    """A schema, ready to be used. Raises DocumentError for what is none, and for one that leads to other places."""
    root = _parsed(xsd, "the schema")
    if any(element.tag in _LEADS_AWAY for element in root.iter()):
        raise DocumentError(what="the schema", cause="it refers to others, which are not fetched")
    try:
        return etree.XMLSchema(root)
    except etree.XMLSchemaParseError as error:
        raise DocumentError(what="the schema", cause=clean(str(error), _CAUSE)) from error


def answer(body: bytes) -> Answer:
    """What the receiver answered. Raises DocumentError for what is no answer."""
    root = _parsed(body, "the answer")
    texts: dict[str, str] = {}
    for element in root.iter(etree.Element):
        texts.setdefault(etree.QName(element).localname, (element.text or "").strip())
    if etree.QName(root).localname not in {"reportResponse", "reportDoneResponse"}:
        raise DocumentError(what="the answer", cause="it is another document")
    code = texts.get("responseCode", "")
    if not (code.isascii() and code.isdigit() and len(code) < 10):
        raise DocumentError(what="the answer", cause="it has no code")
    files = (each.text or "" for each in root.iterfind("{*}files/{*}fileId"))
    return Answer(
        code=int(code),
        words=clean(texts.get("responseDescription", ""), _CAUSE),
        report=texts.get("reportId", ""),
        file=texts.get("fileId", ""),
        hash=texts.get("hash", "").lower(),
        files=tuple(file.strip() for file in files),
    )


def _parsed(body: bytes, what: str) -> etree._Element:
    """XML without entities, document types, network and other files."""
    if len(body) > MOST:
        raise DocumentError(what=what, cause=f"it is larger than {MOST:,} bytes")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError as error:
        raise DocumentError(what=what, cause=clean(f"no XML: {error}", _CAUSE)) from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise DocumentError(what=what, cause="it has a document type")
    return root
