"""The plug-in point of detectors that look at pixels (docs/hint.md). What they answer is a hint, never a verdict."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from safelight.model.hint import Hint


@runtime_checkable
class Detector(Protocol):
    """Says whether a picture looks AI-made, or abstains.

    Deterministic: the same pixels give the same answer. After `load` in the parent process it opens no file, starts no
    process or thread and asks nobody: it runs where all of that is refused. It reads pixels alone; a detector
    of markers or metadata is another thing.
    """

    name: str
    """Its name and version, as in `Hint.detector`."""
    card: str
    """SHA-256 of its model card, in hexadecimal, as in `Hint.card`."""

    def judge(self, frames: Sequence[NDArray[np.uint8]], mime: str) -> Hint:
        """What it makes of one file.

        Args:
            frames: at least one frame as displayed (orientation applied): uint8, shape (height, width, 3), RGB. For a
                video, its key frames; they are judged together.
            mime: the sniffed media type.
        """
        ...


@runtime_checkable
class Encoder(Protocol):
    """A frozen network from a view to a vector."""

    def __call__(self, view: NDArray[np.uint8]) -> NDArray[np.float32]:
        """The embedding of one view.

        Args:
            view: uint8, shape (224, 224, 3), RGB.

        Returns:
            float32, shape (512,), of length 1.
        """
        ...
