"""From the reader's JSON to the value: verdicts, the tree of ingredients, and bounds; on JSON written here."""

import json
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.adapter.sandbox.validate_signals import check_signals
from safelight.detect.provenance.checks import FORM, STANDING
from safelight.detect.provenance.details import Told
from safelight.detect.provenance.family import MOST_DEPTH
from safelight.detect.provenance.interpret import LONGEST, interpret
from safelight.detect.provenance.locate import Located
from safelight.detect.provenance.words import in_words
from safelight.model.errors import MediaError
from safelight.model.provenance import CUT, UNCOVERED, Ingredient, ManifestState, Provenance
from safelight.model.scan import Examination, Status
from safelight.model.signal import Place, Says
from tests.detect.provenance.signing import action

BLANK = Provenance(ManifestState.REMOTE_ONLY)
NOW = datetime(2026, 11, 22, tzinfo=UTC)
STORE = Located((Place("PNG caBX", 33, 90),), sure=True)
GOOD = ("claimSignature.validated", "claimSignature.insideValidity", "assertion.dataHash.match")


def status(code: str, label: str = "top", part: str = "c2pa.signature", note: str = "") -> dict[str, str]:
    return {"code": code, "url": f"self#jumbf=/c2pa/{label}/{part}", "explanation": note}


def vouched(label: str = "top", anchors: str = "system_anchors") -> dict[str, str]:
    return status("signingCredential.trusted", label, note=f"trusted, found in [{anchors}] trust anchors")


def manifest(*actions: dict[str, Any], ingredients: tuple[dict[str, Any], ...] = (), **more: Any) -> dict[str, Any]:
    assertion = {"label": "c2pa.actions", "data": {"actions": list(actions)}}
    return {"assertions": [assertion], "ingredients": list(ingredients), **more}


def part(label: str, relationship: str = "componentOf", **more: Any) -> dict[str, Any]:
    return {"title": label, "relationship": relationship, "format": "image/png", "active_manifest": label, **more}


def told(
    manifests: dict[str, Any],
    success: tuple[Any, ...] = (*map(status, GOOD), vouched()),
    failure: tuple[Any, ...] = (),
    informational: tuple[Any, ...] = (),
    deltas: dict[str, list[Any]] | None = None,
    details: dict[str, Any] | None = None,
) -> Provenance:
    results: dict[str, Any] = {
        "activeManifest": {"success": success, "failure": failure, "informational": informational},
        "ingredientDeltas": [{"ingredientAssertionURI": "x", "validationDeltas": deltas or {}}],
    }
    store = {"active_manifest": "top", "manifests": manifests, "validation_results": results}
    return read(store, dict.fromkeys(manifests, details or DETAILS))


def detail(ends: str = "2027-01-01T00:00:00+00:00", start: int = 33, length: int = 57, **more: Any) -> dict[str, Any]:
    """What the long report tells of one manifest of the second version."""
    hashes = {"c2pa.hash.data": {"exclusions": [{"start": start, "length": length}]}}
    signature = {"certificateInfo": {"validity": {"notAfter": ends}}, **more.pop("signature", {})}
    return {"assertions": hashes, "claim.v2": {}, "signature": signature, **more}


DETAILS = detail()


def read(store: Any, details: dict[str, Any]) -> Provenance:
    long = {"manifests": [{"label": label, **one} for label, one in details.items()]}
    return interpret(Told(json.dumps(store), json.dumps(long), NOW), BLANK, b"", STORE)


ALONE = {"top": manifest()}


