"""From found to gone: law packs, hotlines, mail, who can act about a URL, looks at it, and what is kept of all that."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, Protocol

from safelight.model.filing import Body, Filing, FilingState
from safelight.model.law import LawPack
from safelight.model.policy import PolicyState, PolicyVersion
from safelight.model.removal import Received
from safelight.model.takedown import Contacts, Location, Place


class LawBook(Protocol):
    """The law packs that came with the program, and an operator's own, which replace those of the same id."""

    def packs(self) -> Mapping[str, LawPack]:
        """All packs by id. Raises LawPackError, which names the file and the place in it."""
        ...


class FilingStore(Protocol):
    """Reports on their way. All is within the transactions of `CaseStore.transaction` of the same database."""

    def put(self, filing: Filing, expect: Filing | None = None) -> None:
        """Keep a filing. `expect`: what it must be now; ConflictError when it is another (None: when there is one).

        What it was before is gone.
        """
        ...

    def get(self, filing: str) -> Filing:
        """A filing. Raises UnknownFilingError."""
        ...

    def of_case(self, case: str) -> list[Filing]:
        """All filings of a case, oldest first."""
        ...

    def all(
        self, states: Sequence[FilingState] = (), body: Body | None = None, after: str = "", limit: int = 100
    ) -> list[Filing]:
        """Filings by id, oldest first, after that of id `after`; of these states (none: of all)."""
        ...

    def unerased(self, after: str = "", limit: int = 100) -> list[str]:
        """Ids of filings that were not erased, oldest first, after `after`. One that is unreadable is named."""
        ...


class TakedownStore(Protocol):
    """URLs that are worked on, with their notices. Transactions as of `FilingStore`."""

    def put(self, location: Location, expect: Location | None = None) -> None:
        """Keep a location; see `FilingStore.put`. Raises ConflictError, also for a URL of the case, however spelled."""
        ...

    def get(self, location: str) -> Location:
        """A location. Raises UnknownLocationError."""
        ...

    def of_case(self, case: str) -> list[Location]:
        """All locations of a case, oldest first."""
        ...

    def of_cases(self, cases: Collection[str]) -> list[Location]:
        """All locations of these cases."""
        ...

    def worked(self, year: int) -> Counter[tuple[Place, float | None]]:
        """How many locations were added in a year (UTC), by place and `Location.hours`."""
        ...

    def of_family(self, family: str) -> list[Location]:
        """All locations of a family, oldest first."""
        ...

    def of_url(self, url: str, *, lock: bool = False) -> list[Location]:
        """All locations of this URL, however it is spelled (`model.address`), whatever their cases, oldest first.

        `lock`: within a transaction; until it ends, all others wait who lock, or would change, one of them.
        """
        ...

    def due(self, now: datetime, limit: int) -> list[str]:
        """Ids of locations that something is to be done about, the longest due first. One that is unreadable is named.

        Of those to be looked at the first of each host, so that none with many URLs keeps others waiting; and all whose
        notices have run out of time, or are to be sent. After them those that a clock that was ahead has written.
        """
        ...

    def retracting(self, now: datetime, limit: int) -> list[Location]:
        """Locations of which somebody is to be told now that a notice is taken back, the longest due first."""
        ...

    def misfiled(self) -> list[str]:
        """Ids of locations that `due` and the like find by what they do not say themselves: somebody changed a row."""
        ...

    def all(self, after: str = "", limit: int = 100) -> list[Location]:
        """Locations by id, oldest first, after that of id `after`."""
        ...


class RequestStore(Protocol):
    """Requests of people depicted, as they came in. Transactions as of `FilingStore`."""

    def put(self, request: Received, expect: Received | None = None) -> None:
        """Keep a request; see `FilingStore.put`. What it was before is gone. Raises ConflictError."""
        ...

    def get(self, request: str) -> Received:
        """A request. Raises UsageError for none of this id."""
        ...

    def of_case(self, case: str) -> list[Received]:
        """All requests of a case, oldest first."""
        ...

    def of_item(self, item: str) -> list[Received]:
        """All requests about an item, whatever its case, oldest first."""
        ...

    def all(self, after: str = "", limit: int = 100) -> list[Received]:
        """Requests by id, oldest first, after that of id `after`."""
        ...

    def unerased(self, after: str = "", limit: int = 100) -> list[str]:
        """Ids of requests that were not erased, as of `FilingStore.unerased`."""
        ...


