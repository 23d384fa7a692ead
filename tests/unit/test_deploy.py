"""What is deployed holds together: units as systemd reads them, the image as a linter would, the locked versions."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import click
import pytest

from connector import cli

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
SERVICES = ("connecteur.service", "connecteur-passage.service")
SAUVEGARDE = "connecteur-sauvegarde.service"
UNITS = (*SERVICES, SAUVEGARDE, "connecteur-passage.timer", "connecteur-sauvegarde.timer")
PROGRAM = "/opt/connecteur/bin/connector"
EXPOSITION_MAX = 12
"""Ten times the exposure that « systemd-analyze security » may give: 1.1 when this was written."""

systemd = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze n’est pas installé ici")


def directives(name: str) -> list[tuple[str, str]]:
    """Every « Key=value » of a unit, in order: some come several times."""
    lines = (DEPLOY / name).read_text(encoding="utf-8").splitlines()
    return [(k, v) for k, _, v in (line.partition("=") for line in lines if re.match(r"[A-Z]\w+=", line))]


@pytest.fixture
def units(tmp_path: Path) -> list[str]:
    """The units with this test's own program in the place of the one that is installed."""
    for name in UNITS:
        text = (DEPLOY / name).read_text(encoding="utf-8").replace(PROGRAM, sys.executable)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return [str(tmp_path / name) for name in UNITS]


def analyze(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["systemd-analyze", *arguments, "--no-pager"], capture_output=True, text=True, check=False, timeout=60
    )


# the units


@systemd
def test_systemd_finds_nothing_to_say_of_the_units(units):
    done = analyze("verify", "--man=no", *units)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@systemd
def test_the_services_are_hardly_exposed(units):
    done = analyze("security", "--offline=yes", f"--threshold={EXPOSITION_MAX}", *units[:3])
    scores = re.findall(r"exposure level for (\S+): ([\d.]+)", done.stdout)
    assert [name for name, _ in scores] == [*SERVICES, SAUVEGARDE], done.stderr
    assert done.returncode == 0, scores
    assert all(float(score) * 10 <= EXPOSITION_MAX for _, score in scores), scores


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_runs_without_rights_and_its_token_is_handed_to_it(name):
    found = dict(directives(name))
    expected = {
        "User": "connecteur",
        "NoNewPrivileges": "yes",
        "ProtectSystem": "strict",
        "ProtectHome": "yes",
        "PrivateTmp": "yes",
        "CapabilityBoundingSet": "",
        "StateDirectoryMode": "0700",
        "UMask": "0077",
        "LoadCredential": "jeton:/etc/connecteur/jeton",
        "MemoryDenyWriteExecute": "yes",
    }
    assert {key: found.get(key) for key in expected} == expected
    assert ("SystemCallFilter", "@system-service") in directives(name)


def test_the_service_speaks_to_systemd_and_the_timer_does_not():
    permanent, passage = (dict(directives(name)) for name in SERVICES)
    assert (permanent["Type"], permanent["NotifyAccess"], permanent["WatchdogSec"]) == ("notify", "main", "5min")
    assert permanent["Restart"] == "on-failure"
    assert (passage["Type"], passage["Conflicts"]) == ("oneshot", "connecteur.service")
    assert {"1", "75"} <= set(passage["SuccessExitStatus"].split())


def test_both_services_are_protected_alike():
    apart = {"Type", "ExecStart", "WatchdogSec", "Restart", "RestartSec", "RestartPreventExitStatus", "NotifyAccess"}
    apart |= {"Description", "Conflicts", "SuccessExitStatus", "TimeoutStartSec", "WantedBy"}
    apart |= {"StartLimitIntervalSec", "StartLimitBurst"}
    permanent, passage = ([d for d in directives(name) if d[0] not in apart] for name in SERVICES)
    assert permanent == passage


def test_the_copy_is_made_by_the_same_account_without_network_nor_secret():
    found = dict(directives(SAUVEGARDE))
    assert (found["User"], found["PrivateNetwork"], found["ProtectSystem"]) == ("connecteur", "yes", "strict")
    assert "LoadCredential" not in found
    assert found["ExecStart"].split()[2] == "/var/lib/connecteur/copies"
    assert "connecteur/copies" in found["StateDirectory"]


@pytest.mark.parametrize("name", [*SERVICES, SAUVEGARDE])
def test_what_a_service_starts_is_a_command_that_exists(name):
    understood(shlex.split(dict(directives(name))["ExecStart"])[1:])


def understood(arguments: list[str]) -> None:
    """Fails when the command line would not take those arguments."""
    context = click.Context(cli.principal, info_name="connector")
    name, command, rest = cli.principal.resolve_command(context, arguments)
    assert command is not None
    command.make_context(name, rest, parent=context)


# the wrapper


def test_the_wrapper_runs_a_command_under_the_services_account_and_configuration(tmp_path):
    fake = tmp_path / "systemd-run"
    fake.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n', encoding="utf-8")
    fake.chmod(0o755)

    def run(*arguments: str) -> list[str]:
        return subprocess.run(
            ["/bin/sh", str(DEPLOY / "connecteur"), *arguments],
            capture_output=True,
            text=True,
            check=True,
            env={"PATH": f"{tmp_path}:/usr/bin:/bin"},
        ).stdout.splitlines()

    shown = run("explain", "123 456")
    assert "--property=User=connecteur" in shown
    assert shown[-5:] == [PROGRAM, "explain", "123 456", "--config", "/etc/connecteur/config.toml"]
    assert run("plan", "--config", "essai.toml")[-4:] == [PROGRAM, "plan", "--config", "essai.toml"]
    assert run("--version")[-2:] == [PROGRAM, "--version"]
    assert run("rules", "--help")[-3:] == [PROGRAM, "rules", "--help"]


