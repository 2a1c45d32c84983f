"""CyberTipline XML: the order of the schema, whatever is said; the real schema where it is at hand."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from safelight.model.errors import DocumentError
from safelight.model.filing import Account, CaptureKind, Reporter, Role, Told
from safelight.report.cybertip.check import validate
from safelight.report.cybertip.documents import file_details, report
from safelight.report.cybertip.values import FileFacts, Incident
from safelight.report.cybertip.words import FILE_ANNOTATIONS, INCIDENTS, MARK, REPORT_ANNOTATIONS
from tests.report.cybertip.told_material import FILES, ODD, TIMES, TOLD, WHOLE, WHOLE_FILE

WHEN = datetime(2026, 11, 22, 12, 30, tzinfo=timezone(timedelta(hours=9)))
REPORTER = Reporter(
    "Example Pictures", "trust@example.org", "Tess", "Trust", "+1 202 555 0100", "None.", "https://e.org"
)
FULL = Told(
    urls=("https://example.net/a?b=1&c=<2>", "https://example.net/" + "u" * 3000),
    report_annotations=("spam", "sextortion"),
    escalate="soon",
    accounts=(Account(esp_identifier="account-9", screen_name="nick"),),
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


def tags(element: etree._Element | None) -> list[str]:
    assert element is not None
    return [str(inner.tag) for inner in element]


def test_everything_that_can_be_told_of_people_in_the_order_of_the_schema() -> None:
    """Written by hand from the schema, so that it holds where the schema is not at hand."""
    root = etree.fromstring(report(Incident(WHOLE, REPORTER, WHEN)))
    assert tags(root) == [
        *("incidentSummary", "internetDetails", "internetDetails", "internetDetails", "internetDetails", "reporter"),
        *("personOrUserReported", "intendedRecipient", "victim", "additionalInfo"),
    ]
    places = [[(inner.tag, inner.text) for inner in place[0]] for place in root.iterfind("internetDetails")]
    assert places == [
        [("url", "https://host.example/17")],
        [("emailAddress", "thief@mail.example")],
        [("chatClient", "Example Chat"), ("chatRoomName", "room-17")],
        [("chatRoomName", "room-18")],
    ]
    rest = [
        *("espIdentifier", "espService", "compromisedAccount", "screenName", "displayName", "displayName"),
        *("profileUrl", "ipCaptureEvent", "ipCaptureEvent", "deviceId", "deviceId"),
    ]
    person = ["phone", "email", "email"]
    for party, name, extra in (
        ("personOrUserReported", "thief", ["associatedAccount"]),
        ("intendedRecipient", "second", []),
        ("victim", "third", []),
    ):
        found = root.find(party)
        assert tags(found) == [f"{party}Person", *rest, *extra, "additionalInfo"]
        assert tags(root.find(f"{party}/{party}Person")) == person
        assert root.findtext(f"{party}/espIdentifier") == f"{name}-id"
    reported = root.find("personOrUserReported")
    assert reported is not None
    other = reported.find("associatedAccount")
    assert other is not None
    assert dict(other.attrib) == {"type": "Linked"}
    assert tags(other) == [
        *("phone", "email", "email", "espService", "espIdentifier", "profileUrl", "screenName"),
        *("displayName", "displayName", "compromisedAccount"),
        *("ipCaptureEvent", "ipCaptureEvent", "deviceId", "deviceId", "additionalInfo"),
    ]
    assert [(each.tag, each.text) for each in reported.iterfind("ipCaptureEvent/*")] == [
        ("ipAddress", "203.0.113.7"),
        ("eventName", "Upload"),
        ("dateTime", "2026-11-22T03:30:00Z"),
        ("possibleProxy", "true"),
        ("port", "51820"),
        ("ipAddress", "2001:db8::7"),
    ]
    assert [(each.tag, each.text) for each in reported.iterfind("deviceId/*")] == [
        ("idType", "IMEI"),
        ("idValue", "490154203237518"),
        ("eventName", "Login"),
        ("dateTime", "2026-11-22T03:30:00Z"),
        ("idType", "SSID"),
        ("idValue", "thief"),
    ]
    assert [(each.text, dict(each.attrib)) for each in reported.iterfind("*/email")][:2] == [
        ("thief@mail.example", {"verified": "true"}),
        ("thief-2@mail.example", {}),
    ]


def test_how_a_file_came_in_the_order_of_the_schema() -> None:
    facts = replace(FACTS, told=WHOLE_FILE)
    root = etree.fromstring(file_details("7", "f1", facts))
    assert tags(root) == [
        *("reportId", "fileId", "fileName", "originalFileName", "uploadedToEspTimestamp", "locationOfFile"),
        *("fileViewedByEsp", "publiclyAvailable", "fileRelevance", "fileAnnotations", "industryClassification"),
        *("originalFileHash", "originalFileHash", "ipCaptureEvent", "deviceId", "details"),
        *("additionalInfo", "additionalInfo", "additionalInfo"),
    ]
    assert root.findtext("originalFileName") == "IMG_0017.jpg"
    assert root.findtext("publiclyAvailable") == "true"
    assert root.find("exifViewedByEsp") is None


def test_of_a_victim_nothing_personal_has_to_be_told() -> None:
    told = Told(accounts=(Account(Role.VICTIM, "child-7"),))
    victim = etree.fromstring(report(Incident(told, REPORTER, WHEN))).find("victim")
    assert victim is not None
    assert [(each.tag, each.text) for each in victim] == [
        ("victimPerson", None),
        ("espIdentifier", "child-7"),
        ("espService", "Example Pictures"),
    ]


def test_an_account_of_which_nothing_is_told_is_left_out() -> None:
    told = Told(accounts=(Account(), Account(Role.LINKED, " "), Account(Role.VICTIM)))
    root = etree.fromstring(report(Incident(told, REPORTER, WHEN)))
    assert tags(root) == ["incidentSummary", "internetDetails", "reporter"]


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


INCIDENTS_OF_ALL_KINDS = st.builds(
    Incident,
    TOLD,
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
    FILES,
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
    "displayName": 255,
    "profileUrl": 2083,
    "originalFileName": 2056,
    "locationOfFile": 2083,
    "originalFileHash": 64,
    "name": 64,
}
REPORT_ORDER = [
    *("incidentSummary", "internetDetails", "reporter", "personOrUserReported", "intendedRecipient", "victim"),
    "additionalInfo",
]
CAPTURED = ["ipAddress", "eventName", "dateTime", "possibleProxy", "port"]
USED = ["idType", "idValue", "eventName", "dateTime"]
PARTY = [
    *("espIdentifier", "espService", "compromisedAccount", "screenName", "displayName", "profileUrl"),
    *("ipCaptureEvent", "deviceId", "associatedAccount", "additionalInfo"),
]
ORDERS = {
    "report": REPORT_ORDER,
    "incidentSummary": [
        *("incidentType", "platform", "escalateToHighPriority", "reportAnnotations"),
        *("incidentDateTime", "incidentDateTimeDescription"),
    ],
    "internetDetails": ["webPageIncident", "emailIncident", "chatImIncident"],
    "webPageIncident": ["url", "additionalInfo"],
    "emailIncident": ["emailAddress"],
    "chatImIncident": ["chatClient", "chatRoomName"],
    "reporter": ["reportingPerson", "companyTemplate", "termsOfService", "legalURL"],
    "reportingPerson": ["firstName", "lastName", "phone", "email"],
    "personOrUserReported": ["personOrUserReportedPerson", *PARTY],
    "intendedRecipient": ["intendedRecipientPerson", *PARTY],
    "victim": ["victimPerson", *PARTY],
    **{name: ["phone", "email"] for name in ("personOrUserReportedPerson", "intendedRecipientPerson", "victimPerson")},
    "associatedAccount": [
        *("phone", "email", "espService", "espIdentifier", "profileUrl", "screenName", "displayName"),
        *("compromisedAccount", "ipCaptureEvent", "deviceId", "additionalInfo"),
    ],
    "ipCaptureEvent": CAPTURED,
    "deviceId": USED,
    "fileDetails": [
        *("reportId", "fileId", "fileName", "originalFileName", "uploadedToEspTimestamp", "locationOfFile"),
        *("fileViewedByEsp", "publiclyAvailable", "fileRelevance", "fileAnnotations", "industryClassification"),
        *("originalFileHash", "ipCaptureEvent", "deviceId", "details", "additionalInfo"),
    ],
    "details": ["nameValuePair"],
    "nameValuePair": ["name", "value"],
    "reportAnnotations": [*REPORT_ANNOTATIONS],
    "fileAnnotations": [*FILE_ANNOTATIONS],
}
"""What each element may hold, in this order; those that are not named hold text alone."""


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
    file = etree.fromstring(file_details("7", "f1", facts))
    for each in (*root.iter(), *file.iter()):
        text = each.text or ""
        assert in_order([str(inner.tag) for inner in each], ORDERS.get(str(each.tag), [])), each.tag
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
    validate(report(Incident(WHOLE, REPORTER, WHEN, "words", ("remark",))), xsd)
    validate(file_details("7", "f1", replace(FACTS, told=WHOLE_FILE)), xsd)


@pytest.mark.shared
@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("<fileId>f1</fileId>\n  <fileName>i1</fileName>", "<fileName>i1</fileName>\n  <fileId>f1</fileId>"),
        ("</ipCaptureEvent>", "</ipCaptureEvent><ipCaptureEvent><ipAddress>::1</ipAddress></ipCaptureEvent>"),
        (">Upload<", ">upload<"),
        ("<generativeAi/>", "<generativeAi>false</generativeAi>"),
        (">A1<", ">C1<"),
        (">Reported<", ">reported<"),
    ],
)
def test_that_schema_refuses_what_we_must_not_write(shared: Path, right: str, wrong: str) -> None:
    xsd = (shared / "schemas" / "cyber_tipline.xsd").read_bytes()
    made = file_details("7", "f1", replace(FACTS, told=WHOLE_FILE)).decode()
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
    assert words("//x:simpleType[@name='ipCaptureType']//x:enumeration/@value") == [str(kind) for kind in CaptureKind]


def test_times_are_told_in_utc() -> None:
    root = etree.fromstring(report(Incident(Told(), REPORTER, WHEN.astimezone(UTC))))
    assert root.findtext("incidentSummary/incidentDateTime") == "2026-11-22T03:30:00Z"
