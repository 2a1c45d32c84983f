"""A worker module whose files are scripts: they say what the decoder does, as real files do by their bytes.

Each line is a verb and its argument. Lines `member NAME VERB ARGUMENT` make the file an archive, whose own result comes
after those of its members. A line `look HOW` comes last: local features and pixels are to be taken of this file. A line
`clip HOW` makes it a video.
"""

import ctypes
import errno
import io
import mmap
import os
import platform
import resource
import signal
import socket
import struct
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from hashlib import md5, sha1, sha256
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from safelight.adapter.sandbox.zygote import main
from safelight.model.clip import CLIP_TILES, Clip, ClipRequest, KeyFrame, Still
from safelight.model.fingerprint import Digests, Fingerprint
from safelight.model.hint import Hint, HintVerdict
from safelight.model.local import (
    OF_QUERY,
    TILES,
    LocalExamination,
    LocalFeatures,
    LocalRequest,
    Want,
    WorkingPicture,
)
from safelight.model.media import Limits, MediaFacts
from safelight.model.provenance import ManifestState, Provenance
from safelight.model.scan import Examination, Status
from safelight.model.signal import Place, Prompt, Signal, SignalKind, SignalRequest
from safelight.model.tiles import TileHashes

Known = Callable[[Digests], bool]
Wanted = Callable[[Examination], Want]

_LIBC = ctypes.CDLL(None, use_errno=True)
_SOCKET = 3
_zygote = os.getpid()
_uses = 0


def handler(
    name: str,
    stream: BinaryIO,
    limits: Limits,
    *,
    thumbnail: bool,
    skip: int,
    local: LocalRequest | None,
    pixels: int,
    signals: SignalRequest | None,
    without: str,
    clip: ClipRequest | None,
    known: Known,
    wanted: Wanted,
    begin: Callable[[str], None],
    reading: Callable[[str], None],
    more: Callable[[int], int],
) -> Iterator[Examination]:
    global _uses  # noqa: PLW0603 - what a decoder leaves behind in its process
    data = stream.read()
    note: str | None = None
    made = 0

    def result(path: str, what: str) -> Examination:
        found = Examination(path, Status.OK)
        if what.startswith("signals "):
            return read(found, what.removeprefix("signals "))
        if not what.startswith("look "):
            return replace(found, error=_act(what, stream, known))
        found = replace(found, fingerprint=Fingerprint(_digests(path.encode())))
        return _look(found, what.removeprefix("look "), local, pixels, wanted)

    def read(found: Examination, how: str) -> Examination:
        """Begin to read how the picture was made, and come to grief, or say what is no signal."""
        if found.path == without or signals is None:
            return found
        reading("another" if how == "of_another" else found.path)
        return replace(found, **SAID[how]) if how in SAID else replace(found, error=_act(how, stream, known))

    look = made_how = moves = None
    for line in data.decode().splitlines():
        if line.startswith("look "):
            look = line.removeprefix("look ")
        elif line.startswith("signals "):
            made_how = line.removeprefix("signals ")
        elif line.startswith("clip "):
            moves = line.removeprefix("clip ")
        elif not line.startswith("member "):
            if skip <= made:
                note = _act(line, stream, known)
        else:
            _, member, what = line.split(" ", 2)
            made += 1
            if made > skip:
                begin(f"{name}!/{member}")
                yield result(f"{name}!/{member}", what)
            begin(name)
    if skip <= made and not data.startswith(b"nothing"):
        thumb = "A" * 1024 if thumbnail else None
        own = Examination(name, Status.OK, "text/plain", None, Fingerprint(_digests(data)), (), note, thumb)
        own = read(own, made_how) if made_how else own
        if moves and clip is not None:
            own = _watch(replace(own, error=None), moves, clip, wanted, more)
        yield _look(own, look, local, pixels, wanted) if look else own
    _uses += 1


_PLACE = Place("PNG tEXt", 0, 9)
SAID: dict[str, dict[str, Any]] = {
    "marker": {"signals": (Signal("marker_x", "a mark", SignalKind.MARKER, places=(_PLACE,)),)},
    "metadata": {"signals": (Signal("generator_x", "names a program", SignalKind.METADATA),)},
    "manifest": {"provenance": Provenance(ManifestState.UNREADABLE)},
    "hint": {"hint": Hint("a detector", "", HintVerdict.LIKELY_AI, 0.9, "looks like it")},
    "prompt": {"prompts": (Prompt("0" * 64, _PLACE, "text", cut=True),)},
    "talk": {"prompts": (Prompt("0" * 64, _PLACE, "\x01" * (20 << 10), cut=True),)},
}