class TestVerdict:
    def test_good(self) -> None:
        found = told(ALONE)
        assert (found.valid, found.trusted, found.failures) == (True, True, ())

    @pytest.mark.parametrize("missing", [GOOD[0], GOOD[2]])
    def test_nothing_is_valid_by_default(self, missing: str) -> None:
        found = told(ALONE, success=(*(status(code) for code in GOOD if code != missing), vouched()))
        assert (found.valid, found.trusted) == (False, False)

    @pytest.mark.parametrize("code", sorted(STANDING))
    def test_a_signer_s_standing_touches_trust_only(self, code: str) -> None:
        found = told(ALONE, failure=(status(code),))
        assert (found.valid, found.trusted) == (True, False)

    @pytest.mark.parametrize("code", sorted(FORM))
    def test_so_does_bad_form(self, code: str) -> None:
        found = told(ALONE, failure=(status(code),))
        assert (found.valid, found.trusted) == (True, False)

    @pytest.mark.parametrize("code", ["claimSignature.mismatch", "assertion.dataHash.mismatch", "never.heard.of", ""])
    def test_any_other_failure_breaks_it(self, code: str) -> None:
        found = told(ALONE, failure=(status(code),))
        assert (found.valid, found.trusted) == (False, False)

    def test_a_failure_that_only_a_delta_tells_breaks_it(self) -> None:
        found = told(ALONE, deltas={"failure": [status("ingredient.manifest.mismatch", "other")]})
        assert found.valid is False

    def test_identities_are_not_looked_at(self) -> None:
        found = told(ALONE, failure=(status("cawg.x509.credential.untrusted"),))
        assert (found.valid, found.trusted) == (True, True)

    def test_vouching_for_another_manifest_or_by_other_anchors_is_none(self) -> None:
        for other in (vouched("ingredient"), vouched(anchors="user_anchors")):
            assert told(ALONE, success=(*map(status, GOOD), other)).trusted is False

    def test_a_time_stamp_is_told_when_it_fits(self) -> None:
        signed = {"top": manifest(signature_info={"time": "2025-01-02T03:04:05+00:00"})}
        good = (*map(status, GOOD), vouched())
        assert told(signed).signed_at == ""
        stamped = told(signed, success=(*good, status("timeStamp.validated"), status("timeStamp.trusted")))
        assert (stamped.signed_at, stamped.failures) == ("2025-01-02T03:04:05+00:00", ())

    def test_a_time_stamp_that_the_sdk_takes_on_its_word_is_said_to_be_that(self) -> None:
        legacy = status("timeStamp.trusted", note="legacy timestamp cert trusted: Anybody")
        found = told(ALONE, success=(*map(status, GOOD), vouched(), legacy))
        assert [failure.code for failure in found.failures] == ["timeStamp.untrusted"]
        assert (found.valid, found.trusted) == (True, True)

    def test_only_a_time_stamp_that_is_vouched_for_excuses_a_certificate_that_has_run_out(self) -> None:
        stamp = status("timeStamp.validated")
        trusted = status("timeStamp.trusted", note="timestamp cert trusted: A Maker")
        legacy = status("timeStamp.trusted", note="legacy timestamp cert trusted: Anybody")
        ended = detail("2026-01-01T00:00:00Z", signature={"timeStampInfo": {"timestamp": "2025-01-02T03:04:05+00:00"}})
        signed = {"top": manifest(signature_info={"time": "2025-01-02T03:04:05+00:00"})}
        good = (*map(status, GOOD), vouched())
        found = told(signed, success=(*good, stamp, trusted), details=ended)
        assert (found.valid, found.trusted, found.failures) == (True, True, ())
        assert found.signed_at == "2025-01-02T03:04:05+00:00"
        found = told(signed, success=(*good, stamp, legacy), details=ended)
        assert (found.valid, found.trusted, found.signed_at) == (True, False, "")
        assert [failure.code for failure in found.failures] == ["timeStamp.untrusted", "signingCredential.expired"]
        said = "said to be signed at 2025-01-02T03:04:05+00:00, by nobody we know"
        assert found.failures[0].words.endswith(said)
        found = told(signed, success=good, failure=(status("signingCredential.expired"),), details=ended)
        assert [failure.code for failure in found.failures] == ["signingCredential.expired"]

    @pytest.mark.parametrize("ends", ["", "soon", "2026-11-21T23:59:59", "2026-11-22T00:59:59+01:00"])
    def test_an_end_that_is_past_or_not_told(self, ends: str) -> None:
        assert told(ALONE, details=detail(ends)).trusted is False

    def test_what_a_hash_leaves_out_besides_the_store(self) -> None:
        found = told(ALONE, details=detail(start=32, length=58))
        assert (found.valid, found.trusted) == (False, False)
        assert [failure.code for failure in found.failures] == [UNCOVERED]

    def test_what_weakens_is_told_and_what_is_usual_is_not(self) -> None:
        weak = status("assertion.dataHash.additionalExclusionsPresent", part="c2pa.assertions/c2pa.hash.data")
        usual = (status("signingCredential.ocsp.skipped"), status("assertion.bmffHash.additionalExclusionsPresent"))
        [failure] = told(ALONE, informational=(weak, *usual)).failures
        assert failure.subject == "the assertion c2pa.hash.data of this file"
        assert "may have been changed" in failure.words

    def test_an_unknown_code_stands_for_itself(self) -> None:
        assert in_words("never.heard.of") == "never.heard.of"


