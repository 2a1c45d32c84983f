"""Reports to hotlines and authorities: prepared, read and confirmed by a person, sent, and what became of them.

Only a person who may (`REPORT_FILE`) has a report sent, and only the one that they read. How it is sent then is in
`filing_send`; docs/reports.md tells the whole way. All of it raises ForbiddenError for who may not do it,
UnknownFilingError, UnknownCaseError, ConflictError when others were quicker, TransitionError for what cannot be done.
"""

import io
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from safelight.flow.filing_facts import (
    Document,
    Papers,
    Preview,
    check_told,
    confirmed,
    digest_of,
    documents,
    end_events,
    filed,
    filings_of,
    first_told,
    refreshed,
    renewed_told,
    told_finding,
    unconfirmed,
    unsettled,
    waiting_words,
    waits,
)
from safelight.flow.filing_log import way_of
from safelight.flow.filing_send import Sender, end
from safelight.flow.merged import current
from safelight.flow.review_rules import must, said
from safelight.model.access import Permission, Principal
from safelight.model.case import TOOL, Case, Draft, Noted, ReportConfirmed, ReportFailed
from safelight.model.errors import ConflictError, DocumentError, TransitionError, UsageError
from safelight.model.filing import BY_PERSON, Body, Filing, FilingState, Reporter, Told
from safelight.ports import CaseStore, Clock, EvidenceVault, FilingStore, Hotline, HotlineAnswer, Ids
from safelight.report.cybertip.flaws import told_flaws

__all__ = ["Document", "Filings", "Papers", "Preview"]

NO_CONTACT: Final = "SAFELIGHT_CONTACT is not set: a report names an e-mail address for questions"
NO_ACCOUNT: Final = "SAFELIGHT_NCMEC_USER is not set: NCMEC gives names and passwords to registered providers"
_FIRST_DAY = (1980, 1, 1, 0, 0, 0)  # of a ZIP's calendar: the same documents are the same bytes


def _erased(filing: Filing) -> str:
    return f"what it told of people was erased on {filing.erased:%Y-%m-%d}"


def _no_papers(_filing: Filing, _case: Case) -> tuple[Document, ...]:
    return ()


