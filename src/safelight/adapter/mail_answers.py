"""Whom a refusal of our mail server is about: us, whom the letter is for, or nobody can tell.

Before the recipient is named it is about us. After that a server may speak for itself, or pass on what the recipient's
said (it asks there first, or hands the letter on while we wait), and both are in the same codes and words: "5.7.1
relay access denied" is ours as long as we may not send through it, and theirs where their mail exchanger is set up
badly. What tells the two apart is what becomes of letters to others at the same time.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from safelight.report.contacts.mailbox import line

WINDOW: Final = timedelta(hours=3)
"""For which a way of refusing is remembered since it was met last: a letter is tried again after an hour at most."""
_MOST: Final = 200
"""Refusals that are remembered."""
_PERMANENT: Final = 500
_MAILBOX: Final = 450
_SIGN_IN: Final = frozenset((530, 535, 551))
"""Sign in first, or you could not (RFC 4954, 6); and not a user of this server (RFC 5321, 4.2.2)."""
_STATUS: Final = re.compile(r"(?:\A|\(#)[245]\.(\d{1,3})\.(\d{1,3})\b")
"""The enhanced status (RFC 3463): in front (RFC 2034), or as qmail has it."""
_OF_THEM: Final = frozenset(("1", "2"))
"""Subjects of addresses and mailboxes."""
_OF_SENDING: Final = re.compile(
    r"\brelay|rcpthosts|quota exceeded|sending (?:limit|quota)|limit exceeded|rate limit|too many (?:mails|messages)"
    r"|authenticat|not permitted|not allowed to send|logged in|sender address",
    re.IGNORECASE,
)
"""Words for "you may not send this through me", of servers that have no status for it."""
_OF_MAILBOX: Final = re.compile(r"\bno such|unknown|unrouteable|does not exist|no mailbox|nobody here", re.IGNORECASE)
_NAMES: Final = re.compile(r"<[^>]*>|\S*[@.\d]\S*")
"""What differs between two answers that say the same: addresses, hosts, numbers."""


class About(StrEnum):
    """Whom a refusal is about."""

    THEM = "them"
    EITHER = "either"  # us or them
    US = "us"  # as it seems: others were refused in the same way


@dataclass(frozen=True, slots=True)
class _Refusal:
    """One answer: `like` what else is the same way of refusing. `domain`: of whom the letter is for."""

    at: datetime
    domain: str
    like: tuple[int, str]

    @property
    def of(self) -> tuple[str, tuple[int, str]]:
        """What a later one takes the place of."""
        return self.domain, self.like


class Answers:
    """What became of the last letters, in this process: by that what is ours is told from what is theirs."""

    def __init__(self) -> None:
        """Nothing was sent yet."""
        self._refusals: tuple[_Refusal, ...] = ()  # replaced, never changed: threads send at the same time

    def taken(self) -> None:
        """A letter was taken: whatever was refused before, we may send."""
        self._refusals = ()

    def refused(self, to: str, code: int, words: str, now: datetime) -> About:
        """Whom the refusal of a letter after its recipient was named is about.

        Args:
            to: whom it is for.
            code: of the answer.
            words: of the answer.
            now: the time.
        """
        subject = _status(words)[0]
        if subject in _OF_THEM or (not subject and _names_mailbox(code, words)):
            return About.THEM
        one, kept = _Refusal(now, to.rpartition("@")[2], _like(code, words)), self._refusals
        lasting = {before.like for before in kept if now - WINDOW < before.at <= now}
        others = [before for before in kept if before.like in lasting and before.of != one.of]
        self._refusals = (*others[1 - _MOST :], one)
        if any(before.like == one.like for before in others):
            return About.US
        return About.EITHER if code < _PERMANENT or _may_be_ours(code, words) else About.THEM


def _names_mailbox(code: int, words: str) -> bool:
    """Whether an answer without a status is about the recipient's mailbox alone."""
    return code == _MAILBOX or bool(_OF_MAILBOX.search(words) and not _OF_SENDING.search(words))


def _may_be_ours(code: int, words: str) -> bool:
    """Whether an answer for good may say that we may not send: by its code, its status, or its words."""
    subject, detail = _status(words)
    # Of 5.4.5, congestion of the mail system, Gmail says that the day's letters are used up.
    return code in _SIGN_IN or subject == "7" or (subject, detail) == ("4", "5") or bool(_OF_SENDING.search(words))


def _like(code: int, words: str) -> tuple[int, str]:
    status = _status(words)
    return code, f"{'.'.join(status)} {line(_NAMES.sub(' ', words)).lower()}"


def _status(words: str) -> tuple[str, str]:
    """Subject and detail of the enhanced status; empty for none."""
    found = _STATUS.search(words)
    return (found[1], found[2]) if found else ("", "")
