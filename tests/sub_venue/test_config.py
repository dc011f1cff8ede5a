"""A node's configuration: read once, refused where it would be unsafe."""

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from ops import installation, senses
from sub_venue import config

BASE: dict[str, Any] = {
    "node": "hefei", "zh": "合肥", "en": "Hefei", "province": "anhui", "role": "main",
    "data_dir": "data", "http_host": "127.0.0.1", "http_port": 7710, "http_name": "hefei.localhost",
    "coordinator_url": "https://127.0.0.1:7700", "coordinator_name": "coordinator.localhost",
    "ca": "ca.pem", "cert": "cert.pem", "key": "key.pem", "node_key": "node.key",
    "installation_key": "ed25519:" + "A" * 43 + "=", "seed": None,
}  # fmt: skip


def read(tmp_path: Path, **changes: Any) -> config.Settings:
    path = tmp_path / "config.json"
    path.write_text(json.dumps({**BASE, **changes}))
    return config.read(path)


def test_the_file_that_the_installation_writes_is_understood(tmp_path: Path) -> None:
    found = installation.ensure(tmp_path, now_ms=senses.now_ms())
    for node in found.nodes:
        settings = config.read(found.config(node.place.node))
        assert (settings.node, settings.role) == (node.place.node, node.place.role)
        assert (settings.http_name, settings.http_port) == (f"{settings.node}.localhost", node.port)
        assert settings.scheme == "http"


def test_the_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TONGCHANG_LOG_LEVEL", "warning")
    assert read(tmp_path).log_level == "warning"


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.7", "::", "hefei.example"])
def test_plain_http_off_this_machine_is_refused(tmp_path: Path, host: str) -> None:
    with pytest.raises(ValidationError, match="plain HTTP is for loopback only"):
        read(tmp_path, http_host=host)
    found = read(tmp_path, http_host=host, http_cert="page.pem", http_key="page.key")
    assert found.scheme == "https"


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost"])
def test_plain_http_on_this_machine_is_fine(tmp_path: Path, host: str) -> None:
    assert read(tmp_path, http_host=host).scheme == "http"


@pytest.mark.parametrize(
    "changes",
    [
        {"http_cert": "page.pem"},
        {"node": "../x"},
        {"role": "chief"},
        {"coordinator_url": "http://127.0.0.1:7700"},
        {"installation_key": "ed25519:short"},
        {"http_port": 70_000},
        {"nodekey": "x"},
    ],
)
def test_a_configuration_out_of_form_is_refused(tmp_path: Path, changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        read(tmp_path, **changes)


def test_a_file_that_is_not_there_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        config.read(tmp_path / "config.json")
