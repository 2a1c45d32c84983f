"""Timing at sizes: the index is really that large, and the same is asked at each."""

import numpy as np

from safelight.bench.common import texture
from safelight.bench.derivative import growth
from safelight.bench.derivative.pictures import drawings
from safelight.bench.derivative.queries import POSITIVE
from safelight.bench.derivative.tracer import PdqTracer
from safelight.fingerprint import pdq
from tests.bench.derivative.fakes import LooseTracer
from tests.bench.derivative.outcomes import outcome


class Counting(PdqTracer):
    """Counts what it is given."""

    def __init__(self) -> None:
        super().__init__(dihedral=False)
        self.keys: list[str] = []

    def add(self, key: str, pixels: np.ndarray) -> None:
        self.keys.append(key)
        super().add(key, pixels)


def test_the_index_is_filled_up_to_each_size() -> None:
    tracer = Counting()
    spare = drawings(3)
    outcomes = [outcome(POSITIVE, number, "jpeg90") for number in (5, 6)]
    tracer.add("drawn-5", outcomes[0].query.picture.load())
    said: list[str] = []
    found = growth.measure(tracer, 1, (1, 12, 30), outcomes, spare, said.append)
    assert [one.indexed for one in found] == [1, 12, 30]
    assert [one.recalled for one in found] == [1, 1, 1]
    assert all(len(one.seconds) == 2 and one.median > 0 for one in found)
    assert len(tracer.keys) == len(set(tracer.keys)) == 30
    assert len(said) == 2


def test_a_tracer_that_pads_itself_is_let() -> None:
    tracer = LooseTracer()
    growth.pad(tracer, 40, 100, [])
    assert tracer.padded == 60
    assert tracer.trace(texture(100, 100, 1)) == []


def test_jittered_copies_differ() -> None:
    picture = texture(300, 200, 1)
    copies = [growth.jittered(picture, number) for number in range(30)]
    assert len({found.hash for one in copies if (found := pdq.pdq(one))}) == 30
    assert np.array_equal(copies[4], growth.jittered(picture, 4))
    assert min(growth.jittered(texture(16, 16, 1), 1).shape[:2]) >= 8