class PolicyStore(Protocol):
    """The history of the policy. Transactions as of `FilingStore`."""

    def put(self, version: PolicyVersion) -> None:
        """Keep a version in place of the one of its number, if there is one."""
        ...

    def versions(self) -> list[PolicyVersion]:
        """All versions, the newest first."""
        ...

    def current(self, state: PolicyState = PolicyState.IN_FORCE) -> PolicyVersion | None:
        """The one version in force, or in shadow; None for none."""
        ...


@dataclass(frozen=True, slots=True)
class HotlineAnswer:
    """What a hotline's interface answered. `code`: its own; 0 is good. `request`: its id of the request, for support.

    `number`: of the report, or of the file; `md5`: of the file that it received; `files`: those of a finished report.
    """

    code: int
    words: str = ""
    request: str = ""
    number: str = ""
    md5: str = ""
    files: tuple[str, ...] = ()


class Hotline(Protocol):
    """The CyberTipline's reporting interface.

    Every call raises HotlineDownError for what may be tried again, also for no answer at all, in which case it may have
    taken effect; and HotlineRefusedError for what may not.
    """

    production: bool
    """Whether it is the real one."""

    def status(self) -> HotlineAnswer:
        """Whether it answers, and takes our name and password."""
        ...

    def schema(self) -> bytes:
        """Its XML schema as it is now; kept for a day."""
        ...

    def submit(self, report: bytes) -> HotlineAnswer:
        """Open a report."""
        ...

    def upload(self, number: str, name: str, media: BinaryIO) -> HotlineAnswer:
        """Send a file."""
        ...

    def file_info(self, details: bytes) -> HotlineAnswer:
        """Describe a file that was sent."""
        ...

    def finish(self, number: str) -> HotlineAnswer:
        """Close the report, for good."""
        ...

    def retract(self, number: str) -> HotlineAnswer:
        """Give an open report up."""
        ...


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail. `id`: Message-ID without brackets, so that one sent twice is one. `attachments`: name, type, bytes."""

    id: str
    to: str
    subject: str
    text: str
    attachments: tuple[tuple[str, str, bytes], ...] = ()
    headers: tuple[tuple[str, str], ...] = ()


class Mailer(Protocol):
    """Sends mail."""

    def send(self, letter: Letter) -> bytes:
        """Send it; return the very bytes. Raises MailDownError for later, MailRefusedError for never.

        The detail `theirs` of MailDownError says that it may be whom the letter is for who takes it later, `alike` that
        letters to others are refused in the same way, so that it seems to be us, `unsent` that nothing of the letter
        had left us; `answer` of both is the code that the server answered, and so did not take
        it, whose own words `cause` then quotes.
        """
        ...


class Platform(Protocol):
    """A platform's own interface for notices: code of others, see docs/notices.md."""

    def takes(self, host: str) -> bool:
        """Whether URLs at this host are the platform's. `host`: ASCII, lower case."""
        ...

    def tell(self, letter: Letter) -> str:
        """Hand a notice over; return the platform's id of it. Two of the same `Letter.id` are one notice.

        Raises MailDownError for later, MailRefusedError for never.
        """
        ...


class Directory(Protocol):
    """Finds who can act about a URL."""

    def find(self, url: str) -> Contacts:
        """All contacts that could be found, and as flaws what could not be asked. Raises FetchError for no URL."""
        ...


@dataclass(frozen=True, slots=True)
class Seen:
    """What answers at a URL. `status`: HTTP. `led_to`: where redirects ended; the URL itself without any."""

    status: int
    led_to: str
    length: int


class Prober(Protocol):
    """Looks at URLs under the guard of `Fetcher`, without keeping what is there."""

    def look(self, url: str) -> AbstractContextManager[tuple[Seen, BinaryIO]]:
        """What answers, and its bytes in anonymous memory (none but for statuses 2xx, 404, 410).

        Redirects are followed, each checked anew. Raises FetchError when nothing answers.
        """
        ...


class Memo(Protocol):
    """What a count has come to, kept between runs: a cache, which may be lost, or put by any process."""

    def get(self) -> bytes | None:
        """What was put last; None for nothing, and for what cannot be read."""
        ...

    def put(self, data: bytes) -> None:
        """Keep it in place of what was put before, as a whole; what cannot be kept is not."""
        ...
