"""Cards that programs show where a picture is missing: harmless, everywhere, and now and then in a list by mistake."""

from PIL import Image

from safelight.demo.canvas import Colour, Paper, Sketch, hexed, to_image

_GROUND, _INK, _SOFT = hexed("e9e6df"), hexed("4f5a64"), hexed("a9b4ba")


def placeholder(number: int) -> Image.Image:
    """A 480 x 360 card: 0 and 1 show one torn picture, 0 also a folded corner and one more line; 2 a camera."""
    paper = Paper(480, 360)
    sketch = Sketch(paper, _GROUND)
    for left, top in ((40, 40), (400, 60), (60, 380), (560, 400)):
        sketch.ellipse(left, top, 90, 70, hexed("dedad0"))
    if number == 2:
        _camera(sketch)
    else:
        _torn_picture(sketch)
        _line(sketch, 190, 412, 260, _INK)
        if number == 0:
            _line(sketch, 240, 446, 160, _SOFT)
            sketch.polygon([(540, 0), (640, 0), (640, 100)], hexed("d9b25f"))
    return to_image(sketch.pixels())


def _torn_picture(sketch: Sketch) -> None:
    """A framed landscape symbol with a crack through it."""
    sketch.box(120, 60, 520, 370, _INK)
    sketch.box(136, 76, 504, 354, hexed("f7f5f0"))
    sketch.ellipse(220, 150, 36, 36, hexed("d9b25f"))
    sketch.polygon([(136, 354), (250, 200), (360, 354)], _SOFT)
    sketch.polygon([(270, 354), (390, 150), (504, 330), (504, 354)], _INK)
    crack = [(330, 50), (300, 130), (345, 190), (305, 260), (350, 320), (330, 384)]
    sketch.line(crack, _GROUND, 14)


def _camera(sketch: Sketch) -> None:
    sketch.box(130, 130, 510, 380, _INK)
    sketch.box(190, 90, 290, 140, _INK)
    sketch.box(420, 150, 480, 180, hexed("d9b25f"))
    sketch.ellipse(320, 260, 96, 96, hexed("f7f5f0"))
    sketch.ellipse(320, 260, 72, 72, _SOFT)
    sketch.ellipse(296, 236, 20, 20, hexed("f7f5f0"))
    sketch.line([(90, 430), (560, 60)], hexed("b5524a"), 20)


def _line(sketch: Sketch, left: float, top: float, long: float, colour: Colour) -> None:
    sketch.box(left, top, left + long, top + 16, colour)
