"""What an operator is given to run a broker with agrees with the program: settings, ports, paths, keys and versions."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from test_documents import setting_names

from broker import __version__
from broker.__main__ import COMMANDS
from broker.kernel.strict_yaml import read_yaml
from broker.settings import Settings, read_settings

GUIDES = ("README.md", "backup.md", "upgrade.md", "incident.md", "container/README.md", "kubernetes/README.md")


@pytest.fixture
def deploy(root: Path) -> Path:
    return root / "deploy"


@pytest.fixture
def compose(deploy: Path) -> Any:
    return read_yaml((deploy / "compose.yaml").read_bytes(), references=True)


@pytest.fixture
def objects(deploy: Path) -> dict[str, Any]:
    """Return what is given to Kubernetes, by file."""
    return {path.stem: read_yaml(path.read_bytes()) for path in (deploy / "kubernetes").glob("*.yaml")}


def settings_of(environment: dict[str, str], patch: pytest.MonkeyPatch) -> Settings:
    """Return the settings that a broker starts with here; each variable is one that it knows."""
    ours = {name: value for name, value in environment.items() if name.startswith("BROKER_")}
    assert ours.keys() <= set(setting_names(Settings, "BROKER_", "__"))
    for name, value in ours.items():
        patch.setenv(name, value)
    return read_settings()


def within(value: Any) -> Iterator[Any]:
    """Yield each value of a document, from the top down."""
    yield value
    if isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from within(one)


def images_of(value: Any) -> list[str]:
    return [
        one[name] for one in within(value) if isinstance(one, dict) for name in ("image", "imageName") if name in one
    ]


def test_every_image_has_a_version(compose: Any, objects: dict[str, Any], deploy: Path) -> None:
    images = images_of(compose) + images_of(list(objects.values()))
    assert {f"deelgrond:{__version__}", f"images.example.nl/deelgrond:{__version__}"} <= set(images)
    assert f"openpolicyagent/opa:{(deploy / 'install/opa-version').read_text().strip()}" in images
    assert f"quay.io/keycloak/keycloak:{(deploy / 'install/keycloak-version').read_text().split()[0]}" in images
    assert all(re.search(r":\d[\w.-]*$", image) for image in images)
    assert all(image.endswith(f":{__version__}") for image in images if "deelgrond:" in image)


def test_compose_starts_a_broker(compose: Any, monkeypatch: pytest.MonkeyPatch, deploy: Path) -> None:
    broker = compose["services"]["broker"]
    settings = settings_of(broker["environment"], monkeypatch)
    realm = json.loads((deploy / "keycloak/deelgrond-realm.json").read_text())

    assert broker["ports"] == [f"127.0.0.1:8080:{settings.http.port}"]
    assert broker["command"][0] in COMMANDS
    mounted = {volume.split(":")[1] for volume in broker["volumes"]}
    assert {Path(uri.removeprefix("file:")).parent for uri in (settings.keys.log, settings.keys.storage)} == {
        Path("/keys")
    }
    assert {"/keys", str(settings.policy.edition)} <= mounted
    assert settings.policy.opa_address == "http://opa:8181"
    assert "--addr=0.0.0.0:8181" in compose["services"]["opa"]["command"]
    assert settings.identity.issuer == f"{compose['services']['keycloak']['environment']['KC_HOSTNAME']}/realms/" + str(
        realm["realm"]
    )
    assert settings.identity.assurance.keys() <= json.loads(realm["attributes"]["acr.loa.map"]).keys()
    assert settings.pages is not None
    (pages,) = [client for client in realm["clients"] if client["clientId"] == settings.pages.client_id]
    assert all(uri.startswith(settings.http.public_url) for uri in pages["redirectUris"])


def test_compose_gives_no_privilege_and_no_secret_in_the_environment(compose: Any) -> None:
    for name, service in compose["services"].items():
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert service["read_only"] is (name != "keycloak")
        assert set(service["networks"]) <= compose["networks"].keys()
        assert {one if isinstance(one, str) else one["source"] for one in service.get("secrets", ())} <= (
            compose["secrets"].keys()
        )
        assert "healthcheck" in service or name == "opa"
        assert not [each for each in service.get("environment", {}) if re.search(r"(PASSWORD|SECRET)$", each)]


def test_kubernetes_starts_a_broker(objects: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    settings = settings_of(objects["settings"]["data"], monkeypatch)
    pod = objects["broker"]["spec"]["template"]["spec"]
    (broker,) = pod["containers"]
    mounted = {mount["mountPath"] for mount in broker["volumeMounts"]}

    assert broker["ports"][0]["containerPort"] == settings.http.port == objects["service"]["spec"]["ports"][0]["port"]
    assert objects["network"]["spec"]["ingress"][0]["ports"][0]["port"] == settings.http.port
    assert {"/keys", "/state", str(settings.policy.edition), "/tmp"} == mounted  # noqa: S108  the image's own
    assert str(settings.keys.checkpoint).startswith("file:/state/")
    assert objects["database"]["metadata"]["name"] + "-rw" in settings.database.url
    assert all(container["args"][0] in COMMANDS for container in (broker, pod["initContainers"][1]))
    for container in (broker, *pod["initContainers"]):
        closed = container["securityContext"]
        assert (closed["readOnlyRootFilesystem"], closed["allowPrivilegeEscalation"]) == (True, False)
        assert closed["capabilities"] == {"drop": ["ALL"]}
    assert pod["securityContext"]["runAsUser"] == 10001


def test_kubernetes_objects_name_each_other(objects: dict[str, Any]) -> None:
    assert {f"{name}.yaml" for name in objects} == {*objects["kustomization"]["resources"], "kustomization.yaml"}
    labels = objects["broker"]["spec"]["template"]["metadata"]["labels"]
    assert objects["service"]["spec"]["selector"] == labels
    for name in ("network", "disruption"):
        spec = objects[name]["spec"]
        assert (spec.get("selector") or spec["podSelector"])["matchLabels"] == labels
    plugin = objects["database"]["spec"]["plugins"][0]
    assert plugin["parameters"]["barmanObjectName"] == objects["archive"]["metadata"]["name"]
    assert objects["schedule"]["spec"]["cluster"]["name"] == objects["database"]["metadata"]["name"]
    volumes = {volume["name"] for volume in objects["broker"]["spec"]["template"]["spec"]["volumes"]} | {"state"}
    mounts = [one["name"] for one in within(objects["broker"]) if isinstance(one, dict) and "mountPath" in one]
    assert set(mounts) == volumes


def test_probes_ask_what_the_broker_answers(objects: dict[str, Any]) -> None:
    from broker.api.health import probes

    probed = [one["httpGet"] for one in within(objects["broker"]) if isinstance(one, dict) and "httpGet" in one]
    asked = {probe["path"] for probe in probed}
    assert asked == {route.path for route in probes.routes if hasattr(route, "path")}


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd reads its own files")
def test_systemd_takes_the_service_and_finds_it_closed(deploy: Path, tmp_path: Path) -> None:
    text = (deploy / "systemd/deelgrond.service").read_text()
    unit = tmp_path / "deelgrond.service"
    unit.write_text(text.replace("/opt/deelgrond/bin/broker", sys.executable))
    verified = subprocess.run(["systemd-analyze", "verify", unit], capture_output=True, text=True, check=False)
    assert (verified.returncode, verified.stderr) == (0, "")
    closed = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--threshold=20", unit],
        capture_output=True,
        text=True,
        check=False,
    )
    assert closed.returncode == 0, closed.stdout


def test_guides_name_commands_settings_and_files_that_exist(deploy: Path) -> None:
    known = set(setting_names(Settings, "BROKER_", "__"))
    for name in GUIDES:
        text = (deploy / name).read_text()
        blocks = re.findall(r"^```sh\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)
        typed = [*re.findall(r"`([^`\n]+)`", text), *(line for block in blocks for line in block.splitlines())]
        for command in re.findall(r"(?:^|-- )broker ([a-z-]+(?: [a-z-]+)?)", "\n".join(typed), flags=re.MULTILINE):
            assert command_exists(command.split()), f"{name}: broker {command}"
        assert set(re.findall(r"\bBROKER_[A-Z]+__[A-Z_]*[A-Z]", text)) <= known
        for target in re.findall(r"\]\(([^):#]+)\)", text):
            assert ((deploy / name).parent / target).exists(), f"{name}: {target}"


def command_exists(words: list[str]) -> bool:
    """Tell whether the first words of a line are a command, and of a group one of its commands."""
    from broker.__main__ import Deferred

    if words[0] not in COMMANDS:
        return False
    group = getattr(Deferred(words[0]).load(), "commands", None)
    return group is None or len(words) == 1 or words[1] in group
