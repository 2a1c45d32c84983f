"""Decoders of marks are found, loaded only when named, held at arm's length, and never more than evidence."""

import tomllib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from safelight.detect.markers.payloads import PAYLOADS
from safelight.media.archives.names import is_safe
from safelight.model.errors import PluginError, UsageError
from safelight.model.plugin import PluginState
from safelight.model.signal import Forgeable, RuleStatus, Says, Signal, SignalKind
from safelight.plugin import shortlists
from safelight.plugin.markers import GROUP, TAKEN, check_names, list_plugins, load_decoders
from safelight.ports.markers import MarkerReader
from tests.docs.pages import DOCS, fenced
from tests.plugin.packages import EXAMPLE_MARKER, MARKERS, install, install_example_marker, reachable

LOADED, FAILED = PluginState.LOADED, PluginState.FAILED
PIXELS = np.full((300, 400, 3), 7, np.uint8)
WELL = """
from safelight.model.signal import Forgeable, Says
from safelight.ports.markers import MarkerReading, MarkerState
class Decoder:
    name = "well"
    version = "2.1"
    generator = "Painter"
    says = {says}
    forgeable = Forgeable.HARD
    source = "a paper"
    as_of = {as_of}
    asked = 0
    def decode(self, pixels):
        self.asked += 1
        if self.asked == 1:  # the grey picture that comes first
            return {first}
        return {answer}
def open_decoder(): return Decoder()
"""
PRESENT = 'MarkerReading(MarkerState.PRESENT, {"votes": 12}, "12 of 12 votes")'
ABSENT = "MarkerReading(MarkerState.ABSENT)"

Install = Callable[..., None]


def well(answer: str = PRESENT, says: str = "Says.AI_MADE", as_of: str = '"2026-01-02"', first: str = ABSENT) -> str:
    return WELL.format(answer=answer, says=says, as_of=as_of, first=first)


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Install packages for this process: name -> source; each offers one decoder by the package's name."""

    def run(**sources: str) -> None:
        for package, source in sources.items():
            install(tmp_path / "site", package, source, package, group=MARKERS, function="open_decoder")
        reachable(monkeypatch, tmp_path / "site")

    return run


def only(name: str = "well") -> MarkerReader:
    loaded = load_decoders([name])
    assert loaded.failed == ()
    (reader,) = loaded.readers
    return reader


def told(reader: MarkerReader, pixels: NDArray[np.uint8] = PIXELS) -> Signal:
    signal = reader.read(pixels)
    assert signal is not None
    return signal


def test_one_that_fails_is_listed_with_its_error_and_hides_no_other(installed: Install) -> None:
    installed(
        well=well(),
        raises="raise RuntimeError('no\nmodel')".replace("\n", "\\n"),
        value="open_decoder = 3",
        empty="def open_decoder(): return object()",
        decides=well(says="Says.CAPTURED"),
        undated=well(as_of='"lately"'),
        first=well(first="1 / 0"),
        words=well(first="'present'"),
        sdxl=well(),
    )
    listed = {one.name: (one.state, one.error) for one in list_plugins()}
    assert listed == {
        "well": (LOADED, ""),
        "raises": (FAILED, "RuntimeError: no model"),
        "value": (FAILED, "TypeError: value:open_decoder is no function"),
        "empty": (FAILED, "TypeError: it gave a object, which is no MarkerDecoder"),
        "decides": (FAILED, "ValueError: a mark cannot say captured"),
        "undated": (FAILED, "ValueError: as_of must be an ISO date"),
        "first": (FAILED, "ZeroDivisionError: division by zero"),
        "words": (FAILED, "TypeError: it answered with a str, which is no MarkerReading"),
        "sdxl": (FAILED, "this name is Safelight's own"),
    }
    assert {one.kind for one in list_plugins()} == {"marker"}
    assert shortlists.list_plugins() == []
    assert {payload.name.removeprefix("marker_") for payload in PAYLOADS} <= TAKEN


def test_those_that_are_named_are_loaded_in_order_and_failures_cost_no_other(installed: Install) -> None:
    installed(well=well(), other=well(), broken="raise OSError('gone')", never="raise AssertionError")
    loaded = load_decoders(["other", "broken", "well", "nobody", "other"])
    assert [reader.name for reader in loaded.readers] == ["other", "well"]
    assert [str(error) for error in loaded.failed] == [
        "plug-in 'broken': OSError: gone",
        "plug-in 'nobody': no installed package offers it",
    ]


def test_names_are_checked_before_anything_is_loaded(installed: Install) -> None:
    installed(well="raise AssertionError")
    check_names(["well"])
    check_names([])
    with pytest.raises(UsageError, match=r"no marker plug-in 'wel' is installed; installed: well$"):
        check_names(["well", "wel"])


