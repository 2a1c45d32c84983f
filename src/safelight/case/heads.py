"""What is signed of a tree head."""

from datetime import UTC

import msgspec

from safelight.model.audit import TreeHead

_ENCODER = msgspec.json.Encoder(order="sorted")
_DOMAIN = b"safelight-tree-head-v1\x00"
"""Nothing else that is signed begins so: a signature for one purpose never serves for another."""


def head_bytes(head: TreeHead) -> bytes:
    """The bytes that a signature of a head is over: a name for what it is, then canonical JSON.

    Raises ValueError for a time without a zone.
    """
    if head.at.tzinfo is None:
        raise ValueError("the head's time has no zone")
    at = head.at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    return _DOMAIN + _ENCODER.encode({"at": at, "log": head.log, "root": head.root, "size": head.size})
