"""Installed packages that offer plug-ins, and the ones that docs/plugins.md and docs/markers.md hold."""

import sys
from pathlib import Path

import pytest

from tests.docs.pages import DOCS, fenced

EXAMPLE = "gradients"
EXAMPLE_MARKER = "lowbits"
MARKERS = "safelight.markers"


def install(
    place: Path,
    package: str,
    source: str,
    *names: str,
    version: str = "1.0",
    group: str = "safelight.shortlists",
    function: str = "open_shortlist",
) -> None:
    """Put a module, and the metadata of the package that it is, where imports find them."""
    module = package.replace("-", "_")
    place.mkdir(exist_ok=True)
    (place / f"{module}.py").write_text(source)
    metadata = place / f"{module}-{version}.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: {version}\n")
    lines = [f"{name} = {module}:{function}\n" for name in names]
    (metadata / "entry_points.txt").write_text(f"[{group}]\n" + "".join(lines))


def install_example(place: Path) -> None:
    """The package that docs/plugins.md holds."""
    (source,) = fenced((DOCS / "plugins.md").read_text(encoding="utf-8"), "python")
    install(place, "safelight-gradients", source, EXAMPLE)


def install_example_marker(place: Path) -> None:
    """The package that docs/markers.md holds."""
    (source,) = fenced((DOCS / "markers.md").read_text(encoding="utf-8"), "python")
    install(place, "safelight-lowbits", source, EXAMPLE_MARKER, group=MARKERS, function="open_decoder")


def reachable(monkeypatch: pytest.MonkeyPatch, place: Path) -> None:
    """Let this process find what is installed at `place`, and nothing that an earlier test installed."""
    for path in place.glob("*.py"):
        monkeypatch.delitem(sys.modules, path.stem, raising=False)
    monkeypatch.syspath_prepend(str(place))
