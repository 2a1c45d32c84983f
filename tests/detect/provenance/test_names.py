"""What of a manifest's texts is quoted, and that words of a prompt are in nothing that comes out."""

import json
from io import BytesIO

import c2pa
import pytest

from safelight.detect.provenance import read_provenance
from safelight.detect.provenance.names import (
    WITHHELD_ACTION,
    WITHHELD_PROGRAM,
    WITHHELD_SOURCE_TYPE,
    label,
    media_type,
    moment,
    program,
    source_type,
    title,
)
from safelight.model.provenance import UNCOVERED
from safelight.policy.assess import assess
from tests.detect.provenance.signing import Authority, Maker, action, drawing, sign

EMPTY: tuple[object, ...] = ("", None, 7, [], {}, {"name": 3})


@pytest.mark.parametrize(
    "name",
    [
        "Drawing Program 2.1",
        "Adobe_Photoshop/26.9.0",
        "make_test_images/0.33.1 c2pa-rs/0.33.1",
        "sora",
        "Google C2PA Core Generator Library",
        "Painter (beta) 3",
        "c2pa-rs",
    ],
)
def test_names_of_programs_are_quoted(name: str) -> None:
    assert program(name) == name


def test_programs_in_every_form() -> None:
    assert program({"name": "Painter", "version": "3"}) == "Painter 3"
    assert program("Adobe_Photoshop/26.9.0 adobe_c2pa/0.14.2 c2pa-rs/0.43.0") == "Adobe_Photoshop/26.9.0"
    assert program("DALL·E") == "OpenAI (ChatGPT, DALL·E, Sora)"
    assert all(program(value) == "" for value in EMPTY)


@pytest.mark.parametrize(
    "words",
    [
        "a lantern on a hill",
        "Painter of lanterns",
        "One Two Three Four Five Six",
        "X" * 41,
        "lantern, hill",
        "灯笼在山上",
        "Firefly: a lantern",
        {"name": "lantern", "version": "on a hill"},
    ],
)
def test_what_reads_like_a_sentence_is_no_name(words: object) -> None:
    assert program(words) == WITHHELD_PROGRAM


def test_labels_times_types_and_addresses() -> None:
    assert label("c2pa.created", WITHHELD_ACTION) == "c2pa.created"
    assert label("a lantern on a hill", WITHHELD_ACTION) == WITHHELD_ACTION
    assert source_type("http://example.org/magic") == "http://example.org/magic"
    assert source_type("a lantern") == source_type("http://x/a lantern") == WITHHELD_SOURCE_TYPE
    assert moment("2026-10-02T09:00:00.5+00:00") == "2026-10-02T09:00:00.5+00:00"
    assert moment("at night") == media_type("a lantern") == title(" ") == title(7) == ""
    assert media_type("image/svg+xml") == "image/svg+xml"
    assert (title("x"), title("xy")) == ("a title of 1 character, withheld", "a title of 2 characters, withheld")


def test_no_word_of_a_prompt_comes_out(ida: Maker, root: Authority) -> None:
    words = "Lanternwords on a hill"
    told = action("created", "trainedAlgorithmicMedia", description=words, parameters={"description": words})
    told |= {"softwareAgent": {"name": words}}
    described = {"title": words, "relationship": "inputTo"}
    part = sign(ida, drawing(), action("created", "digitalCreation"), title=words)

    def add(builder: c2pa.Builder) -> None:
        builder.add_ingredient(json.dumps(described), "text/plain", BytesIO(b"x"))
        builder.add_ingredient(json.dumps(described), "image/jpeg", BytesIO(part))

    signed = sign(ida, drawing(), told, {"action": words}, title=words, prepare=add)
    # A fault of the ingredient's manifest names it among the failures.
    for data in (signed, signed.replace(b"digitalCreation", b"digitalFreation"), signed[:-9] + b"x" + signed[-8:]):
        found = read_provenance(data, "image/jpeg", root.trust)
        assert found is not None
        assert found.actions
        assert found.ingredients
        assert "Lanternwords" not in repr((found, assess((), (), found, None)))
        assert UNCOVERED not in {failure.code for failure in found.failures}
