"""The files of deploy/ agree with the program and with each other: commands, ports, paths, settings, figures and limits.

What no test here can do is start them: containers, systemd and Prometheus itself. nginx, systemd-analyze, promtool and
shellcheck are used where they are installed.
"""

from __future__ import annotations

import argparse
import configparser
import datetime
import os
import re
import shlex
import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from scheduler_core.cli import availability
from scheduler_core.cli.command_line import COMMANDS
from scheduler_core.monitoring.availability.doors import door_of
from scheduler_core.monitoring.metrics import text as figures
from scheduler_core.settings import environment
from tests.support.paths import ROOT

DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
COMMON = DEPLOY / "systemd" / "shopwright-.service.d" / "common.conf"
CRON = DEPLOY / "cron" / "shopwright"
NGINX = DEPLOY / "nginx" / "shopwright.conf"
SCRIPTS = sorted([*DEPLOY.glob("*.sh"), *(DEPLOY / "container").glob("*.sh")])
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
PROGRAM = "/opt/shopwright/current/bin/shopwright"
DOORS = {door.name: door.url for door in map(door_of, availability.DOORS)}


def unit(path: Path) -> configparser.ConfigParser:
    """A unit file; a key that stands twice would be an error here."""
    parser = configparser.ConfigParser(interpolation=None, delimiters=("=",), comment_prefixes=("#",))
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(path.read_text("utf-8"))
    return parser


def parsed(arguments: list[str]) -> argparse.Namespace:
    """The arguments of ``shopwright`` as the program's own parser has them; a wrong one ends the test."""
    name, *rest = arguments
    module = next(module for command, module, _ in COMMANDS if command == name)
    parser = argparse.ArgumentParser(prog=f"shopwright {name}", exit_on_error=False)
    module.add(parser)
    return parser.parse_args(rest)


def units_commands() -> Iterator[tuple[str, list[str]]]:
    for path in UNITS:
        program, *arguments = shlex.split(unit(path)["Service"]["ExecStart"])
        assert program == PROGRAM, path.name
        yield path.stem, arguments


def composed_commands() -> Iterator[tuple[str, list[str]]]:
    for name, service in SERVICES.items():
        command = service.get("command", [])
        if command[:1] == ["shopwright"]:
            yield name, command[1:]
        elif command[:2] == ["sh", "-c"]:
            for part in re.split(r"&&", command[2]):
                program, *arguments = shlex.split(part.split(">")[0])
                assert program == "shopwright"
                yield name, arguments


# ---------------------------------------------------------------- commands, ports and paths
@pytest.mark.parametrize(
    ("where", "arguments"), [*units_commands(), *composed_commands()], ids=lambda value: str(value)[:40]
)
def test_every_command_is_one_that_the_program_has(where: str, arguments: list[str]) -> None:
    if arguments[0] == "serve" and "serve" not in {name for name, _, _ in COMMANDS}:
        pytest.skip("the HTTP API is not part of this version")
    parsed(arguments)


def test_scripts_and_cron_call_commands_that_the_program_has() -> None:
    script = (DEPLOY / "upgrade.sh").read_text("utf-8")
    called = {words for words in re.findall(r'program "\$\w+"\)" ((?:[a-z_]+ ?)+(?:--[a-z-]+ ?)*)', script) if words}
    called |= {
        words.replace(r"$(date +\%F)", "") for words in re.findall(r"bin/shopwright ([^>|&\n]+)", CRON.read_text("utf-8"))
    }
    called = {command.strip() for command in called}
    assert {"db upgrade", "db verify", "health", "health --json", "warm", "db restore --replace --keep-version"} <= called
    assert len(called) > 9
    for command in called - {"--version"}:
        words = command.split()
        if words[:2] in (["db", "backup"], ["db", "restore"]) and words[-1].startswith(("backup", "-")):
            words.append("a.backup")
        parsed(words)


