"""The examiner's page: what is in it, and what is not."""

import hashlib
import io
import re
from base64 import b64encode

import numpy as np
import pytest
from PIL import Image

from safelight.model.signal import Signal, SignalKind
from safelight.report import maps_pictures
from safelight.report.maps import CANNOT, PAGE, render, rows
from safelight.report.maps_pictures import SIDE, heat_png, levels_chart, scale_stops
from tests.report.examined import MADE, block_map, frequency, maps, signal


def page(**changes: object) -> str:
    return render(maps(**changes), [signal()], name="a.jpg", sha256="ab" * 32, made=MADE)[PAGE].decode()


def test_the_files() -> None:
    files = render(maps(), name="a.jpg", made=MADE)
    assert list(files) == [PAGE, "ghost-50.png", "ghost-59.png", "ghost-65.png", "noise.png", "double.png"]
    for name, data in files.items():
        if name != PAGE:
            assert Image.open(io.BytesIO(data)).size == (30 * SIDE, 20 * SIDE)
            assert b64encode(data).decode() in files[PAGE].decode()


def test_everything_is_on_the_page() -> None:
    html = page()
    for words in ("Map noise", "How to read it", "What the charts show.", "Something was left out.", "ab" * 32):
        assert words in html
    assert "JPEG written by: libjpeg" in html
    assert "Anyone, with common tools" in html
    assert "487 x 325" in html
    assert html.count("<figure>") == 4
    assert html.count("16 bit</caption>") == 1
    assert html.count("<td>963</td>") == 1
    assert all(sentence.split(",")[0].replace("'", "&#39;") in html for sentence in CANNOT)
    assert "no score in them and no verdict" in html


def test_the_same_input_gives_the_same_bytes() -> None:
    first, second = (render(maps(), [signal()], name="a", made=MADE) for _ in range(2))
    assert first == second


def test_nothing_is_asked_of_the_network_and_no_script_runs() -> None:
    html = page()
    style = re.search(r"<style>(.*?)</style>", html, re.DOTALL)
    assert style is not None
    digest = b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:;" in html
    assert "<script" not in html
    assert not re.search(r"https?://", html)
    assert " style=" not in html


def test_hostile_text_is_only_text() -> None:
    nasty = "<script>alert(1)</script>\u202egpj.exe"
    files = render(maps(), [Signal("x", nasty, SignalKind.CODING)], name=nasty, made=MADE)
    html = files[PAGE].decode()
    assert "<script" not in html
    assert html.count("&lt;script&gt;") == 2
    assert "\u202e" not in html


def test_a_page_without_maps() -> None:
    html = page(blocks=(), frequencies=(), tables=())
    assert "<img" not in html
    assert "Quantisation tables" not in html
    assert "What cannot be concluded" in html


def test_heat_goes_from_dark_to_bright_and_leaves_gaps_open() -> None:
    picture = np.asarray(Image.open(io.BytesIO(heat_png(block_map()))))
    assert picture.shape == (20 * SIDE, 30 * SIDE, 4)
    assert not picture[:SIDE, :SIDE, 3].any()
    assert (picture[SIDE:, :, 3] == 255).all()
    light = picture[..., :3].astype(int).sum(axis=2)[::SIDE, ::SIDE].ravel()[1:]
    assert light[-1] > light[0]
    assert (np.diff(light) >= -6).all()


def test_values_beyond_the_scale_have_its_ends() -> None:
    wide = block_map(low=0.4, high=0.6)
    picture = np.asarray(Image.open(io.BytesIO(heat_png(wide))))
    stops = [tuple(int(colour[at : at + 2], 16) for at in (1, 3, 5)) for _, colour in scale_stops()]
    assert tuple(picture[0, SIDE, :3]) == stops[0]
    assert tuple(picture[-1, -1, :3]) == stops[-1]


def test_the_scale_reads_without_colour() -> None:
    """Each stop is lighter than the one before, as luminance and for each kind of colour vision deficiency."""
    colours = np.array([[int(c[at : at + 2], 16) for at in (1, 3, 5)] for _, c in scale_stops()], float)
    deficient = {  # Vienot, Brettel and Mollon 1999, on the values as they are: enough for an order
        "protan": [[0.112, 0.888, 0], [0.112, 0.888, 0], [0.004, -0.004, 1]],
        "deutan": [[0.292, 0.708, 0], [0.292, 0.708, 0], [-0.022, 0.022, 1]],
    }
    for matrix in (np.eye(3), *map(np.array, deficient.values())):
        luminance = (colours @ np.asarray(matrix).T) @ [0.2126, 0.7152, 0.0722]
        assert (np.diff(luminance) > 5).all()


def test_the_chart_shows_each_level_once() -> None:
    chart = levels_chart(frequency())
    assert chart.count("<rect") == 2 * maps_pictures.SHOWN_LEVELS + 1
    assert "level 0: 400 blocks" in chart
    assert "repeats every 4 levels, strength 21.5" in chart


@pytest.mark.parametrize("counts", [(), (0,) * 97])
def test_a_chart_of_nothing(counts: tuple[int, ...]) -> None:
    chart = levels_chart(frequency(counts=counts, period=0.0, strength=0.0))
    assert "<rect" not in chart
    assert "too few blocks" in chart


def test_tables_have_eight_rows() -> None:
    assert [row[0] for row in rows(maps().tables[0])] == [1, 9, 17, 25, 33, 41, 49, 57]
