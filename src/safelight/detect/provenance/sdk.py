"""The only module that uses the C2PA SDK. Importing it costs some 60 ms, so it waits for the first manifest."""

from datetime import UTC, datetime

import c2pa

from safelight.detect.buffer import Buffer
from safelight.detect.provenance.details import Told
from safelight.detect.provenance.stream import BufferStream
from safelight.detect.provenance.words import cause_of
from safelight.model.errors import MediaError
from safelight.model.provenance import TrustList

_MOST_CONTEXTS = 4
_contexts: dict[str, c2pa.Context] = {}
_kept: list[c2pa.Stream] = []


def warm_up() -> None:
    """Get the executable memory that the SDK's callbacks into Python need: a confined process gets none.

    One stream is kept for good, so that the memory, which holds hundreds of callbacks, is never given back.
    """
    if not _kept:
        _kept.append(c2pa.Stream(BufferStream(b"")))


def settings(trust: TrustList) -> dict[str, dict[str, object]]:
    """What the SDK is told: never to use a network, whom to trust, and not to look at what is not C2PA's own."""
    trusted: dict[str, object] = {"trust_config": trust.usages}
    # The SDK keeps no list for time stamps only. Under its two names it says which anchor a signer led to, so that
    # one who is vouched for by an authority of time stamps is not taken for trusted.
    if trust.anchors:
        trusted["trust_anchors"] = trust.anchors
    if trust.time_anchors:
        trusted["user_anchors"] = trust.time_anchors
    return {
        "core": {
            "allowed_network_hosts": [],
            "allow_redirects": False,
            # Identity assertions of CAWG may ask the network who the identity is.
            "decode_identity_assertions": False,
        },
        "verify": {"remote_manifest_fetch": False, "ocsp_fetch": False, "verify_after_reading": True},
        "trust": trusted,
    }


def read_store(data: Buffer, mime: str, trust: TrustList) -> Told | None:
    """The manifest store of a file, checked, as the SDK's JSON. None if the SDK finds none here.

    The SDK asks the clock whether a certificate has run out; so is asked here, where it does not.

    Raises:
        MediaError: it cannot be read.
    """
    try:
        with BufferStream(data) as stream:
            reader = c2pa.Reader.try_create(mime, stream, context=_context(trust))
            if reader is None:
                return None
            with reader:
                return Told(reader.json(), reader.crjson(), datetime.now(UTC))
    except c2pa.C2paError as error:
        if str(error).startswith("Remote:"):
            return None
        raise MediaError(cause_of(str(error))) from error


def _context(trust: TrustList) -> c2pa.Context:
    """The settings in the SDK's form, made once for each trust list and process: it refuses one from before a fork."""
    context = _contexts.get(trust.sha256)
    if context is None or not context.is_valid:
        if len(_contexts) >= _MOST_CONTEXTS:
            _contexts.clear()
        context = _contexts[trust.sha256] = c2pa.Context.from_dict(settings(trust))
    return context
