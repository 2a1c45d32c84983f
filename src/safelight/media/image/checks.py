"""Limits and failures of decoders, told in our own words: a decoder's message may quote the file."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from safelight.model.errors import LimitExceededError, MediaError
from safelight.model.media import Limits

NO_MEMORY = "needs more memory than the limit allows"


def check_pixels(size: tuple[int, int], limits: Limits) -> None:
    """Judge a (width, height): raise LimitExceededError when that is too large to decode, MediaError when it is 0."""
    width, height = size
    if width < 1 or height < 1:
        raise MediaError(f"has no pixels: its header says {width} x {height}")
    if width * height > limits.max_pixels:
        raise LimitExceededError(
            f"needs {width:,} x {height:,} pixels; the limit is {limits.max_pixels:,} in one picture"
        )


def is_flat(pixels: NDArray[np.uint8]) -> bool:
    """Whether all pixels are equal, as where a decoder filled in what it could not read."""
    first = pixels[0, 0]
    return all(bool((pixels[top : top + 64] == first).all()) for top in range(0, len(pixels), 64))


def cause_of(failure: Exception) -> str:
    """One line on a decoder's exception."""
    text = str(failure)
    if isinstance(failure, MediaError):
        return failure.cause
    if isinstance(failure, MemoryError):
        return NO_MEMORY
    if isinstance(failure, UnidentifiedImageError):
        return "damaged: its header cannot be read"
    if isinstance(failure, EOFError) or "runcat" in text or "nexpected end" in text or "end of file" in text:
        return "cut short"
    if isinstance(failure, NotImplementedError) or "nsupported" in text or "not supported" in text:
        return "uses a feature that is not supported"
    return f"damaged: the decoder gave up ({type(failure).__name__})"


@contextmanager
def decoder_errors(limits: Limits) -> Iterator[None]:
    """Turn whatever a decoder raises into MediaError or one of its subclasses."""
    try:
        yield
    except MediaError:
        raise
    except MemoryError as failure:
        raise LimitExceededError(NO_MEMORY) from failure
    except Image.DecompressionBombError as failure:
        count = re.search(r"\d+", str(failure))
        need = f"{int(count[0]):,} pixels" if count else "more pixels"
        raise LimitExceededError(f"needs {need}; the limit is {limits.max_pixels:,} in one picture") from failure
    except Exception as failure:
        raise MediaError(cause_of(failure)) from failure
