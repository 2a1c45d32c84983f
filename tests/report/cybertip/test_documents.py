"""CyberTipline XML: the order of the schema, whatever is said; the real schema where it is at hand."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from safelight.model.errors import DocumentError
from safelight.model.filing import Reporter, Told
from safelight.report.cybertip.check import validate
from safelight.report.cybertip.documents import file_details, report
from safelight.report.cybertip.values import FileFacts, Incident
from safelight.report.cybertip.words import FILE_ANNOTATIONS, INCIDENTS, MARK, REPORT_ANNOTATIONS

WHEN = datetime(2026, 11, 22, 12, 30, tzinfo=timezone(timedelta(hours=9)))
REPORTER = Reporter(
    "Example Pictures", "trust@example.org", "Tess", "Trust", "+1 202 555 0100", "None.", "https://e.org"
)
FULL = Told(
    urls=("https://example.net/a?b=1&c=<2>", "https://example.net/" + "u" * 3000),
    report_annotations=("spam", "sextortion"),
    escalate="soon",
    esp_identifier="account-9",
    screen_name="nick",
    additional="more",
)
FACTS = FileFacts(
    name="i1",
    received=WHEN,
    viewed=True,
    annotations=("generativeAi", "viral"),
    classification="A1",
    hashes=(("MD5", "0" * 32), ("SHA256", "1" * 64), ("LONG", "2" * 65), ("PDQ", "")),
    evidence=(("Known source", "the same picture"), ("n" * 99, "value")),
    remarks=("one", " ", "two"),
)

REPORT = """<?xml version='1.0' encoding='UTF-8'?>
<report>
  <incidentSummary>
    <incidentType>Child Pornography (possession, manufacture, and distribution)</incidentType>
    <platform>Example Pictures</platform>
    <escalateToHighPriority>soon</escalateToHighPriority>
    <reportAnnotations>
      <sextortion/>
      <spam/>
    </reportAnnotations>
    <incidentDateTime>2026-11-22T03:30:00Z</incidentDateTime>
    <incidentDateTimeDescription>words</incidentDateTimeDescription>
  </incidentSummary>
  <internetDetails>
    <webPageIncident>
      <url>https://example.net/a?b=1&amp;c=&lt;2&gt;</url>
      <additionalInfo>https://example.net/LONG</additionalInfo>
    </webPageIncident>
  </internetDetails>
  <reporter>
    <reportingPerson>
      <firstName>Tess</firstName>
      <lastName>Trust</lastName>
      <phone>+1 202 555 0100</phone>
      <email>trust@example.org</email>
    </reportingPerson>
    <companyTemplate>Example Pictures</companyTemplate>
    <termsOfService>None.</termsOfService>
    <legalURL>https://e.org</legalURL>
  </reporter>
  <personOrUserReported>
    <espIdentifier>account-9</espIdentifier>
    <espService>Example Pictures</espService>
    <screenName>nick</screenName>
  </personOrUserReported>
  <additionalInfo>more
remark</additionalInfo>
</report>
"""
FILE = """<?xml version='1.0' encoding='UTF-8'?>
<fileDetails>
  <reportId>7</reportId>
  <fileId>f1</fileId>
  <fileName>i1</fileName>
  <uploadedToEspTimestamp>2026-11-22T03:30:00Z</uploadedToEspTimestamp>
  <fileViewedByEsp>true</fileViewedByEsp>
  <fileRelevance>Reported</fileRelevance>
  <fileAnnotations>
    <viral/>
    <generativeAi/>
  </fileAnnotations>
  <industryClassification>A1</industryClassification>
  <originalFileHash hashType="MD5">00000000000000000000000000000000</originalFileHash>
  <originalFileHash hashType="SHA256">ONES</originalFileHash>
  <details type="HASH">
    <nameValuePair>
      <name>Known source</name>
      <value>the same picture</value>
    </nameValuePair>
    <nameValuePair>
      <name>LONG</name>
      <value>value</value>
    </nameValuePair>
  </details>
  <additionalInfo>one</additionalInfo>
  <additionalInfo>two</additionalInfo>