@dataclass(frozen=True, slots=True)
class Filings:
    """The acts of reporting. `filing` is the id of a report everywhere.

    `hotline`: the CyberTipline, None without an account there. `after` is called with the case's id in the transaction
    that finishes a report. `papers` makes the documents for receivers that people send reports to.
    """

    cases: CaseStore
    store: FilingStore
    vault: EvidenceVault
    hotline: Hotline | None
    reporter: Reporter
    clock: Clock
    ids: Ids
    after: Callable[[str], None] = lambda _case: None
    papers: Papers = _no_papers

    # Preparing

    def draft(self, who: Principal, case: str, body: Body, told: Told | None = None) -> Filing:
        """Prepare a report on what is confirmed of a case and this receiver has none of; the draft there is, renewed.

        Items that wait for a decision are left to a later one.
        Raises UsageError when nobody is named who answers questions, and for what cannot be told.
        """
        must(who, Permission.REPORT_PREPARE)
        if not self.reporter.email.strip():
            raise UsageError(detail=NO_CONTACT)
        with self.cases.transaction():
            found = current(self.cases, case)
            known = confirmed(self.cases, found)
            if not known:
                raise TransitionError(case=found.id, cause=unconfirmed(found))
            real = self._real(body)
            done = found.reported(body, real)
            items = [item for item in found.items if item.id in known and item.id not in done]
            if not items:
                cause = f"all of its items that are confirmed were reported to {body} already"
                left = waits(found, known)
                raise TransitionError(case=found.id, cause=f"{cause}; it {waiting_words(left)}" if left else cause)
            taken = tuple(filed(found, item, self.cases.item(item.id), body) for item in items)
            drafts = (one for one in self.store.of_case(found.id) if one.state is FilingState.DRAFT)
            old = next((one for one in drafts if one.body is body), None)
            if told is None:
                told = first_told(self.cases, found, items, self.clock.now())
                told = renewed_told(old.told, told, {item.id for item in items}) if old else told
            check_told(told, taken, body, self.clock.now())
            name, created = (old.id, old.created) if old else (self.ids.new(), self.clock.now())
            filing = Filing(name, found.id, body, FilingState.DRAFT, created, taken, told, production=real)
            filing = refreshed(filing, found, known)
            self.store.put(filing, expect=old)
        return filing

    def change(self, who: Principal, filing: str, told: Told, uploads: Mapping[str, bool]) -> Filing:
        """Tell something else, or say of items whether their media is sent along. Raises UsageError."""
        must(who, Permission.REPORT_PREPARE)
        found = self._in(filing, FilingState.DRAFT)
        check_told(told, found.items, found.body, self.clock.now())
        media = {item.id for item in current(self.cases, found.case).items if item.blob and not item.destroyed}
        for item, wanted in uploads.items():
            if wanted and (item not in media or found.body is not Body.NCMEC):
                raise UsageError(detail=f"there is no media of item {item!r} to send along")
        items = tuple(replace(one, upload=uploads.get(one.item, one.upload)) for one in found.items)
        changed = replace(found, told=told, items=items)
        self.store.put(changed, expect=found)
        return changed

    def preview(self, filing: str) -> Preview:
        """What the receiver would get, or got; with numbers of report and files only once these are known there.

        Of one that was erased no document can be made: the digest is that of those that were confirmed.
        """
        found = self.store.get(filing)
        if found.erased is not None:
            return Preview((), found.agreed, (_erased(found),))
        return self._preview(*self._as_it_is(found))

    def as_told(self, filing: Filing) -> Case:
        """The case of a report, with what was found of the report's items, whatever has joined it since."""
        case = current(self.cases, filing.case)
        if case.finding is not None:
            return case
        known = confirmed(self.cases, case)
        return replace(case, finding=told_finding([known[one.item] for one in filing.items if one.item in known]))

    def bundle(self, filing: str) -> bytes:
        """The documents as a ZIP file, for people to send or keep; no media is in it.

        Not of one that was erased, nor of a draft of which nothing is confirmed any more.
        """
        if (found := self.store.get(filing)).erased is not None:
            raise TransitionError(case=found.case, cause=_erased(found))
        found, case = self._as_it_is(found)
        preview = self._preview(found, case)
        if preview.baseless:
            raise TransitionError(case=case.id, cause=preview.baseless[0])
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for paper in preview.documents:
                archive.writestr(zipfile.ZipInfo(paper.name, _FIRST_DAY), paper.content, zipfile.ZIP_DEFLATED)
        return out.getvalue()

    # Sending

    def status(self) -> HotlineAnswer:
        """Whether the CyberTipline answers, and takes our name and password.

        Raises UsageError without an account, HotlineDownError, HotlineRefusedError.
        """
        if self.hotline is None:
            raise UsageError(detail=NO_ACCOUNT)
        return self.hotline.status()

    def confirm(self, who: Principal, filing: str, digest: str) -> Filing:
        """Have it sent, by a person who read it. `digest`: of the preview; ConflictError when it is another by now."""
        must(who, Permission.REPORT_FILE)
        with self.cases.transaction():
            found = self._in(filing, FilingState.DRAFT)
            if found.body is not Body.NCMEC:
                raise TransitionError(case=found.case, cause="people send this one: hand it over, and say so")
            return self._settle(who, found, FilingState.SENDING, digest)

    def hand(self, who: Principal, filing: str, note: str = "", digest: str | None = None) -> Filing:
        """Say that a person handed the bundle over; or, of a report of which it is not known, that NCMEC has it.

        `note`: to whom and how, for colleagues. `digest`: of the preview whose bundle it was, as in `confirm`.
        """
        must(who, Permission.REPORT_FILE)
        with self.cases.transaction():
            found = self.store.get(filing)
            if found.state is FilingState.DEAD and found.finishing:
                self._must_be_in_question(found)
                ended = replace(found, state=FilingState.FINISHED, finished=self.clock.now(), cause="")
                self.store.put(ended, expect=found)
            elif found.state is FilingState.DRAFT and found.body is not Body.NCMEC:
                ended = self._settle(who, found, FilingState.HANDED, digest)
            else:
                raise TransitionError(case=found.case, cause="this one is not handed over by people")
            case = current(self.cases, found.case)
            noted = [Draft(case.id, who.actor, Noted(note.strip()), TOOL)] if note.strip() else []
            self.cases.append([*end_events(ended, case, who.actor), *noted])
            self.after(case.id)
        return ended

    def send(self, filing: str) -> Filing:
        """Send what was confirmed, or go on with it: the job. What is done already stays as it is.

        Raises HotlineDownError for later, ConflictError when another job is at it.
        """
        found = self.store.get(filing)
        return self._sender().send(found) if found.state is FilingState.SENDING else found

    def give_up(self, filing: str, cause: str) -> Filing:
        """The job has failed too often: people have to look. `cause` is one line. Nobody is asked over the network."""
        found = self.store.get(filing)
        return self._end(found, FilingState.DEAD, cause) if found.state is FilingState.SENDING else found

    def take_back(self, filing: str) -> Filing:
        """Take back at the receiver what was begun there and given up: a job of its own, after the other two.

        What cannot be taken back is deleted there by itself, for it was never finished.
        """
        found = self.store.get(filing)
        ours = self.hotline is not None and self.hotline.production is found.production
        over = found.state in {FilingState.DEAD, FilingState.WITHDRAWN} and way_of(self.cases, found).ended
        if not ours or not over:
            return found  # one that is on its way does so itself
        return self._sender().take_back(found)

    def withdraw(self, who: Principal, filing: str, reason: str) -> Filing:
        """Give a report up before it is finished; or say that NCMEC has none, of one of which it was not known.

        `take_back` then takes back what was begun there.
        """
        found = self.store.get(filing)
        drafted = found.state is FilingState.DRAFT
        must(who, Permission.REPORT_PREPARE if drafted else Permission.REPORT_FILE)
        cause = f"{BY_PERSON}{said(reason)}"
        if found.state is FilingState.SENDING and not found.finishing:
            return self._end(found, FilingState.WITHDRAWN, cause)
        if not drafted and not (found.state is FilingState.DEAD and found.finishing):
            raise TransitionError(case=found.case, cause=f"a report that is {found.state} is not withdrawn")
        with self.cases.transaction():
            ended = replace(found, state=FilingState.WITHDRAWN, cause=cause, withdrawn=self.clock.now())
            self.store.put(ended, expect=found)
            if not drafted:
                failed = ReportFailed(found.id, found.body, cause)
                self.cases.append([Draft(current(self.cases, found.case).id, who.actor, failed, TOOL)])
        return ended

    def _must_be_in_question(self, found: Filing) -> None:
        way = way_of(self.cases, found)
        if not way.confirmed or way.finishing != found.number:
            raise TransitionError(case=found.case, cause="the log does not say that it may have been finished there")

    def _settle(self, who: Principal, found: Filing, state: FilingState, digest: str | None = None) -> Filing:
        """A person has confirmed a draft, which leaves that state."""
        case = current(self.cases, found.case)
        fresh = self._fresh(found, case)
        preview = self._preview(fresh, case)
        if digest is not None and digest != preview.digest:
            raise ConflictError(what="the report")
        if preview.flaws:
            raise TransitionError(case=case.id, cause=preview.flaws[0])
        settled = replace(
            fresh,
            state=state,
            confirmed_by=str(who.actor),
            confirmed=self.clock.now(),
            digest=digest_of(preview.documents[:1]),
            agreed=preview.digest,
        )
        self.store.put(settled, expect=found)
        items = tuple(one.item for one in settled.items)
        body = ReportConfirmed(settled.id, settled.body, items, settled.agreed, settled.production)
        self.cases.append([Draft(case.id, who.actor, body, TOOL)], expect=case.length)
        return settled

    def _as_it_is(self, filing: Filing) -> tuple[Filing, Case]:
        """A report, of drafts as they would be made now, and the case that holds now."""
        case = current(self.cases, filing.case)
        return self._fresh(filing, case) if filing.state is FilingState.DRAFT else filing, case

    def _fresh(self, draft: Filing, case: Case) -> Filing:
        return refreshed(draft, case, confirmed(self.cases, case))

    def _preview(self, filing: Filing, case: Case) -> Preview:
        draft = filing.state is FilingState.DRAFT
        baseless = self._baseless(filing, case) if draft else []
        flaws = [*baseless, *self._flaws(filing, case)] if draft else []
        papers: tuple[Document, ...] = ()
        try:
            if filing.body is not Body.NCMEC:
                papers = tuple(self.papers(filing, self.as_told(filing)))
            elif filing.items:
                papers = documents(filing, case, self.cases, self.reporter)
        except DocumentError as error:
            flaws.append(str(error))
        return Preview(papers, digest_of(papers), tuple(flaws), tuple(baseless))

    def _flaws(self, filing: Filing, case: Case) -> list[str]:
        """Why a draft cannot be sent now, also if something stands that it is about."""
        flaws = [] if self.reporter.email.strip() else [NO_CONTACT]
        if filing.body is Body.NCMEC and self.hotline is None:
            flaws.append(NO_ACCOUNT)
        if filing.production is not self._real(filing.body):
            flaws.append("it was drafted for another system of the receiver: draft it anew")
        items = {one.item for one in filing.items}
        there = items.union(
            filing.told.annotations or {}, filing.told.files or {}
        )  # of items that left nothing is sent
        flaws += told_flaws(filing.told, there, filing.body, self.clock.now())
        open_ones = (one for one in filings_of(self.store, self.cases, case) if one.body is filing.body)
        return flaws + [
            f"it is not known yet what becomes of report {other.id}, which has the same items"
            for other in open_ones
            if unsettled(other) and items.intersection(one.item for one in other.items)
        ]

    def _baseless(self, filing: Filing, case: Case) -> list[str]:
        """Why there is nothing that a draft could be about now."""
        flaws = [] if confirmed(self.cases, case) else [unconfirmed(case)]
        if not filing.items:
            flaws.append("nothing of it is left to report: its items were reported, or are not confirmed any more")
        return flaws

    def _real(self, body: Body) -> bool:
        """Whether such a report is for real: what people send is; NCMEC's test system is not."""
        return body is not Body.NCMEC or (self.hotline is not None and self.hotline.production)

    def _end(self, filing: Filing, state: FilingState, cause: str) -> Filing:
        return end(self.cases, self.store, filing, state, cause, self.clock.now())

    def _sender(self) -> Sender:
        if self.hotline is None:
            raise UsageError(detail=NO_ACCOUNT)
        return Sender(self.cases, self.store, self.vault, self.hotline, self.reporter, self.clock, self.after)

    def _in(self, filing: str, state: FilingState) -> Filing:
        found = self.store.get(filing)
        if found.state is not state:
            raise TransitionError(case=found.case, cause=f"the report is {found.state}, not {state}")
        return found
