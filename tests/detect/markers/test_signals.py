"""A mark as it is told: that it is there, how sure that is, and that it proves nothing."""

import numpy as np
import pytest

from safelight.bench.signals.embed import embed
from safelight.demo.draw import draw
from safelight.detect.markers import dwt_dct_kernel, read_markers, warm_up
from safelight.detect.markers.dwt_dct import Writer
from safelight.detect.markers.payloads import PAYLOADS, Payload
from safelight.media.archives.names import is_safe
from safelight.model.signal import Forgeable, RuleStatus, Says, SignalKind

PIXELS = np.array(draw(6, 512, 400))


@pytest.mark.parametrize("payload", PAYLOADS, ids=lambda payload: payload.name)
def test_what_a_mark_says(payload: Payload) -> None:
    (signal,) = read_markers(embed(PIXELS, payload.bits, Writer.FLOATS))
    assert (signal.name, signal.kind, signal.says) == (payload.name, SignalKind.MARKER, payload.says)
    assert (signal.generator, signal.forgeable) == (payload.generator, Forgeable.PUBLIC_CODE)
    assert signal.rule == payload.rule
    assert signal.rule.status is RuleStatus.CONFIRMED
    bits = len(payload.message)
    figures = signal.figures
    assert figures["bits"] == bits
    assert figures["bits_agree"] > 0.9 * bits > figures["chance_max_seen"] > figures["chance_bits"] == bits / 2
    assert figures["likeness"] >= figures["likeness_needed"] > figures["likeness_max_seen"]
    assert 0 <= figures["chance"] < 1e-6
    assert signal.withheld is None


def test_words_claim_no_proof() -> None:
    for payload in PAYLOADS:
        (signal,) = read_markers(embed(PIXELS, payload.bits, Writer.BYTES))
        agree = int(signal.figures["bits_agree"])
        assert signal.detail.startswith("marker present: ")
        bits = len(payload.message)
        assert f"({agree} of {bits} bits agree, {bits // 2} would by chance; likeness " in signal.detail
        assert f"at most {payload.seen:.2f} was seen without it)" in signal.detail
        assert "anyone can embed it, so it proves nothing by itself" in signal.detail
        assert is_safe(signal.detail)
        assert len(signal.detail) < 400
        assert ("only supports other evidence" in signal.detail) == (signal.says is Says.NOTHING)


def test_most_pictures_have_none_and_a_turn_or_a_crop_is_the_end_of_one() -> None:
    assert read_markers(PIXELS) == ()
    marked = embed(PIXELS, PAYLOADS[0].bits, Writer.BYTES)
    for lost in (np.rot90(marked), marked[:, ::-1], marked[8:, 8:], marked[1:]):
        assert read_markers(np.ascontiguousarray(lost)) == ()


def test_after_warming_up_nothing_is_compiled() -> None:
    warm_up()
    compiled = len(dwt_dct_kernel.block_bits.signatures)
    read_markers(PIXELS)
    read_markers(PIXELS.copy())
    assert len(dwt_dct_kernel.block_bits.signatures) == compiled
