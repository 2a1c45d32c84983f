"""Review: who works on a case, what they see of it, and what is decided. docs/console.md follows a case through.

Every act is an event of the case's log. `expect` is the length that the case had on the page that somebody acts from:
when it has another by now, nothing is done (ConflictError), and they look again. All of it raises ForbiddenError for
who may not do it, and the errors of `ports.CaseStore`.
"""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

from safelight.case.rules import weighty
from safelight.flow.review_history import deciders, disputants, seen_by_others, was_put_to_two
from safelight.flow.review_rules import (
    AHEAD,
    DISPUTED,
    LEASE,
    NEEDED,
    SENIOR,
    Claims,
    Look,
    Revealing,
    differ,
    is_other,
    item_of,
    must,
    must_reach,
    owes_report,
    proposal_of,
    said,
)
from safelight.flow.wellness import Exposures, Limits, Standing, check, may_look
from safelight.model.access import Permission, Principal
from safelight.model.case import (
    TOOL,
    AppealDecided,
    AppealOpened,
    Approved,
    Body,
    Case,
    CaseItem,
    CaseState,
    Decided,
    Draft,
    Finding,
    Grave,
    Hidden,
    HoldPlaced,
    Noted,
    Proposal,
    Proposed,
    Rejected,
    Revealed,
    Routed,
    Seconded,
    Verdict,
)
from safelight.model.decision import Outcome
from safelight.model.errors import NotNowError, TransitionError
from safelight.ports import CaseStore, Clock, Ids


