"""The words of a comparison of two videos: its verdict, and what cannot be concluded from it."""

from collections.abc import Iterator

from safelight.model.comparison import ClipComparison
from safelight.model.derivation import Verdict
from safelight.model.segment import covered
from safelight.report.compare_words import NOTICEABLE, percent
from safelight.report.text import count, duration


def statement(verdict: Verdict, clips: ClipComparison, *, same_bytes: bool) -> str:
    """The verdict in one to three plain sentences."""
    if same_bytes:
        return "Both files hold the very same bytes: they are one and the same video."
    if verdict is Verdict.DERIVATIVE:
        return " ".join(_derived(clips))
    return {
        Verdict.SHARED_SCENE: "Not derived, but both videos seem to show the same scene or object. "
        "This is a lead for a person to follow, and no more.",
        Verdict.NOT_DERIVED: "Not derived: no stretch of the original was found in the suspect video.",
        Verdict.UNDECIDED: "Undecided: the videos hold too little detail to be compared.",
    }[verdict]


def _derived(clips: ClipComparison) -> Iterator[str]:
    number = len(clips.segments)
    stretches = "in one stretch" if number == 1 else f"in {count(number)} stretches"
    seconds = duration(covered(clips.segments))
    share = "" if clips.share is None else f"{percent(clips.share)} of it, "
    yield f"The suspect video derives from the original: {share}{seconds} {stretches}, shows the original."
    areas = [instant.region.area for instant in clips.instants if instant.region is not None]
    if not areas:
        yield "Whether parts of its frames were replaced could not be told."
    elif max(areas) >= NOTICEABLE:
        altered = sum(area >= NOTICEABLE for area in areas)
        looked = f"{count(altered)} of {count(len(areas))} frames that were compared pixel by pixel"
        least = min(area for area in areas if area >= NOTICEABLE)
        between = dict.fromkeys((percent(least), percent(max(areas))))
        yield f"In {looked}, {' to '.join(between)} of the picture shows other content in place of the original\u2019s."
    else:
        frames = "the frame that was" if len(areas) == 1 else f"the {count(len(areas))} frames that were"
        yield f"In {frames} compared pixel by pixel, no replaced part was found."


def cannot_conclude(verdict: Verdict, clips: ClipComparison, *, same_bytes: bool) -> tuple[str, ...]:
    """What a reader may be tempted to conclude, and must not."""
    return tuple(_limits(verdict, clips, same_bytes=same_bytes))


def _limits(verdict: Verdict, clips: ClipComparison, *, same_bytes: bool) -> Iterator[str]:
    if same_bytes:
        yield "Which of the two files was there first, or who made, sent or kept either of them."
    elif verdict is Verdict.DERIVATIVE:
        yield from _limits_of_derivative(clips)
    elif verdict is Verdict.SHARED_SCENE:
        yield "That one video was made from the other. What agrees is a part of the scene, not the recording."
        yield "That both were recorded at one place or one time: rooms, patterns and goods exist more than once."
    else:
        yield (
            "That the suspect video holds nothing of the original. A stretch of a second or two, a picture much "
            "reduced, redrawn or heavily altered, and scenes without texture leave no trace that this comparison can "
            "find."
        )
        yield "That they do not show the same place, object or person in two different recordings."
    if not same_bytes:
        yield "Anything about sound: it was not listened to. It may be the original\u2019s, changed, or another one."
    yield "Who is shown. Faces were not looked for, and nobody was identified."
    yield "Whether either video is lawful to make, keep or pass on."


def _limits_of_derivative(clips: ClipComparison) -> Iterator[str]:
    yield (
        "Which of the two videos came first. \u201cOriginal\u201d is what the person who ran this comparison calls "
        "that file; if it had been made from the suspect video, the same would be found. What counts as replaced and "
        "what as kept is told from the original\u2019s side."
    )
    yield "Whether it was this very file, or another copy of the same video, that the suspect was made from."
    yield (
        "That the rest of the suspect video does not come from the original, or that a stretch begins and ends at "
        "exactly these moments: they are told to about a second."
    )
    number = len(clips.instants)
    looked = "No frame was" if not number else f"Only {count(number)} frame{' was' if number == 1 else 's were'}"
    yield (
        f"What was done to the frames in between. {looked} compared pixel by pixel; others may be altered more, less, "
        "or elsewhere."
    )
    yield (
        "That what is outlined was put there by somebody. Frames of two videos seldom fall on the same instant, and "
        "what moved in between can look like other content. Nor that the rest is the same in every pixel: changes of "
        "colour, brightness, sharpness and compression are allowed for."
    )
    yield "Who altered the video, when, or with which program."
    yield "Where the content that was put in place came from, and whether it was recorded, drawn or generated."
