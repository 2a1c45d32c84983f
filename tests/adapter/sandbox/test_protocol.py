import os
import socket
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.adapter.sandbox.protocol import (
    MAX_BODY,
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
    frame,
)
from safelight.model.fingerprint import Digests
from safelight.model.media import Limits
from safelight.model.scan import Examination, Status

MESSAGES: list[Message] = [
    Ready(),
    Fork(3, Limits(max_depth=2)),
    Kill(3),
    Exited(3, -11),
    Hello({"seccomp": "yes"}),
    Job("a.zip", thumbnail=True, skip=4, cpu_seconds=60),
    Begin("a.zip!/ü"),
    Ask(Digests("0", "1", "2", 3)),
    Answer(known=True),
    Examination("a.zip", Status.OK),
    Done(),
    Failed("cause"),
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


@given(st.integers(0, 11), st.binary())
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
    with pytest.raises(ProtocolError, match="a message of 4,194,3"):
        frame(Failed("x" * MAX_BODY))


def test_each_file_arrives_with_its_own_message() -> None:
    ours, theirs = socket.socketpair()
    read_end, write_end = os.pipe()
    with ours, theirs:
        socket.send_fds(ours, [frame(Job("a", thumbnail=False, skip=0, cpu_seconds=1))], [read_end])
        ours.sendall(frame(Answer(known=False)))
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