class TestFamily:
    def tree(self, **recorded: Any) -> dict[str, Any]:
        return {
            "top": manifest(action("created", "digitalCreation"), ingredients=(part("a", **recorded),)),
            "a": manifest(action("created", "trainedAlgorithmicMedia"), title="A"),
        }

    def ingredient(self, now: dict[str, list[Any]], **recorded: Any) -> Ingredient:
        [found] = told(self.tree(**recorded), deltas=now).ingredients
        return found

    def test_what_is_checked_now(self) -> None:
        now = {"success": [status("claimSignature.validated", "a"), vouched("a")]}
        assert (self.ingredient(now).valid, self.ingredient(now).trusted) == (True, True)
        now["failure"] = [status("signingCredential.untrusted", "a")]
        assert (self.ingredient(now).valid, self.ingredient(now).trusted) == (True, False)

    def test_what_was_recorded_and_is_so_still(self) -> None:
        recorded = {
            "activeManifest": {"success": [status("claimSignature.validated", "a"), vouched("a", "their list")]}
        }
        found = self.ingredient({}, validation_results=recorded)
        assert (found.valid, found.trusted) == (True, True)

    def test_a_record_cannot_hide_what_fails(self) -> None:
        good = [status("claimSignature.validated", "a"), vouched("a")]
        bad = [status("claimSignature.mismatch", "a"), status("signingCredential.untrusted", "a")]
        both = {"activeManifest": {"success": good, "failure": bad}}
        for now, recorded in (({}, both), ({"failure": bad}, {"activeManifest": {"success": good}})):
            found = self.ingredient(now, validation_results=recorded)
            assert (found.valid, found.trusted) == (False, False)

    def test_a_record_by_anchors_that_vouch_for_no_signer(self) -> None:
        record = [status("claimSignature.validated", "a"), vouched("a", "user_anchors")]
        found = self.ingredient({}, validation_results={"activeManifest": {"success": record}})
        assert (found.valid, found.trusted) == (True, False)

    def test_a_stranger_s_record_makes_nothing_trusted(self) -> None:
        record = [status("claimSignature.validated", "a"), vouched("a")]
        tree = self.tree(validation_results={"activeManifest": {"success": record}})
        [found] = told(tree, success=tuple(map(status, GOOD))).ingredients
        assert (found.valid, found.trusted) == (True, False)

    def test_an_ingredient_s_certificate_may_have_run_out(self) -> None:
        record = [status("claimSignature.validated", "a"), vouched("a"), status("timeStamp.trusted", "a")]
        first = {**detail("2026-01-01T00:00:00Z"), "claim": {}}
        del first["claim.v2"]
        good = (*map(status, GOOD), vouched(), status("timeStamp.validated"), status("timeStamp.trusted"))
        for details, trusted in ((detail("2026-01-01T00:00:00Z"), True), (first, False)):
            tree = self.tree(validation_results={"activeManifest": {"success": record}})
            [found] = told(tree, success=good, details=details).ingredients
            assert found.trusted is trusted

    def test_a_record_of_the_old_form(self) -> None:
        now = {"success": [status("claimSignature.validated", "a")]}
        assert self.ingredient(now, validation_status=[status("claimSignature.mismatch", "a")]).valid is False
        assert self.ingredient(now, validation_status=[status("assertion.dataHash.match", "a")]).valid is True

    def test_subjects_tell_that_it_is_an_ingredient(self) -> None:
        found = told(self.tree(), deltas={"failure": [status("claimSignature.mismatch", "a")]})
        assert [failure.subject for failure in found.failures] == ["the signature of an ingredient"]

    def test_a_manifest_that_is_its_own_ancestor(self) -> None:
        loop = {
            "top": manifest(action("opened"), ingredients=(part("a", "parentOf"),)),
            "a": manifest(action("opened"), ingredients=(part("top", "parentOf"), part("a", "parentOf"))),
        }
        found = told(loop)
        assert found.says is Says.NOTHING
        assert [one.depth for one in found.ingredients] == [1, 2, 2]

    def test_depth_and_number_are_bounded(self) -> None:
        """Each names the next three times: walked naively, a store of forty manifests has 3**40 ingredients."""
        wide = {str(n): manifest(ingredients=tuple(part(str(n + 1)) for _ in range(3))) for n in range(40)}
        found = told({"top": manifest(ingredients=(part("0"),)), **wide})
        assert max(one.depth for one in found.ingredients) == MOST_DEPTH
        assert len(found.ingredients) == 40
        assert found.failures[-1].code == CUT

    def test_ai_far_down_is_said(self) -> None:
        chain = {str(n): manifest(action("created"), ingredients=(part(str(n + 1)),)) for n in range(6)}
        last = {"6": manifest(action("created", "trainedAlgorithmicMedia"))}
        assert (
            told({"top": manifest(action("created"), ingredients=(part("0"),)), **chain, **last}).says is Says.AI_EDITED
        )

    def test_an_unknown_relationship_is_a_part(self) -> None:
        odd = {**self.tree(), "top": manifest(action("created"), ingredients=(part("a", "friendOf"),))}
        found = told(odd)
        assert (found.says, found.ingredients[0].relationship) == (Says.AI_EDITED, "componentOf")

    @pytest.mark.parametrize(
        "told_of_it", [{"format": "text/plain"}, {"data_types": [{"type": "c2pa.types.generator.prompt"}]}]
    )
    def test_a_prompt_s_title_is_not_told(self, told_of_it: dict[str, Any]) -> None:
        asked = part("words that nobody should read", "inputTo", **told_of_it)
        found = told({"top": manifest(ingredients=(asked,))})
        assert "words" not in repr(found)


