"""vPDQ: a video as the list of PDQ hashes of its frames, the open standard that other systems exchange."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class VpdqFrame:
    """One frame of a vPDQ list.

    `frame`: number of the frame in its video, from 0. `quality`: PDQ quality, 0-100. `code`: PDQ of the whole frame,
    64 hexadecimal digits in lower case. `time`: seconds from the start of the video.
    """

    frame: int
    quality: int
    code: str
    time: float
