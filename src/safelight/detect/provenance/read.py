"""Reading a file's C2PA manifest: what it declares, whether it holds, and whether its signer is vouched for."""

from dataclasses import replace

from safelight.detect.buffer import Buffer
from safelight.detect.provenance.details import Told
from safelight.detect.provenance.fields import text
from safelight.detect.provenance.interpret import interpret
from safelight.detect.provenance.locate import locate
from safelight.detect.provenance.words import DAMAGED, NOT_FOUND
from safelight.model.errors import MediaError
from safelight.model.provenance import ManifestState, Provenance, TrustList


def read_provenance(data: Buffer, mime: str, trust: TrustList) -> Provenance | None:
    """What the file's C2PA manifest declares, and how far that can be relied on.

    Costs some microseconds where there is none. Nothing is ever fetched. The answer holds for today: the SDK asks the
    clock whether a certificate without a time stamp has run out.

    Args:
        data: the whole file.
        mime: its media type, as told from the content; a hint, the container is told from the bytes.
        trust: who may vouch for signers; must be usable, as those are that `adapter.trust` gives out.

    Returns:
        None where the file has no manifest and names none. Every failure is in the value: nothing is raised but
        MemoryError.
    """
    located = locate(data)
    blank = Provenance(
        state=ManifestState.REMOTE_ONLY,
        remote=located.remote,
        trust_list=text(trust.name, 200),
        trust_as_of=text(trust.as_of, 20),
        places=located.stores,
    )
    if not located.stores:
        return blank if located.remote else None
    try:
        told = _read_store(data, mime, trust)
        if told is not None:
            return interpret(told, blank, data, located)
        if not located.sure:
            return replace(blank, places=()) if located.remote else None
        cause = NOT_FOUND
    except MediaError as error:
        cause = error.cause
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - a stranger's bytes in a stranger's library: whatever fails is this file's fault
        cause = DAMAGED
    return replace(blank, state=ManifestState.UNREADABLE, cause=cause)


def warm_up() -> None:
    """Load the SDK and what it needs now: a confined process can neither open its library nor run new code."""
    from safelight.detect.provenance import sdk  # noqa: PLC0415 - 60 ms that only manifests are worth

    sdk.warm_up()


def _read_store(data: Buffer, mime: str, trust: TrustList) -> Told | None:
    from safelight.detect.provenance.sdk import read_store  # noqa: PLC0415 - 60 ms that only manifests are worth

    return read_store(data, mime, trust)
