"""The three answers: what is declared, whether it holds, who vouches; on drawings signed here."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import c2pa
import pytest

from safelight.detect.buffer import Buffer
from safelight.detect.provenance import read_provenance, sdk
from safelight.detect.provenance.details import Told
from safelight.detect.provenance.read import warm_up
from safelight.model.provenance import CUT, Failure, Ingredient, ManifestAction, ManifestState, Provenance, TrustList
from safelight.model.signal import Says
from safelight.policy.assess import assess
from tests.detect.provenance.signing import (
    FLAC,
    IPTC,
    MP3,
    NOBODY,
    SVG,
    Authority,
    Maker,
    action,
    authority,
    avi,
    drawing,
    jxl,
    maker,
    sign,
    video,
)

CREATED = action("created", "trainedAlgorithmicMedia")


def read(data: bytes, trust: TrustList = NOBODY, mime: str = "image/jpeg") -> Provenance:
    found = read_provenance(data, mime, trust)
    assert found is not None
    return found


def codes(found: Provenance) -> list[str]:
    return [failure.code for failure in found.failures]


class TestThreeAnswers:
    def test_all_that_is_told(self, made: bytes, root: Authority) -> None:
        found = read(made, root.trust)
        assert found.state is ManifestState.EMBEDDED
        assert found.says is Says.AI_MADE
        assert found.source_types == (f"{IPTC}trainedAlgorithmicMedia",)
        assert found.actions == (ManifestAction("c2pa.created", f"{IPTC}trainedAlgorithmicMedia", "Painter 3"),)
        assert (found.claim_generator, found.title) == ("Drawing Program 2.1", "a title of 7 characters, withheld")
        assert (found.signer, found.issuer, found.signed_at) == ("Ida Signer", "Makers of Drawings", "")
        assert (found.valid, found.trusted, found.failures, found.cause) == (True, True, (), "")
        assert (found.trust_list, found.trust_as_of) == ("a test's own", "2026-01-01")
        [place] = found.places
        assert made[place.start : place.start + 2] == b"\xff\xeb"
        assert made[place.end : place.end + 2] == b"\xff\xdb"

    def test_a_signer_nobody_vouches_for_is_valid_and_not_trusted(self, made: bytes) -> None:
        found = read(made)
        assert (found.valid, found.trusted, found.says) == (True, False, Says.AI_MADE)
        assert found.failures == (
            Failure(
                "signingCredential.untrusted",
                "nobody on the trust list vouches for the signer",
                "the signature of this file",
            ),
        )

    def test_another_authority_of_the_same_name_vouches_for_nobody(self, made: bytes) -> None:
        assert read(made, authority().trust).trusted is False

    def test_an_authority_of_time_stamps_vouches_for_no_signer(self, made: bytes, root: Authority) -> None:
        stamps_only = replace(root.trust, anchors="", time_anchors=root.pem, sha256="stamps only")
        found = read(made, stamps_only)
        assert (found.valid, found.trusted) == (True, False)

    def test_one_changed_pixel(self, made: bytes, root: Authority) -> None:
        changed = bytearray(made)
        changed[-10] ^= 1
        found = read(bytes(changed), root.trust)
        assert (found.valid, found.trusted, found.says) == (False, False, Says.AI_MADE)
        assert codes(found) == ["assertion.dataHash.mismatch"]

    def test_a_changed_declaration(self, made: bytes, root: Authority) -> None:
        changed = made.replace(
            b"digitalsourcetype/trainedAlgorithmicMedia", b"digitalsourcetype/brainedAlgorithmicMedia"
        )
        found = read(changed, root.trust)
        assert (found.valid, found.trusted, found.says) == (False, False, Says.NOTHING)
        assert found.source_types == (f"{IPTC}brainedAlgorithmicMedia",)
        assert "assertion.hashedURI.mismatch" in codes(found)

    def test_a_changed_claim(self, made: bytes, root: Authority) -> None:
        found = read(made.replace(b"Drawing Program", b"Camera Producer"), root.trust)
        assert (found.valid, found.trusted) == (False, False)
        assert found.claim_generator == "Camera Producer 2.1"
        assert "claimSignature.mismatch" in codes(found)

    def test_an_expired_certificate_leaves_it_valid_and_untrusted(self, root: Authority) -> None:
        short = maker(root, timedelta(seconds=3))
        signed = sign(short, drawing(), CREATED)
        assert read(signed, root.trust).trusted is True
        time.sleep(max(0.0, (short.expires - datetime.now(UTC)).total_seconds()) + 1.1)
        found = read(signed, root.trust)
        assert (found.valid, found.trusted) == (True, False)
        assert "signingCredential.expired" in codes(found)

    def test_a_form_that_the_standard_does_not_allow_is_no_tampering(self, ida: Maker, root: Authority) -> None:
        found = read(sign(ida, drawing(), action("edited", "trainedAlgorithmicMedia")), root.trust)
        assert (found.valid, found.trusted, codes(found)) == (True, False, ["assertion.action.malformed"])
        assert found.says is Says.AI_MADE

    @pytest.mark.parametrize("last", ["edited", "published"])
    def test_what_was_done_cannot_be_hidden_behind_a_long_list(self, last: str, ida: Maker, root: Authority) -> None:
        long = [action("published")] * 70
        found = read(sign(ida, drawing(), action("created", "digitalCapture"), *long, action(last)), root.trust)
        assert (found.says, found.valid, found.trusted, codes(found)) == (Says.CAPTURED, True, True, [CUT])
        assert f"c2pa.{last}" in {one.name for one in found.actions}
        level = assess((), (), found, None).artificialness
        assert level == ("partially_altered" if last == "edited" else "unknown")


class TestIngredients:
    def test_what_ai_made_and_was_placed_makes_the_whole_edited(self, made: bytes, ida: Maker, root: Authority) -> None:
        placed = sign(ida, drawing(), action("created", "digitalCreation"), ingredients=[("componentOf", made)])
        found = read(placed, root.trust)
        assert (found.says, found.valid, found.trusted) == (Says.AI_EDITED, True, True)
        assert found.source_types == (f"{IPTC}digitalCreation",)
        assert found.ingredients == (
            Ingredient(
                title="a title of 13 characters, withheld",
                media_type="image/jpeg",
                relationship="componentOf",
                depth=1,
                says=Says.AI_MADE,
                source_types=(f"{IPTC}trainedAlgorithmicMedia",),
                actions=(ManifestAction("c2pa.created", f"{IPTC}trainedAlgorithmicMedia", "Painter 3"),),
                claim_generator="Drawing Program 2.1",
                valid=True,
                trusted=True,
            ),
        )

    def test_an_ingredient_without_a_manifest(self, ida: Maker, root: Authority) -> None:
        found = read(sign(ida, drawing(), CREATED, ingredients=[("componentOf", drawing())]), root.trust)
        [ingredient] = found.ingredients
        assert (ingredient.valid, ingredient.trusted, ingredient.says) == (None, None, Says.NOTHING)

    def test_one_that_was_broken_when_it_was_placed_is_told_there(
        self, made: bytes, ida: Maker, root: Authority
    ) -> None:
        broken = made[:-10] + bytes([made[-10] ^ 1]) + made[-9:]
        found = read(sign(ida, drawing(), CREATED, ingredients=[("componentOf", broken)]), root.trust)
        assert (found.valid, found.trusted) == (True, True)
        [ingredient] = found.ingredients
        assert (ingredient.valid, ingredient.trusted, ingredient.says) == (False, False, Says.AI_MADE)

    def test_one_by_an_unknown_signer_does_not_touch_the_file(self, ida: Maker, root: Authority) -> None:
        strange = sign(maker(authority("Elsewhere")), drawing(), CREATED)
        found = read(sign(ida, drawing(), CREATED, ingredients=[("componentOf", strange)]), root.trust)
        assert (found.valid, found.trusted) == (True, True)
        assert [(one.valid, one.trusted) for one in found.ingredients] == [(True, False)]
        assert found.failures == ()  # the signer of the file recorded that nobody vouches for it: nothing new

    def test_three_generations(self, made: bytes, ida: Maker, root: Authority) -> None:
        middle = sign(ida, drawing(), action("created", "digitalCreation"), ingredients=[("componentOf", made)])
        top = sign(ida, drawing(), action("created", "digitalCapture"), ingredients=[("componentOf", middle)])
        found = read(top, root.trust)
        assert [(one.depth, one.says) for one in found.ingredients] == [(1, Says.AI_EDITED), (2, Says.AI_MADE)]
        assert found.says is Says.AI_EDITED


FORMATS: dict[str, Callable[[], bytes]] = {
    "image/png": lambda: drawing("PNG"),
    "image/webp": lambda: drawing("WEBP"),
    "image/tiff": lambda: drawing("TIFF"),
    "image/gif": lambda: drawing("GIF"),
    "image/avif": lambda: drawing("AVIF"),
    "image/heic": lambda: video(b"heic"),
    "image/jxl": jxl,
    "video/mp4": video,
    "video/quicktime": lambda: video(b"qt  "),
    "video/avi": avi,
    "audio/flac": lambda: FLAC,
    "image/svg+xml": lambda: SVG,
    "audio/mpeg": lambda: MP3,
}


@pytest.mark.parametrize("mime", FORMATS)
def test_every_container(mime: str, ida: Maker, root: Authority) -> None:
    plain = FORMATS[mime]()
    assert read_provenance(plain, mime, root.trust) is None
    signed = sign(ida, plain, CREATED, mime=mime)
    found = read(signed, root.trust, mime)
    assert (found.says, found.valid, found.trusted) == (Says.AI_MADE, True, True)
    [place] = found.places
    assert found.places
    assert place.end - place.start > 1000
    assert b"c2pa" in signed[place.start : place.end]
    changed = signed.replace(b"Drawing Program", b"Camera Producer") if mime != "image/svg+xml" else None
    assert changed is None or read(changed, root.trust, mime).valid is False


def test_media_of_a_video_is_covered(ida: Maker, root: Authority) -> None:
    signed = sign(ida, video(), CREATED, mime="video/mp4")
    found = read(signed.replace(b"\x10\x11\x12", b"\x10\x11\x13"), root.trust, "video/mp4")
    assert (found.valid, codes(found)) == (False, ["assertion.bmffHash.mismatch"])


class TestElsewhere:
    def test_an_address_is_told_and_never_asked(self, ida: Maker, root: Authority) -> None:
        signed = sign(ida, drawing(), CREATED, prepare=_keep_elsewhere)
        found = read(signed, root.trust)
        assert (found.state, found.remote) == (ManifestState.REMOTE_ONLY, "https://example.org/store.c2pa?a=1&b=2")
        assert (found.says, found.valid, found.trusted) == (Says.NOTHING, None, None)

    def test_what_is_left_of_a_removed_manifest_leads_nowhere(self) -> None:
        packet = b'<rdf:Description dcterms:provenance="self#jumbf=/c2pa/urn:uuid:1/c2pa.claim"/>'
        content = b"http://ns.adobe.com/xap/1.0/\0" + packet
        plain = drawing()
        data = plain[:2] + b"\xff\xe1" + (len(content) + 2).to_bytes(2, "big") + content + plain[2:]
        assert read_provenance(data, "image/jpeg", NOBODY) is None

    def test_no_setting_lets_the_sdk_use_a_network(self, root: Authority) -> None:
        """Each is set as meant, and the SDK knows it by that name: it says nothing of names that it does not know."""
        told = sdk.settings(root.trust)
        assert told["verify"] == {"remote_manifest_fetch": False, "ocsp_fetch": False, "verify_after_reading": True}
        assert told["core"] == {
            "allowed_network_hosts": [],
            "allow_redirects": False,
            "decode_identity_assertions": False,
        }
        for part, settings in told.items():
            for name in settings:
                with pytest.raises(c2pa.C2paError, match="expected"):
                    c2pa.Context.from_dict({part: {name: {"no": "such value"}}})

    def test_revocation_is_not_asked_for(self, made: bytes, root: Authority) -> None:
        told = sdk.read_store(made, "image/jpeg", root.trust)
        assert told is not None
        assert '"signingCredential.ocsp.skipped"' in told.report


def _keep_elsewhere(builder: c2pa.Builder) -> None:
    builder.set_no_embed()
    builder.set_remote_url("https://example.org/store.c2pa?a=1&b=2")


class TestUnreadable:
    def test_what_looks_like_a_store_and_is_none(self, root: Authority) -> None:
        plain = drawing()
        content = b"JP\x02\x11\0\0\0\x01" + (100).to_bytes(4, "big") + b"jumb" + (50).to_bytes(4, "big") + b"jumdc2pa"
        segment = b"\xff\xeb" + (len(content) + 42).to_bytes(2, "big") + content + bytes(40)
        found = read(plain[:2] + segment + plain[2:], root.trust)
        assert found.state is ManifestState.UNREADABLE
        assert found.cause == "the manifest store cannot be read"
        assert (found.valid, found.trusted) == (None, None)
        assert len(found.places) == 1

    def test_a_store_that_the_sdk_does_not_find(self, made: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sdk, "read_store", lambda *_: None)
        found = read(made)
        assert found.state is ManifestState.UNREADABLE
        assert "finds none" in found.cause

    def test_what_only_may_be_a_store_is_none_when_the_sdk_finds_none(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sdk, "read_store", lambda *_: None)
        assert read_provenance(b"%PDF-1.7 (there is no /C2PA_Manifest here)", "application/pdf", NOBODY) is None

    @pytest.mark.parametrize("link", ["", "https://example.org/a"])
    def test_a_store_where_the_sdk_does_not_look(self, link: str) -> None:
        packet = f'<rdf:Description dcterms:provenance="{link}"/>' if link else ""
        xmp = f'<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?>{packet}<?xpacket end="w"?>'
        odd = f"<metadata>{xmp}</metadata><g><c2pa:manifest>QUJD</c2pa:manifest></g><rect".encode()
        found = read(SVG.replace(b"<rect", odd), mime="image/svg+xml")
        assert (found.state, found.remote) == (ManifestState.UNREADABLE, link)
        assert "finds none" in found.cause

    @pytest.mark.parametrize("told", ["", "[", "[]", "{}", '{"active_manifest": 3}', "[" * 100_000])
    def test_an_answer_that_makes_no_sense(self, told: str, made: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sdk, "read_store", lambda *_: Told(told, "{}", datetime.now(UTC)))
        assert read(made).cause == "what the reader told of the manifest makes no sense"

    def test_whatever_fails_is_this_file_s_fault(self, made: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(*_: object) -> str:
            raise RuntimeError("words of a stranger")

        monkeypatch.setattr(sdk, "read_store", fail)
        found = read(made)
        assert (found.state, found.cause) == (ManifestState.UNREADABLE, "the manifest store cannot be read")

    def test_memory_is_not_the_file_s_fault(self, made: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(*_: object) -> str:
            raise MemoryError

        monkeypatch.setattr(sdk, "read_store", fail)
        with pytest.raises(MemoryError):
            read(made)

    def test_a_type_that_cannot_be_told_to_the_sdk(self, made: bytes) -> None:
        assert read(made, mime="\0").state is ManifestState.UNREADABLE


def test_any_buffer_will_do(made: bytes, root: Authority) -> None:
    forms: list[Buffer] = [made, bytearray(made), memoryview(made), memoryview(bytearray(b"xx" + made))[2:]]
    found = [read_provenance(form, "image/jpeg", root.trust) for form in forms]
    assert all(one == found[0] for one in found)
    assert found[0] is not None


def test_the_type_is_only_a_hint(made: bytes, root: Authority) -> None:
    for mime in ("", "image/png", "application/octet-stream", "image/apng"):
        assert read(made, root.trust, mime).trusted is True


def test_trust_lists_do_not_mix(made: bytes, root: Authority) -> None:
    for trust in (root.trust, NOBODY, authority("a").trust, authority("b").trust, authority("c").trust, root.trust):
        assert read(made, trust).trusted is (trust == root.trust)


def test_warming_up_starts_no_threads() -> None:
    before = threading.active_count()
    warm_up()
    warm_up()
    assert threading.active_count() == before
