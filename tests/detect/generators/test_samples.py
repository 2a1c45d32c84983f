"""Every form of every program is named, all the way from bytes, and no words of a prompt are in what is shown."""

import pytest

from safelight.model.signal import Forgeable, SignalKind
from tests.detect.generators.files import read
from tests.detect.generators.samples import NEGATIVE, PROMPT, SAMPLES, Sample


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_a_program_s_file_is_named(sample: Sample) -> None:
    signals, prompts = read(sample.data)

    assert {(signal.name, signal.says) for signal in signals} == sample.expected
    assert len(prompts) == sample.prompts
    assert any(sample.generator == signal.generator for signal in signals) or not sample.generator
    assert any(sample.words in signal.detail for signal in signals)
    for signal in signals:
        assert signal.kind is SignalKind.METADATA
        assert signal.forgeable is Forgeable.ANYONE
        assert signal.rule is not None
        assert signal.detail.isprintable()
        assert len(signal.detail) <= 200
        assert signal.places
        assert all(sample.data[place.start : place.end] for place in signal.places)
        assert PROMPT[:12] not in signal.detail
        assert NEGATIVE[:12] not in signal.detail


@pytest.mark.parametrize("sample", [s for s in SAMPLES if s.prompts], ids=lambda sample: sample.name)
def test_a_prompt_is_kept_apart_and_pointed_to(sample: Sample) -> None:
    signals, prompts = read(sample.data)

    places = {place for signal in signals for place in signal.places}
    assert all(prompt.place in places for prompt in prompts)
    hashes = {prompt.sha256 for prompt in prompts}
    held = [signal.withheld for signal in signals if signal.withheld]
    assert held
    assert {withheld.sha256 for withheld in held} <= hashes