def _watch(
    found: Examination, how: str, request: ClipRequest, wanted: Wanted, more: Callable[[int], int]
) -> Examination:
    """Take the clip of a video: `honestly`, or otherwise."""
    seconds = {"much_more": 1 << 40, "some_more": 1, "no_more": -1}.get(how, 0)
    if seconds:
        body = b'{"path": "%s", "more": %d}' % (found.path.encode(), seconds)
        os.write(_SOCKET, struct.pack(">IB", len(body), 6) + body)
    if how == "says_what_it_gets":
        found = replace(found, error=f"got {more(7)} and {more(7)}")
    rows = 10 if how != "too_many_rows" else request.rows + 1
    found = replace(found, clip=clip_of(rows, request), strip=(Still(0.0, "A" * 1024),))
    field, _, value = how.partition(" ")
    if value:
        assert found.clip is not None
        found = replace(found, clip=replace(found.clip, **{field: CLIP_LIES[value](getattr(found.clip, field))}))
    count = request.key_frames if how != "too_many_frames" else request.key_frames + 1
    frames = tuple(key_frame(float(n), request) for n in range(count))
    if how == "frames_before_asked":
        wanted(replace(found, key_frames=frames))
    want = wanted(found) if how != "unasked" else Want.KEYPOINTS
    if want is Want.DENSE:
        found = replace(found, error="looked at densely")
    if how == "after_asked_crash":
        _act("crash 11", io.BytesIO(), lambda _digests: False)
    if how == "frames_without_clip":
        found = replace(found, clip=None)
    if how == "frame_behind_the_end":
        frames = (replace(frames[0], time=1e6),)
    if how == "codec_of_many_words":
        found = replace(found, facts=MediaFacts("video/mp4", 64, 48, codec="h264 " * 100))
    return replace(found, key_frames=frames if want or how == "not_wanted" else ())


CLIP_LIES: dict[str, Callable[[Any], Any]] = {
    "backwards": lambda array: array[::-1].copy(),
    "nan": lambda array: np.full_like(array, np.nan),
    "huge": lambda array: np.full_like(array, 255),
    "late": lambda array: array + np.asarray(1e6, array.dtype),
    "far": lambda _value: 1e6,
    "short": lambda array: array[:-1].copy(),
    "endless": lambda _value: float("inf"),
    "outside": lambda _value: (0, 0, 65, 48),
    "descending": lambda array: np.arange(len(array))[::-1].astype(array.dtype),
    "nowhere": lambda _value: (5, 5, 5, 9),
}


def clip_of(rows: int, request: ClipRequest) -> Clip:
    """As many rows as that, each fourth with tiles."""
    keyed = np.arange(0, rows, 4, dtype=np.int32)[: request.keyed]
    return Clip(
        width=64,
        height=48,
        duration=float(rows),
        box=None,
        time=np.arange(rows, dtype=np.float32),
        span=np.ones(rows, np.float32),
        codes=np.full((rows, 32), 7, np.uint8),
        quality=np.full(rows, 100, np.uint8),
        shot=np.zeros(rows, np.uint16),
        keyed=keyed,
        tiles=np.full((len(keyed), CLIP_TILES, 32), 9, np.uint8),
        tile_quality=np.full((len(keyed), CLIP_TILES), 100, np.uint8),
    )


def key_frame(time_: float, request: ClipRequest) -> KeyFrame:
    """With as much as may be asked for."""
    assert request.local is not None
    local = local_examination(request.local)
    if not request.look:
        local = replace(local, working=replace(local.working, grey=np.empty((0, 0), np.uint8)))
    return KeyFrame(time_, local)


