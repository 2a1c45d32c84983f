"""Pictures of the vault on their way to a page: read into anonymous memory, decoded in confinement, kept nowhere."""

from typing import Final

from safelight.flow.render import Rgb
from safelight.model.clip import OF_QUERY_CLIP, ClipRequest, Sampling, Still
from safelight.model.errors import NotNowError
from safelight.model.local import OF_QUERY
from safelight.model.scan import Examination
from safelight.ports import ExamineJob
from safelight.web.container import the_app

SIDE: Final = 1280
"""Longest side in pixels of what a reviewer is shown; never enlarged."""
SECONDS: Final = 60.0
_NONE = "This cannot be shown: nothing in it could be decoded."


def picture(blob: str, side: int = SIDE) -> Rgb:
    """A picture of the vault as displayed. Raises NotNowError when it is none that can be decoded."""
    for found in _examined(blob, ExamineJob(0, "", "item", pixels=side)):
        if found.pixels is not None:
            return found.pixels
    raise NotNowError(cause=_NONE)


def frame(blob: str, time: float, side: int = SIDE) -> Rgb:
    """The frame of a video at a second. Raises NotNowError."""
    request = ClipRequest(Sampling(0.0), rows=0, keyed=0, key_frames=0, local=OF_QUERY, at=(time,))
    for found in _examined(blob, ExamineJob(0, "", "item", local=OF_QUERY, pixels=side, clip=request)):
        for shown in found.key_frames:
            if shown.pixels is not None:
                return shown.pixels
    raise NotNowError(cause=_NONE)


def strip(blob: str) -> tuple[Still, ...]:
    """Mosaics of frames that stand for a video."""
    job = ExamineJob(0, "", "item", thumbnail=True, clip=OF_QUERY_CLIP, local=None)
    return next((found.strip for found in _examined(blob, job) if found.strip), ())


def _examined(blob: str, job: ExamineJob) -> list[Examination]:
    app = the_app()
    with app.evidence.read(blob) as file:
        return app.standing_examiner.examine(file, job).result(timeout=SECONDS)
