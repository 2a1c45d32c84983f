"""docs/results.md says exactly what the outputs hold: no field, column or value more or less."""

import dataclasses
import json
import re
from enum import StrEnum
from pathlib import Path

import pyarrow as pa
import pytest

from safelight.adapter.outputs.parquet import SCHEMA
from safelight.model.assessment import Artificialness, Assessment, Reason, Strength
from safelight.model.clip import Still
from safelight.model.codec import from_json
from safelight.model.decision import Action, Decision, Outcome, RuleTrace
from safelight.model.derivation import EvidencePart
from safelight.model.fingerprint import DIHEDRAL, View
from safelight.model.hint import Hint, HintVerdict
from safelight.model.match import Match, MatchKind
from safelight.model.provenance import Failure, Ingredient, ManifestAction, ManifestState, Provenance
from safelight.model.region import AlteredRegion, RegionBasis
from safelight.model.scan import RESULT_SCHEMA, BankUse, ScanRow, ScanSummary, Status, TierUse
from safelight.model.segment import RegionAt, Segment
from safelight.model.signal import Forgeable, Place, Rule, RuleStatus, Says, Signal, SignalKind, SignalRequest, Withheld
from safelight.policy.assess_rules import AUTHORITIES

PAGE = (Path(__file__).parents[3] / "docs" / "results.md").read_text(encoding="utf-8")


def documented(heading: str) -> list[tuple[str, str]]:
    """Name and second column of each line of the first table under a heading."""
    sections = re.split(r"^#+ (.+)$", PAGE, flags=re.MULTILINE)
    text = dict(zip(sections[1::2], sections[2::2], strict=True))[heading]
    return re.findall(r"^\| `(\w+)` \| ([^|]+?) \|", text, flags=re.MULTILINE)


@pytest.mark.parametrize(
    ("heading", "kind"),
    [
        ("A row", ScanRow),
        ("A decision", Decision),
        ("A rule", RuleTrace),
        ("A match", Match),
        ("A part of the evidence", EvidencePart),
        ("An altered region", AlteredRegion),
        ("A segment", Segment),
        ("A region in time", RegionAt),
        ("A still", Still),
        ("A signal", Signal),
        ("A place", Place),
        ("A rule of a signal", Rule),
        ("A withheld text", Withheld),
        ("Provenance", Provenance),
        ("An action of a manifest", ManifestAction),
        ("A failure", Failure),
        ("An ingredient", Ingredient),
        ("A hint", Hint),
        ("An assessment", Assessment),
        ("A reason", Reason),
        ("summary.json", ScanSummary),
        ("A bank as it was used", BankUse),
        ("A tier as it was used", TierUse),
        ("What was looked for", SignalRequest),
    ],
)
def test_every_field_is_documented(heading: str, kind: type) -> None:
    assert [name for name, _ in documented(heading)] == [field.name for field in dataclasses.fields(kind)]


@pytest.mark.parametrize(
    ("heading", "kind"),
    [
        ("Status", Status),
        ("Outcome", Outcome),
        ("Action", Action),
        ("Kind", MatchKind),
        ("View", View),
        ("Basis", RegionBasis),
        ("Kind of signal", SignalKind),
        ("What is said", Says),
        ("Who could forge it", Forgeable),
        ("State of a manifest", ManifestState),
        ("Verdict of a detector", HintVerdict),
        ("Artificialness", Artificialness),
        ("Strength", Strength),
    ],
)
def test_every_value_is_documented(heading: str, kind: type[StrEnum]) -> None:
    assert [name for name, _ in documented(heading)] == [member.value for member in kind]


def test_every_dihedral_name_is_documented() -> None:
    line = next(line for line in PAGE.splitlines() if line.startswith("| `dihedral` |"))
    assert tuple(re.findall(r"`(\w+)`", line)[1:]) == DIHEDRAL


def test_every_column_is_documented_with_its_type() -> None:
    assert documented("results.parquet") == [(field.name, type_name(field.type)) for field in SCHEMA]


