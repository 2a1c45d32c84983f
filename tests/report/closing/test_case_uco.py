"""CASE/UCO: every document conforms to the ontologies' shapes, and uses terms that the CAC ontology has."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from case_utils.case_validate import validate
from hypothesis import HealthCheck, Phase, given, seed, settings

from safelight.model.assessment import Artificialness
from safelight.model.case_events import Answer
from safelight.model.dossier import Dossier
from safelight.report.closing.case_uco import CONTEXT, case_document, case_uco
from safelight.report.closing.example import example
from tests.report.closing.dossiers import AT, dossiers

pytestmark = [
    pytest.mark.filterwarnings("ignore:ConjunctiveGraph:DeprecationWarning"),  # of rdflib, in its own parser
    pytest.mark.filterwarnings(
        "ignore:.*Use files\\(\\) instead:DeprecationWarning"
    ),  # of case_utils, in its own loader
]

FEW, MANY, TOGETHER = 4, 120, 24
"""Cases that are generated; and how many are one graph, as checking takes more than proportionally longer."""


def conforms(cases: list[Dossier], folder: Path) -> str:
    """Why these cases, as one graph, do not conform; empty when they do."""
    files = []
    for number, case in enumerate(cases):
        file = folder / f"{number}.jsonld"
        file.write_bytes(case_document(case, AT).content)
        files.append(str(file))
    result = validate(files, case_version="case-1.4.0", inference="none", allow_infos=True)
    assert not result.undefined_concepts
    return "" if result.conforms else str(result.text)


def generated(number: int) -> list[Dossier]:
    found: list[Dossier] = []

    @seed(7)
    @settings(
        max_examples=number, phases=[Phase.generate], database=None, suppress_health_check=[*HealthCheck], deadline=None
    )
    @given(dossiers())
    def collect(case: Dossier) -> None:
        found.append(replace(case, case=f"{case.case}-{len(found)}"))  # each is a graph of its own

    collect()
    return found


def test_documents_conform_to_the_ontologies(tmp_path: Path) -> None:
    assert conforms([example(), *generated(FEW)], tmp_path) == ""


@pytest.mark.soak
def test_many_documents_conform_to_the_ontologies(tmp_path: Path) -> None:
    cases = generated(MANY)
    assert len(cases) >= 100
    flaws = [conforms(cases[first : first + TOGETHER], tmp_path) for first in range(0, len(cases), TOGETHER)]
    assert flaws == [""] * (MANY // TOGETHER)


def test_what_does_not_conform_is_found(tmp_path: Path) -> None:
    """That the check checks: a size that is a text."""
    document = json.loads(case_document(example(), AT).content)
    files(document)[0]["uco-core:hasFacet"]["uco-observable:sizeInBytes"] = "many"
    (tmp_path / "0.jsonld").write_text(json.dumps(document))
    result = validate(str(tmp_path / "0.jsonld"), case_version="case-1.4.0", inference="none", allow_infos=True)
    assert not result.conforms


def files(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [node for node in document["@graph"] if "uco-observable:File" in node["@type"]]


@pytest.mark.parametrize(
    ("level", "victim", "kind", "said"),
    [
        (Artificialness.FULLY_SYNTHETIC, Answer.NO, "cac:SyntheticMediaCSAM", False),
        (Artificialness.FULLY_SYNTHETIC, Answer.UNKNOWN, "cac:SyntheticMediaCSAM", None),
        (Artificialness.HYBRID, Answer.YES, "cac:HybridCSAM", True),
        (Artificialness.PARTIALLY_ALTERED, Answer.YES, "cac:DeepfakeCSAM", True),
        (Artificialness.PARTIALLY_ALTERED, Answer.UNKNOWN, "cac:AIAlteredCSAM", None),
        (Artificialness.CAMERA_ORIGINAL, Answer.YES, None, None),
        (Artificialness.UNKNOWN, Answer.UNKNOWN, None, None),
    ],
)
def test_cac_terms_say_what_was_found(
    level: Artificialness, victim: Answer, kind: str | None, said: bool | None
) -> None:
    nodes = files(case_uco(replace(example(), artificialness=level, real_victim=victim), AT))
    altered = nodes[1]
    assert altered["@type"] == (["uco-observable:File", kind] if kind else "uco-observable:File")
    assert altered.get("cac:realVictimDepicted") is said
    assert altered.get("cac:artificialnessLevel") == (level if kind else None)


@pytest.mark.shared
def test_terms_are_those_of_the_cac_ontology(shared: Path) -> None:
    ontology = (shared / "schemas" / "cacontology-ai-csam.ttl").read_text()
    assert f"@prefix cacontology-ai: <{CONTEXT['cac']}> ." in ontology
    used = set[str]()
    for level in Artificialness:
        for victim in Answer:
            document = json.dumps(case_uco(replace(example(), artificialness=level, real_victim=victim), AT)["@graph"])
            used |= set(re.findall(r'"cac:(\w+)"', document))
    assert len(used) == 6
    assert {term for term in used if f"cacontology-ai:{term} rdf:type owl:" not in ontology} == set()


def test_nobody_is_named_but_the_organisation() -> None:
    document = case_uco(example(), AT)
    people = [node for node in _nodes(document) if "Person" in str(node["@type"])]
    assert people == []
    assert [node["uco-core:name"] for node in _nodes(document) if node["@type"] == "uco-identity:Organization"] == [
        example().reporter.organisation
    ]


def _nodes(document: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = document["@graph"]
    return found
