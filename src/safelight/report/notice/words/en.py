"""Notices in English."""

from safelight.model.assessment import Artificialness
from safelight.model.takedown import Scope
from safelight.report.notice.words.words import Words

ENGLISH = Words(
    subject="Request for removal: {what} [{reference}]",
    greeting="To whom it may concern,",
    opening="Material that our review has confirmed as the following can be reached through your service: {what}.",
    abuse="child sexual abuse material",
    exploiting="material that exploits children",
    places="Exact address:",
    items="The file, by its digests:",
    copy="What is there, an altered copy of known material, by its digest:",
    source="The known material, by its digests:",
    item="Our id",
    category="Category",
    klass="class {klass} of the Tech Coalition's industry classification",
    made="How it was made, as our reviewers found",
    how_made={
        Artificialness.CAMERA_ORIGINAL: "not altered",
        Artificialness.MINIMALLY_MODIFIED: "slightly changed (such as cut or compressed anew)",
        Artificialness.PARTIALLY_ALTERED: "altered",
        Artificialness.FULLY_SYNTHETIC: "synthetic as a whole",
        Artificialness.HYBRID: "synthetic in part",
    },
    seen="Last seen there",
    addresses="Addresses of the host",
    reports="Reported to a hotline under",
    earlier="We told the {scope} on {time}; the material is still there.",
    returned="It had been removed by {time}; it is there again.",
    scopes={
        Scope.SITE: "operator of the site",
        Scope.HOST: "host",
        Scope.UPSTREAM: "operator of the network above it",
        Scope.REGISTRAR: "registrar",
        Scope.HOTLINE: "hotline",
    },
    please="We ask you to",
    remove={
        Scope.SITE: "remove the material, and every other copy with these digests, without delay;",
        Scope.HOST: "remove the material or bar access to it without delay, or have your customer do so;",
        Scope.UPSTREAM: "have your customer, in whose network it is, remove it or bar access to it without delay;",
        Scope.REGISTRAR: "have the holder of the domain remove it without delay, or else suspend the domain;",
        Scope.HOTLINE: "take up this report, as those who could act have not done so;",
    },
    take_up="take up this report;",
    preserve="preserve it, with the records that belong to it, for law enforcement as the law that binds you asks;",
    answer="tell us at {email} what you have done, naming {reference}.",
    due="Please answer by {time}.",
    due_by="Please answer by {time} ({basis}).",
    nothing_shown=(
        "This message shows no picture and none will follow. Please send the material to nobody but the authorities."
    ),
    attached="The same is attached for machines (X-ARF version 4).",
    dsa="Notice under Article 16 of Regulation (EU) 2022/2065 (Digital Services Act)",
    explanation=(
        "Explanation (16(2)(a)): the material is illegal content of the category named above. Our review confirmed "
        "it; the digests above identify it."
    ),
    exact="Location (16(2)(b)): the exact address is given above.",
    identity=(
        "Name and e-mail address (16(2)(c)): given below of our own will; the law does not ask for them in notices "
        "about offences under Articles 3 to 7 of Directive 2011/93/EU."
    ),
    faith=(
        "Statement (16(2)(d)): we believe in good faith that the information and allegations in this notice are "
        "accurate and complete."
    ),
    receipt="Please confirm receipt (16(4)), and tell us your decision and the ways of redress (16(5)).",
    farewell="With kind regards",
    reference="Reference",
)
