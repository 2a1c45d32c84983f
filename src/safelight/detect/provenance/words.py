"""What the reader's codes and errors mean, in words for people who do not know the standard.

Codes: C2PA specification 2.3, section 15.2.2 "Standard status codes"; those of older versions of the standard, which
old manifests and the SDK still use, are here as well.
"""

from safelight.model.provenance import UNCOVERED

_CODES = {
    "claimSignature.missing": "the signature over what the manifest declares is missing",
    "claimSignature.mismatch": "the signature does not fit what the manifest declares: it was changed after signing",
    "claimSignature.outsideValidity": "it was signed at a time at which the signer's certificate was not valid",
    "signingCredential.untrusted": "nobody on the trust list vouches for the signer",
    "signingCredential.expired": "the signer's certificate has run out, and no time stamp that "
    "somebody on the trust list vouches for shows earlier signing",
    "signingCredential.invalid": "the signer's certificate is not fit for signing manifests",
    "signingCredential.revoked": "the signer's certificate was revoked by its issuer",
    "signingCredential.ocsp.revoked": "the signer's certificate was revoked by its issuer",
    "signingCredential.ocsp.unknown": "the issuer does not know the signer's certificate",
    "timeStamp.mismatch": "the time stamp belongs to something else: it tells nothing of this signature",
    "timeStamp.malformed": "the time stamp cannot be read",
    "timeStamp.outsideValidity": "the time stamp was made while a certificate behind it was not valid",
    "timeStamp.untrusted": "nobody on the trust list vouches for who made the time stamp: its time is their word",
    "timeStamp.credentialInvalid": "the certificate behind the time stamp is not fit for time stamps",
    "timeOfSigning.outsideValidity": "the time of signing that is told lies outside the signer's certificate",
    "claim.missing": "what the manifest declares is missing",
    "claim.multiple": "the manifest holds several claims where one may be",
    "claim.malformed": "what the manifest declares does not follow the standard",
    "claim.required.missing": "what the manifest declares lacks a required field",
    "claim.cbor.invalid": "what the manifest declares cannot be decoded",
    "claim.hardBindings.missing": "nothing ties the manifest to this file's content",
    "hashedURI.missing": "something that the manifest refers to is missing",
    "hashedURI.mismatch": "something that the manifest refers to was changed after signing",
    "ingredient.hashedURI.mismatch": "what is told of an ingredient was changed after signing",
    "ingredient.manifest.missing": "an ingredient's own manifest is named, and is not there",
    "ingredient.manifest.mismatch": "an ingredient's own manifest was changed after this file was signed",
    "ingredient.claimSignature.missing": "the signature of an ingredient's own manifest is missing",
    "ingredient.claimSignature.mismatch": "the signature of an ingredient's own manifest is not the one that was seen",
    "manifest.inaccessible": "a manifest that is kept elsewhere was not fetched",
    "manifest.multipleParents": "the manifest names several files as the one it was made from",
    "manifest.update.invalid": "a later addition to the manifest holds what an addition must not",
    "manifest.update.wrongParents": "a later addition does not name the one manifest that it adds to",
    "manifest.timestamp.invalid": "a later time stamp of the manifest holds what it must not",
    "manifest.timestamp.wrongParents": "a later time stamp does not name the one manifest that it is for",
    "manifest.compressed.invalid": "the compressed manifest cannot be unpacked",
    "assertion.dataHash.mismatch": "the file's content is not what was signed: it was changed afterwards",
    "assertion.dataHash.malformed": "the hash of the file's content cannot be read",
    "assertion.dataHash.redacted": "the hash of the file's content was taken out",
    "assertion.dataHash.additionalExclusionsPresent": "the signature leaves out parts of the file besides the "
    "manifest: these may have been changed unnoticed",
    "assertion.bmffHash.mismatch": "the media is not what was signed: it was changed afterwards, or is a part of a "
    "fragmented recording whose other parts are not here",
    "assertion.bmffHash.malformed": "the hash of the media cannot be read",
    "assertion.boxesHash.mismatch": "parts of the file are not what was signed: they were changed afterwards",
    "assertion.boxesHash.malformed": "the hashes of the file's parts cannot be read",
    "assertion.boxesHash.unknownBox": "the file has a part that the signature does not cover",
    "assertion.boxesHash.additionalExclusionsPresent": "the signature leaves out parts of the file besides the "
    "manifest: these may have been changed unnoticed",
    "assertion.collectionHash.mismatch": "a file of the collection is not what was signed",
    "assertion.collectionHash.incorrectFileCount": "the collection has more or fewer files than were signed",
    "assertion.collectionHash.invalidURI": "the collection names a file in a way that is not allowed",
    "assertion.collectionHash.malformed": "the hashes of the collection cannot be read",
    "assertion.hashedURI.mismatch": "a declaration in the manifest was changed after signing",
    "assertion.multipleHardBindings": "several hashes claim to cover the file's content where one may",
    "assertion.missing": "a declaration that was signed is missing",
    "assertion.undeclared": "there is a declaration that was not signed",
    "assertion.inaccessible": "a declaration that is kept elsewhere was not fetched",
    "assertion.outsideManifest": "a declaration lies outside the manifest",
    "assertion.notRedacted": "a declaration that is said to be taken out is there",
    "assertion.selfRedacted": "the manifest takes out a declaration of its own, which it must not",
    "assertion.required.missing": "a required declaration is missing",
    "assertion.json.invalid": "a declaration cannot be decoded",
    "assertion.cbor.invalid": "a declaration cannot be decoded",
    "assertion.action.malformed": "what is told of the editing steps does not follow the standard",
    "assertion.action.ingredientMismatch": "an editing step names an ingredient that does not fit",
    "assertion.action.redacted": "editing steps were taken out, which is not allowed",
    "assertion.action.redactionMismatch": "a step that takes something out names what is not there",
    "assertion.cloud-data.hardBinding": "the hash of the file's content is kept elsewhere, which is not allowed",
    "assertion.cloud-data.actions": "the editing steps are kept elsewhere, which is not allowed",
    "assertion.cloud-data.malformed": "the reference to a declaration kept elsewhere cannot be read",
    "assertion.ingredient.malformed": "what is told of an ingredient does not follow the standard",
    "assertion.metadata.disallowed": "the signed metadata holds fields that it must not",
    "assertion.timestamp.malformed": "a time stamp that was added later cannot be read",
    "algorithm.unsupported": "an algorithm is named that is unknown or no longer accepted",
    "algorithm.deprecated": "an algorithm is used that the standard advises against",
    "general.error": "a check failed, and the standard has no code for why",
    UNCOVERED: "bytes lie between the parts of the manifest that no signature covers",
    "com.adobe.prerelease": "it was written by a version from before the standard",
}