class TestBounds:
    def test_a_manifest_that_talks_without_end(self) -> None:
        long = "w" * 600
        steps = [action(long, long + str(n), softwareAgent=long, when=long, description=long) for n in range(500)]
        parts = tuple(part(f"{n}", title=long) for n in range(300))
        many = {
            "top": manifest(*steps, ingredients=parts, title=long),
            **{f"{n}": manifest(*steps[:50]) for n in range(300)},
        }
        found = told(many, failure=tuple(status(f"{long}{n}") for n in range(500)))
        words = sum(map(len, _words(msgspec.to_builtins(found))))
        assert words < LONGEST + 4096 < 32 << 10
        assert found.failures[-1].code == CUT
        assert found.says is Says.NOTHING
        check_signals(Examination("x", Status.OK, provenance=found))

    def test_many_short_things(self) -> None:
        parts = tuple(part(f"{n}") for n in range(300))
        few = {f"{n}": manifest(*(action("x", f"u:{m}") for m in range(30))) for n in range(300)}
        steps = [action("y", f"v:{n}") for n in range(3000)]
        found = told(
            {"top": manifest(*steps, ingredients=parts), **few}, failure=tuple(status(f"{n}") for n in range(500))
        )
        check_signals(Examination("x", Status.OK, provenance=found))
        assert found.failures[-1].code == CUT

    json_like = st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=20),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
        max_leaves=8,
    )
    names = st.sampled_from(["ingredients", "assertions", "signature_info", "title", "active_manifest", "relationship"])

    @given(st.dictionaries(names, json_like), json_like, json_like)
    def test_anything_may_stand_anywhere(self, one: dict[str, Any], checks: Any, other: Any) -> None:
        store = {"active_manifest": "a", "manifests": {"a": {"x": 1, **one}, "b": other}, "validation_results": checks}
        found = read(store, {})
        assert (found.state, found.valid) == (ManifestState.EMBEDDED, False)
        check_signals(Examination("x", Status.OK, provenance=found))

    def test_no_active_manifest(self) -> None:
        for store in ({}, {"active_manifest": "a"}, {"active_manifest": "a", "manifests": {"b": manifest()}}):
            with pytest.raises(MediaError, match="makes no sense"):
                read(store, {})


def _words(told: Any) -> list[str]:
    if isinstance(told, str):
        return [told]
    inner = told.values() if isinstance(told, dict) else told if isinstance(told, (list, tuple)) else ()
    return [word for one in inner for word in _words(one)]
