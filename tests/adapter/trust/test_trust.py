"""The trust list in force: what is shipped, an update, the user's own; and what happens to files that are no list."""

import hashlib
import tomllib
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from safelight.adapter import disk
from safelight.adapter.trust import TrustFolder, load_trust
from safelight.adapter.trust.folder import SHIPPED
from safelight.detect.provenance import read_provenance
from safelight.model.errors import InputError, StorageError, UsageError
from tests.detect.provenance.signing import Authority, Maker, action, authority, drawing, maker, sign

NEWER, OLDER = date(2026, 11, 1), date(2026, 1, 1)


@pytest.fixture(scope="module")
def root() -> Authority:
    return authority("Someone's Root")


@pytest.fixture(scope="module")
def ida(root: Authority) -> Maker:
    return maker(root)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "home" / "trust"


@pytest.fixture
def pem(tmp_path: Path, root: Authority) -> Path:
    path = tmp_path / "someone.pem"
    path.write_text(f"Subject: whatever\n{root.pem}\n{root.pem}")
    return path


class TestShipped:
    def test_as_published(self) -> None:
        about = tomllib.loads((SHIPPED / "official.toml").read_text())
        assert about["licence"].startswith("Open Use of Data Agreement v1.0")
        assert "c2pa-org/conformance-public" in about["source"]
        for name, sha256 in about["sha256"].items():
            assert hashlib.sha256((SHIPPED / name).read_bytes()).hexdigest() == sha256

    def test_loaded(self) -> None:
        trust = load_trust(None)
        assert (trust.name, trust.as_of) == ("C2PA trust list of 2026-08-21", "2026-08-21")
        assert len(x509.load_pem_x509_certificates(trust.anchors.encode())) == 30
        assert len(x509.load_pem_x509_certificates(trust.time_anchors.encode())) == 22
        assert "1.3.6.1.5.5.7.3.4" in trust.usages.splitlines()
        assert trust.as_of in trust.name
        assert load_trust(None) == trust

    @pytest.mark.shared
    def test_it_is_the_list_that_was_published(self, shared: Path) -> None:
        corpus = shared / "corpus/provenance/trust"
        assert (SHIPPED / "official.pem").read_bytes() == (corpus / "C2PA-TRUST-LIST.pem").read_bytes()
        assert (SHIPPED / "official-tsa.pem").read_bytes() == (corpus / "C2PA-TSA-TRUST-LIST.pem").read_bytes()
        mine, theirs = (
            {line.strip() for line in path.read_text().splitlines() if line[:1].isdigit()}
            for path in (SHIPPED / "usages.cfg", corpus / "store.cfg")
        )
        assert mine == theirs

    def test_a_folder_that_is_not_there_changes_nothing(self, folder: Path) -> None:
        assert load_trust(folder) == load_trust(None)
        assert not folder.exists()

    def test_no_signer_of_a_test_is_trusted_by_it(self, ida: Maker) -> None:
        found = read_provenance(sign(ida, drawing(), action("created", "digitalArt")), "image/jpeg", load_trust(None))
        assert found is not None
        assert (found.valid, found.trusted) == (True, False)


