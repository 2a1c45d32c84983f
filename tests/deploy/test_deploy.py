"""What is shipped for operators, held against rules: it cannot be run here."""

import configparser
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from safelight import __version__
from safelight.settings.service import SERVICE_SETTINGS

ROOT = Path(__file__).parents[2]
PINNED = re.compile(r"^[\w./-]+:[\w.-]+@sha256:[0-9a-f]{64}$")
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OWN = ("web", "worker")


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile's, with lines that go on joined."""
    text = re.sub(r"\\\n(?:#.*\n)*", " ", (ROOT / "Dockerfile").read_text())
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [(line.split(None, 1)[0], line.split(None, 1)[1]) for line in lines]


def test_images_are_built_on_pinned_bases() -> None:
    bases = [words.split()[0] for name, words in instructions() if name == "FROM"]
    assert len(bases) == 2
    for base in bases:
        assert PINNED.match(base)


def test_images_run_as_nobody_in_particular() -> None:
    last = instructions()[[name for name, _ in instructions()].index("USER", -20) :]
    users = [words for name, words in instructions() if name == "USER"]
    assert users == ["10411:10411"]
    assert {name for name, _ in last}.isdisjoint({"RUN", "COPY", "ADD"})


def test_images_take_nothing_from_the_network_but_what_is_locked() -> None:
    names = [name for name, _ in instructions()]
    assert "ADD" not in names
    for name, words in instructions():
        if name == "RUN":
            assert not re.search(r"\b(curl|wget|git|apt-get)\b", words)
            for install in re.findall(r"pip install [^&]*", words):
                assert "--require-hashes --only-binary :all:" in install or "--no-deps --no-build-isolation" in install


def test_images_hold_no_secrets_and_say_how_they_are() -> None:
    text = (ROOT / "Dockerfile").read_text()
    assert not re.search(r"(PASSWORD|SECRET|TOKEN|_KEY)\s*=", text)
    assert "HEALTHCHECK" in dict(instructions())
    assert "/healthz" in dict(instructions())["HEALTHCHECK"]


def test_the_builder_is_sent_nothing_else() -> None:
    lines = (ROOT / ".dockerignore").read_text().split()
    assert "*" in lines
    sent = {line.removeprefix("!") for line in lines if line.startswith("!")}
    copied = {
        word
        for name, words in instructions()
        if name == "COPY" and "--from" not in words
        for word in words.split()[:-1]
    }
    assert copied == sent
    for name in sent:
        assert (ROOT / name).exists(), name


def test_the_lock_of_the_image_has_the_extras_and_only_hashes() -> None:
    lock = (ROOT / "requirements/service.txt").read_text()
    pins = re.findall(r"^([a-z0-9_.-]+)(?:\[.*\])?==(\S+)", lock, re.MULTILINE)  # some twice, by version of Python
    wanted = {"django", "uvicorn", "psycopg", "psycopg-binary", "boto3", "opentelemetry-sdk", "hatchling"}
    assert wanted <= {name for name, _ in pins}
    assert len(re.findall(r"^[a-z0-9]", lock, re.MULTILINE)) == len(pins)
    assert not re.search(r"==[^\n]*[^\\]\n(?! +--hash)", lock)
    dev = (ROOT / "requirements/dev.txt").read_text()
    for name, version in pins:
        assert re.search(rf"^{re.escape(name)}(\[.*\])?=={re.escape(version)}\s", dev, re.MULTILINE), name


@pytest.mark.parametrize("name", SERVICES)
def test_containers_can_do_little(name: str) -> None:
    service = SERVICES[name]
    assert not service.get("privileged")
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert not {"pid", "ipc", "network_mode", "devices", "userns_mode"} & service.keys()
    for volume in service["volumes"]:
        assert volume.split(":")[0] in COMPOSE["volumes"]  # nothing of the host, its sockets least of all
    if name not in OWN:
        assert PINNED.match(service["image"])


@pytest.mark.parametrize("name", SERVICES)
def test_secrets_come_as_files_and_there_are_no_default_ones(name: str) -> None:
    service = SERVICES[name]
    for variable, value in service["environment"].items():
        if re.search(r"PASSWORD|SECRET|DATABASE_URL|KEY", variable):
            assert str(value).startswith("/run/secrets/"), variable
            assert str(value).rpartition("/")[2] in service["secrets"]
        assert "://" not in str(value) or variable == "SAFELIGHT_URL"
    for secret in service["secrets"]:
        assert COMPOSE["secrets"][secret].keys() == {"file"}


def test_settings_are_ones_that_exist() -> None:
    known = {name for name, *_ in SERVICE_SETTINGS} | {f"{name}_FILE" for name, *_ in SERVICE_SETTINGS}
    for name in OWN:
        assert SERVICES[name]["environment"].keys() <= known


def test_nothing_is_published_but_web_and_that_to_this_machine() -> None:
    assert {name for name, service in SERVICES.items() if "ports" in service} == {"web"}
    assert SERVICES["web"]["ports"] == ["127.0.0.1:8411:8411"]
    assert COMPOSE["networks"]["back"]["internal"] is True
    assert SERVICES["database"]["networks"] == ["back"]
    assert SERVICES["web"]["networks"] == ["front", "back"]


def test_the_version_is_this_one() -> None:
    assert {SERVICES[name]["image"] for name in OWN} == {f"safelight:{__version__}"}


def unit() -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(ROOT / "deploy/safelight.service")
    return parser


HARD = {
    **dict.fromkeys(("NoNewPrivileges", "PrivateTmp", "PrivateDevices", "ProtectHome", "RestrictSUIDSGID"), "yes"),
    **dict.fromkeys(
        ("ProtectKernelModules", "ProtectKernelTunables", "ProtectControlGroups", "LockPersonality"), "yes"
    ),
    "ProtectSystem": "strict",
    "CapabilityBoundingSet": "",
    "UMask": "0077",
    "StateDirectoryMode": "0700",
    "LimitCORE": "0",  # a core file would hold plain media
}


def test_the_unit_is_hardened() -> None:
    service = unit()["Service"]
    assert {name: service[name] for name in HARD} == HARD
    assert service["User"] != "root"
    assert "MemoryDenyWriteExecute" not in service  # numba compiles at run time


def test_the_unit_gives_time_to_end() -> None:
    from safelight.web.run.supervisor import DRAIN

    assert int(unit()["Service"]["TimeoutStopSec"]) > DRAIN
    assert int(SERVICES["web"]["stop_grace_period"].removesuffix("s")) > DRAIN


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not here; the other rules hold")
def test_systemd_understands_the_unit(tmp_path: Path) -> None:
    copy = tmp_path / "safelight.service"
    text = (ROOT / "deploy/safelight.service").read_text()
    copy.write_text(text.replace("/opt/safelight/bin/safelight", "/bin/true").replace("=safelight\n", "=root\n", 2))
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", copy], capture_output=True, text=True, check=False)
    complaints = [line for line in done.stderr.splitlines() if "safelight.service" in line]
    assert not complaints
