"""The upload gate: one file, one answer, soon. docs/gate.md says what may be built on it.

The answer to a file that could not be looked at in full, or not in time, is the operator's choice (`GateFailure`).
What is not allowed is kept, so that people can look at it; of what is allowed nothing stays. What may pass is said by
the policy in force (docs/policy.md), within what is never left to it.
"""

import asyncio
import logging
import os
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import replace
from functools import partial
from typing import BinaryIO, TypeVar

from safelight.flow.intake import Arrival
from safelight.flow.look import Looker
from safelight.flow.policy import FileRule, by_default
from safelight.flow.scan import judge
from safelight.model.decision import Action, Outcome
from safelight.model.errors import BusyError, SafelightError
from safelight.model.policy import Ruling
from safelight.model.scan import Examination, ScanRow, Status
from safelight.model.service import GateAnswer, GateFailure, GateVerdict
from safelight.policy.rules.rails import INCOMPLETE, NOT_KNOWN

Keep = Callable[[BinaryIO, Arrival], str]
"""Keeps a file for people to look at; returns the item's id."""

_log = logging.getLogger("safelight.gate")
_T = TypeVar("_T")


class Gate:
    """Answers for uploads, one at a time for each who asks. No failure is raised: every one is an answer."""

    def __init__(
        self,
        looker: Looker,
        threads: Executor,
        keep: Keep,
        *,
        failure: GateFailure,
        seconds: float,
        rule: FileRule = by_default,
    ) -> None:
        """Nothing is started.

        Args:
            looker: looks at files.
            threads: where the banks are read, and evidence is written.
            keep: keeps what is not allowed.
            failure: the answer when a file could not be looked at.
            seconds: after which that is taken to be the case.
            rule: what the policy says of a file; asked in `threads`, as it may read the store.
        """
        self._looker = looker
        self._threads = threads
        self._keep = keep
        self._failure = failure
        self._seconds = seconds
        self._rule = rule

    async def check(self, file: BinaryIO, name: str, arrival: Arrival) -> GateAnswer:
        """The answer for an open file. Who stops waiting gives it up, but for keeping what was not allowed.

        Args:
            file: the upload, in anonymous memory; it must stay open until then.
            name: what its row calls it.
            arrival: what is said of it, kept with it when it is not allowed.
        """
        try:
            async with asyncio.timeout(self._seconds):
                answer = await self._answer(file, name, arrival.source)
        except TimeoutError:
            answer = self._unchecked(name, f"not looked at within {self._seconds:g} s")
        except BusyError as error:
            answer = replace(self._unchecked(name, "too many files wait"), retry=int(str(error.details["seconds"])))
        except SafelightError as error:
            answer = self._unchecked(name, f"could not be looked at: {error.code}")
        except Exception as error:  # noqa: BLE001 - whatever it is, an upload waits for an answer
            _log.exception("the gate failed")
            answer = self._unchecked(name, f"could not be looked at: {type(error).__name__}")
        if answer.verdict is GateVerdict.ALLOW:
            return answer
        return replace(answer, item=await self._kept(file, arrival))

    async def _answer(self, file: BinaryIO, name: str, source: str) -> GateAnswer:
        with self._looker.look(file, name) as look:
            await asyncio.wrap_future(await self._in_thread(look.begin))
            return await self._in_thread(lambda: answer_of(look.rows(), self._failure, self._rule, source))

    async def _kept(self, file: BinaryIO, arrival: Arrival) -> str | None:
        """The id of the item; None when it cannot be kept, which allows nothing. It goes on if the caller gives up."""
        own = os.fdopen(os.dup(file.fileno()), "rb")  # the caller may close its own then
        return await asyncio.shield(self._in_thread(partial(self._keep_now, own, arrival)))

    def _keep_now(self, own: BinaryIO, arrival: Arrival) -> str | None:
        try:
            with own:
                own.seek(0)
                return self._keep(own, arrival)
        except Exception:  # noqa: BLE001 - whatever it is, the answer stands
            _log.exception("what the gate did not allow could not be kept")
            return None

    def _in_thread(self, work: Callable[[], _T]) -> "asyncio.Future[_T]":
        return asyncio.get_running_loop().run_in_executor(self._threads, work)

    def _unchecked(self, name: str, cause: str) -> GateAnswer:
        return answer_of([judge(Examination(name, Status.UNREADABLE, error=cause), ())], self._failure)


def answer_of(
    rows: Sequence[ScanRow], failure: GateFailure, rule: FileRule = by_default, source: str = "gate"
) -> GateAnswer:
    """The answer by the rows of a file's members and its own, of which the gravest decides.

    What the policy blocks is denied: by its rails, only the very bytes of a known item, where they could be read in
    full. What it holds is held for people, and so is what it would have held or blocked, had all of it been read, or
    had it been the very bytes. What it only has people look at, such as a lead, holds nothing up: that is not this
    picture.
    """
    graded = [(_verdict(row, rule(row, source), failure), row) for row in rows]
    verdict, row = max(reversed(graded), key=lambda one: _GRAVITY[one[0]])  # among equals, the file's own
    return GateAnswer(verdict, checked=not any(map(_unseen, rows)), row=row)


_GRAVITY = {GateVerdict.ALLOW: 0, GateVerdict.HOLD: 1, GateVerdict.DENY: 2}
_STOPS = frozenset((Action.HOLD, Action.BLOCK))
_KEPT_BACK = frozenset((INCOMPLETE, NOT_KNOWN))  # not what a detector alone has asked for


def _verdict(row: ScanRow, ruling: Ruling, failure: GateFailure) -> GateVerdict:
    if Action.BLOCK in ruling.actions:
        return GateVerdict.DENY
    stopped = any(one.action in _STOPS and one.why in _KEPT_BACK for one in ruling.withheld)
    if stopped or Action.HOLD in ruling.actions:
        return GateVerdict.HOLD
    undecided = _unseen(row) or any(trace.failed for trace in ruling.rules)
    return GateVerdict.HOLD if undecided and failure is GateFailure.CLOSED else GateVerdict.ALLOW


def _unseen(row: ScanRow) -> bool:
    """Part of it at least was not looked at."""
    return row.decision.degraded or row.decision.outcome in {Outcome.UNCHECKED, Outcome.PARTIAL}
