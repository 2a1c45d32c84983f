"""What the API takes and gives of law, duties and reports."""

from datetime import date, datetime
from typing import Annotated

from ninja import Schema
from pydantic import AwareDatetime, ConfigDict, Field, JsonValue, StringConstraints

from safelight.model.case import DutyState
from safelight.model.filing import Body, FileStep, FilingState
from safelight.model.law import Coverage, DutyKind, Material, Trigger
from safelight.model.signal import RuleStatus
from safelight.web.api.schemas import PLAIN, Id, Taken, Word

Pack = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
"""Id of a law pack."""
RuleId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,39}/[\w.-]{1,100}$")]
"""Pack and rule, as `us/take-it-down`."""
DutyId = Annotated[str, StringConstraints(pattern=r"^[\w./:+-]{1,200}$")]
"""Rule, and when its clock began, as `us/take-it-down/2026-11-22T17:00:00+00:00`."""
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
    at: AwareDatetime = Field(description="when it was received")
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


class ToldIn(Taken):
    """What is added to a report. Nothing in it may describe what is seen."""

    model_config = example(when="2026-11-22T17:00:00Z", urls=["https://host.example/post/17"], screen_name="u-4")

    when: AwareDatetime | None = Field(None, description="when it happened; when it was found, if nobody knows")
    urls: list[Address] = Field(default_factory=list, max_length=100)
    annotations: dict[Id, list[Word]] = Field(default_factory=dict, description="NCMEC's words for files, by item")
    report_annotations: list[Word] = Field(default_factory=list, max_length=20)
    escalate: Note = Field("", description="why somebody is in danger now")
    esp_identifier: Word = ""
    screen_name: Word = ""
    additional: Note = ""


class FilingIn(Taken):
    """A report to prepare; a person reads it in the console, and sends it."""

    model_config = example(body="ncmec", told={"urls": ["https://host.example/post/17"]})

    body: Body
    told: ToldIn | None = None


class FilingChange(Taken):
    """What to change about a draft. `uploads`: whether an item's media goes along, by item; others stay as they are."""

    model_config = example(told={"screen_name": "u-4"}, uploads={})

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
