"""Marks in pixels, told as signals: a mark is present, which proves nothing, as its programs are public."""

import numpy as np
from numpy.typing import NDArray

from safelight.detect.markers.dwt_dct import Reading, Writer, chance, decode
from safelight.detect.markers.payloads import PAYLOADS
from safelight.model.signal import Forgeable, Says, Signal, SignalKind


def read_markers(pixels: NDArray[np.uint8]) -> tuple[Signal, ...]:
    """The marks that one decoded frame carries; none for most pictures.

    `pixels`: uint8, shape (height, width, 3), C-contiguous RGB, as stored. About 1.5 ms CPU a megapixel, of at most 2;
    `worth_decoding` says for which files it is worth that. Raises ValueError for arrays that are not such.
    """
    return tuple(_signal(reading) for reading in decode(pixels) if reading.present)


def _signal(reading: Reading) -> Signal:
    payload = reading.payload
    bits = len(payload.message)
    return Signal(
        payload.name,
        _in_words(reading),
        kind=SignalKind.MARKER,
        says=payload.says,
        generator=payload.generator,
        forgeable=Forgeable.PUBLIC_CODE,
        rule=payload.rule,
        figures={
            "bits": float(bits),
            "bits_agree": float(reading.bits_agree),
            "chance_bits": bits / 2,
            "chance_max_seen": float(payload.bits_seen),
            "library_bits_agree": float(reading.library_agrees),
            "likeness": round(reading.likeness, 4),
            "likeness_needed": payload.needed,
            "likeness_max_seen": payload.seen,
            "chance": min(1.0, len(Writer) * len(PAYLOADS) * chance(reading.likeness, bits)),
        },
    )


def _in_words(reading: Reading) -> str:
    payload = reading.payload
    bits = len(payload.message)
    found = (
        f"marker present: the watermark that public programs of {payload.generator} write into pixels"
        f" ({reading.bits_agree} of {bits} bits agree, {bits // 2} would by chance; likeness {reading.likeness:.2f},"
        f" at most {payload.seen:.2f} was seen without it)"
    )
    alone = "; so short a mark only supports other evidence" if payload.says is Says.NOTHING else ""
    return f"{found}; anyone can embed it, so it proves nothing by itself{alone}"
