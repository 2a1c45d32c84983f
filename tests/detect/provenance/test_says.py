"""What the declarations of a manifest amount to: one word on how the file was made."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.detect.provenance.declared import NON_EDITORIAL, Declared, most_telling
from safelight.model.provenance import ManifestAction
from safelight.model.signal import Says
from safelight.model.source_types import SOURCE_TYPES, STRENGTH, strongest
from tests.detect.provenance.signing import IPTC, action

AI = {Says.AI_MADE, Says.AI_EDITED, Says.AI_USED}
MADE, MIXED = "trainedAlgorithmicMedia", "compositeWithTrainedAlgorithmicMedia"


def declared(*actions: dict[str, Any], **more: Any) -> Declared:
    assertions = [{"label": "c2pa.actions.v2", "data": {"actions": list(actions)}}, *more.pop("assertions", [])]
    return Declared({"assertions": assertions, **more})


def says(*actions: dict[str, Any], **ingredients: list[Says]) -> Says:
    lists: dict[str, list[Says]] = {"parents": [], "components": [], "inputs": []}
    return declared(*actions).says(**lists | ingredients)


def metadata(
    value: Any,
    *actions: dict[str, Any],
    version: int = 2,
    created: bool | None = True,
    label: str = "c2pa.metadata",
) -> Declared:
    assertion = {"label": label, "data": {"Iptc4xmpExt:DigitalSourceType": value}, "created": created}
    return declared(*actions, assertions=[assertion], claim_version=version)


class TestSourceTypes:
    def test_exactly_these_are_ai(self) -> None:
        ai = {uri for uri, said in SOURCE_TYPES.items() if said in AI}
        names = [f"cv.iptc.org/newscodes/digitalsourcetype/{name}" for name in (MADE, MIXED, "compositeSynthetic")]
        names.append("c2pa.org/digitalsourcetype/trainedAlgorithmicData")
        assert ai == {f"{scheme}://{name}" for name in names for scheme in ("http", "https")}

    @pytest.mark.parametrize(
        "uri",
        [
            f"{IPTC}algorithmicMedia",
            f"{IPTC}TrainedAlgorithmicMedia",
            f"{IPTC}trainedAlgorithmicMedia/",
            f"{IPTC}trainedAlgorithmicMediaX",
            f"x{IPTC}trainedAlgorithmicMedia",
            "trainedAlgorithmicMedia",
            "http://c2pa.org/digitalsourcetype/trainedAlgorithmicMedia",
        ],
    )
    def test_nothing_that_is_only_like_one_is_ai(self, uri: str) -> None:
        assert says(action("created", digitalSourceType=uri)) not in AI

    @pytest.mark.shared
    def test_every_value_of_the_standard_is_known(self, shared: Path) -> None:
        known = json.loads((shared / "schemas/c2pa_digital_source_types.json").read_text())["values"]
        assert len(known) == 22
        assert set(known) <= set(SOURCE_TYPES)

    def test_strongest(self) -> None:
        assert set(STRENGTH) == set(Says)
        assert strongest([]) is Says.NOTHING
        assert strongest([Says.CAPTURED, Says.AI_EDITED, Says.ALTERED]) is Says.AI_EDITED


class TestSays:
    def test_created_tells_of_the_whole(self) -> None:
        assert says(action("created", MADE)) is Says.AI_MADE
        assert says(action("created", MADE), action("cropped"), action("edited", MIXED)) is Says.AI_MADE
        assert says(action("created", "digitalCapture")) is Says.CAPTURED
        assert says(action("created", "algorithmicMedia")) is Says.DRAWN

    def test_a_later_step_tells_of_a_part(self) -> None:
        assert says(action("created", "digitalCapture"), action("edited", MADE)) is Says.AI_EDITED
        assert says(action("opened"), action("placed", MADE)) is Says.AI_EDITED
        assert says(action("edited", MADE), parents=[Says.NOTHING]) is Says.AI_EDITED

    def test_a_step_tells_of_the_whole_where_nothing_tells_of_an_origin(self) -> None:
        assert says(action("edited", MADE)) is Says.AI_MADE

    def test_white_space_around_a_uri_does_not_hide_it(self) -> None:
        assert says(action("created", f" {IPTC}{MADE}\n")) is Says.AI_MADE

    def test_an_unknown_uri_says_nothing_and_is_kept(self) -> None:
        found = declared(action("created", "http://example.org/magic"))
        assert found.says([], [], []) is Says.NOTHING
        assert found.source_types == ["http://example.org/magic"]

    @pytest.mark.parametrize("name", sorted(NON_EDITORIAL))
    def test_what_changes_no_content_passes_a_parent_s_word_on(self, name: str) -> None:
        step = {"action": name}
        assert says(action("opened"), step, parents=[Says.AI_MADE]) is Says.AI_MADE
        assert says(action("opened"), step, parents=[Says.CAPTURED]) is Says.CAPTURED
        assert says(action("opened", MADE), step) is Says.AI_MADE

    def test_of_an_edited_parent_only_ai_is_left(self) -> None:
        assert says(action("opened"), action("cropped"), parents=[Says.AI_MADE]) is Says.AI_EDITED
        assert says(action("opened"), action("cropped"), parents=[Says.CAPTURED]) is Says.NOTHING
        assert says(action("opened", MADE), action("filtered")) is Says.AI_EDITED

    def test_ingredients_are_parts(self) -> None:
        created = action("created", "digitalCapture")
        assert says(created, action("placed"), components=[Says.AI_MADE]) is Says.AI_EDITED
        assert says(created, action("placed"), components=[Says.AI_USED]) is Says.AI_USED
        assert says(created, action("placed"), components=[Says.DRAWN]) is Says.CAPTURED
        assert says(created, inputs=[Says.AI_MADE]) is Says.AI_USED

    @pytest.mark.parametrize(
        ("version", "created", "counts"), [(2, True, True), (2, False, False), (2, None, False), (1, None, True)]
    )
    def test_metadata_tells_of_the_whole_where_it_is_the_signer_s_word(
        self, version: int, created: bool | None, counts: bool
    ) -> None:
        for value in (IPTC + MADE, [IPTC + MADE], {"@id": IPTC + MADE}):
            found = metadata(value, action("opened"), version=version, created=created)
            assert found.says([], [], []) is (Says.AI_MADE if counts else Says.NOTHING)
            assert found.source_types == ([IPTC + MADE] if counts else [])
        elsewhere = metadata(IPTC + MADE, action("opened"), label="org.example.metadata")
        assert elsewhere.says([], [], []) is Says.NOTHING

    def test_metadata_makes_no_capture_of_what_was_created_otherwise(self) -> None:
        for term in ("screenCapture", "http://c2pa.org/digitalsourcetype/empty"):
            assert metadata(IPTC + "digitalCapture", action("created", term)).says([], [], []) is Says.NOTHING
        for first in (action("created"), action("created", "digitalCapture"), action("created", "http://x/unknown")):
            assert metadata(IPTC + "digitalCapture", first).says([], [], []) is Says.CAPTURED
        assert metadata(IPTC + MADE, action("created", "screenCapture")).says([], [], []) is Says.AI_MADE

    @given(
        st.lists(
            st.tuples(st.sampled_from(["created", "opened", "edited", "placed"]), st.sampled_from([*SOURCE_TYPES]))
        ),
        *[st.lists(st.sampled_from(Says), max_size=3)] * 3,
    )
    def test_ai_is_said_if_and_only_if_it_is_declared_somewhere(
        self, steps: list[tuple[str, str]], parents: list[Says], components: list[Says], inputs: list[Says]
    ) -> None:
        said = declared(*(action(name, uri) for name, uri in steps)).says(parents, components, inputs)
        anywhere = {*(SOURCE_TYPES[uri] for _, uri in steps), *parents, *components, *inputs}
        assert (said in AI) is bool(anywhere & AI)


class TestActions:
    def test_agents_in_every_form(self) -> None:
        data = {
            "softwareAgents": [{"name": "First"}, {"name": "Second", "version": "2"}],
            "actions": [
                {"action": "c2pa.created", "softwareAgent": "Plain 1.0"},
                {"action": "c2pa.edited", "softwareAgent": {"name": "Object", "version": "3"}},
                {"action": "c2pa.edited", "softwareAgentIndex": 1},
                {"action": "c2pa.edited", "softwareAgentIndex": 9},
                {"action": "c2pa.edited", "softwareAgent": ["?"], "when": 7},
            ],
        }
        found = Declared({"assertions": [{"label": "c2pa.actions.v2__1", "data": data}]})
        assert [one.agent for one in found.actions()] == ["Plain 1.0", "Object 3", "Second 2", "", ""]

    def test_templates_declare_and_are_no_actions(self) -> None:
        data = {"actions": [action("opened")], "templates": [action("edited", MADE)]}
        found = Declared({"assertions": [{"label": "c2pa.actions", "data": data}]})
        assert len([*found.actions()]) == 1
        assert found.says([], [], []) is Says.AI_EDITED

    def test_descriptions_are_never_told(self) -> None:
        told = {"description": "words that nobody should read", "prompt": "words that nobody should read"}
        [one] = declared(action("created", description="words", parameters=told)).actions()
        assert "words" not in repr(one)

    def test_claim_generator_in_every_form(self) -> None:
        new, old = [{"name": "New", "version": "2"}], "Old/1.0 c2pa-rs/0.1"
        assert declared(claim_generator_info=new, claim_generator=old).claim_generator == "New 2"
        assert declared(claim_generator=old).claim_generator == old
        assert declared(claim_generator_info=[7], claim_generator=old).claim_generator == old

    json_like = st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=20),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["label", "data", "actions", "action", "digitalSourceType"]), inner)
        ),
        max_leaves=12,
    )

    @given(st.dictionaries(st.sampled_from(["assertions", "claim_generator_info", "claim_generator"]), json_like))
    def test_anything_may_stand_anywhere(self, manifest: dict[str, Any]) -> None:
        found = Declared(manifest)
        assert found.says([], [], []) in Says
        assert isinstance(found.claim_generator, str)


class TestMostTelling:
    def test_short_lists_stay(self) -> None:
        few = [ManifestAction("c2pa.created"), ManifestAction("c2pa.cropped")]
        assert most_telling(few, 2) == tuple(few)

    def test_repetition_hides_nothing(self) -> None:
        names = ["created", *["published"] * 70, "edited", *["cropped"] * 70, "x.unknown"]
        kept = [one.name for one in most_telling(map(ManifestAction, names), 8)]
        assert kept == ["created", *["published"] * 4, "edited", "cropped", "x.unknown"]

    def test_what_is_harmless_goes_first(self) -> None:
        names = [*sorted(NON_EDITORIAL), "c2pa.edited"]
        assert len(names) > 9
        assert [one.name for one in most_telling(map(ManifestAction, names), 1)] == ["c2pa.edited"]
