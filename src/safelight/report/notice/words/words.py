"""What has to be said in every language. They name a category, and never what can be seen."""

from collections.abc import Mapping
from dataclasses import dataclass

from safelight.model.assessment import Artificialness
from safelight.model.takedown import Scope


@dataclass(frozen=True, slots=True)
class Words:
    """The sentences of one language, in the order in which they come.

    Places in braces are filled in: `subject` takes `what` and `reference`; `earlier` takes `scope` and `time`;
    `returned` takes `time`; `due` takes `time` and `basis`; `answer` takes `email` and `reference`; `klass` takes
    `klass`.
    """

    subject: str
    greeting: str
    opening: str
    abuse: str  # what it is, for the classes A1 to B2
    exploiting: str  # what it is, for the class OTHER
    places: str
    items: str
    copy: str  # what is there, where that is an altered copy
    source: str  # `items`, in that case
    item: str
    category: str
    klass: str
    made: str
    how_made: Mapping[Artificialness, str]
    seen: str
    addresses: str
    reports: str
    earlier: str
    returned: str
    scopes: Mapping[Scope, str]
    please: str
    remove: Mapping[Scope, str]
    take_up: str  # `remove` of a hotline, where nobody else was told before
    preserve: str
    answer: str
    due: str
    due_by: str
    nothing_shown: str
    attached: str
    dsa: str
    explanation: str
    exact: str
    identity: str
    faith: str
    receipt: str
    farewell: str
    reference: str
    colon: str = ": "
