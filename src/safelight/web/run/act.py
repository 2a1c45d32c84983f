"""What only people do, from the command line: they read what it is about, prove who they are, and it is done as them.

The use cases are those of the console, with the same wake-ups of jobs. What is done and that it was done at a terminal
are in the log together, or neither is. Whatever a person has to have read is shown first, unless its digest is given.
"""

import difflib
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, NamedTuple

import click

from safelight.flow.merged import current
from safelight.flow.policy_file import policy_text
from safelight.flow.review_rules import said
from safelight.flow.short_names import case_named, duty_named
from safelight.flow.walk import display
from safelight.model.access import Principal
from safelight.model.errors import ConflictError, NotNowError, TransitionError, UsageError
from safelight.model.filing import FilingState
from safelight.model.policy import PolicyState
from safelight.model.takedown import NoticeState
from safelight.web.container import the_app
from safelight.web.run.prepare import make_ready

Words = Mapping[str, str | bool]
"""Arguments of an act, by their names."""


class Done(NamedTuple):
    """`of`: id of what it was done to, for the log. `told`: one line."""

    of: str
    told: str


class Shown(NamedTuple):
    """What a person has to read first, and its digest; no digest where nothing is to be read now."""

    lines: tuple[str, ...]
    digest: str


@dataclass(frozen=True, slots=True)
class Act:
    """`do` is called in a transaction. `read`: with the same words; `do` then takes the digest of what it showed."""

    do: Callable[..., Done]
    read: Callable[..., Shown] | None = None


def act(what: str, name: str, words: Words) -> str:
    """Have a person do something.

    Args:
        what: a key of `ACTS`.
        name: under which the person signs in.
        words: arguments of the act.

    Returns:
        What was done, in one line.

    Raises:
        UsageError: there is no such act, or nobody can be asked because this is no terminal.
        SignInError: the person did not prove to be the one, or may not come in by the time that it is done.
        SafelightError: whatever the act raises; ForbiddenError for who may not do it.
    """
    if what not in ACTS:
        raise UsageError(detail=f"nothing that people do is called {what!r}")
    if not at_terminal():
        raise UsageError(detail=f"`{what}` asks for a password and a code: do it at a terminal")
    make_ready()
    from safelight.web.accounts.events import log  # noqa: PLC0415 (models need a configured Django)
    from safelight.web.accounts.terminal import prove  # noqa: PLC0415 (as above)

    chosen = ACTS[what]
    if chosen.read is not None and not words["digest"]:
        words = {**words, "digest": _read(chosen.read(**words))}
    proof = prove(name, _secret)
    with the_app().cases.transaction():
        who = proof.person()
        done = chosen.do(who, **words)
        log(who.actor, "user.acted_at_terminal", act=what, of=done.of)
    return done.told


def at_terminal() -> bool:
    """Whether somebody can be asked."""
    return sys.stdin.isatty()


def _secret(called: str) -> str:
    answer: str = click.prompt(called, hide_input=True, err=True)
    return answer


def _read(shown: Shown) -> str:
    """Show it; the digest, once a person says that they have read it."""
    if shown.digest:
        for line in shown.lines:
            click.echo(display(line))
        question = 'You have read this and want it? Type "yes"'
        if click.prompt(question, default="", show_default=False, err=True) != "yes":
            raise NotNowError(cause="Nothing was done.")
    return shown.digest


# Reports


def _preview(filing: str, **_: object) -> Shown:
    app = the_app()
    found, preview = app.filings.get(filing), app.reports.preview(filing)
    if found.state is not FilingState.DRAFT:
        return Shown((), "")
    if preview.flaws:
        raise TransitionError(case=found.case, cause=preview.flaws[0])
    system = "" if found.production else ", their test system"
    lines = [f"Report {filing} of case {found.case}, to {found.body}{system}"]
    for one in preview.documents:
        unread = () if one.text else ("no text: `safelight report preview --out` writes it to a folder",)
        lines += ["", f"{one.name} ({one.mime}, {len(one.content):,} bytes)", "", *one.text.splitlines(), *unread]
    return Shown((*lines, ""), preview.digest)


