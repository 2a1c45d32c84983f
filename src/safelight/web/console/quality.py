"""How far people agree, and cases of which the answer is known, to be decided by others without media."""

from collections.abc import Iterable
from datetime import datetime

from safelight.flow.agreement import Agreement, agreement
from safelight.model.case import Case, Finding
from safelight.report.words import OUTCOMES
from safelight.web.console.models import GivenAnswer, KnownAnswer, SecondDecision


def answer_text(finding: Finding) -> str:
    """A finding as agreement counts it."""
    return f"{finding.verdict} {finding.classification}"


def question_for(person: str) -> KnownAnswer | None:
    """A known answer that this person has not given yet; None when there is none."""
    return KnownAnswer.objects.filter(active=True).exclude(given__person=person).order_by("?").first()


def make_question(case: Case, facts: Iterable[tuple[str, str]]) -> bool:
    """Keep a decided case as a known answer: its facts, never its media. False when it was kept already."""
    assert case.finding is not None
    outcomes = sorted({OUTCOMES[item.outcome] for item in case.items})
    first = [("Outcome", ", ".join(outcomes)), ("Reason", case.reason), ("Items", str(len(case.items)))]
    made = {"facts": [*first, *facts], "answer": answer_text(case.finding)}
    return KnownAnswer.objects.get_or_create(case=case.id, defaults=made)[1]


def give_answer(question: KnownAnswer, person: str, finding: Finding, at: datetime) -> bool:
    """Keep what somebody answered, the first time; return whether it is the known answer."""
    given, _ = GivenAnswer.objects.get_or_create(
        question=question, person=person, defaults={"answer": answer_text(finding), "at": at}
    )
    return bool(given.answer == question.answer)


def keep_second(case: str, proposal: int, first: Finding, second: Finding, at: datetime) -> None:
    """Keep what two people found of one case."""
    SecondDecision.objects.get_or_create(
        case=case,
        proposal=proposal,
        defaults={"first": answer_text(first), "second": answer_text(second), "at": at},
    )


def agreement_of_two() -> Agreement:
    """Of first and second decisions."""
    return agreement(list(SecondDecision.objects.values_list("first", "second")))


def agreement_with_known(person: str | None = None) -> Agreement:
    """Of answers with the known ones: of one person, or of all."""
    given = GivenAnswer.objects.all() if person is None else GivenAnswer.objects.filter(person=person)
    return agreement(list(given.values_list("question__answer", "answer")))


def answering_people() -> int:
    """How many people have decided known answers."""
    return GivenAnswer.objects.values("person").distinct().count()