def test_a_mark_is_a_signal_and_never_more_than_that(installed: Install) -> None:
    installed(well=well())
    signal = told(only())
    assert (signal.name, signal.kind, signal.says) == ("marker_well", SignalKind.MARKER, Says.AI_MADE)
    assert signal.detail == (
        "marker present, says plug-in well 2.1: 12 of 12 votes; a mark is evidence, and proves nothing by itself"
    )
    assert (signal.generator, signal.forgeable, signal.figures) == ("Painter", Forgeable.HARD, {"votes": 12.0})
    assert signal.rule is not None
    assert (signal.rule.id, signal.rule.source, signal.rule.as_of) == ("plugin-well", "a paper", "2026-01-02")
    assert signal.rule.status is RuleStatus.UNVERIFIED


def test_absent_says_nothing_and_undecidable_says_so(installed: Install) -> None:
    installed(well=well(ABSENT), unsure=well('MarkerReading("undecidable", {}, "too much noise")'))
    assert only().read(PIXELS) is None
    signal = told(only("unsure"))
    assert (signal.name, signal.says) == ("marker_undecided", Says.NOTHING)
    assert signal.detail == "plug-in unsure 2.1 cannot decide: too much noise"


@pytest.mark.parametrize(
    ("answer", "cause"),
    [
        ("1 / 0", "ZeroDivisionError"),
        ("exit()", "SystemExit"),
        ("pixels.fill(0)", "ValueError"),
        ("'present'", "TypeError"),
        ("MarkerReading('real')", "ValueError"),
        ("MarkerReading(MarkerState.PRESENT, {'a': float('nan')})", "ValueError"),
        ("MarkerReading(MarkerState.PRESENT, {'a': 'secret'})", "TypeError"),
        ("MarkerReading(MarkerState.PRESENT, {'A b': 1.0})", "ValueError"),
        ("MarkerReading(MarkerState.PRESENT, None)", "AttributeError"),
    ],
)
def test_a_failure_is_told_and_costs_one_reading(installed: Install, answer: str, cause: str) -> None:
    installed(well=well(answer))
    signal = told(only())
    assert (signal.name, signal.says, signal.figures) == ("marker_failed", Says.NOTHING, {})
    assert signal.detail == f"plug-in well 2.1 could not look at it: {cause}"
    assert (PIXELS == 7).all()
    assert PIXELS.flags.writeable


def test_what_it_says_is_cleaned_and_bounded(installed: Install) -> None:
    figures = "{f'f{number}': number for number in range(99)}"
    detail = "'\\u202e\\x1b[1m' + 'long ' * 9999"
    installed(well=well(f"MarkerReading(MarkerState.PRESENT, {figures}, {detail})").replace('"Painter"', '"P\\n" * 99'))
    signal = told(only())
    assert is_safe(signal.detail)
    assert is_safe(signal.generator)
    assert len(signal.detail) < 500
    assert len(signal.generator) <= 80
    assert len(signal.figures) == 16


def test_the_working_folder_offers_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path, "planted", "raise AssertionError", "planted", group=MARKERS, function="open_decoder")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    assert list_plugins() == []
    with pytest.raises(UsageError, match="installed: none"):
        check_names(["planted"])


def test_the_example_of_the_page_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install_example_marker(tmp_path)
    reachable(monkeypatch, tmp_path)
    assert [(one.name, one.package, one.state) for one in list_plugins()] == [
        (EXAMPLE_MARKER, "safelight-lowbits", LOADED)
    ]
    reader = only(EXAMPLE_MARKER)
    pixels = np.random.default_rng(3).integers(0, 256, (64, 80, 3), dtype=np.uint8)
    assert reader.read(pixels) is None
    assert reader.read(pixels[:3, :3]) is None
    mark = np.resize(np.unpackbits(np.frombuffer(b"LOWB", np.uint8)), (64, 80))
    pixels[:, :, 1] = pixels[:, :, 1] & 0xFE | mark
    assert told(reader, pixels).name == "marker_lowbits"
    assert told(reader, pixels).figures == {"bits_agree": 5120.0, "bits": 5120.0}
    pixels[::4, :, 1] ^= 1
    assert told(reader, pixels).name == "marker_undecided"


def test_the_example_package_is_what_its_page_says() -> None:
    (page,) = fenced((DOCS / "markers.md").read_text(encoding="utf-8"), "toml")
    project = tomllib.loads(page)["project"]
    assert project["entry-points"] == {GROUP: {EXAMPLE_MARKER: "safelight_lowbits:open_decoder"}}
    assert project["name"] == "safelight-lowbits"


def test_a_named_plugin_error_is_one_line() -> None:
    (failed,) = load_decoders(["../up"]).failed
    assert isinstance(failed, PluginError)
    assert "\n" not in str(failed)