def _confirm(who: Principal, filing: str, digest: str) -> Done:
    from safelight.web.closing.wiring import send_soon  # noqa: PLC0415 (models need a configured Django)

    the_app().reports.confirm(who, filing, digest)
    send_soon(filing)
    return Done(filing, "confirmed; `safelight serve` sends it, `safelight report show` follows it")


def _hand(who: Principal, filing: str, note: str, digest: str) -> Done:
    the_app().reports.hand(who, filing, said(note), digest)
    return Done(filing, "noted: it was handed over")


def _withdraw(who: Principal, filing: str, reason: str) -> Done:
    from safelight.web.closing.wiring import take_back_soon  # noqa: PLC0415 (models need a configured Django)

    the_app().reports.withdraw(who, filing, said(reason))
    take_back_soon(filing)
    return Done(filing, "withdrawn")


def _told(who: Principal, case: str, statement: str) -> Done:
    named = case_named(the_app().cases, case)
    the_app().statements.told(who, named, statement)
    return Done(statement, f"noted of case {named}: the uploader was told")


# Takedown


def _next_notice(location: str, **_: object) -> Shown:
    app = the_app()
    found = app.takedown.get(location)
    if found.contacts is None:
        raise NotNowError(cause=f"First find out who can act: safelight takedown contacts {location}")
    upcoming = app.takedown.preview(location)
    if upcoming is None and found.begun is not None and not found.closed:
        return Shown(("Nobody is left to be told.",), "")  # still, a person may say that it is there
    if upcoming is None:
        raise NotNowError(cause="Nobody is left to be told.")
    contact, written = upcoming
    head = f"The next notice about {found.url}", "", f"to {contact.to}", ""
    return Shown((*head, *written.letter.splitlines(), ""), written.digest(contact))


def _begin(who: Principal, location: str, digest: str, *, vouched: bool) -> Done:
    if _next_notice(location).digest != digest:
        raise ConflictError(what="the notice")
    the_app().takedown.begin(who, location, vouched=vouched)
    _advance(location)
    return Done(location, "begun; it goes on by the plan, until it is gone or somebody ends it")


def _answer(who: Principal, location: str, notice: str, state: str, note: str) -> Done:
    the_app().takedown.answer(who, location, notice, NoticeState(state), note.strip())
    _advance(location)
    return Done(location, "noted; only a look makes it true")


def _advance(location: str) -> None:
    from safelight.web.closing.wiring import advance_soon  # noqa: PLC0415 (models need a configured Django)

    advance_soon(location)


def _sent(who: Principal, location: str, notice: str) -> Done:
    the_app().takedown.sent_by_hand(who, location, notice)
    return Done(location, "noted: you sent it")


def _gone(who: Principal, location: str, reason: str) -> Done:
    the_app().takedown.confirm_gone(who, location, said(reason))
    return Done(location, "noted; it is watched from here on")


def _close(who: Principal, location: str, reason: str) -> Done:
    the_app().takedown.close(who, location, said(reason))
    return Done(location, "ended; nobody looks there any more")


def _owed(location: str, **_: object) -> Shown:
    from safelight.web.console.retraction_pages import digest_of  # noqa: PLC0415 (models need a configured Django)

    flow, found = the_app().retractions, the_app().takedowns.get(location)
    owed = flow.owed(found)
    if not owed:
        raise NotNowError(cause="Nothing is to be taken back.")
    lines = [f"What was told about {found.url} is taken back"]
    for one in owed:
        lines += ["", f"to {one.contact.to}", "", *flow.preview(found, one).letter.splitlines()]
    return Shown((*lines, ""), digest_of(found, owed))


def _retract(who: Principal, location: str, digest: str) -> Done:
    from safelight.web.closing.wiring import retract_soon  # noqa: PLC0415 (models need a configured Django)

    if _owed(location).digest != digest:
        raise ConflictError(what="what is to be taken back")
    flow = the_app().retractions
    flow.confirm(who, location, tuple(one.id for one in flow.owed(the_app().takedowns.get(location))))
    retract_soon(location)
    return Done(location, "confirmed; mails go out, the others wait for a person: see `safelight takedown show`")