class TestOwn:
    def test_added_and_removed(self, folder: Path, pem: Path, ida: Maker) -> None:
        signed = sign(ida, drawing(), action("created", "digitalArt"))
        own = TrustFolder(folder).add(pem)
        assert own.name == "someone"
        assert [anchor.subject for anchor in own.anchors] == ["O=Makers of Drawings,CN=Someone's Root"]
        trust = load_trust(folder)
        assert trust.name == "C2PA trust list of 2026-08-21 and 1 own certificate"
        assert trust.sha256 != load_trust(None).sha256
        found = read_provenance(signed, "image/jpeg", trust)
        assert found is not None
        assert (found.trusted, found.trust_list) == (True, trust.name)
        assert TrustFolder(folder).state().own == (own,)
        TrustFolder(folder).remove("someone")
        assert load_trust(folder) == load_trust(None)

    def test_taken_names_and_unknown_ones(self, folder: Path, pem: Path) -> None:
        TrustFolder(folder).add(pem)
        with pytest.raises(InputError, match=r"someone\.pem: is there already"):
            TrustFolder(folder).add(pem)
        for name in ("nobody", "../official", "", "someone.pem"):
            with pytest.raises(InputError, match="no own certificate has that name; known names: someone"):
                TrustFolder(folder).remove(name)

    def test_names_are_plain(self, folder: Path, pem: Path) -> None:
        for name in ("-x.pem", "..pem", "a b.pem", "ä.pem", ".hidden.pem", "a" * 65 + ".pem"):
            with pytest.raises(InputError, match="name the file with letters"):
                TrustFolder(folder).add(pem.rename(pem.with_name(name)))
            pem.with_name(name).rename(pem)

    def test_what_is_not_an_authority_s_certificate(self, folder: Path, pem: Path, ida: Maker) -> None:
        cases = {
            "": "holds no certificate in PEM",
            "no certificate": "holds no certificate in PEM",
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n": "one that cannot be read",
            ida.chain: "is no authority's: O=Makers of Drawings,CN=Ida Signer",
            ida.key: "holds a private key",
            pem.read_text() + ida.key: "holds a private key",
        }
        for text, cause in cases.items():
            pem.write_text(text)
            with pytest.raises(InputError, match=cause) as caught:
                TrustFolder(folder).add(pem)
            assert str(pem) in str(caught.value)
        assert not (folder / "own").exists()

    def test_a_certificate_that_does_not_say_whose_it_is(self, folder: Path, pem: Path, root: Authority) -> None:
        name, key = root.certificate.subject, root.key
        builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        builder = builder.serial_number(1).not_valid_before(datetime(2026, 1, 1, tzinfo=UTC))
        plain = builder.not_valid_after(datetime(2036, 1, 1, tzinfo=UTC)).sign(key, SHA256())
        pem.write_bytes(plain.public_bytes(Encoding.PEM))
        with pytest.raises(InputError, match="is no authority's"):
            TrustFolder(folder).add(pem)

    def test_files_that_cannot_be_read(self, folder: Path, tmp_path: Path) -> None:
        with pytest.raises(InputError, match="No such file"):
            TrustFolder(folder).add(tmp_path / "nowhere.pem")
        (tmp_path / "huge.pem").write_bytes(bytes((4 << 20) + 1))
        with pytest.raises(InputError, match="too large"):
            TrustFolder(folder).add(tmp_path / "huge.pem")

    def test_a_spoilt_file_is_named(self, folder: Path, pem: Path) -> None:
        TrustFolder(folder).add(pem)
        (folder / "own/broken.pem").write_text("no certificate")
        with pytest.raises(InputError, match=r"own/broken\.pem: holds no certificate"):
            load_trust(folder)
        TrustFolder(folder).remove("broken")
        assert "1 own" in load_trust(folder).name

    def test_without_a_folder_there_is_nothing_to_change(self, pem: Path) -> None:
        for change in (lambda: TrustFolder(None).add(pem), lambda: TrustFolder(None).remove("a")):
            with pytest.raises(UsageError, match="no data folder"):
                change()


