"""The layers of DESIGN 4, held by import-linter, and one fault planted at every border between two rooms."""

import itertools
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house import ground

BETWEEN_PACKAGES = [
    ("main_venue", "ops"),
    ("server", "ops"),
    ("sub_venue", "main_venue"),
    ("protocol", "sub_venue"),
    ("protocol", "server"),
    ("protocol", "ops"),
    ("server", "sub_venue"),
    ("server", "main_venue"),
    ("sub_venue", "server"),
    ("main_venue", "server"),
]
"""Who must not import whom."""

_LINT = "from importlinter.cli import lint_imports_command; lint_imports_command()"


def lint(root: Path) -> tuple[int, str]:
    """The exit code of import-linter on a tree, and what it prints."""
    done = subprocess.run(
        [sys.executable, "-c", _LINT, "--no-cache", "--no-logo", "--config", str(root / "pyproject.toml")],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
        env={
            "PYTHONPATH": str(root),
            "PATH": "/usr/bin:/bin",
            "COLUMNS": "200",
            "PYTHONDONTWRITEBYTECODE": "1",
        },
        timeout=120,
    )
    return done.returncode, done.stdout + done.stderr


def room_borders() -> Iterator[tuple[str, str]]:
    """Every pair (lower or neighbouring room, room it must not import) that the contracts name."""
    config = tomllib.loads((ground.ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    for contract in config["tool"]["importlinter"]["contracts"]:
        for container in contract.get("containers", ()):
            layers = [[room.strip(" ()") for room in layer.split("|")] for layer in contract["layers"]]
            for above, below in itertools.pairwise(layers):
                yield from ((f"{container}.{low}", f"{container}.{high}") for high in above for low in below)
            for layer in layers:
                yield from ((f"{container}.{a}", f"{container}.{b}") for a in layer for b in layer if a != b)


@pytest.fixture(scope="module")
def verdict(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What import-linter says of a copy with a fault at every border, all planted at once."""
    root = tmp_path_factory.mktemp("layers")
    for package in ground.PACKAGES:
        ground.plant(root, f"{package}/__init__.py", '"""A package."""')
    (root / "pyproject.toml").write_bytes((ground.ROOT / "pyproject.toml").read_bytes())
    rooms: dict[str, set[str]] = {}
    for low, high in room_borders():
        rooms.setdefault(low, set()).add(high)
        rooms.setdefault(high, set())
    for low, high in BETWEEN_PACKAGES:
        rooms.setdefault(f"{low}.assembly" if low != "protocol" else "protocol.audit", set()).add(high)
    for room, wanted in rooms.items():
        text = "\n".join(f"import {name}" for name in sorted(wanted))
        ground.plant(root, f"{room.replace('.', '/')}.py", text)
    code, said = lint(root)
    assert code == 1, said
    return said


def test_the_house_keeps_its_layers() -> None:
    code, said = lint(ground.ROOT)
    assert code == 0, said


@pytest.mark.parametrize(("low", "high"), list(room_borders()))
def test_a_room_that_imports_upwards_or_sideways_is_caught(verdict: str, low: str, high: str) -> None:
    assert re.search(rf"-\s+{re.escape(low)} -> {re.escape(high)} \(", verdict)


@pytest.mark.parametrize(("low", "high"), BETWEEN_PACKAGES)
def test_a_package_that_imports_where_it_must_not_is_caught(verdict: str, low: str, high: str) -> None:
    assert re.search(rf"-\s+{low}\.\w+ -> {high} \(", verdict)


@pytest.mark.parametrize(
    "room", ["protocol/gossip.py", "server/gossip/wire.py", "sub_venue/gossip.py", "main_venue/gossip.py"]
)
def test_a_room_without_a_place_is_caught(tmp_path: Path, room: str) -> None:
    root = ground.copied(tmp_path)
    ground.plant(root, room, '"""A room that DESIGN does not know."""')
    code, said = lint(root)
    assert code == 1, said
    assert "gossip" in said


def test_an_import_of_the_wrong_layer_is_found_among_everything_else(tmp_path: Path) -> None:
    root = ground.copied(tmp_path)
    ground.plant(root, "protocol/limits.py", "import protocol.words")
    code, said = lint(root)
    assert code == 1, said
    assert "protocol.limits -> protocol.words" in said
