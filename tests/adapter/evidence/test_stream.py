"""The form of sealed bytes: round trips around borders of frames, and every kind of tampering."""

import io
from collections.abc import Iterator
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from safelight.adapter.evidence import stream
from safelight.adapter.evidence.stream import FRAME, HEAD, TAG, DamagedError, seal, unseal

KEY = bytes(range(32))
BLOB = "01a203bb-b6a2-7b67-bc23-1e2fb4d3d005"
OTHER = "01a203bb-b6a2-7b67-bc23-1e2fb4d3d0ff"
SMALL = 16


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Frames of few bytes, so that all of them can be tried."""
    monkeypatch.setattr(stream, "FRAME", SMALL)


def sealed(plain: bytes, key: bytes = KEY, blob: str = BLOB) -> bytes:
    return b"".join(seal(io.BytesIO(plain), key, blob, lambda _: None))


def unsealed(data: bytes, key: bytes = KEY, blob: str = BLOB) -> bytes:
    return b"".join(unseal(io.BytesIO(data), key, blob))


def frames(data: bytes) -> list[bytes]:
    return [data[at : at + SMALL + TAG] for at in range(HEAD, len(data), SMALL + TAG)]


class Dripping(io.RawIOBase):
    """Gives fewer bytes than it is asked for, as sockets do."""

    def __init__(self, data: bytes) -> None:
        self._file = io.BytesIO(data)

    def read(self, size: int = -1, /) -> bytes:
        return self._file.read(min(size, 7))


@given(number=st.integers(0, 3), beside=st.integers(-2, 2))
def test_what_is_sealed_is_unsealed_around_borders_of_frames(number: int, beside: int) -> None:
    size = max(0, number * FRAME + beside)
    plain = (b"%08d" % size) * (size // 8 + 1)
    plain = plain[:size]
    data = sealed(plain)
    assert len(data) == HEAD + size + TAG * max(1, -(-size // FRAME))
    assert unsealed(data) == plain


@pytest.mark.usefixtures("small")
def test_each_frame_is_shown_and_decrypts_as_the_paper_says() -> None:
    plain, seen = bytes(range(40)), list[bytes]()
    data = b"".join(seal(io.BytesIO(plain), KEY, BLOB, seen.append))
    assert seen == [plain[:16], plain[16:32], plain[32:]]
    header, cipher = data[:HEAD], AESGCM(KEY)
    for number, frame in enumerate(frames(data)):
        nonce = header[-7:] + number.to_bytes(4, "big") + (b"\1" if number == 2 else b"\0")
        assert cipher.decrypt(nonce, frame, header) == seen[number]


@pytest.mark.usefixtures("small")
def test_no_sealed_byte_repeats_when_the_same_is_sealed_again() -> None:
    one, two = sealed(bytes(64)), sealed(bytes(64))
    assert one[:24] == two[:24]
    assert not set(frames(one)) & set(frames(two))


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("size", [0, 1, SMALL, 2 * SMALL + 5])
def test_any_flipped_byte_is_noticed(size: int) -> None:
    data = sealed(bytes(size))
    for at in range(len(data)):
        for bit in (1, 128):
            broken = bytearray(data)
            broken[at] ^= bit
            with pytest.raises(DamagedError):
                unsealed(bytes(broken))


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("size", [0, SMALL, 3 * SMALL, 3 * SMALL + 1])
def test_any_truncation_and_whatever_is_appended_is_noticed(size: int) -> None:
    data = sealed(bytes(size))
    for end in range(len(data)):
        with pytest.raises(DamagedError):
            unsealed(data[:end])
    for more in (b"\0", bytes(TAG), bytes(SMALL + TAG), data[HEAD:], data):
        with pytest.raises(DamagedError):
            unsealed(data + more)


@pytest.mark.usefixtures("small")
def test_any_other_order_of_frames_and_any_of_another_blob_are_noticed() -> None:
    data, twin = sealed(bytes(64)), sealed(bytes(64), KEY, OTHER)
    own, others = frames(data), frames(twin)

    def orders() -> Iterator[list[bytes]]:
        for one in range(4):
            yield own[:one] + own[one + 1 :]
            yield [*own[:one], own[one], *own[one:]]
            yield [*own[:one], others[one], *own[one + 1 :]]
            for two in range(one):
                swapped = list(own)
                swapped[one], swapped[two] = own[two], own[one]
                yield swapped

    for changed in orders():
        with pytest.raises(DamagedError):
            unsealed(data[:HEAD] + b"".join(changed))
    with pytest.raises(DamagedError, match="another blob"):
        unsealed(twin)
    with pytest.raises(DamagedError):
        unsealed(data[:24] + twin[24:])


def test_another_key_opens_nothing() -> None:
    with pytest.raises(DamagedError, match="frame 0"):
        unsealed(sealed(b"words"), bytes(32))


@pytest.mark.usefixtures("small")
def test_files_that_give_less_than_asked_for_are_read_to_their_end() -> None:
    plain, blob = bytes(range(100)), str(uuid4())
    data = b"".join(seal(Dripping(plain), KEY, blob, lambda _: None))  # type: ignore[arg-type]
    assert b"".join(unseal(Dripping(data), KEY, blob)) == plain  # type: ignore[arg-type]
