"""The baselines are plain PDQ."""

import numpy as np
import pytest

from safelight.bench.common import bits_apart, texture
from safelight.bench.derivative.tracer import BASELINES, NEAR, NONE, HasPadding, HasStages, PdqTracer, Tracer
from safelight.fingerprint import pdq
from tests.bench.derivative.fakes import LooseTracer

PICTURES = [texture(200, 150, seed) for seed in range(20)]


def filled(tracer: Tracer) -> Tracer:
    for number, picture in enumerate(PICTURES):
        tracer.add(str(number), picture)
    return tracer


def test_distances_are_those_of_the_hashes() -> None:
    query = np.ascontiguousarray(PICTURES[4][10:, 10:])
    asked = pdq.pdq(query)
    assert asked
    hashes = [found.hash for one in PICTURES if (found := pdq.pdq(one))]
    for dihedral in (False, True):
        forms = asked.dihedral if dihedral else (asked.hash,)
        expected = sorted(min(bits_apart(one, form) for form in forms) for one in hashes)[:10]
        results = filled(PdqTracer(dihedral=dihedral)).trace(query)
        assert [one.evidence["distance"] for one in results] == expected
        assert [one.score for one in results] == [256 - distance for distance in expected]
        assert {one.verdict for one in results if one.score < 256 - 31} == {NONE}


def test_only_the_dihedral_one_sees_mirrored_copies() -> None:
    plain, dihedral = (filled(make()) for make in BASELINES.values())
    mirrored = np.ascontiguousarray(PICTURES[3][:, ::-1])
    assert (dihedral.trace(mirrored)[0].key, dihedral.trace(mirrored)[0].verdict) == ("3", NEAR)
    assert NEAR not in {one.verdict for one in plain.trace(mirrored)}
    for tracer in (plain, dihedral):
        assert (tracer.trace(PICTURES[3])[0].key, tracer.trace(PICTURES[3])[0].score) == ("3", 256)


def test_what_has_no_hash_finds_nothing_and_is_not_found() -> None:
    tracer = PdqTracer(dihedral=True)
    even = np.full((80, 80, 3), 7, np.uint8)
    assert tracer.trace(PICTURES[0]) == []
    tracer.add("even", even)
    tracer.add("0", PICTURES[0])
    assert tracer.trace(even) == []
    assert [one.key for one in tracer.trace(PICTURES[0])] == ["0"]
    assert tracer.localise(PICTURES[0], PICTURES[0], tracer.trace(PICTURES[0])[0]) is None
    assert tracer.bytes_per_picture() == 32


@pytest.mark.parametrize("protocol", [HasStages, HasPadding])
def test_optional_parts_are_recognised(protocol: type) -> None:
    assert isinstance(LooseTracer(), protocol)
    assert not isinstance(PdqTracer(dihedral=True), protocol)
