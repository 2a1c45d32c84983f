"""How a file was encoded, as signals. An encoder is a fact about the last save, and says nothing of the picture."""

from safelight.detect.buffer import Buffer
from safelight.detect.coding.encoders import identify
from safelight.detect.coding.jpeg import JpegStructure, read_structure
from safelight.detect.coding.other import read_png, read_webp
from safelight.detect.coding.quality import CHROMA, LUMA, estimate, near_lossless
from safelight.model.signal import Forgeable, Signal, SignalKind


def read_coding(data: Buffer, mime: str) -> tuple[Signal, ...]:
    """One signal `encoder` for a JPEG, PNG or WebP; none for others, or where nothing can be read. Never fails."""
    signal: Signal | None = None
    if mime == "image/jpeg":
        structure = read_structure(data)
        signal = _encoder(structure) if structure else None
    elif mime in {"image/png", "image/apng"}:
        signal = read_png(data)
    elif mime == "image/webp":
        signal = read_webp(data)
    return () if signal is None else (signal,)


def _encoder(structure: JpegStructure) -> Signal | None:
    encoder = identify(structure)
    if encoder is None:
        return None
    facts = [structure.sampling]
    facts += ["progressive"] if structure.progressive else []
    facts += ["near-lossless"] if structure.luma and near_lossless(structure.luma) else []
    facts.append(f"tables {structure.digest}")
    return Signal(
        "encoder",
        f"JPEG written by: {encoder.words} ({', '.join(facts)})",
        SignalKind.CODING,
        forgeable=Forgeable.ANYONE,
        rule=encoder.rule,
        figures=_figures(structure),
    )


def _figures(structure: JpegStructure) -> dict[str, float]:
    """`quality`, `chroma_quality`: nearest IJG setting, 1 to 100, `exact` when both are just that; steps in levels."""
    luma, chroma = structure.luma, structure.chroma
    assert luma is not None
    light = estimate(luma, LUMA)
    figures = {
        "quality": float(light.value),
        "mean_step": round(sum(luma.values) / 64, 3),
        "near_lossless": float(near_lossless(luma)),
        "tables": float(len(structure.tables)),
        "progressive": float(structure.progressive),
        "restart_interval": float(structure.restart_interval),
    }
    exact = light.exact
    if chroma is not None:
        colour = estimate(chroma, CHROMA)
        figures["chroma_quality"] = float(colour.value)
        exact = exact and colour.exact
    figures["exact"] = float(exact)
    return figures
