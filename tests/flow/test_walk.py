import os
from pathlib import Path

import pytest

from safelight.flow.walk import display, list_files
from safelight.model.errors import InputError


def make(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")


def listed(folder: Path, *roots: str, leave_out: tuple[Path, ...] = ()) -> list[str]:
    found = list_files([str(folder / root) for root in roots or ("",)], leave_out)
    return [os.path.relpath(path, folder) for path in found]


def test_every_file_once_in_stable_order(tmp_path: Path) -> None:
    make(tmp_path, "b/2", "b/10", "a", "c/d/e", ".hidden")
    assert listed(tmp_path) == [".hidden", "a", "b/10", "b/2", "c/d/e"]


def test_links_are_listed_not_followed(tmp_path: Path) -> None:
    make(tmp_path, "real/x")
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "real" / "up").symlink_to("..")
    (tmp_path / "dangling").symlink_to("nowhere")
    assert listed(tmp_path) == ["dangling", "loop", "real/up", "real/x"]


def test_a_root_that_is_a_link_to_a_folder_is_followed_because_it_was_named(tmp_path: Path) -> None:
    make(tmp_path, "real/x")
    (tmp_path / "link").symlink_to("real")
    assert listed(tmp_path, "link") == ["link/x"]


def test_overlapping_roots_list_each_file_once(tmp_path: Path) -> None:
    make(tmp_path, "a/x", "a/b/y")
    assert listed(tmp_path, "a", "a/b", "a/x") == ["a/b/y", "a/x"]
    assert sorted(listed(tmp_path, "a/b", "a")) == ["a/b/y", "a/x"]
    assert sorted(listed(tmp_path, "a/x", "a")) == ["a/b/y", "a/x"]


def test_a_scans_own_files_are_left_out_and_nothing_beside_them(tmp_path: Path) -> None:
    make(tmp_path, "a", "out/results.jsonl", "out/hidden.jpg")
    (tmp_path / "b").symlink_to("out/results.jsonl")
    assert listed(tmp_path, leave_out=(tmp_path / "out" / "results.jsonl",)) == ["a", "b", "out/hidden.jpg"]


@pytest.mark.parametrize("name", ["nothing", "empty"])
def test_missing_or_empty_is_an_error_that_names_it(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match=name):
        listed(tmp_path, name)


def test_very_deep_folders(tmp_path: Path) -> None:
    deep = tmp_path.joinpath(*["d"] * 300)
    make(deep, "x")
    assert len(listed(tmp_path)) == 1


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        (b"plain.jpg", "plain.jpg"),
        ("grün.jpg".encode(), "grün.jpg"),
        (b"caf\xe9.jpg", "caf\\xe9.jpg"),
        (b"two\nlines", "two\\nlines"),
        ("a\u202egpj.exe".encode(), "a\\u202egpj.exe"),
    ],
)
def test_display_is_one_printable_line(raw: bytes, shown: str) -> None:
    assert display(os.fsdecode(raw)) == shown