def test_the_doors_that_are_probed_are_those_that_the_services_open() -> None:
    board = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text("utf-8"))["server"]
    assert DOORS["board"] == f"http://{board['address']}:{board['port']}/_stcore/health"
    exporter = parsed(dict(units_commands())["shopwright-export"])
    assert DOORS["exporter"] == f"http://127.0.0.1:{exporter.port}/livez"
    assert parsed(dict(composed_commands())["exporter"]).port == exporter.port
    script = (DEPLOY / "upgrade.sh").read_text("utf-8")
    doors = re.search(r"^DOORS='(.*)'$", script, re.MULTILINE)
    units = re.search(r"^UNITS='(.*)'$", script, re.MULTILINE)
    assert doors is not None
    assert units is not None
    asked = dict(pair.split("=", 1) for pair in doors[1].split())
    assert asked == {f"shopwright-{name.replace('exporter', 'export')}": url for name, url in DOORS.items()}
    assert {*units[1].split(), "shopwright-availability"} == {path.stem for path in UNITS}
    for name in ("board", "api", "exporter"):
        check = SERVICES[name]["healthcheck"]["test"][-1]
        assert DOORS[name].replace("/readyz", "/livez") in check


def test_the_excerpt_in_the_security_document_is_part_of_the_proxy_s_configuration() -> None:
    block = re.findall(r"```nginx\n(.*?)```", (ROOT / "SECURITY.md").read_text("utf-8"), re.DOTALL)
    assert len(block) == 1
    whole = [line.split("#")[0].strip() for line in NGINX.read_text("utf-8").splitlines()]
    excerpt = [line.split("#")[0].strip() for line in block[0].splitlines()]
    assert len(excerpt) > 20
    assert [line for line in excerpt if line not in whole] == []


def test_proxy_and_prometheus_ask_the_addresses_of_the_services() -> None:
    passed = set(re.findall(r"proxy_pass (http://[^;]+);", NGINX.read_text("utf-8")))
    assert passed == {url.rsplit("/", 1)[0].removesuffix("/_stcore") for name, url in DOORS.items() if name != "exporter"}
    scraped = yaml.safe_load((DEPLOY / "prometheus" / "prometheus.yml").read_text("utf-8"))
    (job,) = scraped["scrape_configs"]
    assert f"http://{job['static_configs'][0]['targets'][0]}/readyz" == DOORS["api"]
    assert [(DEPLOY / "prometheus" / name).is_file() for name in scraped["rule_files"]] == [True]


# ---------------------------------------------------------------- systemd
def test_every_service_comes_back_is_bounded_and_may_do_little() -> None:
    common = unit(COMMON)["Service"]
    assert (common["User"], common["Restart"], common["NoNewPrivileges"], common["ProtectSystem"]) == (
        "shopwright", "always", "yes", "strict",
    )  # fmt: skip
    assert "MemoryDenyWriteExecute" not in common, "the search is compiled at run time"
    assert (common["CapabilityBoundingSet"], common["EnvironmentFile"]) == ("", "/etc/shopwright/env")
    assert len(UNITS) == 5
    for path in UNITS:
        own = unit(path)
        assert re.fullmatch(r"\d+[MG]", own["Service"]["MemoryMax"])
        assert int(own["Service"]["TimeoutStopSec"]) > 0
        assert own["Install"]["WantedBy"] == "multi-user.target"
        assert "User" not in own["Service"], "it stands in common.conf"


def test_the_prober_gets_no_password() -> None:
    own = DEPLOY / "systemd" / "shopwright-availability.service.d" / "without-passwords.conf"
    assert unit(own)["Service"]["EnvironmentFile"] == ""
    assert own.name > COMMON.name, "systemd reads drop-ins by name: this one after the other"
    assert SERVICES["availability"]["secrets"] == []
    assert SERVICES["availability"]["environment"] == {}


def test_a_stopped_worker_ends_with_its_last_run() -> None:
    for name in ("shopwright-worker", "shopwright-api"):
        service = unit(DEPLOY / "systemd" / f"{name}.service")["Service"]
        assert (service["KillMode"], int(service["TimeoutStopSec"])) == ("mixed", 660), name
    assert SERVICES["worker"]["stop_grace_period"] == SERVICES["api"]["stop_grace_period"] == "11m"


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
def test_systemd_understands_the_units(tmp_path: Path) -> None:
    shutil.copytree(DEPLOY / "systemd", tmp_path / "units")
    program = tmp_path / "program"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    for path in (tmp_path / "units").glob("*.service"):
        path.write_text(path.read_text("utf-8").replace(PROGRAM, str(program)))
    common = tmp_path / "units" / "shopwright-.service.d" / "common.conf"
    common.write_text(
        common.read_text("utf-8").replace("User=shopwright", "User=root").replace("Group=shopwright", "Group=root")
    )
    names = sorted(str(path) for path in (tmp_path / "units").glob("*.service"))
    ran = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *names], capture_output=True, text=True, timeout=60,
        env={**os.environ, "SYSTEMD_UNIT_PATH": f"{tmp_path / 'units'}:"},
    )  # fmt: skip
    ours = [line for line in ran.stderr.splitlines() if "shopwright" in line or "common.conf" in line]
    assert ours == []


