"""What the API takes and gives of items, matches and look-ups. Docstrings and descriptions go to its document."""

from datetime import UTC, datetime
from typing import Annotated, Any

from ninja import Schema
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from safelight.model.assessment import Artificialness
from safelight.model.decision import Action, Outcome
from safelight.model.match import MatchKind
from safelight.model.scan import Status
from safelight.model.service import ItemState

PLAIN = r"^[^\x00-\x08\x0b-\x1f\x7f]*$"
Word = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]
"""A short text on one line."""
Words = Annotated[str, StringConstraints(min_length=1, max_length=4_000, pattern=PLAIN)]
"""A text for people."""
Id = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
"""Id of an item or a case, an UUID in lower case."""
FamilyId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16}$")]
BankName = Annotated[str, StringConstraints(pattern=r"^\w[\w.-]{0,99}$")]
EntryName = Annotated[str, StringConstraints(min_length=1, max_length=1_000, pattern=r"^[^\x00-\x1f\x7f]*$")]


def _in_utc(at: datetime) -> datetime:
    try:
        return at.astimezone(UTC)
    except OverflowError:
        raise ValueError("lies outside of the years 1 to 9999 in UTC") from None


Moment = Annotated[AwareDatetime, AfterValidator(_in_utc)]
"""A moment, with whatever zone it comes, in UTC."""

Hash128 = Annotated[str, StringConstraints(pattern=r"^[0-9a-fA-F]{32}$", to_lower=True)]
Hash160 = Annotated[str, StringConstraints(pattern=r"^[0-9a-fA-F]{40}$", to_lower=True)]
Hash256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-fA-F]{64}$", to_lower=True)]


ALWAYS = (401, 403, 422, 429, 500, 507)
"""Problems that every operation may end in."""


class Taken(BaseModel):
    """Base of what is taken: nothing but what is named. Ninja's own base would check each part of it twice and more."""

    model_config = ConfigDict(extra="forbid")


class Where(Schema):
    """A part of a request that cannot be used."""

    where: list[str]
    what: str


class Problem(Schema):
    """An error, as RFC 9457 has it. `instance` is the id of the request, which the service's log has, too."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    errors: list[Where] | None = None


def answers(kept: Any, *problems: int, status: int = 200) -> dict[int, Any]:  # noqa: ANN401 (what ninja takes)
    """What an operation answers: this, or a problem; some of these can come from every operation."""
    return {status: kept, **dict.fromkeys(sorted({*ALWAYS, *problems}), Problem)}


class ItemOut(Schema):
    """A file that came to the service. What was found is null while it waits."""

    id: str
    state: ItemState
    created: datetime
    updated: datetime | None
    source: str = Field(description="how it came: `items`, `gate`, ...")
    reference: str
    account: str
    media_kept: bool
    sha256: str | None
    size: int | None
    mime: str | None
    status: Status | None = Field(description="how far its examination came")
    outcome: Outcome | None
    actions: list[Action]
    reason: str | None
    degraded: bool | None = Field(description="it was not examined in full; then nothing acts by itself")
    artificialness: Artificialness | None = Field(description="evidence of how it was made; it decides nothing")
    case_id: str | None


class ItemAccepted(Schema):
    """A file that was taken in, and nothing of what is in it: who may hand in need not be one who may know."""

    id: str
    created: datetime
    reference: str
    account: str


class ItemsOut(Schema):
    """A page of items, the oldest first. `next_cursor` goes on from here, later too: new items come at the end."""

    items: list[ItemOut]
    more: bool
    next_cursor: str


class ItemIn(Taken):
    """An item by its URL."""

    url: Annotated[str, StringConstraints(min_length=1, max_length=2_000, pattern=r"^https?://[^\x00-\x20\x7f]+$")]


class ItemAbout(Schema):
    """What integrators may say of a file."""

    reference: Word = Field("", description="your own id of it")
    account: Word = Field("", description="your own id of who uploaded it")
    callback: Annotated[str, StringConstraints(pattern=r"^[0-9]{0,18}$")] = Field(
        "", description="id of the webhook endpoint to tell; empty for all"
    )
    keep: bool = Field(default=False, description="keep its media also when nothing is found")


class MatchOut(Schema):
    """Something of a bank that an item agrees with, and how. `p_false_match`: how likely chance alone does as well."""

    match_type: MatchKind
    algorithm: str
    bank: str
    entry: str
    classification: str = Field(description="the list owner's own word")
    distance: int | None = Field(description="PDQ bits of 256; null where it is not by PDQ")
    p_false_match: float | None
    negative: bool = Field(description="the entry is known to be harmless")
    suppressed_by: str | None = Field(description="a harmless entry that explains the match as well")
    mirrored: bool
    inliers: int | None
    altered: float | None = Field(description="share of the picture that was replaced, 0 to 1")
    time: float | None
    source_time: float | None
    share: float | None


class MatchesOut(Schema):
    """All matches of an item, the strongest first."""

    item_id: str
    matches: list[MatchOut]


class Query(Taken):
    """Hashes of one file, as many as are known."""

    id: Word = Field("", description="comes back with the answer")
    pdq: Hash256 | None = None
    quality: int = Field(100, ge=0, le=100, description="of the PDQ hash")
    md5: Hash128 | None = None
    sha1: Hash160 | None = None
    sha256: Hash256 | None = None


class LookupIn(Taken):
    """Hashes of up to 1,000 files. `banks`: names; empty for all that are enabled."""

    queries: list[Query] = Field(min_length=1, max_length=1_000)
    banks: list[BankName] = Field(default_factory=list, max_length=100)


class HitOut(BaseModel):
    """An entry that a file's hashes agree with."""

    match_type: MatchKind
    algorithm: str
    bank: str
    entry: str
    classification: str
    sources: list[str]
    distance: int | None
    p_false_match: float | None
    negative: bool
    suppressed_by: str | None


class ResultOut(BaseModel):
    """What one query found, the strongest first."""

    id: str
    matches: list[HitOut]


class LookupOut(BaseModel):
    """The answers, in the order of the queries."""

    results: list[ResultOut]
