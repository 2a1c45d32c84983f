"""What the API takes and gives of law, duties and reports."""

from datetime import date, datetime
from typing import Annotated

from ninja import Schema
from pydantic import ConfigDict, Field, JsonValue, StringConstraints

from safelight.model.case import DutyState
from safelight.model.filing import Body, CaptureKind, FileStep, FilingState, Role
from safelight.model.law import Coverage, DutyKind, Material, Trigger
from safelight.model.signal import RuleStatus
from safelight.report.cybertip.words import INCIDENTS
from safelight.web.api.schemas import PLAIN, Id, Moment, Taken, Word

Pack = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
"""Id of a law pack."""
RuleId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,39}/[\w.-]{1,100}$")]
"""Pack and rule, as `us/take-it-down`."""
DutyId = Annotated[str, StringConstraints(pattern=r"^[\w./:+-]{1,200}$")]
"""Rule, and when its clock began, as `us/take-it-down/2026-11-22T17:00:00+00:00`."""
Line = Annotated[str, StringConstraints(max_length=2_100, pattern=r"^[^\x00-\x1f\x7f]*$")]
"""A text on one line. How long it may be is the receiver's to say: 400 names what is too long."""
Note = Annotated[str, StringConstraints(max_length=1_000, pattern=PLAIN)]
Said = Annotated[str, StringConstraints(min_length=1, max_length=1_000, pattern=PLAIN)]
Address = Annotated[str, StringConstraints(min_length=1, max_length=2_000, pattern=r"^https?://[!-~]+$")]


def example(**fields: JsonValue) -> ConfigDict:
    """For `model_config` of what is taken: an example in the document."""
    return ConfigDict(extra="forbid", json_schema_extra={"examples": [fields]})


class DutyOut(Schema):
    """Something that a law asks for about a case. Not legal advice; a rule that is not confirmed drives nothing."""

    id: str
    case_id: str
    jurisdiction: str
    rule: str
    kind: DutyKind
    title: str
    recipient: str
    began: datetime
    due: datetime | None = Field(description="null where the law says it in words alone; of `preserve`, until when")
    words: str
    basis: str
    source: str
    as_of: str
    drives: bool = Field(description="the rule is confirmed, so that something may follow from it by itself")
    covered: Coverage
    taker: str = Field(description="who of the receivers of reports takes it; empty for none")
    state: DutyState
    by: str = Field(description="what met it, or why it was dropped")


class DutiesOut(Schema):
    """Duties of cases, the case first whose first open duty is due first. A page may be empty while there is more."""

    duties: list[DutyOut]
    more: bool
    next_cursor: str


class CaseDutiesOut(Schema):
    """All duties of a case, those that are met or dropped, too."""

    duties: list[DutyOut]


class RequestIn(Taken):
    """A valid request for removal, a notice or an order was received. `rule`: of a law pack, that it goes by."""

    model_config = example(rule="us/take-it-down", at="2026-11-22T17:00:00Z", note="ticket 4711")

    rule: RuleId
    at: Moment = Field(description="when it was received")
    note: Note = ""


class MetIn(Taken):
    """It was done. `by`: in words, or your own id of it; it must not describe what is seen."""

    model_config = example(by="removed by the platform, ticket 4711")

    by: Said


class SourceOut(Schema):
    """Where something was read."""

    title: str
    url: str
    as_of: date


class CoveredOut(Schema):
    """Whether a kind of material is covered. `when`: the condition of `some`, in words."""

    material: Material
    answer: Coverage
    basis: str
    when: str
    source: SourceOut
    status: RuleStatus


class LawRuleOut(Schema):
    """One duty of one law."""

    id: str
    kind: DutyKind
    trigger: Trigger
    title: str
    actor: str
    recipient: str
    deadline: str = Field(description="ISO 8601 duration; empty where the law says it in `words` alone")
    words: str
    basis: str
    source: SourceOut
    status: RuleStatus
    materials: list[Material]
    in_force: bool
    note: str
    taker: str


class PackOut(Schema):
    """The law of a jurisdiction, as data. `used`: the operator says that it applies to them."""

    id: str
    name: str
    as_of: date
    zone: str
    sha256: str
    used: bool
    stale: bool = Field(description="nobody has gone through it for 180 days")


class LawOut(Schema):
    """All law packs."""

    packs: list[PackOut]


class PackWholeOut(PackOut):
    """A law pack with its rules."""

    note: str
    covered: list[CoveredOut]
    scanning: Coverage = Field(description="whether private messages may be scanned for such material")
    scanning_note: str
    rules: list[LawRuleOut]


class FiledItemOut(Schema):
    """An item of a report. `number`: the file's id at the other side."""

    item_id: str
    sha256: str
    viewed: bool
    upload: bool
    step: FileStep
    number: str


class IpEventIn(Taken):
    """An IP address that somebody used."""

    model_config = example(address="203.0.113.7", kind="Upload", at="2026-11-22T16:58:00Z", port=51820)

    address: Line = Field(description="IPv4 or IPv6, as the internet sees it")
    kind: CaptureKind | None = Field(None, description="in the course of what it was recorded")
    at: Moment | None = Field(None, description="without it hardly anybody can be found by the address")
    possible_proxy: bool = False
    port: int | None = Field(None, ge=1, le=65_535, description="on that side; many may share an address")