# the image


def instructions() -> list[tuple[str, str]]:
    """Every instruction of the Dockerfile, its continued lines joined."""
    text = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    joined = re.sub(r"\\\n\s*", " ", "\n".join(line for line in text.splitlines() if not line.startswith("#")))
    return [(verb, rest.strip()) for verb, _, rest in (line.partition(" ") for line in joined.splitlines() if line)]


def test_the_image_is_built_from_named_versions_and_what_it_copies_exists():
    found = instructions()
    assert {verb for verb, _ in found} <= {
        *("FROM", "LABEL", "RUN", "COPY", "ENV", "USER", "WORKDIR", "VOLUME"),
        *("STOPSIGNAL", "HEALTHCHECK", "ENTRYPOINT", "CMD"),
    }
    assert all(re.match(r"[\w/]+:\d+\.\d+[\w.-]*( AS \w+)?$", rest) for verb, rest in found if verb == "FROM")
    sources = [s for verb, rest in found if verb == "COPY" and "--from" not in rest for s in rest.split()[:-1]]
    kept = set(re.findall(r"(?m)^!(\S+)", (ROOT / ".dockerignore").read_text(encoding="utf-8")))
    for source in sources:
        assert (ROOT / source).exists(), source
        assert source.removeprefix("./") in kept, source


def test_the_image_installs_by_hash_and_holds_no_secret():
    runs = " ".join(rest for verb, rest in instructions() if verb == "RUN")
    assert "--require-hashes" in runs
    assert "curl" not in runs
    assert "sudo" not in runs
    words = " ".join(rest for verb, rest in instructions() if verb in {"ENV", "LABEL"})
    assert not re.search("(?i)jeton|token|password|secret", words)


def test_the_image_runs_without_rights_says_how_it_goes_and_stops_when_asked():
    verbs = [verb for verb, _ in instructions()]
    last = dict(instructions())
    assert re.fullmatch(r"[1-9]\d{3,}:[1-9]\d{3,}", last["USER"]), (
        "a number, so that an orchestrator can see it is not root"
    )
    assert verbs.index("USER") < verbs.index("ENTRYPOINT")
    assert not [v for v in verbs[verbs.index("USER") :] if v in {"RUN", "COPY"}]
    assert last["STOPSIGNAL"] == "SIGTERM"
    assert last["VOLUME"] == '["/var/lib/connecteur"]'
    assert last["ENTRYPOINT"] == '["connector"]'
    understood(shlex.split(last["CMD"].strip("[]").replace(",", " ")))
    check = last["HEALTHCHECK"].partition("CMD connector ")[2].partition(" ||")[0]
    understood(shlex.split(check))


# the versions


def locked(name: str) -> dict[str, set[str]]:
    """Each package of a lock with its versions (some depend on the Python), and never one without a hash."""
    text = re.sub(r"\\\n\s*", " ", (ROOT / name).read_text(encoding="utf-8"))
    found: dict[str, set[str]] = {}
    for line in filter(None, text.splitlines()):
        package, version = re.match(r"([\w.-]+)==([\w.]+)", line).groups()
        assert "--hash=sha256:" in line, package
        found.setdefault(package, set()).add(version)
    return found


def test_what_is_installed_is_a_part_of_what_was_tested_at_the_same_versions():
    whole, runs = locked("requirements.lock"), locked("requirements.runtime.lock")
    assert {name: whole.get(name) for name in runs} == runs
    assert not {"pytest", "mypy", "ruff", "playwright"} & set(runs)


def test_what_is_installed_is_all_that_is_needed():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = [r for needed in project["optional-dependencies"].values() for r in needed]
    for requirement in (*project["dependencies"], *extras):
        assert re.split(r"[\[<>=]", requirement)[0] in locked("requirements.runtime.lock"), requirement


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_a_machine_without_a_registry_installs_from_the_wheelhouse(tmp_path):
    """`make wheelhouse` here, then a new environment that is allowed no index at all."""
    subprocess.run(["make", "wheelhouse"], cwd=ROOT, check=True, capture_output=True, timeout=300)
    house = ROOT / "wheelhouse"
    subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=house, check=True)
    livrees = {roue.name.split("-")[0].lower().replace("_", "-") for roue in house.glob("*.whl")} - {"ds-connector"}
    inventaire = {c["name"].lower() for c in json.loads((house / "sbom.json").read_text())["components"]}
    licences = (house / "licences.md").read_text(encoding="utf-8").lower().replace("_", "-")
    assert livrees <= inventaire
    assert [nom for nom in livrees if f"| {nom} " not in licences] == []
    subprocess.run([sys.executable, "-m", "venv", str(tmp_path)], check=True)
    env = {"PIP_CONFIG_FILE": "/dev/null", "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(house), "PATH": "/usr/bin:/bin"}
    for arguments in (("--require-hashes", "-r", str(house / "requirements.lock")), ("--no-deps", "ds-connector")):
        subprocess.run([tmp_path / "bin" / "pip", "install", "-q", *arguments], check=True, env=env, timeout=300)
    done = subprocess.run(
        [tmp_path / "bin" / "connector", "rules", "--config", str(ROOT / "config.example.toml")],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
    )
    assert "Règles en vigueur" in done.stdout
