"""JPEG ghosts: parts that were once saved at another quality than the rest.

Source: H. Farid, Exposing Digital Forgeries from JPEG Ghosts, IEEE TIFS 4(1), 2009. The picture is saved again at many
qualities; a part that was saved before at one of them changes least there. Only the luminance is looked at, and only
the grid of blocks that begins at the picture's top left corner.
"""

import cv2
import numpy as np
import simplejpeg
from numpy.typing import NDArray

from safelight.detect.maps.planes import Luma, Planes, Values, block_means
from safelight.model.maps import BlockMap

QUALITIES = tuple(range(35, 99, 3))
SHOWN = 3
_APART = 6  # qualities between two maps that are shown
_LEAST_CHANGE = 1.0  # squared levels between the best and the worst quality; flat squares change less

_CAPTION = (
    "How much each square changes when the picture is saved once more at quality {quality}, between its own least (0) "
    "and most (1) over all qualities. A part with a clear outline that is much darker or lighter than all around may "
    "have been saved at another quality before it came here. It misleads: texture, sky and sharp edges differ too; a "
    "part that was pasted off the 8-pixel grid leaves no ghost. On test pictures the best of these maps told pasted "
    "squares from others with an AUC of 0.93 after saving at quality 92, 0.74 at 75 and 0.65 after resizing, where 0.5 "
    "is a guess. Nothing to see does not mean that nothing was done."
)
_AGAIN = "Read as the ghost before, for quality {quality}. An outline that is seen at one quality alone speaks loudest."


def ghost_maps(planes: Planes) -> tuple[BlockMap, ...]:
    """The maps of the `SHOWN` qualities that spread the squares most, lowest quality first."""
    changes = relative_changes(planes.luma, planes.block)
    return tuple(
        BlockMap(
            name=f"ghost-{QUALITIES[at]}",
            title=f"JPEG ghost at quality {QUALITIES[at]}",
            values=changes[at],
            block=planes.block,
            unit="share of its own range",
            low=0.0,
            high=1.0,
            caption=(_AGAIN if number else _CAPTION).format(quality=QUALITIES[at]),
        )
        for number, at in enumerate(sorted(_chosen(changes)))
    )


def relative_changes(luma: Luma, block: int) -> NDArray[np.float32]:
    """Change of each square at each of `QUALITIES`: float32 (qualities, rows, columns), 0 to 1, NaN for flat ones."""
    changes = np.stack([_change(luma, quality, block) for quality in QUALITIES])
    least = changes.min(axis=0)
    most = changes.max(axis=0) - least
    most[most < _LEAST_CHANGE] = np.nan
    return np.asarray((changes - least) / most, np.float32)


def _change(luma: Luma, quality: int, block: int) -> Values:
    """Mean squared difference to the picture saved again, for each square."""
    saved = simplejpeg.encode_jpeg(luma[..., None], quality, "GRAY")
    again = simplejpeg.decode_jpeg(saved, "GRAY")[..., 0]
    difference = cv2.absdiff(luma, again).astype(np.float32)
    return block_means(difference * difference, block)


def _chosen(changes: NDArray[np.float32]) -> list[int]:
    """Indices of the qualities with the widest spread, some way apart from each other; none where all is flat."""
    usable = [plane[np.isfinite(plane)] for plane in changes]
    spreads = [float(plane.std()) if plane.size else 0.0 for plane in usable]
    chosen: list[int] = []
    for at in sorted(range(len(spreads)), key=lambda i: -spreads[i]):
        if spreads[at] > 0 and all(abs(QUALITIES[at] - QUALITIES[other]) >= _APART for other in chosen):
            chosen.append(at)
    return chosen[:SHOWN]