def _retracted(who: Principal, location: str, retraction: str) -> Done:
    the_app().retractions.sent_by_hand(who, location, retraction)
    return Done(location, "noted: you told them")


def _unretracted(who: Principal, location: str, retraction: str, reason: str) -> Done:
    the_app().retractions.give_up(who, location, retraction, said(reason))
    return Done(location, "noted; nobody tries any more")


# Duties


def _record(who: Principal, case: str, rule: str, at: str, note: str) -> Done:
    named = case_named(the_app().cases, case)
    duty = the_app().settle.request(who, named, datetime.fromisoformat(at), rule, note.strip())
    return Done(duty.id, f"{duty.id} of case {named}{f' is due {duty.due:%Y-%m-%d %H:%M} UTC' if duty.due else ''}")


def _met(who: Principal, case: str, duty: str, by: str) -> Done:
    case, duty = _named(case, duty)
    the_app().settle.met(who, case, duty, by)
    return Done(duty, f"noted of case {case}: {duty} is met")


def _drop(who: Principal, case: str, duty: str, reason: str) -> Done:
    case, duty = _named(case, duty)
    the_app().settle.drop(who, case, duty, reason)
    return Done(duty, f"noted of case {case}: {duty} does not apply")


def _named(case: str, duty: str) -> tuple[str, str]:
    """The ids that short names stand for."""
    found = current(the_app().cases, case_named(the_app().cases, case))
    return found.id, duty_named(found, duty).duty.id


# Policy


def _propose(who: Principal, file: str, note: str, *, shadow: bool) -> Done:
    wanted = PolicyState.SHADOW if shadow else PolicyState.IN_FORCE
    made = the_app().policies.propose(who, policy_text(Path(file)), said(note), wanted)
    return Done(str(made.number), f"version {made.number} waits for another person to approve it")


def _proposed(number: str, **_: object) -> Shown:
    policies = the_app().policies
    found = policies.version(int(number))
    head = f"version {number} for {found.wanted}, proposed by {found.by}, against the policy in force: {found.note}"
    return Shown((head, "", *_differences(policies.text(), found.text), ""), found.sha256)


def _differences(old: str, new: str) -> Iterator[str]:
    return difflib.unified_diff(old.splitlines(), new.splitlines(), "in force", "proposed", lineterm="")


def _approve(who: Principal, number: str, note: str, digest: str) -> Done:
    found = the_app().policies.answer(who, int(number), approve=True, note=note.strip(), digest=digest)
    return Done(number, f"version {number} is {found.state}")


def _refuse(who: Principal, number: str, note: str) -> Done:
    the_app().policies.answer(who, int(number), approve=False, note=said(note))
    return Done(number, f"version {number} is not used")


def _retire(who: Principal, number: str) -> Done:
    the_app().policies.end_shadow(who, int(number))
    return Done(number, f"version {number} is asked no more")


ACTS: Final[Mapping[str, Act]] = {
    "report confirm": Act(_confirm, _preview),
    "report hand": Act(_hand, _preview),
    "report withdraw": Act(_withdraw),
    "report told": Act(_told),
    "takedown begin": Act(_begin, _next_notice),
    "takedown answer": Act(_answer),
    "takedown sent": Act(_sent),
    "takedown gone": Act(_gone),
    "takedown close": Act(_close),
    "takedown retract": Act(_retract, _owed),
    "takedown retracted": Act(_retracted),
    "takedown unretracted": Act(_unretracted),
    "duties record": Act(_record),
    "duties met": Act(_met),
    "duties drop": Act(_drop),
    "policy propose": Act(_propose),
    "policy approve": Act(_approve, _proposed),
    "policy refuse": Act(_refuse),
    "policy retire": Act(_retire),
}
"""What people do at a terminal, by the command that asks for it."""
