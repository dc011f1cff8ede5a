"""The house keeps the walls that only its syntax tree shows, and a fault planted at each is found."""

from pathlib import Path

import pytest

from tests.house import ground, walls

IN_PROTOCOL = "protocol is pure"

PLANTED = [
    # where, what, which wall
    ("protocol/limits.py", "import time", IN_PROTOCOL),
    ("protocol/limits.py", "import random", IN_PROTOCOL),
    ("protocol/limits.py", "import secrets", IN_PROTOCOL),
    ("protocol/limits.py", "from os import urandom", IN_PROTOCOL),
    ("protocol/limits.py", "import asyncio", IN_PROTOCOL),
    ("protocol/limits.py", "import logging", IN_PROTOCOL),
    ("protocol/limits.py", "from pathlib import Path", IN_PROTOCOL),
    ("protocol/limits.py", "import socket", IN_PROTOCOL),
    ("protocol/limits.py", "import structlog", IN_PROTOCOL),
    ("protocol/limits.py", "def late() -> None:\n    import uuid", IN_PROTOCOL),
    ("protocol/session/decide.py", "from cryptography.hazmat.primitives import hashes", IN_PROTOCOL),
    ("protocol/seal/suites.py", "from asn1crypto import x509", IN_PROTOCOL),
    ("protocol/seal/suites.py", "import ctypes", IN_PROTOCOL),
    ("protocol/seal/suites.py", "import zipfile", IN_PROTOCOL),
    ("protocol/seal/native/libcrypto.py", "import socket", IN_PROTOCOL),
    ("protocol/seal/suites.py", "KEY = AESGCM.generate_key(256)", IN_PROTOCOL),
    ("protocol/ledger/note.py", "KEY = Ed25519PrivateKey.generate()", IN_PROTOCOL),
    ("protocol/session/decide.py", "async def decide() -> None: ...", IN_PROTOCOL),
    ("protocol/session/decide.py", "print('decided')", IN_PROTOCOL),
    ("protocol/session/decide.py", "TEXT = open('plan.json').read()", IN_PROTOCOL),
    ("protocol/session/decide.py", "ORDER = hash('甲')", IN_PROTOCOL),
    ("protocol/methods/mean.py", "WEIGHT = 0.6", "protocol is exact"),
    ("protocol/methods/mean.py", "WEIGHT = float('0.6')", "protocol is exact"),
    ("server/gateway/app.py", "from sqlalchemy import text", "SQL in its rooms"),
    ("server/sessions/actor.py", "import sqlite3", "SQL in its rooms"),
    ("sub_venue/uplink.py", "import sqlite3", "SQL in its rooms"),
    ("main_venue/agent_desk.py", "import asyncpg", "SQL in its rooms"),
    ("ops/doctor/stores.py", "import sqlite3", "SQL in its rooms"),
    ("server/sessions/actor.py", "async def tell(io): await io.emit('entry', {})", "emit in its rooms"),
    ("server/fanout/bus.py", "send = io.emit", "emit in its rooms"),
    ("server/fanout/bus.py", "async def ask(io): await io.call('entry', {})", "emit in its rooms"),
    ("sub_venue/uplink/line.py", "async def tell(io): await io.emit('entry', {})", "emit in its rooms"),
    ("sub_venue/seats/desk.py", "async def tell(io): await io.emit('entry', {})", "emit in its rooms"),
    ("main_venue/agent_desk.py", "async def tell(io): await io.emit('entry', {})", "emit in its rooms"),
    ("server/sessions/actor.py", "AT = asyncio.get_running_loop().time()", "clock in senses"),
    ("sub_venue/uplink.py", "def at(self): return self._loop.time()", "clock in senses"),
    ("server/media/relay.py", "from aiortc.rtp import _x", "aiortc's private names"),
    (
        "server/media/relay.py",
        "import aiortc\ndef f(peer): return peer._router  # noqa: SLF001",
        "aiortc's private names",
    ),
    ("server/store/__init__.py", "from server.store.entries import append", "packages re-export nothing"),
    ("server/sessions/actor.py", "import time\nAT = time.time()  # noqa: TID251", "no door by comment"),
    ("server/sessions/actor.py", "# ruff: noqa", "no door by comment"),
    ("sub_venue/web/expert/src/a.ts", "import x from '../../witness/src/x'", "pages apart"),
    (
        "sub_venue/web/expert/src/b.vue",
        'import x from "../../../../main_venue/web/agent/src/x"',
        "pages apart",
    ),
    ("main_venue/web/agent/src/c.ts", "const x = await import('@tongchang/expert')", "pages apart"),
    ("main_venue/web/agent/src/d.ts", "export { x } from '@tongchang/expert/src/x.ts'", "pages apart"),
    (
        "main_venue/web/agent/src/e.css",
        "@import '../../../../sub_venue/web/expert/src/e.css';",
        "pages apart",
    ),
    (
        "sub_venue/web/expert/src/g.ts",
        "import x from '../../../../tests/protocol/golden.json'",
        "pages apart",
    ),
    ("protocol/web/src/f.ts", "import x from '../../../sub_venue/web/expert/src/x'", "pages apart"),
]

