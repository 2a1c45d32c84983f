"""X-ARF: valid by the package's schemas and by the specification's, honest about method, silent about media."""

import json
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker  # type: ignore[import-untyped]  # it ships no types
from referencing import Registry, Resource

from safelight.model.assessment import Artificialness
from safelight.model.case_events import Answer, Classification, Verdict
from safelight.model.closing_events import CaseReport
from safelight.model.decision import Outcome
from safelight.model.dossier import Dossier, Marked
from safelight.model.errors import DocumentError
from safelight.model.filing import Body, Reporter
from safelight.model.takedown import Place
from safelight.report.closing.example import DOCUMENT_ID, example
from safelight.report.closing.xarf import check, xarf
from tests.report.closing.dossiers import AT, located

MANY = settings(max_examples=200, deadline=None, suppress_health_check=[*HealthCheck])


def made(dossier: Dossier, marked: Marked | None = None) -> dict[str, Any]:
    place = dossier.places[0]
    return xarf(dossier, place.item, place, DOCUMENT_ID, AT, marked)


@MANY
@given(located)
def test_every_report_is_valid(dossier: Dossier) -> None:
    """`xarf` holds it against the package's schemas by itself; here also the formats."""
    report = made(dossier)
    assert report["classification"] == dossier.classification
    assert "evidence" not in report
    assert report["url"].isascii()


@pytest.mark.shared
@MANY
@given(dossier=located)
def test_every_report_is_valid_by_the_specification(shared: Path, dossier: Dossier) -> None:
    assert [error.message for error in _specification(shared).iter_errors(made(dossier))] == []


@cache
def _specification(shared: Path) -> Draft202012Validator:
    files = [json.loads(file.read_text()) for file in (shared / "schemas" / "xarf").rglob("*.json")]
    registry: Registry[Any] = Registry().with_resources(
        [(one["$id"], Resource.from_contents(one)) for one in files if "$id" in one]
    )
    schema = next(one for one in files if one.get("$id", "").endswith("content-csam.json"))
    return Draft202012Validator(schema, registry=registry, format_checker=FormatChecker())


@pytest.mark.parametrize(
    ("level", "tags"),
    [
        (Artificialness.FULLY_SYNTHETIC, ["csam:ai-generated"]),
        (Artificialness.PARTIALLY_ALTERED, ["csam:ai-altered"]),
        (Artificialness.HYBRID, ["csam:ai-altered"]),
        (Artificialness.MINIMALLY_MODIFIED, None),
        (Artificialness.CAMERA_ORIGINAL, None),
        (Artificialness.UNKNOWN, None),
    ],
)
def test_tag_says_how_it_was_made(level: Artificialness, tags: list[str] | None) -> None:
    assert made(replace(example(), artificialness=level)).get("tags") == tags


@pytest.mark.parametrize(
    ("found", "method"),
    [
        (Outcome.KNOWN, "hash_match"),
        (Outcome.NEAR, "hash_match"),
        (Outcome.DERIVED, "automated_scan"),
        (Outcome.LEAD, "automated_scan"),
        (Outcome.CLEAR, "manual_review"),
        (Outcome.UNCHECKED, "manual_review"),
        (Outcome.SUPPRESSED, "manual_review"),
    ],
)
def test_method_is_the_true_one(found: Outcome, method: str) -> None:
    case = example()
    items = tuple(replace(item, found=found) for item in case.items)
    assert made(replace(case, items=items))["detection_method"] == method


@given(located, st.sampled_from(["one", "two"]))
def test_baseline_only_when_people_of_two_agencies_say_so(dossier: Dossier, agencies: str) -> None:
    assert made(dossier)["classification"] != "baseline"
    said = Marked(agencies=("Agency", "Another") if agencies == "two" else ("Agency",))
    synthetic = dossier.artificialness is Artificialness.FULLY_SYNTHETIC or dossier.real_victim is Answer.NO
    if agencies == "one" or synthetic:
        with pytest.raises(DocumentError, match="Interpol"):
            made(dossier, said)
    else:
        assert made(dossier, said)["classification"] == "baseline"


@pytest.mark.parametrize("classification", [Classification.OTHER, Classification.NONE])
def test_no_report_without_a_class_that_the_format_knows(classification: Classification) -> None:
    with pytest.raises(DocumentError, match="A1, A2, B1"):
        made(replace(example(), classification=classification))


@pytest.mark.parametrize("verdict", [None, Verdict.UNSURE, Verdict.NOT_ABUSE])
def test_no_report_about_what_is_not_confirmed(verdict: Verdict | None) -> None:
    with pytest.raises(DocumentError, match="not confirmed"):
        made(replace(example(), verdict=verdict))


def test_no_report_without_a_reporter() -> None:
    with pytest.raises(DocumentError, match="SAFELIGHT_CONTACT"):
        made(replace(example(), reporter=Reporter("", "")))


def test_number_of_a_test_system_is_no_reference() -> None:
    case = example()
    assert "ncmec_report_id" not in made(case)
    real = CaseReport("f", Body.NCMEC, "77", AT, tuple(item.id for item in case.items), production=True)
    assert made(replace(case, reports=(real,)))["ncmec_report_id"] == "77"


@pytest.mark.parametrize(
    ("place", "removed"),
    [(Place.PRESENT, False), (Place.ALTERED, False), (Place.GONE, True), (Place.SILENT, None), (Place.BARRED, None)],
)
def test_removed_is_said_only_of_what_was_seen(place: Place, removed: bool | None) -> None:
    case = example()
    at = replace(case.places[0], place=place)
    assert made(replace(case, places=(at,))).get("content_removed") is removed


def test_what_the_schema_refuses_is_not_given_to_anybody() -> None:
    with pytest.raises(DocumentError, match="X-ARF report is not valid"):
        check(made(example()) | {"detection_method": "a guess"})
