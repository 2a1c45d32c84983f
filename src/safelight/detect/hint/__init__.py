"""The synthetic hint: from pixels to `Hint`, given an encoder and a trained head. See docs/hint.md.

A picture passes the gate (`domain`), is cut into `views`, each of which the encoder turns into an embedding; the
`head` scores these; `judge` says what may be said of the score.
"""

from safelight.detect.hint.head import Direction, Head
from safelight.detect.hint.judge import judge

__all__ = ["Direction", "Head", "judge"]
