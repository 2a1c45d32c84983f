import os
import socket
import struct
from dataclasses import fields
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from safelight.adapter.sandbox.protocol import (
    MAX_BODY,
    MAX_PLAIN,
    Answer,
    Ask,
    Begin,
    Channel,
    Done,
    Exited,
    Failed,
    Fork,
    Hello,
    Inbox,
    Job,
    Kill,
    Message,
    ProtocolError,
    Ready,
    Wants,
    frame,
    size_of_arrays,
)
from safelight.model.codec import to_json
from safelight.model.fingerprint import Digests
from safelight.model.local import OF_KNOWN, OF_QUERY, LocalRequest
from safelight.model.media import Limits
from safelight.model.scan import Examination, ScanRow, Status
from tests.adapter.sandbox.hostile_worker import local_examination

MESSAGES: list[Message] = [
    Ready(),
    Fork(3, Limits(max_depth=2)),
    Kill(3),
    Exited(3, -11),
    Hello({"seccomp": "yes"}),
    Job("a.zip", thumbnail=True, skip=4, cpu_seconds=60, local=OF_QUERY, pixels=7),
    Begin("a.zip!/ü"),
    Ask(Digests("0", "1", "2", 3)),
    Answer(yes=True),
    Examination("a.zip", Status.OK),
    Done(),
    Failed("cause"),
    Wants(Examination("a.zip", Status.OK)),
]


@given(st.lists(st.sampled_from(MESSAGES)), st.lists(st.integers(1, 50)))
def test_messages_survive_being_cut_into_any_pieces(messages: list[Message], sizes: list[int]) -> None:
    data = b"".join(map(frame, messages))
    inbox = Inbox()
    received: list[Message] = []
    for size in [*sizes, len(data) + 1]:
        received += inbox.feed(data[:size])
        data = data[size:]
    assert received == messages


@given(st.binary())
def test_any_bytes_give_messages_or_a_protocol_error(data: bytes) -> None:
    kinds = {type(message) for message in MESSAGES}
    try:
        received = list(Inbox().feed(data))
    except ProtocolError:
        return
    assert all(type(message) in kinds for message in received)


@given(st.integers(0, 12), st.binary())
def test_any_body_gives_its_message_or_a_protocol_error(kind: int, body: bytes) -> None:
    try:
        (message,) = Inbox().feed(struct.pack(">IB", len(body), kind) + body)
    except ProtocolError:
        return
    assert type(message) is type(MESSAGES[kind])


def test_an_oversized_frame_is_refused_by_its_header() -> None:
    with pytest.raises(ProtocolError, match="an oversized message"):
        list(Inbox().feed(struct.pack(">IB", MAX_BODY + 1, 9)))


def test_an_oversized_message_is_not_sent() -> None:
    with pytest.raises(ProtocolError, match="a message of 16,777,2"):
        frame(Failed("x" * MAX_BODY))


@pytest.mark.parametrize(("local", "pixels"), [(None, 0), (None, 9), (OF_QUERY, 0), (OF_KNOWN, 1280), (OF_QUERY, 1280)])
def test_arrays_arrive_as_they_were(local: LocalRequest | None, pixels: int) -> None:
    noise = np.arange(pixels * pixels * 3, dtype=np.uint32).astype(np.uint8).reshape(pixels, pixels, 3)
    sent = Examination("x", Status.OK, local=local_examination(local) if local else None, pixels=noise)
    data = frame(sent)
    assert len(data) <= size_of_arrays(local, pixels) < MAX_BODY - MAX_PLAIN
    (received,) = Inbox().feed(data)
    assert isinstance(received, Examination)
    for one, other in zip(arrays_of(sent), arrays_of(received), strict=True):
        assert one.dtype == other.dtype
        assert one.shape == other.shape
        assert one.tobytes() == other.tobytes()
        assert other.flags.writeable


def test_a_picture_without_keypoints_arrives() -> None:
    sent = Examination("x", Status.OK, local=local_examination(LocalRequest(9, 0)))
    (received,) = Inbox().feed(frame(sent))
    assert isinstance(received, Examination)
    assert received.local is not None
    assert received.local.features.descriptors.shape == (0, 128)


