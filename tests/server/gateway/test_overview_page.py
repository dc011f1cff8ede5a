"""The operator's overview: live, for this machine or the token's bearer, and it says what to do."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace
from pydantic import ValidationError

from server.assembly import Coordinator
from server.config import Bounds
from server.gateway.overview import Overview
from server.gateway.problems import problems
from tests.server import nodes
from tests.server.acting import Script, TestSenses
from tests.server.gateway.test_sockets import play
from tests.server.outsiders import browser

TOKEN = "an operator's " + "token 1"
ELSEWHERE = {"X-Forwarded-For": "203.0.113.7"}


@pytest.fixture
async def guarded(folder: Path, tmp_path: Path, script: Script) -> Any:
    running = Coordinator(nodes.settings(folder, tmp_path, operator_token=TOKEN), TestSenses())
    await running.start()
    script.to_check_in()
    await play(running, script)
    yield running
    await running.stop()


async def test_it_is_told_live_while_it_is_looked_at(folder: Path, guarded: Coordinator) -> None:
    async with browser(guarded) as page:
        async with page.http.get(page.base + "/overview/api/events") as answer:
            raw = b""
            while not raw.endswith(b"\n\n"):
                raw += await answer.content.readany()
        assert raw.startswith(b"event: overview\ndata: {")
        told = msgspec.json.decode(raw.split(b"data: ", 1)[1], type=Overview)
        assert told.ready
        assert [one.session for one in told.sessions] == ["s-1"]
        assert told.versions.python
        assert told.machine.database_bytes > 0


@pytest.mark.parametrize("path", ["/overview", "/metrics", "/overview/api/events"])
async def test_elsewhere_it_is_refused_with_a_text_that_says_what_to_do(
    guarded: Coordinator, path: str
) -> None:
    async with browser(guarded) as page:
        status, text = await page.get(path, **ELSEWHERE)
        assert status == 403
        assert "operator_token" in text
        bearer = {"Authorization": f"Bearer {TOKEN}"}
        wrong = {"Authorization": f"Bearer {TOKEN}x"}
        assert (await page.get(path, **ELSEWHERE, **wrong))[0] == 403
        if not path.endswith("events"):
            assert (await page.get(path, **ELSEWHERE, **bearer))[0] == 200


async def test_a_browser_elsewhere_signs_in_with_the_token_once(guarded: Coordinator) -> None:
    async with browser(guarded) as page:
        told = {"allowed": False, "token": True}
        assert await page.get("/overview/api/access", **ELSEWHERE) == (200, told)
        assert (await page.post("/overview/api/sign_in", {"token": "x"}, **ELSEWHERE))[0] == 403
        assert (await page.post("/overview/api/sign_in", {"token": TOKEN}, **ELSEWHERE))[0] == 200
        assert (await page.get("/overview", **ELSEWHERE))[0] == 200
        foreign = {"Origin": "http://elsewhere.example"}
        assert (await page.post("/overview/api/sign_in", {"token": TOKEN}, **foreign))[0] == 403


def test_off_loopback_pages_need_a_name_and_a_certificate(folder: Path, tmp_path: Path) -> None:
    own = {"http_cert": folder / "coordinator/cert.pem", "http_key": folder / "coordinator/key.pem"}
    for more in ({}, own, {"http_name": "c.example"}, {"http_cert": own["http_cert"]}):
        with pytest.raises(ValidationError):
            nodes.settings(folder, tmp_path, http_host="0.0.0.0", **more)
    found = nodes.settings(folder, tmp_path, http_host="0.0.0.0", http_name="c.example", **own)
    assert (found.scheme, found.http_name) == ("https", "c.example")
    with pytest.raises(ValidationError):
        nodes.settings(folder, tmp_path, operator_token="short")


async def test_each_problem_is_told_with_what_to_do(guarded: Coordinator) -> None:
    good = replace(
        guarded.overview(),
        nodes=tuple(replace(one, online=True) for one in guarded.overview().nodes),
    )
    assert list(problems(good, Bounds(disk_free_bytes_min=0))) == []
    far = replace(good.nodes[0], behind=500)
    trouble = {
        "NotDurable": replace(good, durable=False, ready=False),
        "NotReady": replace(good, ready=False),
        "DiskNearlyFull": replace(good, machine=replace(good.machine, disk_free_bytes=0, disk_bytes=1)),
        "BusAway": replace(good, bus="away"),
        "AppendsSlow": replace(good, appends=replace(good.appends, p99_ms=900)),
        "NodeAway": replace(good, nodes=(replace(good.nodes[0], online=False),)),
        "NodeBehind": replace(good, nodes=(far,)),
        "NoWriter": replace(good, sessions=(replace(good.sessions[0], writer=""),)),
    }
    for code, told in trouble.items():
        (found,) = problems(told, Bounds(disk_free_bytes_min=1))
        assert found.code == code
        assert found.remedy_zh
        assert found.remedy_en