</fileDetails>
"""


def test_a_report_with_everything() -> None:
    made = report(Incident(FULL, REPORTER, WHEN, "words", ("remark",))).decode()
    assert made == REPORT.replace("LONG", "u" * 3000)


def test_a_file_with_everything() -> None:
    assert file_details("7", "f1", FACTS).decode() == FILE.replace("LONG", "n" * 63 + MARK).replace("ONES", "1" * 64)


def test_the_least_that_there_is() -> None:
    root = etree.fromstring(report(Incident(Told(), Reporter("", "a@example.org"), WHEN)))
    assert [each.tag for each in root.iter()] == [
        "report",
        *("incidentSummary", "incidentType", "incidentDateTime"),
        *("internetDetails", "webPageIncident", "additionalInfo"),
        *("reporter", "reportingPerson", "email"),
    ]
    root = etree.fromstring(file_details("7", "f1", FileFacts("i1")))
    assert [(each.tag, each.text) for each in root] == [
        ("reportId", "7"),
        ("fileId", "f1"),
        ("fileName", "i1"),
        ("fileViewedByEsp", "false"),
        ("fileRelevance", "Reported"),
    ]


def test_urls_and_hashes_are_told_whole_or_elsewhere_never_cut() -> None:
    wide = "https://example.net/" + "\U00010000" * 1040  # within the limit by characters, not by code units
    root = etree.fromstring(report(Incident(Told(urls=(wide,)), REPORTER, WHEN)))
    assert root.find(".//url") is None
    assert root.findtext(".//webPageIncident/additionalInfo") == wide
    root = etree.fromstring(file_details("7", "f1", FileFacts("i1", hashes=(("odd", "\U00010000" * 33),))))
    assert root.find("originalFileHash") is None


def test_a_supplemental_file_has_no_classification() -> None:
    root = etree.fromstring(file_details("7", "f1", FileFacts("i1", supplemental=True, classification="A1")))
    assert root.findtext("fileRelevance") == "Supplemental Reported"
    assert root.find("industryClassification") is None


def test_a_time_without_a_zone_is_none() -> None:
    with pytest.raises(DocumentError, match="no zone"):
        report(Incident(Told(), REPORTER, datetime(2026, 1, 1)))  # noqa: DTZ001 - that is what is refused
    with pytest.raises(DocumentError, match="calendar"):
        file_details("7", "f1", FileFacts("i1", datetime.min.replace(tzinfo=timezone(timedelta(hours=1)))))


ODDITIES = (
    *("\0\x1b[0m", "\ud800", "\ufffe\uffff", "]]>&<'\"", "\r\n\t", " "),
    *("e\u0301" * 400, "\U0001f469\u200d\U0001f467" * 1500),
)
ODD = st.text(st.characters(), max_size=60) | st.sampled_from(ODDITIES)
"""Controls, lone surrogates, what XML has no place for, markup, accents, joined pictures, blanks, and too much."""
FIRST, LAST = (datetime.fromisoformat(day) for day in ("1970-01-02", "2100-01-01"))
TIMES = st.datetimes(FIRST, LAST, timezones=st.timezones())
INCIDENTS_OF_ALL_KINDS = st.builds(
    Incident,
    st.builds(
        Told,
        incident=st.sampled_from(INCIDENTS),
        urls=st.lists(ODD, max_size=3).map(tuple),
        report_annotations=st.lists(st.sampled_from(REPORT_ANNOTATIONS), max_size=7).map(tuple),
        escalate=ODD,
        esp_identifier=ODD,
        screen_name=ODD,
        additional=ODD,
    ),
    st.builds(Reporter, ODD, ODD, ODD, ODD, ODD, ODD, ODD, ODD),
    TIMES,
    ODD,
    st.lists(ODD, max_size=3).map(tuple),
)
FILES_OF_ALL_KINDS = st.builds(
    FileFacts,
    ODD,
    st.none() | TIMES,
    st.booleans(),
    st.booleans(),
    st.lists(st.sampled_from(FILE_ANNOTATIONS), max_size=12).map(tuple),
    st.sampled_from(("", "A1", "A2", "B1", "B2")),
    st.lists(st.tuples(ODD, ODD), max_size=4).map(tuple),
    st.lists(st.tuples(ODD, ODD), max_size=4).map(tuple),
    st.lists(ODD, max_size=3).map(tuple),
)
LIMITS = {
    "platform": 256,
    "escalateToHighPriority": 3000,
    "incidentDateTimeDescription": 3000,
    "url": 2083,
    "legalURL": 2083,
    "espIdentifier": 255,
    "espService": 100,
    "screenName": 256,
    "originalFileHash": 64,
    "name": 64,
}
REPORT_ORDER = [
    *("incidentSummary", "incidentType", "platform", "escalateToHighPriority", "reportAnnotations"),
    *REPORT_ANNOTATIONS,
    *("incidentDateTime", "incidentDateTimeDescription", "internetDetails", "webPageIncident", "url", "additionalInfo"),
    *("reporter", "reportingPerson", "firstName", "lastName", "phone", "email"),
    *("companyTemplate", "termsOfService", "legalURL"),
    *("personOrUserReported", "espIdentifier", "espService", "screenName", "additionalInfo"),
]
FILE_ORDER = [
    *("reportId", "fileId", "fileName", "uploadedToEspTimestamp", "fileViewedByEsp", "fileRelevance"),
    *("fileAnnotations", "industryClassification", "originalFileHash", "details", "additionalInfo"),
]


def in_order(tags: list[str], order: list[str]) -> bool:
    """Whether the tags come in this order, any of them left out or told again at once."""
    left = list(order)
    for tag, before in zip(tags, [None, *tags], strict=False):
        if tag == before:
            continue
        if tag not in left:
            return False
        left = left[left.index(tag) + 1 :]
    return True


@settings(max_examples=150)
@given(INCIDENTS_OF_ALL_KINDS, FILES_OF_ALL_KINDS)
def test_the_order_and_the_lengths_hold_for_everything(incident: Incident, facts: FileFacts) -> None:
    root = etree.fromstring(report(incident))
    assert in_order([str(each.tag) for each in root.iter()][1:], REPORT_ORDER)
    file = etree.fromstring(file_details("7", "f1", facts))
    assert in_order([str(each.tag) for each in file], FILE_ORDER)
    for each in (*root.iter(), *file.iter()):
        text = each.text or ""
        assert len(text.encode("utf-16-le")) // 2 <= LIMITS.get(str(each.tag), 1 << 30)
        if each.tag in {"escalateToHighPriority", "espIdentifier", "additionalInfo"}:
            assert text.strip()


@pytest.mark.shared
def test_all_of_it_is_valid_by_ncmecs_own_schema(shared: Path) -> None:
    """500 cases: the bar."""
    xsd = (shared / "schemas" / "cyber_tipline.xsd").read_bytes()
    cases = 0

    @settings(max_examples=500, database=None, suppress_health_check=list(HealthCheck))
    @given(INCIDENTS_OF_ALL_KINDS, FILES_OF_ALL_KINDS, st.integers(0, 10**12))
    def valid(incident: Incident, facts: FileFacts, number: int) -> None:
        nonlocal cases
        validate(report(incident), xsd)
        validate(file_details(str(number), "f" * 32, facts), xsd)
        cases += 1

    valid()
    assert cases >= 500


@pytest.mark.shared
@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("<fileId>f1</fileId>\n  <fileName>i1</fileName>", "<fileName>i1</fileName>\n  <fileId>f1</fileId>"),
        ("<generativeAi/>", "<generativeAi>false</generativeAi>"),
        (">A1<", ">C1<"),
        (">Reported<", ">reported<"),
    ],
)
def test_that_schema_refuses_what_we_must_not_write(shared: Path, right: str, wrong: str) -> None:
    xsd = (shared / "schemas" / "cyber_tipline.xsd").read_bytes()
    made = file_details("7", "f1", FACTS).decode()
    validate(made.encode(), xsd)
    assert right in made
    with pytest.raises(DocumentError, match="line"):
        validate(made.replace(right, wrong).encode(), xsd)


@pytest.mark.shared
def test_our_words_are_those_of_the_schema(shared: Path) -> None:
    root = etree.parse(shared / "schemas" / "cyber_tipline.xsd").getroot()

    def words(path: str) -> list[str]:
        return [str(each) for each in root.xpath(path, namespaces={"x": "http://www.w3.org/2001/XMLSchema"})]

    assert tuple(words("//x:simpleType[@name='incidentType']//x:enumeration/@value")) == INCIDENTS
    assert tuple(words("//x:complexType[@name='fileAnnotations']//x:element/@name")) == FILE_ANNOTATIONS
    assert tuple(words("//x:complexType[@name='reportAnnotations']//x:element/@name")) == REPORT_ANNOTATIONS


def test_times_are_told_in_utc() -> None:
    root = etree.fromstring(report(Incident(Told(), REPORTER, WHEN.astimezone(UTC))))
    assert root.findtext("incidentSummary/incidentDateTime") == "2026-11-22T03:30:00Z"