@pytest.mark.parametrize(
    "array",
    [
        b'{"shape": [2, 2, 3], "data": "AAAA"}',
        b'{"shape": [-1, 3], "data": "AAAA"}',
        b'{"shape": [1, 1, 1, 3], "data": "AAAA"}',
        b'{"shape": [0, 99999999999999999999], "data": ""}',
        b'{"shape": [3], "data": "AA*A"}',
        b'{"shape": [3], "data": "AA"}',
        b'{"shape": [3], "data": [0, 0, 0]}',
        b'{"shape": 3, "data": "AAAA"}',
        b'{"data": "AAAA"}',
        b'"AAAA"',
        b"[1, 2, 3]",
    ],
)
def test_what_is_no_array_is_malformed(array: bytes) -> None:
    body = b'{"path": "x", "status": "ok", "pixels": %s}' % array
    with pytest.raises(ProtocolError, match="a malformed Examination message"):
        list(Inbox().feed(struct.pack(">IB", len(body), 9) + body))


def test_an_array_of_half_numbers_is_malformed() -> None:
    sent = Examination("x", Status.OK, local=local_examination(LocalRequest(9, 1)))
    body = frame(sent)[5:]
    assert body.count(b'"data":"AAAAAA=="') == 2  # x and angle: a float32 of zero each
    broken = body.replace(b'"data":"AAAAAA=="', b'"data":"AAAAAAA="')
    with pytest.raises(ProtocolError, match="a malformed Examination message"):
        list(Inbox().feed(struct.pack(">IB", len(broken), 9) + broken))


@pytest.mark.parametrize("shape", [b"[1,25]", b"[25,1]", b"[]", b"[24]"])
def test_tiles_of_another_form_are_malformed(shape: bytes) -> None:
    body = frame(Examination("x", Status.OK, local=local_examination(OF_QUERY)))[5:]
    assert body.count(b'"shape":[25]') == 1
    broken = body.replace(b'"shape":[25]', b'"shape":' + shape)
    with pytest.raises(ProtocolError, match="a malformed Examination message"):
        list(Inbox().feed(struct.pack(">IB", len(broken), 9) + broken))


def test_nothing_but_the_connection_can_write_local_features_or_pixels() -> None:
    for found in (
        Examination("x", Status.OK, local=local_examination(OF_KNOWN)),
        Examination("x", Status.OK, pixels=np.zeros((2, 2, 3), dtype=np.uint8)),
    ):
        with pytest.raises(TypeError, match="ndarray"):
            to_json(found)
    assert not {"local", "pixels"} & {field.name for field in fields(ScanRow)}


def arrays_of(found: Examination) -> list[NDArray[Any]]:
    arrays: list[NDArray[Any]] = [] if found.pixels is None else [found.pixels]
    if found.local is not None:
        features, tiles = found.local.features, found.local.tiles
        arrays += [features.x, features.y, features.size, features.angle, features.descriptors]
        arrays += [found.local.working.grey, tiles.codes, tiles.quality]
    return arrays


def test_each_file_arrives_with_its_own_message() -> None:
    ours, theirs = socket.socketpair()
    read_end, write_end = os.pipe()
    with ours, theirs:
        socket.send_fds(ours, [frame(Job("a", thumbnail=False, skip=0, cpu_seconds=1))], [read_end])
        ours.sendall(frame(Answer(yes=False)))
        socket.send_fds(ours, [frame(Job("b", thumbnail=False, skip=0, cpu_seconds=1))], [write_end])
        ours.close()
        channel = Channel(theirs)
        received = [channel.receive() for _ in range(4)]
    assert [r and type(r[0]) for r in received] == [Job, Answer, Job, None]
    first, second, third = (r[1] for r in received if r)
    assert first is not None
    assert second is None
    assert third is not None
    os.write(third, b"x")
    assert os.read(first, 1) == b"x"
    for fd in (read_end, write_end, first, third):
        os.close(fd)


def test_a_channel_that_breaks_off_in_a_message_is_an_error() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.sendall(frame(Begin("path"))[:-1])
        ours.close()
        with pytest.raises(ProtocolError, match="breaks off"):
            Channel(theirs).receive()
