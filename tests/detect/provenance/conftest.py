"""One authority, one signer and one signed drawing for each test process."""

import pytest

from tests.detect.provenance.signing import Authority, Maker, action, authority, drawing, maker, sign


@pytest.fixture(scope="session")
def root() -> Authority:
    return authority()


@pytest.fixture(scope="session")
def ida(root: Authority) -> Maker:
    return maker(root)


@pytest.fixture(scope="session")
def made(ida: Maker) -> bytes:
    """A JPEG that says to be made by a trained model."""
    agent = {"name": "Painter", "version": "3"}
    return sign(ida, drawing(), action("created", "trainedAlgorithmicMedia", softwareAgent=agent))
