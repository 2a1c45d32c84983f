"""Hostile metadata in a known picture: it costs that file at most its signals, and no file its match."""

import struct
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from safelight.adapter.sandbox import SandboxExaminer
from safelight.demo.draw import draw
from safelight.demo.variants import encode, jpeg
from safelight.model.media import Limits
from safelight.model.scan import Examination
from safelight.model.signal import SignalRequest
from safelight.ports import ExamineJob

COMMAND = (sys.executable, "-m", "safelight.worker.decoder")
PICTURE = draw(6, 320, 240)
PNG, JPEG = encode(PICTURE, "PNG"), jpeg(PICTURE, 95)
MOST_SECONDS = 20  # of wall time for all of them: each takes a fraction of one
ALIKE = 12  # bits of PDQ between the picture and itself as JPEG


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def in_png(*chunks: bytes) -> bytes:
    return PNG[:33] + b"".join(chunks) + PNG[33:]


def in_jpeg(*segments: bytes) -> bytes:
    marked = (b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body for body in segments)
    return JPEG[:2] + b"".join(marked) + JPEG[2:]


def xmp(body: bytes) -> bytes:
    return b"http://ns.adobe.com/xap/1.0/\0" + body


ENTITIES = b"<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'>" + b"".join(
    b"<!ENTITY %c '%s'>" % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(12)
)
LOOP = b"Exif\0\0II*\0\x08\0\0\0" + struct.pack("<HHHIII", 1, 0x8769, 4, 1, 8, 8)
JUMBF = b"JP\0\1\0\0\0\1" + struct.pack(">I4sI4s", 1 << 31, b"jumb", 8, b"jumd")


def attacks() -> Iterator[tuple[str, bytes]]:
    bomb = zlib.compress(bytes(200_000_000))
    yield (
        "bomb.png",
        in_png(chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + bomb), chunk(b"zTXt", b"prompt\0\0" + bomb)),
    )
    yield "many.png", in_png(*(chunk(b"zTXt", b"k\0\0" + zlib.compress(bytes(1_000_000))) for _ in range(80)))
    yield "large.png", in_png(chunk(b"tEXt", b"parameters\0" + b"Steps: 1, " * 10_000_000))
    yield (
        "graph.png",
        in_png(chunk(b"tEXt", b"prompt\0" + b'{"a":' * 50_000), chunk(b"tEXt", b"workflow\0" + b"[" * 200_000)),
    )
    yield "deep.jpg", in_jpeg(xmp(b"<a>" * 20_000))
    yield "entities.jpg", in_jpeg(xmp(ENTITIES + b"]><x>&m;</x>"))
    yield "loop.jpg", in_jpeg(LOOP)
    yield "jumbf.jpg", JPEG[:2] + b"\xff\xeb" + struct.pack(">H", len(JUMBF) + 2) + JUMBF + JPEG[2:]
    yield "store.png", in_png(*(chunk(b"caBX", struct.pack(">I4s", 0, b"jumb") * 100) for _ in range(500)))


def examined(folder: Path, files: dict[str, bytes]) -> dict[str, Examination]:
    for name, data in files.items():
        (folder / name).write_bytes(data)
    request = SignalRequest(lossy=True)
    jobs = [ExamineJob(key, str(folder / name), name, signals=request) for key, name in enumerate(files)]
    with SandboxExaminer(COMMAND, Limits(wall_seconds=MOST_SECONDS), 2, signals=True).run(jobs) as results:
        return {result.examination.path: result.examination for result in results}


def distance(one: Examination, other: Examination) -> int:
    codes = [found.fingerprint.main.pdq.hash for found in (one, other) if found.fingerprint and found.fingerprint.main]
    assert len(codes) == 2, (one, other)
    return (int(codes[0], 16) ^ int(codes[1], 16)).bit_count()


def test_hostile_metadata_costs_no_file_its_match(tmp_path: Path) -> None:
    found = examined(tmp_path, {"plain.png": PNG, **dict(attacks()), "other.jpg": JPEG})
    assert len(found) == len(list(attacks())) + 2
    for name, examination in found.items():
        assert distance(found["plain.png"], examination) <= ALIKE, name
        assert examination.error is None, name
        assert "signals_lost" not in [signal.name for signal in examination.signals], name
    assert found["other.jpg"].signals


@pytest.mark.soak
def test_a_gigabyte_of_text_costs_no_file_its_match(tmp_path: Path) -> None:
    size = 1 << 30
    path = tmp_path / "gigabyte.png"
    with path.open("wb") as file:  # a hole: it takes no room on the disk
        file.write(PNG[:33] + struct.pack(">I", size) + b"tEXtparameters\0")
        file.seek(33 + 8 + size + 4)
        file.write(PNG[33:])
    found = examined(tmp_path, {"plain.png": PNG})
    job = ExamineJob(0, str(path), "gigabyte.png", signals=SignalRequest())
    with SandboxExaminer(COMMAND, Limits(), 1, signals=True).run([job]) as results:
        (huge,) = (result.examination for result in results)
    assert distance(found["plain.png"], huge) <= ALIKE
