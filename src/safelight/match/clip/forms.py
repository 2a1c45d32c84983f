"""The eight dihedral forms of a PDQ code, from its bits alone.

A code's bits are a 16x16 matrix of the signs of cosine coefficients of order 1 to 16, less their median. Mirroring a
picture changes the sign of those of odd order along that axis, turning it by a quarter transposes the matrix as well.
The median lies so near to 0 that the code of the mirrored picture differs from this in a few bits only.
"""

import numpy as np
from numpy.typing import NDArray

from safelight.model.fingerprint import DIHEDRAL

_SIDE = 16
_MIRROR = DIHEDRAL.index("flip_y")
MIRRORED = np.array([form.startswith("flip") for form in DIHEDRAL])
"""Which forms are of a mirror image, turned or not: bool (8,)."""

# (transposed, rows of odd order change sign, columns of odd order do), in the order of DIHEDRAL.
_STEPS = (
    (False, False, False),
    (True, True, False),
    (False, True, True),
    (True, False, True),
    (False, True, False),
    (False, False, True),
    (True, False, False),
    (True, True, True),
)


def dihedral_forms(codes: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The codes of the turned and mirrored pictures, but for a few bits: uint8 (8, n, 32), in the order of DIHEDRAL.

    `codes`: uint8 (n, 32), highest bit first.
    """
    # The highest bit belongs to the highest order on both axes.
    bits = np.unpackbits(codes, axis=1).reshape(-1, _SIDE, _SIDE)
    forms = np.empty((len(DIHEDRAL), *bits.shape), np.uint8)
    for form, (transposed, rows, columns) in zip(forms, _STEPS, strict=True):
        form[:] = bits.transpose(0, 2, 1) if transposed else bits
        form[:] ^= _odd(rows)[:, np.newaxis] ^ _odd(columns)[np.newaxis, :]
    return np.packbits(forms.reshape(len(DIHEDRAL), -1, _SIDE * _SIDE), axis=2)


def mirrored_tiles(tiles: NDArray[np.uint8], grid: int) -> NDArray[np.uint8]:
    """Tile codes of the mirror images of pictures, each in its new place: uint8 (k, grid * grid, 32), as `tiles`."""
    count = len(tiles)
    forms = dihedral_forms(tiles.reshape(-1, tiles.shape[-1]))[_MIRROR]
    placed = forms.reshape(count, grid, grid, tiles.shape[-1])[:, :, ::-1]
    return np.ascontiguousarray(placed.reshape(count, grid * grid, tiles.shape[-1]))


def mirrored_places(values: NDArray[np.uint8], grid: int) -> NDArray[np.uint8]:
    """One value for each tile, uint8 (k, grid * grid), with the tiles where they are in the mirror image."""
    turned = values.reshape(len(values), grid, grid)[:, :, ::-1]
    return np.ascontiguousarray(turned.reshape(len(values), grid * grid))


def _odd(sign_changes: bool) -> NDArray[np.uint8]:
    """1 for each order of the matrix that changes sign: those from 15 down to 1, every second one."""
    orders = np.arange(_SIDE, 0, -1)
    return (orders % 2 * sign_changes).astype(np.uint8)
