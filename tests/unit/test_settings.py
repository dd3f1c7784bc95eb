"""What is missing or wrong at the start is named by its variable, each one, and never by its value."""

from __future__ import annotations

import os

import pytest

from broker.kernel.errors import SettingsError
from broker.settings import read_keys, read_settings

RIGHT = {
    "BROKER_DATABASE__URL": "sqlite:///broker.db",
    "BROKER_KEYS__LOG": "file:/log", "BROKER_KEYS__STORAGE": "file:/storage", "BROKER_KEYS__PSEUDONYM": "file:/names",
    "BROKER_IDENTITY__ISSUER": "https://login.example.nl", "BROKER_IDENTITY__AUDIENCE": "broker",
    "BROKER_HTTP__PUBLIC_URL": "https://broker.example.nl",
}  # fmt: skip


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have nothing of the broker in the environment but what is right."""
    for name in [name for name in os.environ if name.startswith("BROKER_")]:
        monkeypatch.delenv(name)
    for name, value in RIGHT.items():
        monkeypatch.setenv(name, value)


def named(error: SettingsError) -> set[str]:
    return {finding.partition(":")[0] for finding in error.errors}


def test_right_settings_are_read() -> None:
    settings = read_settings()
    assert settings.database.url == RIGHT["BROKER_DATABASE__URL"]
    assert read_keys() == settings.keys


@pytest.mark.parametrize("missing", [[name] for name in RIGHT] + [list(RIGHT)])
def test_each_missing_variable_is_named(monkeypatch: pytest.MonkeyPatch, missing: list[str]) -> None:
    for name in missing:
        monkeypatch.delenv(name)
    with pytest.raises(SettingsError) as refused:
        read_settings()
    assert named(refused.value) == set(missing)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BROKER_HTTP__PORT", "a secret"), ("BROKER_HTTP__PORT", "70000"), ("BROKER_POLICY__ENGINE", "a secret"),
        ("BROKER_POLICY__OPA_TIMEOUT", "a secret"), ("BROKER_IDENTITY__REQUIRE_PROOF", "a secret"),
        ("BROKER_HTTP__MAX_BODY", "1"),
    ],
)  # fmt: skip
def test_wrong_variable_is_named_without_its_value(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as refused:
        read_settings()
    assert named(refused.value) == {name}
    assert "secret" not in str(refused.value)


def test_pages_need_a_client(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BROKER_PAGES__CLIENT_SECRET", "a secret")
    with pytest.raises(SettingsError) as refused:
        read_settings()
    assert named(refused.value) == {"BROKER_PAGES__CLIENT_ID"}
