"""A report on its way to the CyberTipline, one call after the other. docs/reports.md has the table of what may happen.

Before each call its intent is written, after it the outcome, both against what was read before (`FilingStore.put`), so
that of two who send the same report one is stopped before the next call. What is true at every moment:

- Only a report whose number stands in `Filing.number` is ever finished, and a number leaves that field, for
  `abandoned`, before another report is begun. So no two are finished.
- Once `finish` may have been called (`finishing`), nothing is begun anew.
- The log says the same of numbers and of `finishing`, from the same transaction on (`filing_log`). A row that says
  something else is stopped, and the way goes by the log: nothing else is finished or taken back there.
- A file of which it is not known whether it arrived is never sent again in the same report: the report is begun anew.
- What a person confirmed goes on, and stays as it is, whatever joins the case; while an appeal is open it waits.
"""

import hashlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import BinaryIO, Final

from safelight.flow.filing_facts import (
    confirmed,
    digest_of,
    documents,
    end_events,
    file_document,
    overturned,
    without_told,
)
from safelight.flow.filing_log import way_of
from safelight.flow.merged import current
from safelight.model.access import SYSTEM
from safelight.model.case import TOOL, Body, Case, Draft, ReportFailed, ReportFinishing, ReportOpened
from safelight.model.errors import (
    ConflictError,
    DocumentError,
    EvidenceDamagedError,
    HotlineAccountError,
    HotlineDownError,
    HotlineNotDoneError,
    HotlineRefusedError,
    UnknownBlobError,
)
from safelight.model.filing import FiledItem, FileStep, Filing, FilingState, Reporter
from safelight.policy.takedown_phase import objected
from safelight.ports import CaseStore, Clock, EvidenceVault, FilingStore, Hotline, HotlineAnswer
from safelight.report.cybertip.check import schema_of, validate

FINISHED_THERE: Final = 5102
GONE: Final = frozenset({1210, 5001, 5002, 5101})
"""Codes of a report, or a file, that is not there: never was, was deleted, or was retracted."""
BEGINS: Final = 5
"""How often a report is begun anew before people have to look."""
LIFE: Final = timedelta(hours=24)
IDLE: Final = timedelta(hours=1)
"""An unfinished report is deleted there LIFE after it was opened, or IDLE after its last change: what is later."""
MARGIN: Final = timedelta(minutes=2)
"""What clocks may differ by."""
OBJECTED: Final = "it waits: an appeal on the case is open, or somebody has found that it is no abuse"
_PIECE = 1 << 20
_CAUSE = 1000


def over(filing: Filing, now: datetime) -> bool:
    """Whether the open report has been deleted there by now, or is about to be."""
    if filing.opened is None or filing.touched is None:
        return False
    return now >= max(filing.opened + LIFE, filing.touched + IDLE) - MARGIN


def end(cases: CaseStore, store: FilingStore, filing: Filing, state: FilingState, cause: str, at: datetime) -> Filing:
    """End a report as DEAD or WITHDRAWN, at that time, and say so in the log.

    A finish that by the log was tried stays in question: then it is DEAD, whatever was to be.
    """
    cause = _kept(cause, filing)
    with cases.transaction():
        way = way_of(cases, filing)
        if way.finishing:
            state, cause = FilingState.DEAD, f"finish unknown: ask NCMEC with report number {way.finishing} ({cause})"
        bare = filing if way.finishing else _without_number(filing)
        ended = replace(
            bare,
            state=state,
            cause=cause,
            number=way.finishing,
            finishing=bool(way.finishing),
            abandoned=way.given_up,
            withdrawn=at if state is FilingState.WITHDRAWN else None,
        )
        store.put(ended, expect=filing)
        case = current(cases, filing.case)
        cases.append([Draft(case.id, SYSTEM, ReportFailed(filing.id, filing.body, cause), TOOL)])
    return ended


