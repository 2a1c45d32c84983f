import struct

import pytest

from safelight.adapter.sandbox.bpf import AND, EQUAL, LOAD, RETURN, Label, Op, assemble


def test_jumps_are_counted_from_the_next_instruction() -> None:
    code = assemble(
        [Op(LOAD, 4), Op(EQUAL, 7, "yes", "no"), Op(AND, 1), Label("no"), Op(RETURN, 0), Label("yes"), Op(RETURN, 1)]
    )
    assert list(struct.iter_unpack("=HBBI", code)) == [
        (0x20, 0, 0, 4),
        (0x15, 2, 1, 7),
        (0x54, 0, 0, 1),
        (0x06, 0, 0, 0),
        (0x06, 0, 0, 1),
    ]


def test_no_label_is_the_next_line() -> None:
    code = assemble([Op(EQUAL, 7, None, "end"), Op(RETURN, 0), Label("end"), Op(RETURN, 1)])
    assert next(struct.iter_unpack("=HBBI", code)) == (0x15, 0, 1, 7)


@pytest.mark.parametrize(
    "lines",
    [
        [Op(EQUAL, 1, "nowhere"), Op(RETURN, 0)],
        [Label("behind"), Op(RETURN, 0), Op(EQUAL, 1, "behind")],
        [Op(EQUAL, 1, "far"), *[Op(AND, 1)] * 256, Label("far"), Op(RETURN, 0)],
    ],
)
def test_impossible_jumps_are_refused(lines: list[Op | Label]) -> None:
    with pytest.raises(ValueError, match="cannot jump from"):
        assemble(lines)


def test_the_longest_jump() -> None:
    code = assemble([Op(EQUAL, 1, "far"), *[Op(AND, 1)] * 255, Label("far"), Op(RETURN, 0)])
    assert next(struct.iter_unpack("=HBBI", code)) == (0x15, 255, 0, 1)
