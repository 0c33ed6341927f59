"""The definitions of containers, services and units fit the program and each other."""

from __future__ import annotations

import configparser
import re
import shlex
import subprocess
import sys
from pathlib import Path

import click
import pytest
import yaml

from fmhost.cli.root import build_program
from fmhost.jobs.queues import QUEUES
from fmhost.settings import DECLARATIONS

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())
KUBERNETES = list(yaml.safe_load_all((ROOT / "deploy/kubernetes/fmhost.yaml").read_text()))
UNITS = sorted((ROOT / "deploy/systemd").glob("*.service"))
INSTANCE = "/usr/var/flexmeasures-instance"
OURS = [name for name, each in COMPOSE["services"].items() if "build" in each]
PODS = {
    each["metadata"]["name"]: each["spec"]["template"]
    for each in KUBERNETES
    if each["kind"] in ("Job", "Deployment")
}


def require_command(arguments):
    """See that the program has this command, and that it takes these options."""
    command, context = build_program(), click.Context(build_program(), info_name="fmhost")
    arguments = list(arguments)
    while isinstance(command, click.Group):
        name, found, arguments = command.resolve_command(context, arguments)
        assert found is not None, name
        context = click.Context(found, parent=context, info_name=name)
        command = found
    command.parse_args(context, arguments)
    return context


def require_settings(names):
    for name in names:
        assert name in DECLARATIONS, name
        assert DECLARATIONS[name].from_environment, name


