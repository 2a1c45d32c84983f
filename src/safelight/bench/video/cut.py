"""A clip under the editor's hands, with what is true of each of its frames."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from safelight.bench.derivative import draft, marks
from safelight.bench.derivative.draft import Rgb
from safelight.bench.video.footage import Footage, filled, mapped, picked

Step = Callable[["Cut", Sequence[Footage], Generator], "Cut"]
"""An edit's step, given other footage to paste from. What is left to chance is drawn at once, not frame by frame."""

FEATHER = marks.FEATHER
BLACK, WHITE = (0, 0, 0), (255, 255, 255)
BEZEL, TABLE = (18, 18, 22), (150, 138, 120)


@dataclass(frozen=True, slots=True)
class Cut:
    """Footage and its truth.

    `shows`: float64 (frames,), the second of the source that each frame shows, NaN where none. `replaced`: share of the
    picture, 0 to 1, that is other content in every frame. `mirrored`: left and right are swapped.
    """

    footage: Footage
    shows: NDArray[np.float64]
    replaced: float = 0.0
    mirrored: bool = False


def begin(source: Footage) -> Cut:
    """The source itself."""
    return Cut(source, np.arange(source.count) / float(source.fps))


def resized(factor: float) -> Step:
    """Both sides times `factor`, by area."""

    def step(cut: Cut, _: Sequence[Footage], __: Generator) -> Cut:
        size = round(cut.footage.width * factor), round(cut.footage.height * factor)
        return replace(cut, footage=mapped(cut.footage, lambda pixels, _n: _small(pixels, *size), size))

    return step


def letterboxed(cut: Cut, _: Sequence[Footage], __: Generator) -> Cut:
    """Black bars above and below, each a fifth as high as the picture."""
    bar = round(0.2 * cut.footage.height)
    size = cut.footage.width, cut.footage.height + 2 * bar
    return replace(
        cut, footage=mapped(cut.footage, lambda pixels, _n: np.pad(pixels, ((bar, bar), (0, 0), (0, 0))), size)
    )


def trimmed(share: float) -> Step:
    """Cut that share of the time away, half of it at either end; the start falls a quarter second past a whole one.

    So frames that are sampled once a second from the start are never those sampled of the source.
    """

    def step(cut: Cut, _: Sequence[Footage], __: Generator) -> Cut:
        footage, fps = cut.footage, float(cut.footage.fps)
        start = round((np.floor(share / 2 * footage.seconds) + 0.25) * fps)
        numbers = np.arange(start, min(footage.count, start + round((1 - share) * footage.count)))
        return replace(cut, footage=picked(footage, numbers), shows=cut.shows[numbers])

    return step


def faster(speed: float) -> Step:
    """Play at that many times the speed, at the same frame rate: frames are left out, or shown twice."""

    def step(cut: Cut, _: Sequence[Footage], __: Generator) -> Cut:
        count = int((cut.footage.count - 1) / speed) + 1
        numbers = np.minimum(np.rint(np.arange(count) * speed).astype(np.int64), cut.footage.count - 1)
        return replace(cut, footage=picked(cut.footage, numbers), shows=cut.shows[numbers])

    return step


def mirrored(cut: Cut, _: Sequence[Footage], __: Generator) -> Cut:
    """Swap left and right."""
    return replace(cut, footage=mapped(cut.footage, lambda pixels, _n: pixels[:, ::-1]), mirrored=not cut.mirrored)


def cropped(away: float) -> Step:
    """Keep 1 - `away` of the area, in the footage's proportions, at a place by lot, the same in every frame."""

    def step(cut: Cut, _: Sequence[Footage], rng: Generator) -> Cut:
        width, height = cut.footage.width, cut.footage.height
        wide, tall = (round(side * np.sqrt(1 - away)) for side in (width, height))
        left, top = int(rng.integers(0, width - wide + 1)), int(rng.integers(0, height - tall + 1))
        part = np.s_[top : top + tall, left : left + wide]
        return replace(cut, footage=mapped(cut.footage, lambda pixels, _n: pixels[part], (wide, tall)))

    return step


def grey(cut: Cut, _: Sequence[Footage], __: Generator) -> Cut:
    """Luma alone."""

    def change(pixels: Rgb, _number: int) -> Rgb:
        luma = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
        return np.asarray(cv2.cvtColor(luma, cv2.COLOR_GRAY2RGB), np.uint8)

    return replace(cut, footage=mapped(cut.footage, change))


