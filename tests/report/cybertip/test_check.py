"""Documents held against a schema, and answers read."""

import pytest

from safelight.model.errors import DocumentError
from safelight.report.cybertip.check import MOST, Answer, answer, schema_of, validate

XS = 'xmlns:xs="http://www.w3.org/2001/XMLSchema"'
SCHEMA = f"""<xs:schema {XS}><xs:element name="report"><xs:complexType><xs:sequence>
<xs:element name="a" type="xs:string"/><xs:element name="b" type="xs:int"/>
</xs:sequence></xs:complexType></xs:element></xs:schema>""".encode()
OPENED = b"""<?xml version="1.0"?><reportResponse><responseCode>0</responseCode><responseDescription>Success
</responseDescription><reportId>4564654</reportId></reportResponse>"""
RECEIVED = b"""<reportResponse><responseCode>0</responseCode><responseDescription>Success</responseDescription>
<reportId>7</reportId><fileId>b0754af766b426f2928a02c651ed4b99</fileId><hash>FAFA5EFEAF3CBE3B23B2748D13E629A1</hash>
</reportResponse>"""
DONE = b"""<reportDoneResponse><responseCode>0</responseCode><reportId>7</reportId><files><fileId>one</fileId>
<fileId> two </fileId></files></reportDoneResponse>"""


def test_a_document_is_valid_or_it_is_said_where_not() -> None:
    validate(b"<report><a/><b>1</b></report>", SCHEMA)
    with pytest.raises(DocumentError, match=r"<report> is not valid: line 2: Element 'b'"):
        validate(b"<report><a/>\n<b>one</b></report>", SCHEMA)
    with pytest.raises(DocumentError, match="a"):
        validate(b"<report><b>1</b><a/></report>", SCHEMA)
    with pytest.raises(DocumentError, match="no XML"):
        validate(b"<report>", SCHEMA)


@pytest.mark.parametrize("name", ["import", "include", "redefine"])
def test_a_schema_that_leads_elsewhere_is_not_followed(name: str) -> None:
    led = f'<xs:schema {XS}><xs:{name} schemaLocation="file:///etc/passwd"/></xs:schema>'
    with pytest.raises(DocumentError, match="refers to others"):
        schema_of(led.encode())


def test_what_is_no_schema() -> None:
    with pytest.raises(DocumentError, match="the schema"):
        schema_of(b"<html/>")


def test_answers() -> None:
    assert answer(OPENED) == Answer(0, "Success", "4564654")
    received = Answer(0, "Success", "7", "b0754af766b426f2928a02c651ed4b99", "fafa5efeaf3cbe3b23b2748d13e629a1")
    assert answer(RECEIVED) == received
    assert answer(DONE) == Answer(0, "", "7", "one", "", ("one", "two"))
    with_namespace = RECEIVED.replace(b"<reportResponse>", b'<reportResponse xmlns="urn:x">')
    assert answer(with_namespace) == received


LAUGHS = b"""<!DOCTYPE x [<!ENTITY a "haha"><!ENTITY b "&a;&a;&a;&a;">]>
<reportResponse><responseCode>0</responseCode><responseDescription>&b;</responseDescription></reportResponse>"""
PEEKS = b"""<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>
<reportResponse><responseCode>0</responseCode><responseDescription>&a;</responseDescription></reportResponse>"""


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html/>",
        b"<reportResponse/>",
        b"<reportResponse><responseCode>none</responseCode></reportResponse>",
        b"<reportResponse><responseCode>\xd9\xa1</responseCode></reportResponse>",
        LAUGHS,
        PEEKS,
        b"<reportResponse>" + b" " * MOST + b"</reportResponse>",
    ],
)
def test_what_is_no_answer(body: bytes) -> None:
    with pytest.raises(DocumentError):
        answer(body)
