"""What stands in the tree: the fixed folders, no machine's path, no registry's address, locks that agree."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from tests.house import ground

FOLDERS = {"server", "main_venue", "sub_venue", "protocol", "tests", "ops", ".ci"}
FILES = {
    ".gitignore",
    ".gitattributes",
    ".editorconfig",
    ".npmrc",
    "CHANGELOG.md",
    "LICENSE",
    "README.md",
    "README.zh-CN.md",
    "package.json",
    "package-lock.json",
    "pyproject.toml",
    "requirements.in",
    "requirements.lock",
    "requirements-dev.in",
    "requirements-dev.lock",
    "tsconfig.json",
    "tsconfig.strict.json",
    "vitest.config.ts",
    "eslint.config.js",
}
"""What tools and readers look for at the root, and nothing else (DESIGN 4)."""

# Written in pieces, so that this file does not name what it forbids.
_HOMES = "work|root|home|Users|tmp"
MACHINE_PATH = re.compile(rf"(?<![\w.\-/~$}}{{])/(?:{_HOMES})/")
REGISTRY = re.compile(
    r"(?:python" + r"hosted|pypi\.python|npm" + r"js|npm" + r"mirror|pypi)\.(?:org|com)", re.IGNORECASE
)


def texts(root: Path) -> list[tuple[str, str]]:
    """Name and text of every own file that is text."""
    found = []
    for path in ground.own_files(root):
        content = (root / path).read_bytes()
        if b"\0" not in content[:8000]:
            found.append((path.as_posix(), content.decode("utf-8", errors="replace")))
    return found


def lines_with(pattern: re.Pattern[str], root: Path) -> list[str]:
    """`path:line: text` wherever a pattern stands in an own file."""
    return [
        f"{path}:{number}: {line.strip()[:120]}"
        for path, text in texts(root)
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]


def misplaced(root: Path) -> list[str]:
    """Own files that stand at the root, or in a folder of it, where DESIGN 4 has none."""
    return [
        path.as_posix()
        for path in ground.own_files(root)
        if (path.name not in FILES if len(path.parts) == 1 else path.parts[0] not in FOLDERS)
    ]


def fetched_from(lock: str) -> list[str]:
    """The packages of an npm lock that say from which address they came; a workspace's own folder is none."""
    packages = json.loads(lock)["packages"]
    return [name for name, package in packages.items() if "://" in package.get("resolved", "")]


def test_every_file_stands_in_its_place() -> None:
    assert misplaced(ground.ROOT) == []


def test_no_file_names_a_path_of_some_machine() -> None:
    assert lines_with(MACHINE_PATH, ground.ROOT) == []


def test_no_file_names_a_package_registry() -> None:
    assert lines_with(REGISTRY, ground.ROOT) == []


def test_the_npm_lock_holds_versions_and_hashes_only() -> None:
    lock = (ground.ROOT / "package-lock.json").read_text(encoding="utf-8")
    assert fetched_from(lock) == []
    packages = json.loads(lock)["packages"]
    unhashed = [
        name
        for name, package in packages.items()
        if name.startswith("node_modules/") and not package.get("link") and "integrity" not in package
    ]
    assert unhashed == []


@pytest.mark.parametrize("name", ["requirements", "requirements-dev"])
def test_a_lock_pins_what_its_list_asks_for_and_hashes_it(name: str) -> None:
    lock = (ground.ROOT / f"{name}.lock").read_text(encoding="utf-8")
    asked = (ground.ROOT / f"{name}.in").read_text(encoding="utf-8")
    for line in asked.splitlines():
        pin = re.match(r"([\w.-]+)(?:\[[\w,]+\])?==(\S+)", line)
        if pin:
            assert re.search(
                rf"^{re.escape(pin[1])}(?:\[[\w,]+\])?=={re.escape(pin[2])} ", lock, re.MULTILINE
            ), line
    for entry in re.split(r"\n(?=\S)", lock.strip()):
        assert "--hash=sha256:" in entry, entry.splitlines()[0]


def test_the_test_lock_is_a_superset_of_the_runtime_lock() -> None:
    pins = [
        set(
            re.findall(
                r"^([\w.\[\],-]+==\S+)", (ground.ROOT / name).read_text(encoding="utf-8"), re.MULTILINE
            )
        )
        for name in ("requirements.lock", "requirements-dev.lock")
    ]
    assert pins[0] - pins[1] == set()


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """An empty clone to plant faults in."""
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    return tmp_path


@pytest.mark.parametrize(
    "home", ["/work" + "/main", "/ro" + "ot/.venv", "/ho" + "me/li/x", "/Us" + "ers/li/x", "/tm" + "p/x"]
)
def test_a_machine_path_is_caught(clone: Path, home: str) -> None:
    ground.plant(clone, "server/config.py", f'STORE = "{home}"')
    assert len(lines_with(MACHINE_PATH, clone)) == 1


@pytest.mark.parametrize(
    "innocent", ["./wor" + "k/", "node_modules/root/", "https://example.org/home/", "$HOME/tmp/x"]
)
def test_an_innocent_path_is_left_alone(clone: Path, innocent: str) -> None:
    ground.plant(clone, "server/config.py", f'STORE = "{innocent}"')
    assert lines_with(MACHINE_PATH, clone) == []


def test_a_registry_is_caught(clone: Path) -> None:
    ground.plant(
        clone, "package-lock.json", '"resolved": "https://registry.' + "npm" + 'js.org/vue/-/vue.tgz"'
    )
    assert len(lines_with(REGISTRY, clone)) == 1
    lock = {
        "packages": {
            "node_modules/vue": {"resolved": "https://mirror.example/vue.tgz"},
            "a": {"resolved": "b"},
        }
    }
    assert fetched_from(json.dumps(lock)) == ["node_modules/vue"]


def test_another_root_folder_or_file_is_caught(clone: Path) -> None:
    for path in ("frontend/app.ts", "setup.py", "server/config.py", "LICENSE"):
        ground.plant(clone, path, "x")
    assert misplaced(clone) == ["frontend/app.ts", "setup.py"]
