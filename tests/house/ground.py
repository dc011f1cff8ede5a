"""Where the house stands: its root, the files that are its own, and copies of it to plant faults in."""

import ast
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("protocol", "server", "sub_venue", "main_venue", "ops")

_NOT_OURS = {"node_modules", "dist", "__pycache__"}


def own_files(root: Path = ROOT) -> tuple[Path, ...]:
    """Every file of the project, relative to `root`: what git tracks or would, without what is ignored."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=root,
        check=True,
        capture_output=True,
    ).stdout.decode()
    return tuple(sorted(Path(name) for name in listed.split("\0") if name and (root / name).is_file()))


def sources(root: Path, *suffixes: str) -> Iterator[Path]:
    """Files of the packages and tests with one of `suffixes`, absolute; needs no git."""
    for top in (*PACKAGES, "tests"):
        for path in sorted((root / top).rglob("*")):
            if (
                path.suffix in suffixes
                and path.is_file()
                and not _NOT_OURS & set(path.relative_to(root).parts)
            ):
                yield path


def parsed(path: Path) -> ast.Module:
    """The syntax tree of one Python file."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def copied(target: Path) -> Path:
    """The five packages' sources and the tools' settings in a folder of their own, to plant faults in."""
    for name in PACKAGES:
        shutil.copytree(ROOT / name, target / name, ignore=shutil.ignore_patterns(*_NOT_OURS))
    shutil.copy(ROOT / "pyproject.toml", target)
    return target


def plant(root: Path, path: str, text: str) -> Path:
    """Add `text` to the end of a file, which is made with its package if it is not there."""
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    for folder in file.relative_to(root).parents:
        if folder.parts and folder.parts[0] in PACKAGES and file.suffix == ".py":
            (root / folder / "__init__.py").touch()
    with file.open("a", encoding="utf-8") as out:
        out.write(f"\n{text}\n")
    return file
