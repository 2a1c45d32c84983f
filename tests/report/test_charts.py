import re
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safelight.report.charts import MAX_DISTANCE, Bar, bars, histogram, top_bars

DISTANCES = st.dictionaries(st.integers(0, MAX_DISTANCE), st.integers(0, 10**7))


def rows_of(table: str) -> list[tuple[str, float, str, str]]:
    """Label, length of the bar in percent, number and share, of each bar."""
    body = ET.fromstring(table).find("tbody")
    assert body is not None
    found = []
    for line in body:
        label, _, number, share = ("".join(cell.itertext()) for cell in line)
        found.append((label, float(line[1][0][1].attrib["width"].rstrip("%")), number, share))
    return found


def test_bars_are_a_table_that_says_its_numbers() -> None:
    table = str(bars([Bar("Known", 2, "o-known"), Bar("Near", 1), Bar("None", 0), Bar("<b>", 1_000_000)]))
    assert rows_of(table) == [
        ("Known", 0.8, "2", "< 0.1 %"),
        ("Near", 0.8, "1", "< 0.1 %"),
        ("None", 0.0, "0", "0 %"),
        ("<b>", 100.0, "1,000,000", "> 99.9 %"),
    ]
    assert 'class="o-known"' in table


def test_no_bars_and_bars_of_nothing() -> None:
    assert rows_of(str(bars([]))) == []
    assert rows_of(str(bars([Bar("None", 0)]))) == [("None", 0.0, "0", "")]


def test_top_bars_gather_the_rest() -> None:
    numbers = {"a": 1, "b": 5, "c": 3, "d": 3}
    assert [(label, number) for label, _, number, _ in rows_of(str(top_bars(numbers, 2)))] == [
        ("b", "5"),
        ("c", "3"),
        ("2 other types", "4"),
    ]
    assert [label for label, *_ in rows_of(str(top_bars(numbers, 3)))] == ["b", "c", "d", "a"]


@settings(deadline=None)  # the machine may be busy
@given(DISTANCES, st.sets(st.integers(0, MAX_DISTANCE), max_size=4))
def test_histogram_draws_each_number_to_scale(distances: dict[int, int], thresholds: set[int]) -> None:
    picture = ET.fromstring(str(histogram(distances, thresholds)))
    columns = picture.findall("rect[@class='column']")
    titles = ["".join(column.itertext()) for column in columns]
    drawn = {d: n for d, n in sorted(distances.items()) if n}
    assert titles == [f"distance {d}: {n:,}" for d, n in drawn.items()]
    top = float(picture.findall("line[@class='grid']")[-1].attrib["y1"])
    floor = float(picture.findall("line[@class='grid']")[0].attrib["y1"])
    for column, number in zip(columns, drawn.values(), strict=True):
        y, height = float(column.attrib["y"]), float(column.attrib["height"])
        assert abs(y + height - floor) < 0.2
        assert top - 0.1 <= y <= floor
        tallest = max(columns, key=lambda c: float(c.attrib["height"]))
        expected = float(tallest.attrib["height"]) * number / max(drawn.values())
        assert height == 1.5 or abs(height - expected) < 0.2
    marked = re.findall(r"threshold (\d+)", " ".join(picture.itertext()))
    assert [int(value) for value in marked] == sorted(thresholds)


def test_histogram_says_in_words_what_it_shows() -> None:
    picture = ET.fromstring(str(histogram({0: 4, 10: 1, 24: 2, 40: 1}, [31])))
    assert picture.attrib["role"] == "img"
    assert picture.attrib["aria-label"] == (
        "Files by the distance of their best near match. 0 to 10: 5; 11 to 20: 0; 21 to 31: 2; 32 to 40: 1"
    )


@pytest.mark.parametrize(("tallest", "top"), [(0, 2), (2, 2), (3, 4), (9, 10), (21, 30), (41, 50), (700_001, 800_000)])
def test_the_axis_ends_at_a_round_number_that_halves(tallest: int, top: int) -> None:
    picture = ET.fromstring(str(histogram({5: tallest}, [])))
    labels = [text.text for text in picture.findall("text")][:3]
    assert labels == ["0", f"{top // 2:,}", f"{top:,}"]