def type_name(kind: pa.DataType) -> str:
    if pa.types.is_list(kind):
        return f"list of {'struct' if pa.types.is_struct(kind.value_type) else kind.value_type}"
    return "struct" if pa.types.is_struct(kind) else str(kind)


@pytest.mark.parametrize(
    ("column", "kind"),
    [
        ("rules", RuleTrace),
        ("matches", Match),
        ("signals", Signal),
        ("assessment_reasons", Reason),
        ("strip", Still),
    ],
)
def test_nested_columns_have_the_fields_of_their_values(column: str, kind: type) -> None:
    nested = SCHEMA.field(column).type.value_type
    assert [field.name for field in nested] == [field.name for field in dataclasses.fields(kind)]


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("provenance", Provenance),
        ("provenance.actions", ManifestAction),
        ("provenance.failures", Failure),
        ("provenance.ingredients", Ingredient),
        ("provenance.ingredients.actions", ManifestAction),
        ("provenance.places", Place),
        ("hint", Hint),
        ("signals.places", Place),
        ("signals.rule", Rule),
        ("signals.withheld", Withheld),
        ("matches.segments", Segment),
        ("matches.segments.track", RegionAt),
        ("matches.segments.track.region", AlteredRegion),
    ],
)
def test_structs_have_the_fields_of_their_values(path: str, kind: type) -> None:
    first, *rest = path.split(".")
    struct = SCHEMA.field(first).type
    for name in (*rest, None):
        struct = struct.value_type if pa.types.is_list(struct) else struct
        struct = struct if name is None else struct.field(name).type
    assert [field.name for field in struct] == [field.name for field in dataclasses.fields(kind)]


def test_both_states_of_a_rule_are_documented() -> None:
    (line,) = (line for line in PAGE.splitlines() if line.startswith("| `status` | string |") and "unverified" in line)
    assert all(f"`{status}`" in line for status in RuleStatus)


def test_every_source_of_a_reason_is_documented() -> None:
    (line,) = (line for line in PAGE.splitlines() if line.startswith("| `source` |") and "match" in line)
    assert set(re.findall(r"`(\w+)`", line)[1:]) == {a.source for a in AUTHORITIES.values()} | {"hint"}


def test_nested_parts_of_a_match_have_the_fields_of_their_values() -> None:
    match = SCHEMA.field("matches").type.value_type
    region, part = match.field("altered_region").type, match.field("parts").type.value_type
    assert [field.name for field in region] == [field.name for field in dataclasses.fields(AlteredRegion)]
    assert [field.name for field in part] == [field.name for field in dataclasses.fields(EvidencePart)]


def test_the_example_of_a_derivative_is_a_match() -> None:
    example = re.search(r"```\{code-block\} json\n(.+?)```", PAGE, flags=re.DOTALL)
    assert example is not None
    match = from_json(example[1], Match)
    assert match.kind is MatchKind.DERIVATIVE
    assert match.log_ratio == sum(part.nats for part in match.parts)
    assert list(json.loads(example[1])) == [field.name for field in dataclasses.fields(Match)]


def test_the_example_of_a_segment_is_one() -> None:
    example = re.search(r"```\{code-block\} json\n:class: segment\n(.+?)```", PAGE, flags=re.DOTALL)
    assert example is not None
    segment = from_json(example[1], Segment)
    assert segment.query_end - segment.query_start == segment.source_end - segment.source_start
    assert list(json.loads(example[1])) == [field.name for field in dataclasses.fields(Segment)]


def test_the_example_is_a_row_of_this_version() -> None:
    example = re.search(r"```json\n(.+?)```", PAGE, flags=re.DOTALL)
    assert example is not None
    row = from_json(example[1], ScanRow)
    assert row.schema == RESULT_SCHEMA
    fields = [field.name for field in dataclasses.fields(ScanRow)]
    assert list(json.loads(example[1])) == fields
    assert list(json.loads(example[1])["matches"][0]) == [field.name for field in dataclasses.fields(Match)]
    assert f"`schema` is **{RESULT_SCHEMA}**" in PAGE
