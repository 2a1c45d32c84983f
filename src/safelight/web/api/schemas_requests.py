"""What the API takes and gives of requests of people depicted. It never gives what they say of themselves."""

from datetime import datetime
from typing import Annotated

from ninja import Schema
from pydantic import ConfigDict, Field, StringConstraints

from safelight.model.notice import RemovalRequest
from safelight.model.removal import LONGEST_FIELD, RequestState
from safelight.web.api.schemas import Id, Moment, Taken

Theirs = Annotated[str, StringConstraints(max_length=LONGEST_FIELD, pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$")]
"""What a person says in one field of a form, with line breaks of any kind."""


class SaidIn(Taken):
    """What the person says, as they say it. What the Act asks for and they left out is missing, and can come later."""

    signature: Theirs = Field("", description="as they signed, physically or electronically")
    name: Theirs = ""
    acting_for: Theirs = Field("", description="whom they represent and as what; empty for themselves")
    identification: Theirs = Field("", description="what the depiction is found by")
    belief: Theirs = Field("", description="why they believe in good faith that it was not consented to")
    contact: Theirs = Field("", description="how they are reached")
    at: Moment = Field(description="when it came in")

    def said(self) -> RemovalRequest:
        """As a value."""
        fields = RemovalRequest.__dataclass_fields__
        return RemovalRequest(**{name: getattr(self, name) for name in fields})


class RemovalIn(SaidIn):
    """A request about an item of the case, by who is depicted, or acts for them."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "item_id": "0195558d-0000-7000-8000-000000000011",
                    "signature": "/s/ Ada Example",
                    "identification": "the drawing of a lighthouse, at https://pictures.example/7",
                    "belief": "nobody asked me",
                    "contact": "ada@example.org",
                    "at": "2026-11-22T17:00:00Z",
                }
            ]
        },
    )

    item_id: Id
    pass_on: bool = Field(default=False, description="they want it sent on, in their name, to sites where the item is")


class RemovalOut(Schema):
    """A request as it stands. What it says is shown to few people in the console, and never told here."""

    id: str
    case_id: str
    item_id: str
    state: RequestState
    missing: list[str] = Field(description="what the Act asks for and the person has not said; empty once valid")
    received: datetime
    valid: datetime | None = Field(description="when all of it had come in: the clock runs from then")
    due: datetime | None = Field(description="until when it is to be removed; null while it is not valid")
    duty_id: str = Field(description="of the duty that arose; empty where the law in force asks for nothing")
    pass_on: bool
    erased: datetime | None


class RemovalsOut(Schema):
    """All requests of a case, the oldest first."""

    requests: list[RemovalOut]