@dataclass(frozen=True, slots=True)
class Sender:
    """Sends what was confirmed. `after` is called with the case in the transaction that finishes a report."""

    cases: CaseStore
    store: FilingStore
    vault: EvidenceVault
    hotline: Hotline
    reporter: Reporter
    clock: Clock
    after: Callable[[str], None]

    def send(self, filing: Filing) -> Filing:
        """Take a report as far as it goes; it stays SENDING, and says so, while somebody objects.

        Raises HotlineDownError for it to be tried again, which its cause tells, too; ConflictError when another job is
        at it, and what the vault and the stores raise.
        """
        if filing.production is not self.hotline.production:
            cause = "it was confirmed for another system than the one that reports go to now"
            return end(self.cases, self.store, filing, FilingState.DEAD, cause, self.clock.now())
        checked = ""
        while filing.state is FilingState.SENDING:
            case = current(self.cases, filing.case)
            if case.head != checked:
                if objection := self._objection(filing, case):
                    return self.fail(filing, FilingState.WITHDRAWN, objection)
                if not filing.finishing and (objected(case) or self._disputed(filing, case)):
                    return self._waiting(filing, OBJECTED)
                checked = case.head
            try:
                filing = self._step(filing, case)
            except HotlineDownError as error:
                with suppress(ConflictError):  # the other one says why
                    self._waiting(self.store.get(filing.id), str(error))
                raise
        return filing

    def fail(self, filing: Filing, state: FilingState, cause: str) -> Filing:
        """End it, see `end`, and take back what was begun there."""
        return self.take_back(end(self.cases, self.store, filing, state, cause, self.clock.now()))

    def take_back(self, filing: Filing) -> Filing:
        """Take back what was given up, by the log. What cannot be taken back now is deleted there: it is open."""
        left = [number for number in filing.abandoned if number not in filing.retracted]
        if left:
            ours = way_of(self.cases, filing).given_up
            for number in (one for one in left if one in ours and one != filing.number):
                try:
                    with suppress(HotlineRefusedError):
                        self.hotline.retract(number)
                except HotlineDownError:
                    return filing
                filing = self._put(filing, replace(filing, retracted=(*filing.retracted, number)))
        return filing

    def _step(self, filing: Filing, case: Case) -> Filing:
        if filing.finishing:
            return self._finish(filing, case)
        if not filing.number:
            return self._submit(self.take_back(filing), case)
        if over(filing, self.clock.now()):
            return self._again(filing, "it was deleted there before it was finished")
        for one in filing.items:
            if one.upload and one.step is not FileStep.DESCRIBED:
                return self._file(filing, one, case)
        return self._finish(filing, case)

    def _disputed(self, filing: Filing, case: Case) -> bool:
        """Whether of an item in it nothing confirms abuse now, though nobody has found that it is none."""
        found = confirmed(self.cases, case)
        return not all(one.item in found for one in filing.items)

    def _objection(self, filing: Filing, case: Case) -> str:
        """Why it may not go on: no person confirmed it, or that does not stand, or it is not what would be sent now.

        Once `finish` may have been called, by the log, only what the log does not bear out is stopped.
        """
        way = way_of(self.cases, filing)
        if not way.confirmed or way.ended:
            return "the log does not say that a person confirmed it"
        if not way.bears_out(filing):
            return "the log does not say that it came as far as its row says"
        if filing.finishing:
            return ""
        if overturned(self.cases, filing):
            return "the finding does not stand any more"
        there = {item.id for item in case.items}
        if not all(one.item in there for one in filing.items):
            return "an item is not in the case any more"
        papers = documents(filing, case, self.cases, self.reporter)
        return "" if digest_of(papers) == filing.agreed else "what it says has changed since it was confirmed"

    # Calls, in their order

    def _submit(self, filing: Filing, case: Case) -> Filing:
        xsd = self._schema()
        papers = [paper.content for paper in documents(filing, case, self.cases, self.reporter)]
        try:
            for paper in papers:
                validate(paper, xsd)
        except DocumentError as error:
            return self.fail(filing, FilingState.DEAD, str(error))
        began = self.clock.now()
        filing = self._put(filing, replace(filing, tries=filing.tries + 1))
        try:
            answer = self.hotline.submit(papers[0])
        except HotlineRefusedError as error:
            return self.fail(filing, FilingState.DEAD, str(error))
        if not (answer.number.isascii() and answer.number.isdigit()):
            raise HotlineDownError(call="submit", cause="the answer has no number of a report")
        with self.cases.transaction():  # of what is not kept here nobody ever speaks again: it is deleted there
            filing = self._done(filing, replace(filing, number=answer.number, opened=began), began)
            self._say(filing, ReportOpened(filing.id, filing.body, answer.number))
        return filing

    def _schema(self) -> bytes:
        try:
            xsd = self.hotline.schema()
            schema_of(xsd)
        except (DocumentError, HotlineRefusedError) as error:
            raise HotlineDownError(call="xsd", cause=str(error)) from error
        return xsd

    def _file(self, filing: Filing, one: FiledItem, case: Case) -> Filing:
        if one.step is FileStep.SENT:
            return self._describe(filing, one, case)
        if one.step is FileStep.SENDING:
            return self._again(filing, "it is not known whether a file arrived")
        blob = next(item.blob for item in case.items if item.id == one.item)
        try:
            with self.vault.read(blob or "") as media:
                return self._upload(filing, one, media)
        except (UnknownBlobError, EvidenceDamagedError) as error:
            return self.fail(filing, FilingState.DEAD, f"the media of item {one.item} cannot be read: {error}")

    def _upload(self, filing: Filing, one: FiledItem, media: BinaryIO) -> Filing:
        began, md5 = self.clock.now(), _md5(media)
        one = replace(one, step=FileStep.SENDING)
        filing = self._put(filing, replace(_with(filing, one), tries=filing.tries + 1))
        try:
            answer = self.hotline.upload(filing.number, one.item, media)
        except HotlineNotDoneError:
            self._put(filing, _with(filing, replace(one, step=FileStep.WAITING)))
            raise
        except HotlineDownError as error:
            begun_anew = self._again(filing, str(error))
            if begun_anew.state is FilingState.SENDING:
                raise  # so that the next try is later
            return begun_anew
        except HotlineRefusedError as error:
            return self._refused(filing, error)
        if flaw := _receipt_flaw(answer, md5):
            return self._mismatched(filing, one, flaw)
        sent = replace(one, step=FileStep.SENT, number=answer.number)
        return self._done(filing, _with(filing, sent), began)

    def _mismatched(self, filing: Filing, one: FiledItem, flaw: str) -> Filing:
        cause = f"the receipt does not fit item {one.item}: {flaw}"
        if filing.mismatches:
            return self.fail(filing, FilingState.DEAD, f"{cause}, for the second time")
        return self._again(filing, cause, mismatches=1)

    def _describe(self, filing: Filing, one: FiledItem, case: Case) -> Filing:
        paper = file_document(filing, one, case, self.cases, filing.number, one.number)
        try:
            validate(paper, self._schema())
        except DocumentError as error:
            return self.fail(filing, FilingState.DEAD, str(error))
        began, again = self.clock.now(), filing.tries > 0
        filing = self._put(filing, replace(filing, tries=filing.tries + 1))
        try:
            self.hotline.file_info(paper)
        except HotlineNotDoneError:
            self._put(filing, replace(filing, tries=filing.tries - 1))
            raise
        except HotlineRefusedError as error:
            # A file is described once: an earlier try, whose answer we never saw, may be why this one is refused.
            return self._again(filing, str(error)) if again else self._refused(filing, error)
        return self._done(filing, _with(filing, replace(one, step=FileStep.DESCRIBED)), began)

    def _finish(self, filing: Filing, case: Case) -> Filing:
        before = filing
        with self.cases.transaction():
            if not before.finishing and current(self.cases, filing.case).head != case.head:
                return filing  # to be looked at once more: from here on nothing stops it
            filing = self._put(before, replace(before, finishing=True, tries=before.tries + 1))
            if not before.finishing:
                self._say(filing, ReportFinishing(filing.id, filing.body, filing.number))
        flaw = ""
        try:
            flaw = _files_flaw(filing, self.hotline.finish(filing.number))
        except HotlineAccountError:
            if not before.finishing:  # no earlier one may have worked, and this one was not even looked at
                with self.cases.transaction():
                    self._put(filing, replace(filing, finishing=False))
                    self._say(filing, ReportFinishing(filing.id, filing.body, filing.number, called=False))
            raise
        except HotlineRefusedError as error:
            if error.details.get("answer") != FINISHED_THERE:
                return self.fail(filing, FilingState.DEAD, str(error))
        return self._finished(filing, flaw)

    def _finished(self, filing: Filing, flaw: str) -> Filing:
        """The receiver has it. With a flaw, which nobody can mend there any more, people are told to look."""
        with self.cases.transaction():
            case = current(self.cases, filing.case)
            done = replace(filing, state=FilingState.FINISHED, finished=self.clock.now(), tries=0, cause=flaw)
            done = self._put(filing, done)
            alarm = [Draft(case.id, SYSTEM, ReportFailed(done.id, done.body, flaw), TOOL)] if flaw else []
            self.cases.append([*end_events(done, case, SYSTEM), *alarm])
            self.after(case.id)
        return done

    # What went wrong

    def _refused(self, filing: Filing, error: HotlineRefusedError) -> Filing:
        if error.details.get("answer") in GONE:
            return self._again(filing, str(error))
        return self.fail(filing, FilingState.DEAD, str(error))

    def _again(self, filing: Filing, cause: str, mismatches: int = 0) -> Filing:
        """Give the open report up, for another one to be begun; too often, and people have to look."""
        if len(filing.abandoned) + 1 >= BEGINS:
            return self.fail(filing, FilingState.DEAD, f"begun {BEGINS} times in vain; at last: {cause}")
        mismatches += filing.mismatches
        return self._put(
            filing,
            replace(_without_number(filing), mismatches=mismatches, cause=_kept(cause, filing)),
        )

    def _waiting(self, filing: Filing, cause: str) -> Filing:
        """It is tried again later; the cause is told at once."""
        cause = _kept(cause, filing)
        if filing.state is not FilingState.SENDING or filing.cause == cause:
            return filing
        return self._put(filing, replace(filing, cause=cause))

    def _done(self, before: Filing, now: Filing, began: datetime) -> Filing:
        """A call that began then was answered, and changed the open report there."""
        return self._put(before, replace(now, touched=began, tries=0, cause=""))

    def _say(self, filing: Filing, body: Body) -> None:
        self.cases.append([Draft(current(self.cases, filing.case).id, SYSTEM, body, TOOL)])

    def _put(self, before: Filing, now: Filing) -> Filing:
        self.store.put(now, expect=before)
        return now


