"""The pages' door: what is served, under which headers, and to whom."""

import ssl
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pytest
from socketio.exceptions import ConnectionError as SocketRefused
from yarl import URL

from sub_venue.assembly import Node
from sub_venue.seats.pages import NodeState
from tests.protocol.world import key
from tests.sub_venue.conftest import Opens
from tests.sub_venue.page import open_page

INDEX = "<!doctype html><title>同场</title>"
Get = Callable[..., Any]


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """A built page, and a secret beside it."""
    folder = tmp_path / "dist"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text(INDEX)
    (folder / "assets" / "main-B7x_2kQz.js").write_text("export {}")
    (folder / "logo.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    (tmp_path / "secret.txt").write_text("secret")
    (folder / "link.txt").symlink_to(tmp_path / "secret.txt")
    return folder


@pytest.fixture
async def node(opens: Opens, built: Path) -> AsyncIterator[Node]:
    """A node without a line: its pages are served all the same."""
    async with opens(pages={"expert": built}) as found:
        yield found


@pytest.fixture
async def get(node: Node) -> AsyncIterator[Get]:
    """Asks the node for a path; under its own name unless told otherwise."""
    async with aiohttp.ClientSession() as http:

        async def ask(path: str, host: str = "hefei.localhost", **headers: str) -> tuple[int, Any, str]:
            port = node.door.port
            told = {"Host": f"{host}:{port}", **headers}
            url = f"http://127.0.0.1:{port}{path}"
            async with http.get(_as_is(url), headers=told, allow_redirects=False) as answer:
                return answer.status, answer.headers, await answer.text()

        yield ask


def _as_is(url: str) -> URL:
    """An address as it stands, its dots and escapes included."""
    return URL(url, encoded=True)


async def test_the_own_page_is_one_step_from_the_address(get: Get) -> None:
    status, headers, _ = await get("/")
    assert (status, headers["Location"]) == (302, "/expert/")
    status, headers, _ = await get("/expert")
    assert (status, headers["Location"]) == (302, "/expert/")
    status, headers, text = await get("/expert/")
    assert (status, text) == (200, INDEX)
    assert headers["Content-Type"].startswith("text/html")


async def test_a_page_is_asked_for_anew_and_what_is_named_by_its_content_is_kept(get: Get) -> None:
    assert (await get("/expert/"))[1]["Cache-Control"] == "no-cache"
    assert (await get("/expert/logo.svg"))[1]["Cache-Control"] == "no-cache"
    status, headers, _ = await get("/expert/assets/main-B7x_2kQz.js")
    assert status == 200
    assert headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert "javascript" in headers["Content-Type"]


@pytest.mark.parametrize(
    ("path", "scripts"),
    [
        ("/expert/", "'self' 'wasm-unsafe-eval'"),  # the detector that masks faces is WebAssembly
        ("/healthz", "'self'"),
        ("/api/node", "'self'"),
        ("/nothing", "'self'"),
        ("/witness/nothing.js", "'self'"),
    ],
)
async def test_every_answer_carries_the_headers_that_keep_a_page_to_itself(
    get: Get, path: str, scripts: str
) -> None:
    _, headers, _ = await get(path)
    policy = headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert f"script-src {scripts};" in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize(
    "path",
    [
        "/expert/../secret.txt",
        "/expert/%2e%2e/secret.txt",
        "/expert/..%2fsecret.txt",
        "/expert/assets/../../secret.txt",
        "/expert//etc/passwd",
        "/expert/link.txt",
        "/expert/assets",
        "/expert/nothing",
    ],
)
async def test_nothing_outside_a_pages_folder_is_served(get: Get, path: str) -> None:
    status, _, text = await get(path)
    assert status in (400, 404)
    assert "secret" not in text


async def test_a_page_that_is_not_built_says_what_to_do(opens: Opens, tmp_path: Path) -> None:
    async with (
        opens("nanjing", pages={"expert": tmp_path / "nothing"}) as node,
        aiohttp.ClientSession() as http,
        http.get(f"http://127.0.0.1:{node.door.port}/expert/") as answer,
    ):
        assert answer.status == 503
        assert "ops/run --prepare" in await answer.text()


@pytest.mark.parametrize("host", ["evil.example", "hefei.localhost.evil.example", "shanghai.localhost", ""])
async def test_another_name_than_the_nodes_own_is_turned_away(get: Get, host: str) -> None:
    """DNS rebinding: a page from elsewhere whose name suddenly leads here."""
    status, _, _ = await get("/api/node", host)
    assert status in (400, 421)


@pytest.mark.parametrize("host", ["hefei.localhost", "127.0.0.1", "localhost"])
async def test_the_nodes_own_names_on_this_machine_are_served(get: Get, host: str) -> None:
    assert (await get("/healthz", host))[0] == 200


async def test_a_node_is_ready_without_its_line_and_says_who_it_is(get: Get, node: Node) -> None:
    assert (await get("/healthz"))[0] == 200
    assert (await get("/readyz"))[0] == 200
    status, headers, text = await get("/api/node")
    assert (status, headers["Cache-Control"]) == (200, "no-store")
    found = msgspec.json.decode(text, type=NodeState)
    assert found == NodeState("hefei", "hefei", "hefei", "anhui", False, key("installation"), ())


async def test_a_node_whose_disk_has_failed_is_not_ready(get: Get, node: Node) -> None:
    node.disk._files[0].broken = True
    status, _, text = await get("/readyz")
    assert status == 503
    assert msgspec.json.decode(text) == {"ready": False, "online": False, "durable": False}


async def test_a_socket_from_the_nodes_own_page_is_taken(node: Node) -> None:
    for host in ("hefei.localhost", "127.0.0.1"):
        async with open_page(node.door.port, host, Origin=f"http://{host}:{node.door.port}") as page:
            assert await page.say("line_state") == {"online": False}


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "http://shanghai.localhost:{port}",
        "http://hefei.localhost",
        "https://hefei.localhost:{port}",
        "http://hefei.localhost:{port}.evil.example",
        "http://hefei.localhost:{port}@evil.example",
        "null",
    ],
)
async def test_a_socket_from_any_other_page_is_turned_away(node: Node, origin: str) -> None:
    with pytest.raises(SocketRefused):
        async with open_page(node.door.port, Origin=origin.format(port=node.door.port)):
            pass


async def test_long_polling_is_not_spoken(node: Node) -> None:
    async with (
        aiohttp.ClientSession() as http,
        http.get(f"http://127.0.0.1:{node.door.port}/socket.io/?EIO=4&transport=polling") as answer,
    ):
        assert answer.status == 400


async def test_with_a_certificate_pages_and_sockets_go_over_https(
    opens: Opens, installed: Path, built: Path
) -> None:
    own = {"http_cert": installed / "hefei" / "cert.pem", "http_key": installed / "hefei" / "key.pem"}
    tls = ssl.create_default_context(cafile=installed / "ca" / "ca.pem")
    async with (
        opens(pages={"expert": built}, settings=own) as node,
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=tls)) as http,
    ):
        address = f"https://127.0.0.1:{node.door.port}"
        host = {"Host": f"hefei.localhost:{node.door.port}"}
        async with http.get(f"{address}/expert/", headers=host, server_hostname="hefei.localhost") as answer:
            assert await answer.text() == INDEX
        assert node.door.allows(f"https://hefei.localhost:{node.door.port}")
        assert not node.door.allows(f"http://hefei.localhost:{node.door.port}")
        with pytest.raises(aiohttp.ClientError):
            await http.get(f"http://127.0.0.1:{node.door.port}/expert/")
