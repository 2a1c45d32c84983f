"""Written by tools/calibrate_chance.py; see `chance`. Do not edit.

Measured 2026-11-22 on 1067 benign pictures of 5 kinds
(garments, objects, renderings, samples, wallpapers), each in four qualities.
Pairs counted (x 8 dihedral forms) and the smallest distance seen, by band of the lower quality:
  0-49: 24,119,520 pairs, smallest 70
  50-99: 8,467,816 pairs, smallest 78
  100-100: 6,203,192 pairs, smallest 80
"""

QUALITY_BANDS = ((0, 49), (50, 99), (100, 100))
KNOTS: tuple[tuple[tuple[int, float], ...], ...] = (
    (
        (80, -5.864),
        (86, -5.008),
        (92, -4.199),
        (98, -3.359),
        (104, -2.495),
        (110, -1.707),
        (116, -1.055),
        (122, -0.572),
        (128, -0.26),
    ),
    (
        (86, -5.384),
        (92, -4.501),
        (98, -3.499),
        (104, -2.564),
        (110, -1.735),
        (116, -1.064),
        (122, -0.574),
        (128, -0.26),
    ),
    (
        (88, -5.492),
        (94, -4.418),
        (100, -3.264),
        (106, -2.287),
        (112, -1.489),
        (118, -0.877),
        (124, -0.45),
    ),
)