def _kept(cause: str, filing: Filing) -> str:
    """A cause as the row and the log keep it."""
    return without_told(cause, filing.told)[:_CAUSE]


def _without_number(filing: Filing) -> Filing:
    """Without the report that is open there, which is given up for good."""
    if not filing.number:
        return filing
    return replace(
        filing,
        abandoned=(*filing.abandoned, filing.number),
        number="",
        opened=None,
        touched=None,
        tries=0,
        items=tuple(replace(one, step=FileStep.WAITING, number="") for one in filing.items),
    )


def _with(filing: Filing, item: FiledItem) -> Filing:
    """The filing with this item in place of the one of its id."""
    return replace(filing, items=tuple(item if one.item == item.item else one for one in filing.items))


def _md5(media: BinaryIO) -> str:
    """As the receipt has it; it protects from nothing but mistakes."""
    hashed = hashlib.md5(usedforsecurity=False)
    while piece := media.read(_PIECE):
        hashed.update(piece)
    media.seek(0)
    return hashed.hexdigest()


def _files_flaw(filing: Filing, answer: HotlineAnswer) -> str:
    """How the files of a finished report, as the receiver lists them, differ from those that were sent."""
    sent = {one.number: one.item for one in filing.items if one.upload}
    missing = [f"{number} (item {item})" for number, item in sent.items() if number not in answer.files]
    extra = [number for number in answer.files if number not in sent]
    if not missing and not extra:
        return ""
    told = (f"{what} {', '.join(names)}" for what, names in (("without", missing), ("with", extra)) if names)
    return f"finished {' and '.join(told)}: ask NCMEC with report number {filing.number}"[:_CAUSE]


def _receipt_flaw(answer: HotlineAnswer, md5: str) -> str:
    if not answer.number:
        return "it names no file"
    return "" if answer.md5.lower() == md5 else f"MD5 {answer.md5 or 'missing'} where {md5} was sent"