class TestUpdate:
    def test_a_newer_list_replaces_the_shipped_one(self, folder: Path, pem: Path, root: Authority) -> None:
        state = TrustFolder(folder).update(pem, NEWER)
        assert (state.shipped, state.official.as_of, state.official.source) == (False, NEWER, "someone.pem")
        trust = load_trust(folder)
        assert trust.anchors == root.pem
        assert trust.time_anchors == load_trust(None).time_anchors
        assert (trust.as_of, trust.name) == ("2026-11-01", "C2PA trust list of 2026-11-01")

    def test_with_anchors_of_time_stamps(self, folder: Path, pem: Path, root: Authority) -> None:
        TrustFolder(folder).update(pem, NEWER, pem)
        assert load_trust(folder).time_anchors == root.pem

    def test_own_anchors_stay(self, folder: Path, pem: Path) -> None:
        TrustFolder(folder).add(pem)
        TrustFolder(folder).update(SHIPPED / "official.pem", NEWER)
        assert load_trust(folder).name == "C2PA trust list of 2026-11-01 and 1 own certificate"

    def test_an_older_list_takes_force(self, folder: Path, pem: Path, root: Authority) -> None:
        with pytest.raises(UsageError, match="the list in force is of 2026-08-21, newer than 2026-01-01"):
            TrustFolder(folder).update(pem, OLDER)
        assert not folder.exists()
        assert TrustFolder(folder).update(pem, OLDER, force=True).shipped is False
        assert (load_trust(folder).as_of, load_trust(folder).anchors) == ("2026-01-01", root.pem)

    def test_a_newer_version_of_the_program_brings_a_newer_list(self, folder: Path, pem: Path) -> None:
        TrustFolder(folder).update(pem, NEWER)
        about = (folder / "official.toml").read_text().replace("2026-11-01", "2026-08-20")
        (folder / "official.toml").write_text(about)
        assert TrustFolder(folder).state().shipped is True

    def test_nothing_is_written_for_a_bad_file(self, folder: Path, pem: Path, tmp_path: Path) -> None:
        bad = tmp_path / "bad.pem"
        bad.write_text("no certificate")
        for files in ((bad, None), (pem, bad)):
            with pytest.raises(InputError, match=r"bad\.pem: holds no certificate"):
                TrustFolder(folder).update(files[0], NEWER, files[1])
        assert not folder.exists()

    @pytest.mark.parametrize("survivors", [0, 1, 2])
    def test_an_update_that_is_cut_short(
        self, survivors: int, folder: Path, pem: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """It is the list of before, or said to be broken; never a mixture."""
        TrustFolder(folder).update(SHIPPED / "official.pem", NEWER)
        before, publish = load_trust(folder), disk.publish
        written: list[Path] = []

        def fail(path: Path, data: bytes) -> None:
            if len(written) == survivors:
                raise OSError(28, "No space left on device")
            written.append(path)
            publish(path, data)

        with monkeypatch.context() as patch:
            patch.setattr(disk, "publish", fail)
            with pytest.raises(StorageError, match="No space left"):
                TrustFolder(folder).update(pem, date(2026, 11, 2), pem)
        if survivors == 0:
            assert load_trust(folder) == before
        else:
            with pytest.raises(InputError, match=r"is not the file that official\.toml was written for"):
                load_trust(folder)
        TrustFolder(folder).update(pem, date(2026, 11, 2), pem)
        assert load_trust(folder).as_of == "2026-11-02"

    @pytest.mark.parametrize(
        "about",
        ["", "as_of = 3", "\0", 'as_of = "yesterday"', 'name = "n"\nsource = "s"\nas_of = "2026-11-01"\nsha256 = 3'],
    )
    def test_a_spoilt_description_is_named_and_mended(self, about: str, folder: Path, pem: Path) -> None:
        TrustFolder(folder).update(pem, NEWER)
        (folder / "official.toml").write_text(about)
        with pytest.raises(InputError, match=r"official\.toml: cannot be read; `safelight trust update`"):
            load_trust(folder)
        TrustFolder(folder).update(pem, NEWER)
        assert load_trust(folder).as_of == "2026-11-01"

    def test_a_hostile_file_name_stays_a_text(self, folder: Path, pem: Path) -> None:
        odd = pem.rename(pem.with_name('a"\nforced = true\n#\udc80.pem'))
        state = TrustFolder(folder).update(odd, NEWER)
        assert state.official.forced is False
        assert state.official.source == 'a"?forced = true?#?.pem'