def _look(found: Examination, how: str, local: LocalRequest | None, pixels: int, wanted: Wanted) -> Examination:
    """Take local features and pixels of a picture: `honestly`, or otherwise."""
    if how == "unasked":
        return replace(found, local=local_examination(OF_QUERY))
    if how == "unasked_pixels":
        return replace(found, pixels=np.zeros((4, 5, 3), dtype=np.uint8))
    if how == "question_of_another":
        wanted(replace(found, path="another"))
    if how == "question_without_digests":
        wanted(replace(found, fingerprint=None))
    if how == "question_with_local":
        wanted(replace(found, local=local_examination(OF_QUERY)))
    if local is not None and not wanted(found):
        local = None
    if how.startswith("act "):
        _act(how.removeprefix("act "), io.BytesIO(), lambda _digests: False)
    if how == "another":
        found = replace(found, fingerprint=Fingerprint(_digests(b"another")))
    if how == "not_wanted":
        local = OF_QUERY
    taken = local_examination(local) if local else None
    if how == "too_much" and local:
        taken = local_examination(replace(local, keypoints=local.keypoints + 1))
    shown = np.full((pixels // 2, pixels, 3), 7, dtype=np.uint8) if pixels else None
    return replace(found, local=taken, pixels=shown)


def local_examination(request: LocalRequest) -> LocalExamination:
    """As much as may be asked for, of a picture of twice the size."""
    width, height, count = request.side, request.side // 2, request.keypoints

    def values(low: float, high: float) -> NDArray[np.float32]:
        return np.linspace(low, high, count, dtype=np.float32)

    features = LocalFeatures(
        width,
        height,
        values(0, width - 1),
        values(height - 1, 0),
        values(2, height),
        values(0, 6),
        np.arange(count * 128, dtype=np.uint32).astype(np.uint8).reshape(count, 128),
    )
    grey = np.add.outer(np.arange(height), np.arange(width)).astype(np.uint8)
    tiles = TileHashes(np.full((TILES, 32), 9, dtype=np.uint8), np.full(TILES, 100, dtype=np.uint8))
    return LocalExamination(WorkingPicture(grey, 2 * width, 2 * height), features, tiles)


def _digests(data: bytes) -> Digests:
    return Digests(md5(data).hexdigest(), sha1(data).hexdigest(), sha256(data).hexdigest(), len(data))


def _act(line: str, stream: BinaryIO, known: Known) -> str | None:
    verb, _, rest = line.partition(" ")
    if verb == "ask":
        return "known" if known(_digests(rest.encode())) else "new"
    if verb == "ask_and_crash":
        known(_digests(rest.encode()))
        return _crash("11")
    if verb == "map_and_ask":
        return _map(stream, known)
    return _ACTIONS[verb](rest)


def _map(stream: BinaryIO, known: Known) -> str:
    size = stream.seek(0, os.SEEK_END)
    with mmap.mmap(stream.fileno(), size, access=mmap.ACCESS_READ) as mapping:
        known(_digests(b"mapped"))  # the test may cut the file now
        return f"mapped {len(mapping[:])}"


def _crash(number: str) -> str:
    signal.raise_signal(int(number))
    return "still alive"


def _sleep(seconds: str) -> str:
    time.sleep(float(seconds))
    return "slept"


def _spin(_rest: str) -> str:
    while True:
        pass


def _print(text: str) -> None:
    sys.stdout.write(text)
    sys.stderr.write(text)


def _raise(name: str) -> str:
    raise {"ValueError": ValueError, "SystemExit": SystemExit}[name]("text of the file")


def _lie(what: str) -> str:
    """Say on the connection what an honest worker never says, then work on as if nothing was."""
    result, hello, begin = 9, 4, 6

    def frame(number: int, body: bytes, size: int | None = None) -> bytes:
        return struct.pack(">IB", len(body) if size is None else size, number) + body

    lies = {
        "garbage": b"\xff" * 100,
        "oversized": frame(result, b"", size=1 << 31),
        "not_json": frame(result, b"{]"),
        "not_utf8": frame(begin, b'{"path": "\xff"}'),
        "surrogate": frame(begin, rb'{"path": "\ud800"}'),
        "no_array": frame(result, b'{"path": "x", "status": "ok", "pixels": {"shape": [9, 9, 3], "data": "AAAA"}}'),
        "deep": frame(begin, b'{"path": ' + b"[" * 100_000),
        "wrong_shape": frame(result, b'{"path": 3}'),
        "foreign_path": frame(result, b'{"path": "another", "status": "ok"}'),
        "foreign_begin": frame(begin, b'{"path": "another!/x"}'),
        "no_hash": frame(
            result,
            b'{"path": "lie", "status": "ok", "fingerprint": {"digests": '
            b'{"md5": "x", "sha1": "", "sha256": "", "size": 1}}}',
        ),
        "zygote_word": frame(3, b'{"worker": 1, "code": 0}'),
        "parent_word": frame(8, b'{"yes": true}'),
        "second_hello": frame(hello, b'{"confinement": {}}'),
    }
    os.write(_SOCKET, lies[what])
    time.sleep(5)
    return "got away with it"


def _flood(_rest: str) -> str:
    digests = b'{"md5": "%s", "sha1": "%s", "sha256": "%s", "size": 1}' % (b"0" * 32, b"0" * 40, b"0" * 64)
    question = b'{"digests": %s}' % digests
    while True:
        os.write(_SOCKET, struct.pack(">IB", len(question), 7) + question)


def _attempt(what: str) -> str:
    """Try something; say what came of it."""
    try:
        return f"got {_ATTEMPTS[what]()}"
    except OSError as error:
        return f"errno {error.errno}"


def _call(name: str, *arguments: object) -> int:
    """A function of the C library."""
    result = int(getattr(_LIBC, name)(*arguments))
    if result == -1:
        raise OSError(ctypes.get_errno(), name)
    return result


def _thread() -> str:
    seen = []
    thread = threading.Thread(target=lambda: seen.append("thread ran"))
    thread.start()
    thread.join()
    return seen[0]


def _threads() -> int:
    """Start threads until it fails or there are 6000 of them; their stacks are too small for the memory limit."""
    threading.stack_size(32 << 10)
    done = threading.Event()
    started = 0
    try:
        while started < 6000:
            threading.Thread(target=done.wait).start()
            started += 1
    except RuntimeError:
        return started
    finally:
        done.set()
    return started


def _raise_memory_limit() -> None:
    _call("setrlimit", resource.RLIMIT_DATA, ctypes.byref((ctypes.c_uint64 * 2)(1 << 40, 1 << 40)))


_ATTEMPTS: dict[str, Callable[[], object]] = {
    "read": lambda: os.open("/etc/passwd", os.O_RDONLY),
    "write": lambda: os.open("/safelight-was-here", os.O_WRONLY | os.O_CREAT),
    "list": lambda: list(Path("/").iterdir()),
    "stat": lambda: Path("/etc/passwd").stat(),
    "readlink": lambda: Path("/proc/self/exe").readlink(),
    "mkdir": lambda: Path("/safelight-was-here").mkdir(),
    "unlink": lambda: Path("/safelight-was-here").unlink(),
    "chmod": lambda: Path("/").chmod(0o777),
    "chdir": lambda: os.chdir("/etc"),
    "chroot": lambda: os.chroot("/"),
    "tcp": lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM),
    "udp": lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM),
    "unix": lambda: socket.socket(socket.AF_UNIX, socket.SOCK_STREAM),
    "netlink": lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW),
    "socketpair": socket.socketpair,
    "pipe": os.pipe,
    "memfd": lambda: os.memfd_create("x"),
    "fork": os.fork,
    "vfork": lambda: _call("vfork"),
    "unshare": lambda: _call("unshare", 0x10000000),
    # Signal 0 asks whether one may, and does nothing.
    "signal_zygote": lambda: os.kill(_zygote, 0),
    "signal_group": lambda: os.kill(0, 0),
    "setuid": lambda: os.setuid(0),
    "raise_memory_limit": _raise_memory_limit,
    "executable_memory": lambda: mmap.mmap(-1, 4096, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, 7),
    "shared_memory": lambda: mmap.mmap(-1, 4096),
    "lock_file": lambda: _call("fcntl", 4, 6, ctypes.byref(ctypes.create_string_buffer(64))),
    # These end the process.
    "exec": lambda: os.execv("/bin/true", ["true"]),
    "ptrace": lambda: _call("ptrace", 0, 0, 0, 0),
    "read_zygote": lambda: _call("process_vm_readv", _zygote, 0, 0, 0, 0, 0),
    # These are needed.
    "thread": _thread,
    "threads": _threads,
    "clock": lambda: bool(time.gmtime()),
    "random": lambda: len(os.urandom(8)),
    "processors": lambda: bool(os.sched_getaffinity(0)),
    "name": platform.machine,
}


_ACTIONS: dict[str, Callable[[str], str | None]] = {
    "ok": lambda rest: rest or None,
    "crash": _crash,
    "crash_when_used": lambda _rest: _crash("11") if _uses else "was fresh",
    "sleep": _sleep,
    "spin": _spin,
    "eat": lambda mebibytes: f"ate {len(bytearray(int(mebibytes) << 20))}",
    "raise": _raise,
    "exit": lambda code: os._exit(int(code)),
    "lie": _lie,
    "flood": _flood,
    "attempt": _attempt,
    "nothing": lambda _rest: None,
    "pid": lambda _rest: str(os.getpid()),
    "environment": lambda name: os.environ.get(name, "not set"),
    "print": _print,
}


def warm_up() -> None:
    if "--fail" in sys.argv:
        raise RuntimeError("the kernels do not compile")
    if "--exit" in sys.argv:
        raise SystemExit(7)
    if "--first-fork-fails" in sys.argv:
        os.fork = _failing_once(os.fork)


def _failing_once(fork: Callable[[], int]) -> Callable[[], int]:
    def attempt() -> int:
        os.fork = fork
        raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))

    return attempt


if __name__ == "__main__":
    main(handler, warm_up)