class DeviceIn(Taken):
    """An id of a device that somebody used."""

    model_config = example(kind="IMEI", value="490154203237518", event="Login")

    kind: Line = Field(description="of the id, as `IMEI`")
    value: Line
    event: CaptureKind | None = None
    at: Moment | None = None


class EmailIn(Taken):
    """An e-mail address of an account. `verified`: mail that was sent there was answered."""

    model_config = example(address="user@mail.example", verified=True)

    address: Line
    verified: bool = False


class AccountIn(Taken):
    """An account that has to do with an incident. It goes to the receiver of the report alone."""

    model_config = example(
        role="reported", esp_identifier="u-4", ip_events=[{"address": "203.0.113.7", "at": "2026-11-22T16:58:00Z"}]
    )

    role: Role = Field(Role.REPORTED, description="`linked`: another account of the one that is reported")
    esp_identifier: Line = Field("", description="your own id of it")
    esp_service: Line = Field("", description="which service it is of; empty for your own")
    screen_name: Line = ""
    display_names: list[Line] = Field(default_factory=list, max_length=20)
    profile_urls: list[Line] = Field(default_factory=list, max_length=20)
    emails: list[EmailIn] = Field(default_factory=list, max_length=20)
    phones: list[Line] = Field(default_factory=list, max_length=20)
    compromised: bool = Field(default=False, description="somebody else had taken it over")
    ip_events: list[IpEventIn] = Field(default_factory=list, max_length=1_000)
    devices: list[DeviceIn] = Field(default_factory=list, max_length=100)
    additional: Note = ""


class ChatIn(Taken):
    """Where something happened in messages; what was written there is not told."""

    model_config = example(client="Example Chat", room="room-17")

    client: Line = Field("", description="the program")
    room: Line = ""


class FileToldIn(Taken):
    """What you know of how a file came to you."""

    model_config = example(name="IMG_0017.jpg", uploaded="2026-11-22T16:58:00Z", public=True)

    name: Line = Field("", description="what its uploader called it")
    uploaded: Moment | None = Field(None, description="when it came to you; when it came here, if not said")
    url: Line = Field("", description="where it is, or was")
    public: bool | None = Field(None, description="whether anybody could see it; null says nothing")
    ip_event: IpEventIn | None = Field(None, description="of its upload; NCMEC takes one")
    devices: list[DeviceIn] = Field(default_factory=list, max_length=100)
    additional: Note = ""


class ToldIn(Taken):
    """What is added to a report. Nothing in it may describe what is seen."""

    model_config = example(
        when="2026-11-22T17:00:00Z",
        urls=["https://host.example/post/17"],
        accounts=[{"role": "reported", "esp_identifier": "u-4", "screen_name": "four"}],
    )

    incident: Line = Field(INCIDENTS[0], description="NCMEC's word for its kind")
    when: Moment | None = Field(None, description="when it happened; when it was found, if nobody knows")
    urls: list[Address] = Field(default_factory=list, max_length=100)
    chats: list[ChatIn] = Field(default_factory=list, max_length=20)
    emails: list[Line] = Field(
        default_factory=list, max_length=20, description="where it happened; each is also one of an account below"
    )
    annotations: dict[Id, list[Word]] = Field(default_factory=dict, description="NCMEC's words for files, by item")
    report_annotations: list[Word] = Field(default_factory=list, max_length=20)
    escalate: Note = Field("", description="why somebody is in danger now")
    accounts: list[AccountIn] = Field(default_factory=list, max_length=20, description="NCMEC takes one `reported`")
    files: dict[Id, FileToldIn] = Field(default_factory=dict, description="how files came, by item")
    additional: Note = ""


class FilingIn(Taken):
    """A report to prepare; a person reads it in the console, and sends it."""

    model_config = example(body="ncmec", told={"urls": ["https://host.example/post/17"]})

    body: Body
    told: ToldIn | None = None


class FilingChange(Taken):
    """What to change about a draft. `uploads`: whether an item's media goes along, by item; others stay as they are."""

    model_config = example(told={"accounts": [{"screen_name": "u-4"}]}, uploads={})

    told: ToldIn | None = None
    uploads: dict[Id, bool] = Field(default_factory=dict, max_length=1_000)


class FilingOut(Schema):
    """A report about a case, and how far it came. Only people send one, in the console."""

    id: str
    case_id: str
    body: Body
    state: FilingState
    created: datetime
    items: list[FiledItemOut]
    confirmed: datetime | None
    number: str = Field(description="the report's id at the other side")
    opened: datetime | None
    finished: datetime | None
    digest: str = Field(description="SHA-256 of the first document")
    cause: str = Field(description="why it is dead or withdrawn, why it waits, or what is wrong with a finished one")
    production: bool
    erased: datetime | None = Field(description="when what it told of people was erased; it has no documents any more")


class FilingsOut(Schema):
    """A page of reports, the oldest first."""

    filings: list[FilingOut]
    more: bool
    next_cursor: str


class DocumentOut(Schema):
    """A document of a report."""

    name: str
    mime: str
    text: str


class PreviewOut(Schema):
    """What would be sent. `flaws`: why it could not be."""

    documents: list[DocumentOut]
    digest: str
    flaws: list[str]
