"""What the packages import, pyproject names: nothing works only because something else brings it."""

import importlib.metadata
import re
import sys
import tomllib
from pathlib import Path

from tests.house import ground, walls

FIXED = {"aiohttp", "aiortc", "python-socketio", "redis", "sqlalchemy", "asyncpg", "cryptography"}
"""The parts that were chosen with the house itself."""

_BROUGHT_WITH = {
    "aiohttp": {"yarl", "multidict"},
    "pydantic-settings": {"pydantic"},
    "python-socketio": {"engineio"},
    "typer": {"click"},
}
"""Modules that a named part documents as its own interface."""


def named(*extras: str) -> set[str]:
    """The distributions that pyproject asks for, with those of `extras`, by normal name."""
    project = tomllib.loads((ground.ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = list(project["dependencies"])
    for extra in extras:
        wanted += project["optional-dependencies"][extra]
    return {normal(re.split(r"[\[<>=!~; ]", line)[0]) for line in wanted}


def normal(name: str) -> str:
    """A distribution's name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def unnamed(root: Path, allowed: set[str], *tops: str) -> list[str]:
    """`path:line: module` for each foreign import whose distribution is not among those allowed."""
    owners = importlib.metadata.packages_distributions()
    own = {*ground.PACKAGES, "tests"}
    brought = {module for part in allowed for module in _BROUGHT_WITH.get(part, ())}
    found = []
    for file in ground.sources(root, ".py"):
        path = file.relative_to(root).as_posix()
        if not path.startswith(tops):
            continue
        for line, name in walls.imported(ground.parsed(file)):
            top = name.split(".")[0]
            if top in sys.stdlib_module_names or top in own or top in brought:
                continue
            if not {normal(owner) for owner in owners.get(top, ())} & allowed:
                found.append(f"{path}:{line}: {top}")
    return found


def test_the_fixed_parts_are_named() -> None:
    assert FIXED - named() == set()
    assert "pytest-asyncio" in named("dev")


def test_the_packages_import_what_pyproject_names() -> None:
    assert unnamed(ground.ROOT, named(), *(f"{package}/" for package in ground.PACKAGES)) == []


def test_the_tests_import_what_pyproject_names_for_them() -> None:
    assert unnamed(ground.ROOT, named("dev"), "tests/") == []


def test_the_pins_and_pyproject_name_the_same_parts() -> None:
    for extras, lists in (((), ["requirements.in"]), (("dev",), ["requirements.in", "requirements-dev.in"])):
        text = "\n".join((ground.ROOT / name).read_text(encoding="utf-8") for name in lists)
        pinned = {normal(name) for name in re.findall(r"^([\w.-]+)(?:\[[\w,]+\])?==", text, re.MULTILINE)}
        assert pinned - {"hatchling"} == named(*extras)


def test_a_test_tool_in_a_package_is_caught(tmp_path: Path) -> None:
    ground.plant(
        tmp_path, "server/config.py", "import hypothesis\nimport aiohttp\nimport json\nimport protocol.words"
    )
    assert unnamed(tmp_path, named(), "server/") == ["server/config.py:2: hypothesis"]


def test_a_package_that_nothing_names_is_caught(tmp_path: Path) -> None:
    ground.plant(tmp_path, "server/config.py", "import fitz")
    assert unnamed(tmp_path, named(), "server/") == ["server/config.py:2: fitz"]
