import cv2
import numpy as np
import pytest

from safelight.flow.local import displayed, examine_locally
from safelight.model.local import OF_QUERY

PIXELS = np.zeros((9, 9, 3), dtype=np.uint8)


def test_want_of_memory_is_called_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def take_all(*_arguments: object) -> None:
        cv2.resize(PIXELS, (1 << 22, 1 << 22))

    monkeypatch.setattr("safelight.fingerprint.local.working_picture", take_all)
    monkeypatch.setattr("safelight.fingerprint.local.reduced", take_all)
    with pytest.raises(MemoryError):
        examine_locally(PIXELS, 1, OF_QUERY)
    with pytest.raises(MemoryError):
        displayed(PIXELS, 1, 4)


def test_other_errors_of_opencv_come_through(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: object) -> None:
        cv2.resize(PIXELS, (0, 0))

    monkeypatch.setattr("safelight.fingerprint.local.reduced", fail)
    with pytest.raises(cv2.error, match="resize"):
        displayed(PIXELS, 1, 4)