class Review:
    """The acts of review.

    `second_review`: which findings a second person has to make, too: `confirmed`, `all` or `none`.
    """

    def __init__(
        self,
        store: CaseStore,
        claims: Claims,
        exposures: Exposures,
        clock: Clock,
        ids: Ids,
        limits: Limits,
        second_review: str = "confirmed",
    ) -> None:
        self._store, self._claims, self._exposures = store, claims, exposures
        self._clock, self._ids, self._limits, self._second_review = clock, ids, limits, second_review

    # Claims

    def claim(self, who: Principal, case: str) -> Case:
        """Take a case on, or hold on to it.

        Raises NotNowError when somebody else has it, when paused, and for who decided on it before otherwise than a
        colleague.
        """
        must(who, Permission.CASE_CLAIM)
        found = self._store.case(case)
        must_reach(who, found)
        if found.state is CaseState.OPEN and who.actor in disputants(self._store, case):
            raise NotNowError(cause=DISPUTED)
        if self._exposures.paused(str(who.actor)):
            raise NotNowError(cause="You have paused. Go on whenever you like, on the page My day.")
        now = self._clock.now()
        if not self._claims.take(case, str(who.actor), now, now + LEASE):
            raise NotNowError(cause="A colleague is working on this case.")
        return found

    def claim_next(self, who: Principal, queue: str | None = None) -> Case | None:
        """Take on the most urgent case that nobody has, of one queue or of all; None when there is none."""
        for case in self.waiting(who, queue):
            with suppress(NotNowError):
                return self.claim(who, case.id)
        return None

    def waiting(self, who: Principal, queue: str | None = None, limit: int = AHEAD) -> list[Case]:
        """Open cases that this person could take on, the most urgent first; those claimed by others left out.

        Of the `limit` most urgent, those come first that the law still wants a report on.
        """
        holders = self._claims.holders(self._clock.now())
        cases = self._store.waiting([queue] if queue else [], limit)
        senior = who.may(Permission.CASE_APPROVE)
        free = (
            case
            for case in cases
            if holders.get(case.id, str(who.actor)) == str(who.actor) and (senior or case.queue != SENIOR)
        )
        return sorted(free, key=lambda case: not owes_report(case))

    def second(self, who: Principal, limit: int = AHEAD) -> list[Case]:
        """Cases of which a second person has to decide, without those that wait for somebody else than this one."""
        cases = self._store.cases([CaseState.PROPOSED], limit=limit)
        return [case for case in cases if any(is_other(who, proposal) for proposal in case.proposals)]

    def release(self, who: Principal, case: str) -> None:
        """Give a case back."""
        self._claims.drop(str(who.actor), case)

    def pause(self, who: Principal, *, on: bool) -> None:
        """Pause, with no reason asked: looks end, and claims go back. Or go on."""
        person = str(who.actor)
        self._end_looks(who)
        if on:
            self._claims.drop(person)
        self._exposures.pause(person, self._clock.now() if on else None)

    # Seeing

    def reveal(self, who: Principal, case: str, look: Look) -> Revealing:
        """Say that pixels may be sent, which the log holds by then. The face has asked for a second factor.

        Raises NotNowError, in words for the person, for media that is not shown to them now.
        """
        must(who, Permission.MEDIA_REVEAL)
        reason = said(look.reason)
        found = self._store.case(case)
        item = item_of(found, look.item)
        self._claimed(who, case)
        must_reach(who, found)
        self._end_looks(who)
        self.seeable(who, found, item)
        now, person = self._clock.now(), str(who.actor)
        with self._store.transaction():
            standing = self._turn(who)
            self._append(who, case, Revealed(item.id, reason, look.what, look.region, look.view))
            begun = self._exposures.begin(person, case, item.id, now)
        return Revealing(begun, standing.left)

    def take_out(self, who: Principal, case: str) -> None:
        """Say that the media of all items of a case may leave with an export, which whoever exports can look at.

        It counts as a short look at each, before it leaves. Raises NotNowError as `reveal` does.
        """
        must(who, Permission.EVIDENCE_EXPORT)
        must(who, Permission.MEDIA_REVEAL)
        found = self._store.case(case)
        self._claimed(who, case)
        self._end_looks(who)
        now, person = self._clock.now(), str(who.actor)
        with self._store.transaction():
            self._turn(who)
            for item in found.items:
                if item.blob is not None and not item.destroyed:
                    self._exposures.end(self._exposures.begin(person, case, item.id, now), person, now)

    def _end_looks(self, who: Principal) -> None:
        """Whoever looks at one thing looks at nothing else."""
        for look in self._exposures.unended(str(who.actor)):
            self.hide(who, look)

    def _turn(self, who: Principal) -> Standing:
        """How somebody stands who wants to see something now. Raises NotNowError if they may not.

        Until the end of the transaction, they begin no other look: two at once would both find room for one.
        """
        self._exposures.lock(str(who.actor))
        self._end_looks(who)
        found = check(str(who.actor), self._exposures, self._limits, self._clock.now())
        may_look(found)
        return found

    def seeable(self, who: Principal, case: Case, item: CaseItem) -> None:
        """Raise NotNowError when this item is not shown to this person, whatever their day is like.

        Known items are not shown: they are closed unseen, but for an appeal. (Beside another item, as the source that
        it matched, their media can be looked at.) And what one person has seen is not shown to another, unless a second
        look was asked for: by routing, for a second decision, or by an appeal.
        """
        appealed = case.state is CaseState.APPEALED and who.may(Permission.APPEAL_DECIDE)
        if item.blob is None or item.destroyed:
            raise NotNowError(cause="No media of this item is kept.")
        if item.outcome is Outcome.KNOWN and not appealed:
            raise NotNowError(cause="These are the very bytes of a known item. Nobody has to see it again.")
        asked = appealed or (case.state is CaseState.PROPOSED and who.may(Permission.CASE_APPROVE))
        if item.id in case.viewed and not asked and seen_by_others(self._store, case.id, item.id, who.actor):
            raise NotNowError(
                cause="A colleague has seen this already. Decide by what is known, or route the case for a second look."
            )

    def shown(self, who: Principal, look: str) -> None:
        """Decoding is done and pixels are about to be sent: seconds count from here."""
        self._exposures.shown(look, str(who.actor), self._clock.now())

    def hide(self, who: Principal, look: str) -> float:
        """A look has ended; return its seconds by this side's clock, 0 when it had ended before."""
        with self._store.transaction():
            ended = self._exposures.end(look, str(who.actor), self._clock.now())
            if ended is None:
                return 0.0
            case, item, seconds = ended
            self._append(who, case, Hidden(item, round(seconds, 1)))
        return seconds

    def open_looks(self, who: Principal) -> list[str]:
        """Looks of this person that have not ended."""
        return self._exposures.unended(str(who.actor))

    # Deciding

    def decide(self, who: Principal, case: str, expect: int, finding: Finding, reason: str = "") -> Case:
        """Decide a case, and thereby all its items at once; by policy another person has to find the same.

        Whatever the policy, two have to find the same where a known item is in the case, where abuse was confirmed
        before, and where a second person was asked before. Two who then decided differently do not decide again. Who is
        unsure sends it to the queue of senior reviewers, in which nobody else decides.
        """
        must(who, Permission.CASE_DECIDE)
        found = self._store.case(case)
        self._claimed(who, case)
        must_reach(who, found)
        if who.actor in disputants(self._store, case):
            raise NotNowError(cause=DISPUTED)
        if finding.verdict is Verdict.UNSURE:
            body: Body = Routed(SENIOR, found.priority, finding.note or "the reviewer was unsure")
        elif self._second_review in {"all", finding.verdict} or weighty(found) or was_put_to_two(self._store, case):
            body = Proposed(Grave.DECIDE, reason or "decision", finding)
        else:
            body = Decided(finding, bulk=len(found.items) > 1)
        return self._act(who, case, expect, body)

    def decide_second(
        self, who: Principal, case: str, expect: int, number: int, finding: Finding
    ) -> tuple[Case, Finding]:
        """Decide without having seen what the first person found; return their finding, too.

        The same verdict and classification approve it, unless both say how it was made, or whether a real victim is
        depicted, and not the same. Else it is rejected, and the case goes to the senior queue.
        """
        found = self._store.case(case)
        proposal = proposal_of(found, number)
        if proposal.what.finding is None or proposal.what.action is not Grave.DECIDE:
            raise TransitionError(case=case, cause="this does not wait for a second decision")
        first = proposal.what.finding
        if not differ(first, finding):
            own = Seconded(number, finding.artificialness, finding.real_victim)
            return self._answer(who, found, expect, proposal, approve=True, note=finding.note, before=(own,)), first
        axes = f"made {finding.artificialness}, a real victim {finding.real_victim}"
        note = f"the second decision was {finding.verdict}, {finding.classification}, {axes}"
        with self._store.transaction():
            self._answer(who, found, expect, proposal, approve=False, note=note)
            again = self._append(who, case, Routed(SENIOR, found.priority, "two people decided differently"))
        return again, first

    def answer(self, who: Principal, case: str, expect: int, number: int, *, approve: bool, note: str = "") -> Case:
        """Agree to what another person asked for, or not. What is agreed on takes effect, see `carry_out`."""
        found = self._store.case(case)
        return self._answer(who, found, expect, proposal_of(found, number), approve=approve, note=note)

    def _answer(
        self,
        who: Principal,
        case: Case,
        expect: int,
        proposal: Proposal,
        *,
        approve: bool,
        note: str,
        before: Sequence[Body] = (),
    ) -> Case:
        must(who, NEEDED[proposal.what.action])
        if proposal.what.action is Grave.OVERTURN and proposal.by != who.actor:
            self._independent(who, case.id)
        if not is_other(who, proposal):
            raise TransitionError(case=case.id, cause="you asked for this yourself: another person has to agree")
        if not approve:
            return self._act(who, case.id, expect, Rejected(proposal.number, note))
        overturned = case.appeals if proposal.what.action is Grave.OVERTURN else ()
        answered = (AppealDecided(appeal, upheld=False, note=note) for appeal in overturned)
        return self._act(who, case.id, expect, *before, Approved(proposal.number, note), *answered)

    def route(self, who: Principal, case: str, expect: int, queue: str, priority: int, reason: str) -> Case:
        """Put a case into another queue. To the senior queue anybody may, who has claimed it."""
        if queue == SENIOR and who.may(Permission.CASE_DECIDE):
            self._claimed(who, case)
        else:
            must(who, Permission.CASE_ROUTE)
        return self._act(who, case, expect, Routed(queue, priority, said(reason)))

    def note(self, who: Principal, case: str, text: str) -> Case:
        """Leave a remark for colleagues."""
        must(who, Permission.CASE_DECIDE)
        return self._append(who, case, Noted(said(text)))

    # Appeals

    def open_appeal(self, who: Principal, case: str, expect: int, text: str, item: str | None = None) -> str:
        """Ask to look again; return the appeal's id."""
        must(who, Permission.APPEAL_OPEN)
        appeal = self._ids.new()
        self._act(who, case, expect, AppealOpened(appeal, said(text), item))
        return appeal

    def uphold(self, who: Principal, case: str, expect: int, appeal: str, note: str) -> Case:
        """Leave the decision as it is. Not by who had a part in it."""
        self._independent(who, case)
        return self._act(who, case, expect, AppealDecided(appeal, upheld=True, note=note))

    def overturn(self, who: Principal, case: str, expect: int, appeal: str, finding: Finding, reason: str) -> Case:
        """Ask for another decision, to which another person has to agree. Not by who had a part in the first."""
        self._independent(who, case)
        if appeal not in self._store.case(case).appeals:
            raise TransitionError(case=case, cause="there is no such appeal")
        return self._act(who, case, expect, Proposed(Grave.OVERTURN, said(reason), finding))

    def _independent(self, who: Principal, case: str) -> None:
        must(who, Permission.APPEAL_DECIDE)
        if who.actor in deciders(self._store, case):
            raise NotNowError(cause="You had a part in this decision: somebody else answers the appeal.")

    # Evidence

    def hold(self, who: Principal, case: str, expect: int, basis: str, until: datetime | None = None) -> str:
        """Forbid that anything of the case is destroyed; return the hold's id."""
        must(who, Permission.EVIDENCE_HOLD)
        hold = self._ids.new()
        self._act(who, case, expect, HoldPlaced(hold, said(basis), until))
        return hold

    def ask(self, who: Principal, case: str, expect: int, asked: Proposed) -> Case:
        """Ask for a grave action that is no decision: to destroy an item's media, to lift a hold."""
        if asked.action not in {Grave.DESTROY, Grave.LIFT_HOLD}:
            raise TransitionError(case=case, cause="decisions are not asked for in this way")
        must(who, NEEDED[asked.action])
        said(asked.reason)
        return self._act(who, case, expect, asked)

    # What they share

    def _claimed(self, who: Principal, case: str) -> None:
        """Hold on to the case; raises NotNowError when it is not this person's."""
        now = self._clock.now()
        if self._claims.holders(now).get(case) != str(who.actor):
            raise NotNowError(cause="You do not have this case any more. Take it on again, then go on.")
        self._claims.take(case, str(who.actor), now, now + LEASE)

    def _act(self, who: Principal, case: str, expect: int, *bodies: Body) -> Case:
        """Add events to a case of a known length; it is then free to be claimed again."""
        with self._store.transaction():
            drafts = [Draft(case, who.actor, body, TOOL) for body in bodies]
            self._store.append(drafts, self._same(case, expect))
            self._claims.drop(str(who.actor), case)
        return self._store.case(case)

    def _same(self, case: str, expect: int) -> int:
        """The case's length, when since the expected one it was only looked at: that changes nothing for a decision."""
        events = self._store.events(case)
        looked = all(isinstance(logged.event.body, Revealed | Hidden) for logged in events[expect:])
        return len(events) if 0 < expect <= len(events) and looked else expect

    def _append(self, who: Principal, case: str, body: Body) -> Case:
        self._store.append([Draft(case, who.actor, body, TOOL)])
        return self._store.case(case)
