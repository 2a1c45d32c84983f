"""A small assembler for classic BPF, the language of seccomp filters: `linux/bpf_common.h`, `seccomp(2)`."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass

LOAD = 0x20  # BPF_LD | BPF_W | BPF_ABS: a 32-bit word of the seccomp_data struct
AND = 0x54  # BPF_ALU | BPF_AND | BPF_K
EQUAL = 0x15  # BPF_JMP | BPF_JEQ | BPF_K
AT_LEAST = 0x35  # BPF_JMP | BPF_JGE | BPF_K, unsigned
ANY_BIT = 0x45  # BPF_JMP | BPF_JSET | BPF_K
RETURN = 0x06  # BPF_RET | BPF_K

_LONGEST_JUMP = 255
_INSTRUCTION = struct.Struct("=HBBI")


@dataclass(frozen=True, slots=True)
class Op:
    """One instruction. Jumps name the label to go to when the test holds, and when not; None is the next line."""

    code: int
    value: int
    yes: str | None = None
    no: str | None = None


@dataclass(frozen=True, slots=True)
class Label:
    """A name for the instruction that follows."""

    name: str


def assemble(lines: Sequence[Op | Label]) -> bytes:
    """The program's machine code, 8 bytes an instruction. Jumps go forward only, by at most 255 instructions.

    Raises:
        ValueError: a jump to a label that is behind, too far ahead, or nowhere.
    """
    places: dict[str, int] = {}
    ops: list[Op] = []
    for line in lines:
        if isinstance(line, Label):
            places[line.name] = len(ops)
        else:
            ops.append(line)

    def distance(here: int, label: str | None) -> int:
        if label is None:
            return 0
        jump = places.get(label, -1) - here - 1
        if not 0 <= jump <= _LONGEST_JUMP:
            raise ValueError(f"cannot jump from instruction {here} to {label!r}")
        return jump

    return b"".join(
        _INSTRUCTION.pack(op.code, distance(n, op.yes), distance(n, op.no), op.value) for n, op in enumerate(ops)
    )
