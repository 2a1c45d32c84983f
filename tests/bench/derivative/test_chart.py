"""The chart is well-formed and draws what it is given."""

from xml.etree import ElementTree as ET

from safelight.bench.derivative.chart import LEFT, SPAN, Series, recall_chart


def test_bars_have_the_length_of_their_figures() -> None:
    text = recall_chart(
        "Recall <of> all", ["one", "two & three"], [Series("ours", [1.0, 0.25]), Series("peer", [0, 0.5])]
    )
    root = ET.fromstring(text)
    svg = "{http://www.w3.org/2000/svg}"
    bars = [rect for rect in root.iter(f"{svg}rect") if rect.get("x") == str(LEFT)]
    assert [float(rect.get("width", 0)) for rect in bars] == [SPAN, 1.0, SPAN / 4, SPAN / 2]
    assert [rect.findtext(f"{svg}title") for rect in bars][2] == "two & three, ours: 0.25"
    words = {one.text for one in root.iter(f"{svg}text")}
    assert {"Recall <of> all", "one", "two & three", "ours", "peer", "1.00", "0.25"} <= words
    height = float(root.get("height", 0))
    assert all(0 <= float(rect.get("y", 0)) < height for rect in bars)
