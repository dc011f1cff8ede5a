"""The plain listener, starting and stopping, and the configuration."""

import asyncio
import io
import json
import logging
import socket
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import structlog
from pydantic import ValidationError

from protocol import entry
from server import config, telemetry
from server.assembly import Coordinator
from server.store.sqlite import SqliteStore
from tests.protocol.world import START_MS, key
from tests.server import nodes
from tests.server.acting import Script, TestSenses, binding
from tests.server.gateway.test_sockets import play


async def get(running: Coordinator, path: str) -> tuple[int, str]:
    url = f"http://127.0.0.1:{running.listeners.plain_port}{path}"
    async with aiohttp.ClientSession() as http, http.get(url) as answer:
        return answer.status, await answer.text()


async def test_health_readiness_and_numbers_are_told(
    folder: Path, running: Coordinator, script: Script
) -> None:
    script.to_check_in()
    await play(running, script)
    assert await get(running, "/healthz") == (200, "ok\n")
    assert await get(running, "/readyz") == (200, "ready\n")
    status, numbers = await get(running, "/metrics")
    assert status == 200
    assert f"tongchang_entries_total {script.at.size}.0" in numbers
    assert "tongchang_store_durable 1.0" in numbers


async def test_the_overview_tells_nodes_and_sessions_and_nothing_hidden(
    folder: Path, running: Coordinator, script: Script
) -> None:
    script.to_check_in()
    await play(running, script)
    async with nodes.node(folder, running, "nanjing"):
        _, text = await get(running, "/overview")
    told = json.loads(text)
    assert told["installation_key"] == key("installation")
    assert told["at"] == START_MS
    (session,) = told["sessions"]
    assert (session["session"], session["size"], session["phase"]) == ("s-1", script.at.size, "CHECKIN")
    assert session["awaited"] == [{"role": "expert", "act": "BindSeat", "count": 5}]
    assert session["writer"] == "here"
    assert [one["node"] for one in told["nodes"] if one["online"]] == ["nanjing"]
    assert {one["since"] for one in told["nodes"]} == {0, START_MS}
    assert {one["code"] for one in told["problems"]} == {"NodeAway"}
    assert told["machine"]["process_bytes"] > 0
    for name in ("M1", "皖澄", "4528.60"):
        assert name not in text


async def test_it_is_not_ready_while_the_store_cannot_write(
    folder: Path, running: Coordinator, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    script.to_check_in()
    await play(running, script)
    assert isinstance(running.store, SqliteStore)
    running.store._writer.durable = False
    assert (await get(running, "/readyz"))[0] == 503
    await running.registry.submit(binding(script, "M1", "key-1"), "hefei")
    assert (await get(running, "/readyz"))[0] == 200


async def test_a_taken_port_is_said_and_everything_let_go(folder: Path, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        told = nodes.settings(folder, tmp_path, node_port=taken.getsockname()[1])
        running = Coordinator(told, TestSenses())
        with pytest.raises(OSError, match=r"(?i)address already in use"):
            await running.start()
        await running.stop()


async def test_stopping_answers_what_was_taken_and_the_nodes_socket_ends(
    folder: Path, tmp_path: Path, script: Script
) -> None:
    script.to_check_in()
    running = Coordinator(nodes.settings(folder, tmp_path), TestSenses())
    await running.start()
    await play(running, script)
    async with nodes.node(folder, running, "nanjing") as nanjing:
        acts = [asyncio.create_task(nanjing.submit(binding(script, "M1", f"key-{n}"))) for n in range(30)]
        await asyncio.wait(acts, return_when=asyncio.FIRST_COMPLETED)
        await running.stop()
        answers = await asyncio.gather(*acts, return_exceptions=True)
        async with asyncio.timeout(20):
            await nanjing.gone.wait()
    accepted = {
        one.command_id: one.seq
        for one in answers
        if not isinstance(one, BaseException) and one.status == "accepted"
    }
    assert accepted
    async with nodes.coordinator(folder, tmp_path) as again:
        raws = await again.store.entries(script.session, 0, 1_000)
        ids = [entry.decode(raw).command.command_id for raw in raws]
        assert len(ids) == len(set(ids))
        assert {name: ids.index(name) for name in accepted} == accepted


async def test_the_database_is_its_owners_alone(folder: Path, running: Coordinator, tmp_path: Path) -> None:
    assert stat.S_IMODE((tmp_path / "coordinator.db").stat().st_mode) == 0o600


# --- configuration ------------------------------------------------------------------------------


def written(folder: Path, tmp_path: Path, **more: Any) -> Path:
    told = json.loads(nodes.settings(folder, tmp_path).model_dump_json())
    told["enrolment_code"] = nodes.ENROLMENT
    path = tmp_path / "config.json"
    path.write_text(json.dumps(told | more), encoding="utf-8")
    return path


def test_the_environment_wins_over_the_file(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(folder, tmp_path, http_port=7709)
    assert config.read(path).http_port == 7709
    monkeypatch.setenv("TONGCHANG_HTTP_PORT", "7999")
    monkeypatch.setenv("TONGCHANG_SEED", "7")
    read = config.read(path)
    assert (read.http_port, read.seed) == (7999, "7")
    assert read.nodes[0].node == "hefei"


@pytest.mark.parametrize(
    "fault",
    [
        {"http_host": "0.0.0.0"},
        {"http_host": "example.org"},
        {"node_port": 70_000},
        {"nodes": [{"node": "a", "key": "ed25519:short", "zh": "", "en": "", "province": "", "role": "sub"}]},
        {"log_level": "loud"},
        {"unheard_of": 1},
    ],
)
def test_a_configuration_out_of_form_is_refused(folder: Path, tmp_path: Path, fault: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        config.read(written(folder, tmp_path, **fault))


def test_a_node_that_stands_twice_is_refused(folder: Path, tmp_path: Path) -> None:
    told = json.loads(nodes.settings(folder, tmp_path).model_dump_json())["nodes"]
    with pytest.raises(ValidationError):
        config.read(written(folder, tmp_path, nodes=[told[0], {**told[1], "key": told[0]["key"]}]))


def test_the_enrolment_code_is_not_shown_with_the_settings(folder: Path, tmp_path: Path) -> None:
    assert nodes.ENROLMENT not in repr(config.read(written(folder, tmp_path)))


@pytest.fixture
def logs() -> Iterator[Callable[[], list[dict[str, Any]]]]:
    before = logging.getLogger().handlers[:]
    out = io.StringIO()
    telemetry.configure("info", lambda: 42, out)
    yield lambda: [json.loads(line) for line in out.getvalue().splitlines()]
    logging.getLogger().handlers[:] = before
    structlog.reset_defaults()


def test_logs_are_json_lines_with_the_clock_they_are_given(logs: Callable[[], list[dict[str, Any]]]) -> None:
    telemetry.logger("server.test").info("ready", node_port=1)
    logging.getLogger("some.library").warning("odd")
    assert [(one["event"], one["at"], one["level"]) for one in logs()] == [
        ("ready", 42, "info"), ("odd", 42, "warning"),
    ]  # fmt: skip


def test_a_logged_exception_says_where_and_never_with_what_values(
    logs: Callable[[], list[dict[str, Any]]],
) -> None:
    def fails() -> None:
        code = "K7QM3" + "-XWDPA"
        assert code == ""

    try:
        fails()
    except AssertionError:
        telemetry.logger("server.test").exception("tripped")
    told = logs()
    assert told[0]["exception"][0]["exc_type"] == "AssertionError"
    assert "XWDPA" not in json.dumps(told[0]["exception"][0]["frames"])