# ---------------------------------------------------------------- nginx
def blocks(config: str) -> dict[str, str]:
    """The text of each location of the configuration."""
    return dict(re.findall(r"^    location (?:= )?(\S+) \{(.*?)\}", config, re.MULTILINE | re.DOTALL))


def test_the_proxy_keeps_names_apart_streams_and_lets_uploads_through() -> None:
    found = blocks(NGINX.read_text("utf-8"))
    board, api = found["/"], found["/v1/"]
    assert "proxy_set_header X-Forwarded-User $remote_user;" in board
    assert 'proxy_set_header X-Forwarded-User "";' in api, "no client names itself to the API"
    assert "proxy_set_header X-Forwarded-For $remote_addr;" in api, "it replaces what the client sent"
    assert "auth_basic" not in api
    assert "proxy_buffering off;" in api
    assert "limit_req zone=" in board
    assert "limit_req zone=" in api
    for path in ("/metrics", "/_stcore/metrics"):
        assert found[path].strip() == "return 404;"
    for path in ("/readyz", "/_stcore/health"):
        assert "deny all;" in found[path]
    allowed = re.search(r"client_max_body_size (\d+)m;", api)
    largest = ROOT / "configs" / "api.yaml"
    assert allowed is not None
    if largest.is_file():
        assert int(allowed[1]) > yaml.safe_load(largest.read_text("utf-8"))["largest_body_mb"]


