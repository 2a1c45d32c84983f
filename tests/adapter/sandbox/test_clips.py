"""Videos in the workers: what is asked for comes, a lie ends the worker, a crash leaves what came before."""

from dataclasses import replace
from pathlib import Path

import pytest

from safelight.model.clip import OF_KNOWN_CLIP, OF_QUERY_CLIP
from safelight.model.local import LocalRequest, Want
from safelight.model.media import Limits
from safelight.model.scan import Examination, Status
from tests.adapter.sandbox.harness import LIMITS, examine, jobs_for

SMALL = replace(OF_QUERY_CLIP, rows=40, keyed=20, key_frames=2, local=LocalRequest(60, 5))


@pytest.mark.parametrize("request_", [SMALL, replace(OF_KNOWN_CLIP, key_frames=9)])
def test_what_was_asked_for_comes(tmp_path: Path, request_: object) -> None:
    asked = request_
    (result,) = examine(tmp_path, ["clip honestly"], clip=asked)  # type: ignore[arg-type]  # as parametrized
    found = result.examination
    assert found.error is None
    assert found.clip is not None
    assert found.clip.time.tolist() == list(range(10))
    assert found.clip.tiles.shape == (3, 16, 32)
    assert len(found.key_frames) == asked.key_frames  # type: ignore[attr-defined]  # the same
    assert (found.key_frames[0].local.working.grey.size == 0) is (not asked.look)  # type: ignore[attr-defined]  # the same


def test_the_answer_says_how_closely_to_look(tmp_path: Path) -> None:
    answers = {0: Want.NOTHING, 1: Want.KEYPOINTS, 2: Want.DENSE}
    seen: list[int] = []

    def wanted(key: int, found: Examination) -> Want:
        assert found.clip is not None
        assert not found.key_frames
        seen.append(key)
        return answers[key]

    results = examine(tmp_path, ["clip honestly"] * 3, wanted=wanted, clip=SMALL)
    assert seen == [0, 1, 2]
    assert [len(r.examination.key_frames) for r in results] == [0, 2, 2]
    assert [r.examination.error for r in results] == [None, None, "looked at densely"]


LIES = {
    "too_many_rows": "an impossible number of rows",
    "too_many_frames": "an impossible number of key frames",
    "unasked": "an impossible number of key frames",
    "frames_before_asked": "an impossible number of key frames",
    "much_more": "a video out of turn",
    "no_more": "a video out of turn",
    "some_more": "a video out of turn",
    "frames_without_clip": "key frames without a clip",
    "frame_behind_the_end": "an impossible time in a video",
    "codec_of_many_words": "an impossible facts",
    "time late": "an impossible time in a video",
    "span late": "an impossible time in a video",
    "duration far": "an impossible duration",
    "time backwards": "an impossible order of rows",
    "time nan": "an impossible time in a video",
    "span nan": "an impossible time in a video",
    "span short": "an impossible row",
    "quality huge": "an impossible row",
    "codes short": "an impossible row",
    "keyed backwards": "an impossible row with tiles",
    "keyed huge": "an impossible row with tiles",
    "tiles short": "an impossible tiles",
    "tile_quality huge": "an impossible quality of a tile",
    "duration endless": "a malformed Wants message",
    "box nowhere": "an impossible box",
    "box outside": "an impossible box",
    "shot descending": "an impossible order of rows",
}


def test_a_worker_that_lies_about_a_video_ends(tmp_path: Path) -> None:
    scripts = [script for lie in LIES for script in ("clip honestly", f"clip {lie}")]
    results = examine(tmp_path, scripts, clip=SMALL)
    assert all(r.examination.key_frames for r in results[::2])
    assert not any(r.examination.key_frames for r in results[1::2])
    errors = [str(r.examination.error).removeprefix("no keypoints: ") for r in results[1::2]]
    assert errors == [f"the decoder broke its protocol: {what}" for what in LIES.values()]


def test_a_worker_gets_no_more_time_than_its_file_has_earned(tmp_path: Path) -> None:
    errors = [
        examine(tmp_path, ["clip says_what_it_gets\n" + "ok\n" * lines], clip=SMALL)[0].examination.error
        for lines in (0, 50_000)
    ]
    assert errors == ["got 0 and 0", "got 2 and 0"]


def test_key_frames_that_are_not_wanted_are_refused(tmp_path: Path) -> None:
    (result,) = examine(tmp_path, ["clip not_wanted"], wanted=lambda _key, _found: Want.NOTHING, clip=SMALL)
    assert (
        result.examination.error == "no keypoints: the decoder broke its protocol: an impossible number of key frames"
    )


def test_a_crash_at_keypoints_leaves_the_clip(tmp_path: Path) -> None:
    (result,) = examine(tmp_path, ["clip after_asked_crash"], clip=SMALL)
    assert result.examination.status is Status.DEGRADED
    assert result.examination.clip is not None
    assert result.examination.error == "no keypoints: the decoder crashed (signal 11)"


def test_a_job_without_clips_gets_none(tmp_path: Path) -> None:
    (result,) = examine(tmp_path, ["clip honestly"])
    assert (result.examination.clip, result.examination.status) == (None, Status.OK)


def test_a_clip_from_an_examiner_that_was_not_made_for_it_is_an_error(tmp_path: Path) -> None:
    from safelight.adapter.sandbox import SandboxExaminer
    from tests.adapter.sandbox.harness import WORKER

    examiner = SandboxExaminer(WORKER, LIMITS, 1)
    with examiner.run(jobs_for(tmp_path, ["ok"], clip=SMALL)) as results, pytest.raises(ValueError, match="for clips"):
        next(results)


def test_what_a_video_earns_is_bounded_by_its_bytes() -> None:
    limits = Limits()
    assert limits.video_cpu_seconds(60, 10 << 20) == 30
    assert limits.video_cpu_seconds(1e9, 40_000) == 5
    assert limits.video_cpu_seconds(1e9, 1 << 40) == limits.video_seconds / 2
    assert limits.video_cpu_seconds(float("nan"), 1 << 40) == 0
    assert limits.video_cpu_seconds(-5, 1 << 40) == 0


def test_what_all_videos_of_a_file_earn_is_bounded_by_what_is_on_the_disk() -> None:
    assert [Limits.videos_cpu_seconds(stored) for stored in (0, 50_000, 1 << 20, 1 << 30)] == [0, 0, 16, 16_384]
