"""The pictures that the detector is trained and measured on, by source. All are benign; none is in the repository."""

import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from safelight.bench.synthetic.embed import EDITS, Cache, decode, edited
from safelight.bench.synthetic.fit import Data, Source
from safelight.demo.draw import draw
from safelight.detect.hint import domain
from safelight.detect.hint.views import Pixels

DRAWN_SIZE = (768, 576)
DRAWN = range(80)
DRAWN_UNSEEN = range(80, 120)
"""Numbers of `demo.draw`: drawings that the gate learns from, and drawings that it is measured on."""


@dataclass(frozen=True, slots=True)
class Origin:
    """A source: glob patterns under the corpus, what it is, its licence, and names of files that are left out."""

    name: str
    patterns: tuple[str, ...]
    what: str
    licence: str
    without: frozenset[str] = frozenset()


REAL = (
    Origin("clothing", ("photos/clothing_*",), "photographs of garments, clothing-dataset-small", "CC0"),
    Origin("debian", ("photos/deb_*",), "wallpapers of Debian's desktops: art, graphics, photographs", "free"),
    Origin("pop-os", ("photos/popos_*",), "wallpapers of Pop!_OS: retouched photographs, graphics", "free"),
    Origin("elementary", ("photos/elem_*",), "wallpapers of elementary OS: retouched photographs", "free"),
    Origin(
        "scikit-image",
        ("photos/skimg_*",),
        "sample pictures of scikit-image, without the two that show a person",
        "free, per file",
        frozenset({"skimg_0a440fac74c4.jpg", "skimg_ac0142571c61.jpg"}),
    ),
    Origin("objects", ("synthetic/real_objects/*",), "photographs of objects and pets, dreambooth", "CC BY 4.0"),
)
MADE = (
    Origin("DALL-E 3", ("synthetic/ai_dalle3/*",), "DALL-E 3 pictures of Commonsense-T2I", "Apache-2.0"),
    Origin(
        "ComfyUI",
        (
            "synthetic/ai_comfyui/*",
            "provenance/generators/comfyui__mochi__*",
            "provenance/generators/comfyui__sdturbo__*",
            "provenance/generators/comfyui__unclip__*",
        ),
        "outputs of Stable Diffusion 1 to 3.5, SDXL Turbo, LTX-Video and Mochi, ComfyUI_examples",
        "permissive, stated in its repository",
    ),
)
SCREENSHOTS = Origin(
    "screenshots",
    (
        "provenance/generators/comfyui__area_composition__workflow*",
        "provenance/generators/comfyui__controlnet__*",
        "provenance/generators/comfyui__img2img__*",
    ),
    "screenshots and a depth map, ComfyUI_examples",
    "permissive, stated in its repository",
)


def files(corpus: Path, origin: Origin, most: int | None = None) -> list[Path]:
    """An origin's pictures, sorted; at most `most` of them, evenly chosen."""
    matching = (path for pattern in origin.patterns for path in corpus.glob(pattern))
    found = sorted(path for path in matching if path.name not in origin.without)
    return found if most is None or not found else found[:: -(-len(found) // most)]


def read(corpus: Path, cache: Cache, most: int | None, say: Callable[[str], None]) -> Data:
    """All sources for training: at most `most` pictures of each."""
    real = [_source(one, files(corpus, one, most), cache, say) for one in REAL]
    made = [_source(one, files(corpus, one, most), cache, say) for one in MADE]
    say(f"drawn by code: {len(DRAWN)} pictures")
    return Data(tuple(real), tuple(made), embed("drawn", drawings(DRAWN, most), cache))


def drawings(numbers: range, most: int | None = None) -> Iterator[bytes]:
    """Benign pictures drawn by code, as JPEG files."""
    for number in numbers[:most]:
        file = io.BytesIO()
        draw(number, *DRAWN_SIZE).convert("RGB").save(file, "JPEG", quality=95)
        yield file.getvalue()


def embed(name: str, pictures: Iterator[bytes], cache: Cache) -> Source:
    """Embeddings of all views of some pictures, and what the gate makes of their pixels."""
    random, fixed, outside = [], [], []
    for data in pictures:
        random.append(cache.get(data, "random"))
        fixed.append(cache.get(data, "clean"))
        outside.append(bool(domain.outside(decode(data))))
    return Source(name, np.array(random), np.array(fixed), np.array(outside))


def embed_edited(name: str, paths: Sequence[Path], edit: str, cache: Cache) -> Source:
    """Embeddings of the fixed views of pictures after an edit (which nothing is trained on)."""
    pictures = [path.read_bytes() for path in paths]
    fixed = np.array([cache.get(data, edit) for data in pictures])
    outside = np.array([bool(domain.outside(edited(decode(data), edit))) for data in pictures])
    return Source(name, fixed[:, :0], fixed, outside)


def read_edited(corpus: Path, cache: Cache, most: int, say: Callable[[str], None]) -> dict[str, dict[str, Source]]:
    """By edit and source name: at most `most` pictures of each source after that edit."""
    found: dict[str, dict[str, Source]] = {}
    for edit in EDITS:
        say(f"after the edit {edit!r}")
        found[edit] = {
            one.name: embed_edited(one.name, files(corpus, one, most), edit, cache) for one in (*REAL, *MADE)
        }
    return found


def grey(side: int) -> Pixels:
    """A plain grey square: uint8, shape (side, side, 3)."""
    return np.full((side, side, 3), 128, np.uint8)


def _source(origin: Origin, paths: Sequence[Path], cache: Cache, say: Callable[[str], None]) -> Source:
    say(f"{origin.name}: {len(paths)} pictures")

    def pictures() -> Iterator[bytes]:
        for number, path in enumerate(paths, 1):
            yield path.read_bytes()
            if number % 100 == 0:
                say(f"{origin.name}: {number} of {len(paths)} encoded")

    return embed(origin.name, pictures(), cache)
