"""Bent manifests: whatever the bytes, a value comes back; and all of it works in a confined process."""

import json
import random
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from safelight.adapter.sandbox.validate_signals import check_signals
from safelight.detect.provenance import read_provenance
from safelight.model.provenance import ManifestState
from safelight.model.scan import Examination, Status
from tests.detect.provenance.signing import Authority, Maker, action, drawing, sign, video
from tests.detect.provenance.test_golden import TYPES

MUTANTS = 40
"""Of each kind of file."""


def bend(data: bytes, chance: random.Random) -> bytes:
    """One to three changes: bytes overwritten, cut out, doubled, or the end cut off; most of them in the manifest."""
    bent = bytearray(data)
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(min(len(bent), 12_000))
        match chance.randrange(5):
            case 0:
                bent[at] ^= 1 << chance.randrange(8)
            case 1:
                bent[at : at + 4] = chance.choice([b"\0\0\0\0", b"\xff\xff\xff\xff", b"\0\0\0\1", b"\x7f\xff\xff\xff"])
            case 2:
                del bent[at : at + chance.randint(1, 64)]
            case 3:
                bent[at:at] = bent[at : at + chance.randint(1, 64)]
            case _:
                del bent[chance.randrange(len(bent) // 2, len(bent)) :]
    return bytes(bent)


def look_at(data: bytes, mime: str, root: Authority) -> ManifestState | None:
    found = read_provenance(data, mime, root.trust)
    check_signals(Examination("x", Status.OK, provenance=found))
    return found.state if found else None


@pytest.mark.parametrize("mime", ["image/jpeg", "image/png", "image/webp", "image/tiff", "image/gif", "video/mp4"])
def test_bent_drawings(mime: str, ida: Maker, root: Authority, made: bytes) -> None:
    plain = video() if mime == "video/mp4" else drawing(mime.partition("/")[2].upper())
    signed = sign(ida, plain, action("created", "digitalCreation"), mime=mime, ingredients=[("componentOf", made)])
    chance = random.Random(mime)
    states = [look_at(bend(signed, chance), mime, root) for _ in range(MUTANTS)]
    assert ManifestState.EMBEDDED in states
    assert ManifestState.UNREADABLE in states


@pytest.mark.shared
def test_bent_media_of_the_sdk(shared: Path, root: Authority) -> None:
    chance = random.Random(4)
    for path in sorted((shared / "corpus/provenance/c2pa-rs").iterdir()):
        data = path.read_bytes()
        for _ in range(4):
            look_at(bend(data, chance), TYPES.get(path.suffix.lower(), f"image/{path.suffix[1:].lower()}"), root)


def test_every_truncation(made: bytes, root: Authority) -> None:
    for length in range(0, len(made), 61):
        look_at(made[:length], "image/jpeg", root)
    assert look_at(made[:200], "image/jpeg", root) is ManifestState.UNREADABLE


CONFINED = """
    import json, os, sys
    from safelight.adapter.sandbox.confine import confine
    from safelight.detect.provenance import read_provenance, warm_up
    from safelight.model.media import Limits
    from safelight.model.provenance import TrustList

    data = open(sys.argv[1], "rb").read()
    trust = TrustList("t", "2026-01-01", "t", open(sys.argv[2]).read(), "", "")
    warm_up()
    parent = os.getpid()
    inside, outside = os.pipe()
    if os.fork() == 0:
        held = confine(Limits(), parent)
        for _ in range(300):
            found = read_provenance(memoryview(data), "image/jpeg", trust)
        os.write(outside, json.dumps([held, found.says, found.valid, found.trusted, found.cause]).encode())
        os._exit(0)
    os.close(outside)
    with os.fdopen(inside) as pipe:
        print(pipe.read())
    os.wait()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only there are workers confined by system call")
def test_in_a_confined_process(made: bytes, root: Authority, tmp_path: Path) -> None:
    """No file can be opened, no code be made: what the SDK needs has to be there by `warm_up`."""
    (tmp_path / "made.jpg").write_bytes(made)
    (tmp_path / "root.pem").write_text(root.pem)
    told = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(CONFINED), tmp_path / "made.jpg", tmp_path / "root.pem"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    held, *found = json.loads(told.stdout)
    assert held["open_file"].startswith("refused")
    assert held["open_socket"].startswith("refused")
    assert found == ["ai_made", True, True, ""]
