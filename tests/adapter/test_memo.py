"""What may be lost is kept whole or not at all, and never in anybody's way."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from safelight.adapter.memo import FileMemo


def test_it_is_kept_for_its_owner_alone(tmp_path: Path) -> None:
    memo = FileMemo(tmp_path / "figures.json")
    assert memo.get() is None
    for data in (b"first", b"2"):
        memo.put(data)
        assert FileMemo(tmp_path / "figures.json").get() == data
    assert [file.name for file in tmp_path.iterdir()] == ["figures.json"]
    assert (tmp_path / "figures.json").stat().st_mode & 0o777 == 0o600


def test_many_at_once_see_what_one_of_them_has_put(tmp_path: Path) -> None:
    wholes = {bytes([number]) * 300_000 for number in range(8)}

    def put(data: bytes) -> bytes | None:
        memo = FileMemo(tmp_path / "figures.json")
        memo.put(data)
        return memo.get()

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(put, wholes)) <= wholes


def test_what_cannot_be_kept_or_read_is_not(tmp_path: Path) -> None:
    memo = FileMemo(tmp_path / "nowhere" / "figures.json")
    memo.put(b"data")
    assert memo.get() is None
    assert FileMemo(tmp_path).get() is None
