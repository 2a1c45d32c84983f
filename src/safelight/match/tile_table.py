"""Written by tools/calibrate_tiles.py; see `tiles`. Do not edit.

Measured 2026-11-22 on 260 benign photographs.
Tiles of derivatives / of unrelated pictures, by band of the lower quality:
  1-4: 313 / 304,066
  5-14: 600 / 573,887
  15-49: 2,385 / 2,067,212
  50-100: 12,858 / 5,745,683
and 273 tiles of 20 photographs aligned with another of their scene.
"""

QUALITY_BANDS = ((1, 4), (5, 14), (15, 49), (50, 100))
UPPER = (20, 40, 60, 70, 80, 90, 100, 110, 120, 256)
UNRELATED = (
    (7.61, 7.61, 7.61, 6.69, 6.47, 6.47, 4.30, 1.37, -0.13, -1.23),
    (8.73, 8.55, 7.83, 7.07, 5.98, 4.76, 3.26, 0.94, -0.51, -1.50),
    (10.00, 9.75, 9.33, 8.54, 6.39, 5.18, 3.43, 1.27, -0.60, -1.67),
    (11.06, 10.78, 10.63, 9.72, 8.80, 6.55, 3.97, 1.14, -0.90, -2.01),
)
SAME_SCENE = (4.08, 2.72, 2.00, 1.62, 0.94, 0.50, 0.06, -0.32, -0.66, -1.64)
UNRELATED_TEMPER, UNRELATED_CAP = 1.00, 9.65
SAME_SCENE_TEMPER, SAME_SCENE_CAP = 1.00, 3.00