ALLOWED = [
    ("protocol/seal/envelope.py", "from cryptography.cobblestone import Encryptor"),
    ("protocol/seal/native/libcrypto.py", "import ctypes"),
    ("protocol/archive.py", "import io\nimport zipfile"),
    ("protocol/ledger/note.py", "from cryptography.hazmat.primitives.asymmetric import ed25519"),
    ("protocol/limits.py", "from decimal import Decimal\nimport msgspec"),
    ("server/store/entries.py", "import sqlalchemy, asyncpg, sqlite3"),
    ("server/store/migrations/env.py", "import alembic"),
    ("sub_venue/journal.py", "import sqlite3"),
    ("server/fanout/rooms.py", "async def tell(io): await io.emit('entry', {})"),
    ("sub_venue/seats/sockets.py", "async def tell(io): await io.emit('entry', {})"),
    ("sub_venue/uplink/line.py", "async def ask(io): await io.call('submit', {})"),
    ("server/gateway/sockets.py", "async def answer(io): await io.emit('answer', {})"),
    ("server/senses.py", "import asyncio\ndef at(): return asyncio.get_running_loop().time()"),
    ("server/media/passthrough.py", "import aiortc\ndef f(peer): return peer._router"),
    (
        "sub_venue/web/expert/src/own.ts",
        "import y from './y'\nimport z from '../z.vue'\nimport { ref } from 'vue'",
    ),
    ("sub_venue/web/expert/src/shared.ts", "import y from '@tongchang/protocol/client'"),
    ("main_venue/web/agent/src/sample.ts", "const x = await import('../../../../ops/sample/case.json?raw')"),
    ("protocol/web/tests/vectors.test.ts", "import x from '../../../tests/protocol/golden.json'"),
    ("sub_venue/web/expert/src/near.ts", "import y from '../../../../protocol/web/src/y'"),
]


def test_the_house_keeps_its_walls() -> None:
    assert "\n".join(str(breach) for breach in walls.breaches(ground.ROOT)) == ""


@pytest.fixture(scope="module")
def grounds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return ground.copied(tmp_path_factory.mktemp("grounds"))


@pytest.mark.parametrize(("path", "text", "wall"), PLANTED)
def test_a_planted_breach_is_caught(tmp_path: Path, path: str, text: str, wall: str) -> None:
    ground.plant(tmp_path, "sub_venue/web/expert/package.json", '{"name": "@tongchang/expert"}')
    ground.plant(tmp_path, path, text)
    assert [(breach.path, breach.wall) for breach in walls.breaches(tmp_path)] == [(path, wall)]


@pytest.mark.parametrize(("path", "text"), ALLOWED)
def test_what_belongs_in_a_room_is_left_alone(tmp_path: Path, path: str, text: str) -> None:
    ground.plant(tmp_path, path, text)
    assert walls.breaches(tmp_path) == ()


def test_a_breach_is_found_among_everything_else(grounds: Path) -> None:
    before = set(walls.breaches(grounds))
    ground.plant(grounds, "protocol/words.py", "import time")
    after = set(walls.breaches(grounds)) - before
    assert [(breach.path, breach.what) for breach in after] == [("protocol/words.py", "imports time")]
