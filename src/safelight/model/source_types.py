"""What each digitalSourceType says of how a picture was made. Matched as a whole URI, never by a part of it.

Sources: IPTC NewsCodes "Digital Source Type" (http://cv.iptc.org/newscodes/digitalsourcetype/); C2PA specification
2.3, section 18.16; the list of C2PA's conformance programme of what counts as generative AI (`$genai_dst_types`,
2026-08-06), from which this table differs in one value, said below.
"""

from safelight.model.signal import Says

_IPTC = "cv.iptc.org/newscodes/digitalsourcetype/"
_C2PA = "c2pa.org/digitalsourcetype/"

_NAMES = {
    _IPTC: {
        "trainedAlgorithmicMedia": Says.AI_MADE,
        "compositeWithTrainedAlgorithmicMedia": Says.AI_EDITED,
        # Parts of it are synthetic. IPTC does not say by which means; C2PA counts it as generative AI.
        "compositeSynthetic": Says.AI_EDITED,
        # Of anything, some of it perhaps generated: no word of whether it is.
        "composite": Says.ALTERED,
        "compositeCapture": Says.ALTERED,
        "algorithmicallyEnhanced": Says.ALTERED,
        "humanEdits": Says.ALTERED,
        "minorHumanEdits": Says.ALTERED,
        "digitalCapture": Says.CAPTURED,
        "computationalCapture": Says.CAPTURED,
        "negativeFilm": Says.CAPTURED,
        "positiveFilm": Says.CAPTURED,
        "print": Says.CAPTURED,
        # By an algorithm that was not trained on data: a gradient, a fractal. Not AI.
        "algorithmicMedia": Says.DRAWN,
        "dataDrivenMedia": Says.DRAWN,
        "digitalArt": Says.DRAWN,
        "digitalCreation": Says.DRAWN,
        "softwareImage": Says.DRAWN,
        # Anything may have been on the screen or in the room.
        "screenCapture": Says.NOTHING,
        "virtualRecording": Says.NOTHING,
    },
    _C2PA: {
        # Data, not media, out of a trained model: so one was used, and how far it made the picture is not said. C2PA's
        # conformance programme counts it as generative AI without a degree.
        "trainedAlgorithmicData": Says.AI_USED,
        "empty": Says.NOTHING,
    },
}

SOURCE_TYPES: dict[str, Says] = {
    f"{scheme}://{base}{name}": says
    for base, names in _NAMES.items()
    for name, says in names.items()
    for scheme in ("http", "https")
}
"""URI -> what it says. One that is not here says nothing, and is reported as it stands."""

STRENGTH = (Says.NOTHING, Says.CAPTURED, Says.DRAWN, Says.ALTERED, Says.AI_USED, Says.AI_EDITED, Says.AI_MADE)
"""From the weakest word to the strongest: of several that are declared, the last one here is what is said."""


def strongest(declared: "set[Says] | list[Says]") -> Says:
    """The strongest of what is declared; nothing if nothing is."""
    return max(declared, key=STRENGTH.index, default=Says.NOTHING)
