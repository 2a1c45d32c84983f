"""The system calls of Linux that Python has no names for, by ctypes."""

import ctypes
import os

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_NO_NEW_PRIVS = 38

_SECCOMP = {"x86_64": 317, "aarch64": 277}
_SECCOMP_SET_MODE_FILTER = 1
_LANDLOCK_CREATE_RULESET = 444
_LANDLOCK_RESTRICT_SELF = 446
_LANDLOCK_CREATE_RULESET_VERSION = 1

# (first ABI that has the rights, bit mask); include/uapi/linux/landlock.h
_FILE_RIGHTS = ((1, (1 << 13) - 1), (2, 1 << 13), (3, 1 << 14), (5, 1 << 15))
_NET_RIGHTS = ((4, 0b11),)
_SCOPES = ((6, 0b11),)


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _syscall(number: int, *arguments: object) -> int:
    """Raises OSError."""
    libc = _libc()
    libc.syscall.restype = ctypes.c_long
    result = int(libc.syscall(ctypes.c_long(number), *arguments))
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))
    return result


def prctl(option: int, value: int) -> None:
    """Operations on the calling process: `prctl(2)`. Raises OSError."""
    words = [ctypes.c_ulong(word) for word in (value, 0, 0, 0)]
    if _libc().prctl(ctypes.c_int(option), *words) != 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))


def load_filter(program: bytes) -> None:
    """Put the process under a seccomp filter for good: `seccomp(2)`. Needs PR_SET_NO_NEW_PRIVS. Raises OSError.

    Args:
        program: classic BPF instructions, 8 bytes each.
    """
    code = ctypes.create_string_buffer(program, len(program))

    class Program(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ushort), ("code", ctypes.c_void_p))

    argument = Program(len(program) // 8, ctypes.addressof(code))
    number = _SECCOMP[os.uname().machine]
    _syscall(number, ctypes.c_uint(_SECCOMP_SET_MODE_FILTER), ctypes.c_uint(0), ctypes.byref(argument))


def landlock_abi() -> int:
    """The version of Landlock that the kernel offers. Raises OSError when it has none, or it is not switched on."""
    return _syscall(
        _LANDLOCK_CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(_LANDLOCK_CREATE_RULESET_VERSION)
    )


def landlock_everything() -> int:
    """Take every right that Landlock handles from the process, for good; return the ABI version in force.

    A ruleset that handles rights and has no rule refuses them everywhere: no file or folder can be opened, made,
    renamed or removed, no TCP port bound or connected to, no abstract socket or process outside reached. Files that
    are open already stay usable. Needs PR_SET_NO_NEW_PRIVS. Raises OSError.
    """
    abi = landlock_abi()
    # Kernels that know a shorter struct accept a longer one whose unknown tail is zero.
    handled = (
        _from_version(abi, _FILE_RIGHTS),
        _from_version(abi, _NET_RIGHTS),
        _from_version(abi, _SCOPES),
    )
    attributes = (ctypes.c_uint64 * 3)(*handled)
    ruleset = _syscall(
        _LANDLOCK_CREATE_RULESET,
        ctypes.byref(attributes),
        ctypes.c_size_t(ctypes.sizeof(attributes)),
        ctypes.c_uint32(0),
    )
    try:
        _syscall(_LANDLOCK_RESTRICT_SELF, ctypes.c_int(ruleset), ctypes.c_uint32(0))
    finally:
        os.close(ruleset)
    return abi


def _from_version(abi: int, table: tuple[tuple[int, int], ...]) -> int:
    return sum(mask for first, mask in table if abi >= first)