def test_the_dockerfile_has_no_fault_that_the_linter_knows():
    program = Path(sys.executable).parent / "hadolint"
    found = subprocess.run(
        [program, "--no-color", "Dockerfile"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (found.returncode, found.stdout) == (0, "")


def test_the_dockerfile_copies_what_there_is_and_the_rest_is_kept_out():
    ignored = (ROOT / ".dockerignore").read_text().split("\n")
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE)
    sources = [name for line in copied for name in line.split()]
    assert len(sources) >= 8
    for name in sources:
        assert (ROOT / name).exists(), name
        assert f"!{name}" in ignored, name
    assert ignored[1] == "*"


def test_the_image_installs_what_is_locked_and_runs_as_nobody():
    assert DOCKERFILE.count("FROM python:3.12-slim-bookworm") == 2
    assert "--require-hashes --requirement requirements-image.lock" in DOCKERFILE
    users = re.findall(r"^USER (\d+):(\d+)$", DOCKERFILE, re.MULTILINE)
    assert users == [("10001", "10001")]
    assert DOCKERFILE.index("USER 10001") < DOCKERFILE.index("ENTRYPOINT")
    assert f"FMHOST_INSTANCE={INSTANCE}" in DOCKERFILE


def test_the_lock_file_of_the_image_is_the_other_one_and_the_extras():
    def pinned(name):
        return set(re.findall(r"^(\S+==\S+)", (ROOT / name).read_text(), re.MULTILINE))

    image = pinned("requirements-image.lock")
    assert pinned("requirements.lock") < image
    assert {name.partition("==")[0] for name in image} > {"sentry-sdk", "opentelemetry-sdk"}


def test_the_image_runs_a_server():
    (entry,) = re.findall(r"^ENTRYPOINT (.+)$", DOCKERFILE, re.MULTILINE)
    assert yaml.safe_load(entry) == ["fmhost"]
    (default,) = re.findall(r"^CMD (.+)$", DOCKERFILE, re.MULTILINE)
    assert require_command(yaml.safe_load(default)).params["port"] == 5000
    assert "EXPOSE 5000" in DOCKERFILE


def test_the_check_of_the_image_runs():
    (check,) = re.findall(r"^    CMD (.+)$", DOCKERFILE, re.MULTILINE)
    arguments = yaml.safe_load(check)
    assert arguments[:2] == ["python", "-c"]
    compile(arguments[2], "healthcheck", "exec")


@pytest.mark.parametrize("name", OURS)
def test_services_of_compose_run_commands_and_name_settings(name):
    service = COMPOSE["services"][name]
    require_command(service["command"])
    require_settings(service["environment"])
    assert f"instance:{INSTANCE}" in service["volumes"]


def test_services_of_compose_refer_to_each_other():
    services = COMPOSE["services"]
    assert set(services) == {"migrate", "server", "worker", "database", "redis", "proxy"}
    for service in services.values():
        for name, condition in service.get("depends_on", {}).items():
            needed = services[name]
            if condition["condition"] == "service_healthy":
                image = "build" in needed
                assert image or "test" in needed["healthcheck"], name
        for volume in service.get("volumes", ()):
            source = volume.partition(":")[0]
            assert source in COMPOSE["volumes"] or (ROOT / source).exists(), volume
        assert re.search(r":\d", service["image"]), "an image has a version"
    assert [name for name, each in services.items() if "ports" in each] == ["proxy"]
    upstream = re.search(r"reverse_proxy (\w+):(\d+)", (ROOT / "deploy/Caddyfile").read_text())
    assert upstream.group(1) in services
    assert services[upstream.group(1)]["expose"] == [upstream.group(2)]


def test_variables_of_compose_are_in_the_example():
    text = (ROOT / "compose.yaml").read_text()
    used = set(re.findall(r"\$\{(\w+)", text))
    example = (ROOT / "deploy/example.env").read_text()
    given = dict(re.findall(r"^(\w+)=(.*)$", example, re.MULTILINE))
    assert used == set(given)
    assert given["SECRET_KEY"] == given["POSTGRES_PASSWORD"] == ""


@pytest.mark.parametrize("name", PODS)
def test_pods_run_commands_without_rights(name):
    pod = PODS[name]["spec"]
    (container,) = pod["containers"]
    require_command(container["args"])
    require_settings(each["name"] for each in container.get("env", ()))
    assert pod["securityContext"]["runAsNonRoot"]
    assert container["securityContext"]["readOnlyRootFilesystem"]
    assert not container["securityContext"]["allowPrivilegeEscalation"]
    mounted = {each["name"]: each["mountPath"] for each in container["volumeMounts"]}
    assert mounted["instance"] == INSTANCE
    assert set(mounted) == {each["name"] for each in pod["volumes"]}
    assert "memory" in container["resources"]["limits"]
    kinds = {each["kind"] for each in KUBERNETES if each["metadata"]["name"] == "fmhost"}
    for source in container["envFrom"]:
        ((reference, target),) = source.items()
        assert target["name"] == "fmhost"
        assert {"configMapRef": "ConfigMap", "secretRef": "Secret"}[reference] in kinds


def test_objects_of_kubernetes_refer_to_each_other():
    labels = [template["metadata"]["labels"] for template in PODS.values()]
    for each in KUBERNETES:
        assert {"apiVersion", "kind", "metadata"} <= set(each)
        spec = each.get("spec", {})
        selector = spec.get("selector", {})
        wanted = selector.get("matchLabels", selector if each["kind"] == "Service" else {})
        if wanted:
            assert any(wanted.items() <= found.items() for found in labels), each["metadata"]
        require_settings({**each.get("stringData", {}), **each.get("data", {})})
    server = PODS["fmhost-server"]["spec"]["containers"][0]
    ports = {port["name"] for port in server["ports"]}
    for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
        assert server[probe]["httpGet"]["port"] in ports
    (service,) = (each for each in KUBERNETES if each["kind"] == "Service")
    assert service["spec"]["ports"][0]["targetPort"] in ports


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_units_run_commands(unit):
    parser = configparser.RawConfigParser(strict=True)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read_string(unit.read_text())
    service = parser["Service"]
    program, *arguments = shlex.split(service["ExecStart"].replace("%i", "5000"))
    assert program == "/opt/fmhost/bin/fmhost"
    require_command(arguments)
    assert service["User"] == "fmhost"
    assert service["NoNewPrivileges"] == "yes"
    assert (service.get("Type") == "oneshot") or service["Restart"] == "always"


def test_the_settings_of_units_are_ours():
    text = (ROOT / "deploy/systemd/fmhost.env").read_text()
    require_settings(re.findall(r"^(\w+)=", text, re.MULTILINE))


def test_workers_serve_every_queue():
    commands = [
        COMPOSE["services"]["worker"]["command"],
        PODS["fmhost-worker"]["spec"]["containers"][0]["args"],
    ]
    for command in commands:
        assert require_command(command).params["queues"] is not None
        assert set(command[-1].split("|")) == set(QUEUES)
    for unit in UNITS:
        if "run-worker" in unit.read_text():
            assert all(queue in unit.read_text() for queue in QUEUES)
