import hashlib
import json
from pathlib import Path

import pytest

from safelight.adapter.outputs.prompts import FilePrompts
from safelight.model.errors import StorageError
from safelight.model.signal import Place, Prompt

MEDIA = "files/über.zip!/a.png"
SHA256 = "ab" * 32
NAME = hashlib.sha256(MEDIA.encode()).hexdigest()
PROMPT = Prompt("0" * 64, Place('PNG tEXt "parameters"', 41, 90), "a lighthouse\nat dusk \u202e", cut=True)


def test_prompts_are_kept_for_their_owner_only(tmp_path: Path) -> None:
    FilePrompts(tmp_path / "out").keep(MEDIA, SHA256, [PROMPT, PROMPT])
    kept = tmp_path / "out" / "prompts" / f"{NAME}.json"
    assert kept.stat().st_mode & 0o777 == 0o600
    assert kept.parent.stat().st_mode & 0o777 == 0o700
    said = json.loads(kept.read_text())
    assert (said["path"], said["sha256"]) == (MEDIA, SHA256)
    assert [row["text"] for row in said["prompts"]] == [PROMPT.text] * 2
    assert said["prompts"][0]["place"] == {"label": PROMPT.place.label, "start": 41, "end": 90}


def test_keeping_again_replaces(tmp_path: Path) -> None:
    prompts = FilePrompts(tmp_path)
    prompts.keep(MEDIA, SHA256, [PROMPT])
    prompts.keep(MEDIA, SHA256, [])
    assert json.loads((tmp_path / "prompts" / f"{NAME}.json").read_text())["prompts"] == []
    assert len(list((tmp_path / "prompts").iterdir())) == 1


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "prompts").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(StorageError, match="is a link"):
        FilePrompts(tmp_path).keep(MEDIA, SHA256, [PROMPT])
    assert not list((tmp_path / "elsewhere").iterdir())


def test_files_that_claim_the_same_digest_keep_their_own(tmp_path: Path) -> None:
    prompts = FilePrompts(tmp_path)
    prompts.keep(MEDIA, SHA256, [PROMPT])
    prompts.keep("another", SHA256, [])
    assert len(json.loads((tmp_path / "prompts" / f"{NAME}.json").read_text())["prompts"]) == 1


def test_what_finds_no_room_is_not_written(tmp_path: Path) -> None:
    prompts = FilePrompts(tmp_path, room=300)
    assert prompts.keep(MEDIA, SHA256, [PROMPT]) is False
    assert not (tmp_path / "prompts").exists()
    assert prompts.keep(MEDIA, SHA256, []) is True
    assert prompts.keep("another", SHA256, []) is True
    assert prompts.keep("a third", SHA256, []) is False


def test_clearing_removes_what_was_kept_and_nothing_else(tmp_path: Path) -> None:
    prompts = FilePrompts(tmp_path)
    prompts.clear()
    prompts.keep(MEDIA, SHA256, [PROMPT])
    others = [tmp_path / "prompts" / name for name in ("notes.txt", f"{'0' * 64}.json", f"{'1' * 64}.json")]
    for path, content in zip(others, (b"mine", b"\xff\xd8 a picture", b'{"path": 1}'), strict=True):
        path.write_bytes(content)
    prompts.clear()
    assert sorted((tmp_path / "prompts").iterdir()) == sorted(others)
