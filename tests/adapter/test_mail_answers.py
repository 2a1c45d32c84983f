"""Whom a refusal is about: the same words may be our mail server's, or passed on by it."""

from datetime import UTC, datetime, timedelta

import pytest

from safelight.adapter.mail_answers import WINDOW, About, Answers

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def refused(answers: Answers, domain: str, answer: str, at: datetime = NOW) -> About:
    code, _, words = answer.partition(" ")
    return answers.refused(f"abuse@{domain}", int(code), words, at)


@pytest.mark.parametrize(
    "answer",
    [
        *["550 5.1.1 <abuse@host.example>: User unknown in relay recipient table", "550 5.2.1 disabled"],
        *[
            "452 4.2.2 full",
            "451 4.1.8 unknown",
            "450 mailbox busy",
            "550 Unrouteable address",
            "550 No such user here",
        ],
    ],
)
def test_what_names_the_mailbox_is_about_whom_it_is_for_whoever_else_is_refused(answer: str) -> None:
    answers = Answers()
    assert [refused(answers, domain, answer) for domain in ("a.example", "b.example")] == [About.THEM] * 2


@pytest.mark.parametrize(
    "answer",
    [
        *["550 5.7.1 <abuse@host.example>: Recipient address rejected: Access denied", "550 5.7.26 unauthenticated"],
        *["550 5.7.1 RESOLVER.RST.AuthRequired; authentication required", "550 5.7.1 it has a blocked URL"],
        *["450 4.7.1 greylisted", "451 greylisted", "452 full", "421 bye", "451 4.3.0 queue file write error"],
        *["550 relay not permitted", "550 Relay access denied", "551 we do not relay", "554 relaying denied"],
        *["553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)", "550 5.4.5 Daily limit exceeded"],
        *["550 Sender address rejected: not logged in", "550 sending quota exceeded", "530 sign in", "535 no"],
    ],
)
def test_what_may_be_ours_or_theirs_is_ours_once_another_is_refused_in_the_same_way(answer: str) -> None:
    answers = Answers()
    assert refused(answers, "host.example", answer) is About.EITHER
    assert refused(answers, "host.example", answer, NOW + MINUTE) is About.EITHER  # the same again tells nothing
    other = answer.replace("host.example", "other.example")
    assert refused(answers, "other.example", other, NOW + 2 * MINUTE) is About.US
    assert refused(answers, "host.example", answer, NOW + 3 * MINUTE) is About.US
    answers.taken()  # a letter to a third goes through
    assert refused(answers, "host.example", answer, NOW + 4 * MINUTE) is About.EITHER


def test_what_is_for_good_costs_one_contact_and_not_all() -> None:
    answers = Answers()
    assert refused(answers, "a.example", "554 message 12ab-34 refused as spam") is About.THEM
    assert refused(answers, "b.example", "554 message 56cd-78 refused as spam") is About.US
    assert refused(answers, "c.example", "554 no thanks") is About.THEM  # another way


def test_what_is_long_past_says_nothing() -> None:
    answers = Answers()
    refused(answers, "a.example", "550 5.7.1 no")
    assert refused(answers, "b.example", "550 5.7.1 no", NOW + WINDOW) is About.EITHER
    assert refused(answers, "c.example", "550 5.7.1 no", NOW - MINUTE) is About.EITHER  # a clock that was set back


def test_what_goes_on_is_not_past() -> None:
    answers, hour = Answers(), timedelta(hours=1)
    refused(answers, "a.example", "554 no")  # given up at once
    assert {refused(answers, "b.example", "554 no", NOW + n * hour) for n in range(200)} == {About.US}
    assert refused(answers, "b.example", "554 no", NOW + 199 * hour + WINDOW) is About.THEM


def test_no_more_is_remembered_than_is_of_use() -> None:
    answers = Answers()
    for n in range(300):
        refused(answers, f"{n}.example", "550 5.7.1 no", NOW)
    assert len(answers._refusals) == 200