_CAUSES = (
    ("prerelease", "the manifest was written by a version from before the standard"),
    ("unknown algorithm", "the manifest names an algorithm that is unknown"),
    ("more than one manifest", "there are several manifest stores where one may be"),
    ("too many manifest", "there are several manifest stores where one may be"),
    ("deply nested", "the file's boxes are nested too deeply"),
    ("deeply nested", "the file's boxes are nested too deeply"),
    ("jumbf", "the manifest store is damaged: its boxes make no sense"),
    ("box", "the manifest store is damaged: its boxes make no sense"),
    ("cbor", "the manifest store is damaged: it cannot be decoded"),
    ("claim", "the manifest store is damaged: what it declares cannot be found or decoded"),
    ("certificate", "the certificates of the manifest or of the trust list cannot be read"),
    ("could not be parsed", "the file around the manifest store is damaged"),
    ("unsupported type", "manifests in files of this type are not read"),
    ("not supported", "manifests in files of this type are not read"),
)

CUT_WORDS = "the manifest declares more than is kept here: the longest lists are cut"
NOT_FOUND = "there is what looks like a manifest store, and the reader finds none in it"
DAMAGED = "the manifest store cannot be read"
TOLD_NOTHING = "what the reader told of the manifest makes no sense"


def in_words(code: str) -> str:
    """What a failed check means; the code itself if it is not known here."""
    return _CODES.get(code, code)


def cause_of(error: str) -> str:
    """What one of the SDK's messages means. The message itself, which may quote the file, is never shown."""
    message = error.lower()
    return next((words for part, words in _CAUSES if part in message), DAMAGED)