def text(cut: Cut, _: Sequence[Footage], rng: Generator) -> Cut:
    """Three lines of semi-transparent text across the picture, the same in every frame."""
    size = cut.footage.width, cut.footage.height
    seed = int(rng.integers(1 << 32))
    on_black, on_white = (
        marks.text(draft.begin(draft.plain(*size, colour)), np.random.default_rng(seed)).pixels.astype(np.uint16)
        for colour in (BLACK, WHITE)
    )
    lost = np.uint16(255) + on_black - on_white  # 255ths of what lies beneath that the text takes away
    ink = on_black * np.uint16(255)

    def change(pixels: Rgb, _number: int) -> Rgb:
        return np.asarray((pixels * (np.uint16(255) - lost) + ink + np.uint16(127)) // np.uint16(255), np.uint8)

    return replace(cut, footage=mapped(cut.footage, change))


def inset(share: float) -> Step:
    """At that share of its width and height inside another clip, which plays behind it."""

    def step(cut: Cut, others: Sequence[Footage], rng: Generator) -> Cut:
        width, height = cut.footage.width, cut.footage.height
        wide, tall = round(width * share), round(height * share)
        left, top = int(rng.integers(0, width - wide + 1)), int(rng.integers(0, height - tall + 1))
        part = np.s_[top : top + tall, left : left + wide]
        return replace(cut, footage=_over(cut.footage, others[0], part, lambda pixels: _small(pixels, wide, tall)))

    return step


def inserted(around: float) -> Step:
    """As a stretch in time of another clip, which plays for `around` seconds before it and goes on after it."""

    def step(cut: Cut, others: Sequence[Footage], __: Generator) -> Cut:
        footage, other = cut.footage, others[0]
        extra = round(around * footage.fps)

        def frames() -> Iterator[Rgb]:
            host = filled(other, footage.width, footage.height)
            yield from islice(host, extra)
            yield from footage.frames()
            yield from islice(host, extra)

        longer = Footage(footage.width, footage.height, footage.fps, footage.count + 2 * extra, frames)
        return replace(cut, footage=longer, shows=np.pad(cut.shows, extra, constant_values=np.nan))

    return step


def on_screen(cut: Cut, others: Sequence[Footage], rng: Generator) -> Cut:
    """As shown by a device with a dark rim that stands in another scene: a still, 65 % of the width and height."""
    width, height = cut.footage.width, cut.footage.height
    wide, tall = round(0.65 * width), round(0.65 * height)
    left, top = (
        round(place * room) for place, room in zip(rng.uniform(0.2, 0.8, 2), (width - wide, height - tall), strict=True)
    )
    rim = round(0.03 * width)
    ground = next(filled(others[0], width, height)).copy()
    cv2.rectangle(ground, (0, top + tall), (width, height), TABLE, -1)
    cv2.rectangle(ground, (left - rim, top - rim), (left + wide + rim, top + tall + rim), BEZEL, -1, cv2.LINE_AA)
    cv2.circle(ground, (left + wide // 2, top - rim // 2), max(2, rim // 5), (70, 70, 80), -1, cv2.LINE_AA)
    part = np.s_[top : top + tall, left : left + wide]

    def change(pixels: Rgb, _number: int) -> Rgb:
        frame = ground.copy()
        frame[part] = _small(pixels, wide, tall)
        return frame

    return replace(cut, footage=mapped(cut.footage, change))


def region(share: float, *, moves: bool = False) -> Step:
    """Replace an ellipse of that share of every frame by a part of another clip, which plays there.

    Axes in a proportion of 0.7 to 1.4 and a soft edge, as in the derivative benchmark. It stays where it is, or `moves`
    from one place to another and back, as long as the clip plays.
    """

    def step(cut: Cut, others: Sequence[Footage], rng: Generator) -> Cut:
        width, height = cut.footage.width, cut.footage.height
        alpha = ellipse(share, width, height, float(np.exp(rng.uniform(np.log(0.7), np.log(1.4)))))
        tall, wide = alpha.shape[:2]
        room = np.array([width - wide, height - tall])
        over = np.rint(alpha * 256).astype(np.uint16)
        under = np.uint16(256) - over
        start, end = (rng.uniform(0, 1, (2, 2)) * room) if moves else np.tile(rng.uniform(0, 1, 2) * room, (2, 1))

        def frames() -> Iterator[Rgb]:
            patches = filled(others[0], wide, tall)
            for number, pixels in enumerate(cut.footage.frames()):
                there = 1 - abs(1 - 2 * number / max(cut.footage.count - 1, 1))
                left, top = np.rint(start + (end - start) * there).astype(int).tolist()
                frame, part = pixels.copy(), np.s_[top : top + tall, left : left + wide]
                frame[part] = (frame[part] * under + next(patches) * over) >> np.uint16(8)
                yield frame

        changed = replace(cut.footage, frames=frames)
        return replace(cut, footage=changed, replaced=float((alpha >= 0.5).sum()) / (width * height))

    return step


def ellipse(share: float, width: int, height: int, proportion: float) -> NDArray[np.float32]:
    """How opaque an ellipse of that share of a picture is: float32, shape (its height, its width, 1), 0 to 1.

    `proportion`: its width by its height, unless the picture is too narrow for that.
    """
    area = share * width * height / np.pi
    most = 1 / (2 + FEATHER)
    across = float(np.clip(np.sqrt(area * proportion), area / (height * most), width * most))
    along, reach = area / across, 1 + FEATHER / 2
    wide, tall = (min(side, int(np.ceil(2 * half * reach)) + 1) for side, half in ((width, across), (height, along)))
    columns = (np.arange(wide) - (wide - 1) / 2) / across
    rows = (np.arange(tall) - (tall - 1) / 2) / along
    radius = np.sqrt(columns[None, :] ** 2 + rows[:, None] ** 2)
    return np.clip((1 - radius) / FEATHER + 0.5, 0, 1).astype(np.float32)[:, :, None]


def _over(footage: Footage, other: Footage, part: tuple[slice, slice], fit: Callable[[Rgb], Rgb]) -> Footage:
    def frames() -> Iterator[Rgb]:
        for pixels, host in zip(footage.frames(), filled(other, footage.width, footage.height), strict=False):
            frame = host.copy()
            frame[part] = fit(pixels)
            yield frame

    return replace(footage, frames=frames)


def _small(pixels: Rgb, width: int, height: int) -> Rgb:
    return np.asarray(cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
