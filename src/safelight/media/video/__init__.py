"""Videos: opened by the one demuxer of their sniffed type, decoded on one thread, sampled as asked.

Pure but for FFmpeg's own memory. Runs inside a confined child process; `safelight.media.warm` makes that ready.
"""

from safelight.media.video.reader import VideoReader, open_video
from safelight.media.video.source import DECODED_VIDEO

__all__ = ["DECODED_VIDEO", "VideoReader", "open_video"]