@pytest.mark.skipif(shutil.which("nginx") is None, reason="nginx is not installed (apt-get install nginx-light)")
def test_nginx_understands_the_configuration(tmp_path: Path) -> None:
    certificate(tmp_path)
    (tmp_path / "users").write_text("ann:{PLAIN}x\n")
    own = NGINX.read_text("utf-8")
    for path, file in (
        ("/etc/ssl/certs/board.pem", "board.pem"), ("/etc/ssl/private/board.key", "board.key"),
        ("/etc/nginx/shopwright.users", "users"),
    ):  # fmt: skip
        own = own.replace(path, str(tmp_path / file))
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    folders = "".join(f"{kind}_temp_path {tmp_path};\n" for kind in kinds)
    (tmp_path / "nginx.conf").write_text(
        f"pid {tmp_path}/nginx.pid;\nerror_log stderr;\nevents {{}}\nhttp {{\naccess_log off;\n{folders}{own}\n}}\n"
    )
    ran = subprocess.run(
        ["nginx", "-t", "-q", "-p", str(tmp_path), "-c", str(tmp_path / "nginx.conf")],
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert (ran.returncode, [line for line in ran.stderr.splitlines() if "[emerg]" in line or "[warn]" in line]) == (0, [])


def certificate(folder: Path) -> None:
    """A key and a certificate that signs itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "board.example.org")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(now).not_valid_after(now + datetime.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    (folder / "board.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "board.key").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )


# ---------------------------------------------------------------- Prometheus
def test_rules_ask_for_figures_that_there_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOPWRIGHT_HOME", str(tmp_path))
    source = (ROOT / "scheduler_core" / "monitoring" / "metrics.py").read_text("utf-8")
    counters = set(re.findall(r"CounterMetricFamily\(\s*\"(\w+)\"", source))
    gauges = set(re.findall(r"GaugeMetricFamily\(\s*\"(\w+)\"", source))
    assert {"shopwright_up", "shopwright_health"} <= set(re.findall(r"^(\w+)", figures(), re.MULTILINE))
    known = gauges | {f"{name}_total" for name in counters}
    (group,) = yaml.safe_load((DEPLOY / "prometheus" / "shopwright-rules.yml").read_text("utf-8"))["groups"]
    used = {name for rule in group["rules"] for name in re.findall(r"\bshopwright_\w+", rule["expr"])}
    assert len(used) >= 8
    assert used <= known
    runbook = (ROOT / "docs" / "runbook.md").read_text("utf-8")
    headings = {
        re.sub(r"[^\w\- ]", "", line.lower()).strip().replace(" ", "-") for line in re.findall(r"^#+ (.+)$", runbook, re.M)
    }
    for rule in group["rules"]:
        assert rule["labels"]["severity"] in ("page", "ticket")
        assert rule["annotations"]["summary"]
        assert rule["annotations"]["action"]
        for anchor in re.findall(r"runbook\.md#([\w-]+)", rule["annotations"]["action"]):
            assert anchor in headings


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed (apt-get install prometheus)")
def test_promtool_understands_the_rules() -> None:
    ran = subprocess.run(
        ["promtool", "check", "config", "prometheus.yml"],
        cwd=DEPLOY / "prometheus",
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (ran.returncode, "FAILED" in ran.stdout + ran.stderr) == (0, False), ran.stderr


# ---------------------------------------------------------------- containers
def test_the_image_takes_what_the_wheel_needs_and_no_more() -> None:
    text = (DEPLOY / "Containerfile").read_text("utf-8")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    torch = re.search(r"torch==(\S+)", text)
    assert torch is not None
    assert f"torch=={torch[1]}" in project["project"]["dependencies"]
    assert "--index-url https://download.pytorch.org/whl/cpu" in text
    python = (ROOT / ".python-version").read_text("utf-8").strip()
    assert set(re.findall(r"^FROM (\S+)", text, re.MULTILINE)) == {f"docker.io/library/python:{python}-slim-bookworm"}
    assert re.search(r"^USER 10001:10001$", text, re.MULTILINE)
    copied = {
        name for line in re.findall(r"^COPY (?!--from)(?:--\S+ )?(.+) \S+$", text, re.MULTILINE) for name in line.split()
    }
    assert [name for name in copied if not (ROOT / name).exists()] == []
    ignored = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    assert ignored[1] == "*", "nothing goes into the image that is not named"
    let_in = {line[1:] for line in ignored if line.startswith("!")}
    for name in copied:
        assert any(Path(name).is_relative_to(place) or Path(place).is_relative_to(name) for place in let_in), name
    assert not [name for name in let_in if "secrets" in name]
    packages = project["tool"]["setuptools"]["packages"]["find"]["include"]
    assert {package.rstrip("*") for package in packages} <= copied


def test_containers_are_bounded_and_read_only() -> None:
    for name, service in SERVICES.items():
        once = service.get("restart") == "no"
        assert once or "mem_limit" in service, name
        assert service.get("restart") == ("no" if once else "unless-stopped"), name
        if service.get("image") == "localhost/shopwright":
            assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"]), name
            assert service["security_opt"] == ["no-new-privileges:true"], name
        else:
            assert re.fullmatch(r"docker\.io/library/[a-z]+:[\d.]+", service["image"]), name


def test_board_and_api_are_reached_through_the_proxy_only() -> None:
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["proxy"]
    for name in ("board", "api", "exporter", "availability"):
        assert SERVICES[name]["network_mode"] == "service:proxy", name
        assert SERVICES[name]["depends_on"]["proxy"]["restart"] is True, name
    assert COMPOSE["networks"]["store"] == {"internal": True}
    assert SERVICES["db"]["networks"] == ["store"]


def test_nobody_starts_before_the_tables_and_their_rights_are_there() -> None:
    def needed(name: str) -> set[str]:
        depends = SERVICES[name].get("depends_on", {})
        return set(depends).union(*(needed(other) for other in depends))

    for name in ("board", "api", "exporter", "worker"):
        assert {"grants", "upgrade", "migrator", "sql", "db", "warm"} <= needed(name), name
    for name in ("sql", "migrator", "upgrade", "grants", "warm"):
        waiting = [
            service["depends_on"][name]["condition"]
            for service in SERVICES.values()
            if name in service.get("depends_on", {})
        ]
        assert set(waiting) == {"service_completed_successfully"}, name


def test_secrets_volumes_and_files_of_the_composition_are_declared() -> None:
    made = {"store_root", "store_migrator", "store_app", "store_migrator_url", "store_app_url"}
    assert COMPOSE["secrets"] == {name: {"file": f"./secrets/{name}"} for name in COMPOSE["secrets"]}
    assert set(COMPOSE["secrets"]) == made == {name for service in SERVICES.values() for name in service.get("secrets", [])}
    used = {mount.split(":")[0] for service in SERVICES.values() for mount in service.get("volumes", [])}
    assert {name for name in used if not name.startswith(".")} == set(COMPOSE["volumes"])
    files = {name for name in used if name.startswith("./") and not name.startswith("./secrets/")}
    assert [name for name in files if not (DEPLOY / name).is_file()] == []
    ignored = (ROOT / ".gitignore").read_text("utf-8").splitlines()
    assert {"/deploy/secrets/", "/deploy/.env"} <= {*ignored}, "they hold passwords"


def test_containers_probe_what_is_started_without_a_choice_and_have_lasting_names() -> None:
    asked = map(door_of, parsed(dict(composed_commands())["availability"]).url)
    started = {name: url for name, url in DOORS.items() if "profiles" not in SERVICES[name]}
    assert {door.name: door.url for door in asked} == started
    # Those that look after alerts: a name of the container's own would be missed after each update.
    assert SERVICES["api"]["network_mode"] == "service:proxy"
    assert {SERVICES[name]["hostname"] for name in ("proxy", "worker")} == {"shopwright", "shopwright-worker"}


def test_containers_have_the_addresses_of_those_who_are_told() -> None:
    for name in ("worker", "api"):
        given = SERVICES[name]["environment"]
        told = [variable for variable in given if variable.startswith(environment.ALERT_URLS)]
        assert (len(told), [given[variable] for variable in told]) == (2, [f"${{{variable}:-}}" for variable in told])


def test_variables_of_the_files_are_the_product_s() -> None:
    known = {value for name, value in vars(environment).items() if name.isupper() and isinstance(value, str)}
    own = {"SHOPWRIGHT_CONFIG"}  # of upgrade.sh
    for path in [*DEPLOY.rglob("*")]:
        if path.is_file() and "secrets" not in path.parts:
            named = set(re.findall(r"\bSHOPWRIGHT_[A-Z_]*[A-Z]\b", path.read_text("utf-8")))
            named -= {name for name in named if name.startswith(environment.ALERT_URLS)}  # any name may stand behind it
            assert {name.removesuffix("_FILE") for name in named} - own <= known, path.name


# ---------------------------------------------------------------- scripts
def test_settings_from_files_reach_the_command_and_the_files_do_not(tmp_path: Path) -> None:
    (tmp_path / "url").write_text("mysql://a:p%40$(touch x)'\"@db/s\n")
    script = DEPLOY / "container" / "with-secrets.sh"
    environ = {"PATH": os.environ["PATH"], "SHOPWRIGHT_DATABASE_URL_FILE": str(tmp_path / "url"), "SHOPWRIGHT_HOME": "/h"}
    ran = subprocess.run(["sh", str(script), "env"], env=environ, cwd=tmp_path, capture_output=True, text=True, timeout=30)
    given = [line for line in ran.stdout.splitlines() if line.startswith("SHOPWRIGHT_")]
    assert sorted(given) == ["SHOPWRIGHT_DATABASE_URL=mysql://a:p%40$(touch x)'\"@db/s", "SHOPWRIGHT_HOME=/h"]
    assert not (tmp_path / "x").exists()
    (tmp_path / "url").unlink()
    ran = subprocess.run(["sh", str(script), "env"], env=environ, capture_output=True, text=True, timeout=30)
    assert (ran.returncode, "cannot be read" in ran.stderr) == (2, True)


def test_passwords_are_made_once(tmp_path: Path) -> None:
    script = DEPLOY / "container" / "make-secrets.sh"
    first: dict[str, str] = {}
    for _ in range(2):
        subprocess.run(["sh", str(script), str(tmp_path / "secrets")], check=True, capture_output=True, timeout=30)
        found = {file.name: file.read_text() for file in (tmp_path / "secrets").iterdir()}
        assert set(found) == set(COMPOSE["secrets"])
        passwords = {found[f"store_{name}"] for name in ("root", "migrator", "app")}
        assert len(passwords) == 3
        assert all(re.fullmatch(r"[0-9a-f]{48}", password) for password in passwords)
        assert f":{found['store_app']}@db/shopwright" in found["store_app_url"]
        first = first or found
        assert found == first
    assert (tmp_path / "secrets").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_scripts_are_sound(script: Path) -> None:
    assert os.access(script, os.X_OK)
    assert subprocess.run(["sh", "-n", str(script)], timeout=30).returncode == 0
    if shutil.which("shellcheck"):
        ran = subprocess.run(["shellcheck", str(script)], capture_output=True, text=True, timeout=60)
        assert ran.stdout == ""
