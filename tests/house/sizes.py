"""How large a room may grow, and what it may be called (house habits: one file, one thing)."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from tests.house import ground

FILE_LINES_MAX = 400
FUNCTION_LINES_MAX = 80
"""A screen: about 70 lines, and a little air. A docstring is not counted."""

REASON = re.compile(r"tidy: long because \w+")

DRAWERS = frozenset({"util", "utils", "helper", "helpers", "common", "manager", "managers", "base", "misc"})
"""Names that say where something was put, not what it is."""

_DRAWER_ENDINGS = re.compile(r"[_\-.](utils?|helpers?|managers?|misc|common)$")


def long_files(root: Path) -> Iterator[str]:
    """Files over the limit that do not say why; what a program wrote (`generated/`) is not read by people."""
    for file in ground.sources(root, ".py", ".ts", ".vue"):
        text = file.read_text(encoding="utf-8")
        lines = text.count("\n")
        if lines > FILE_LINES_MAX and "generated" not in file.parts and not REASON.search(text):
            yield f"{file.relative_to(root).as_posix()}: {lines} lines"


def long_functions(root: Path) -> Iterator[str]:
    """Functions over the limit that do not say why."""
    for file in ground.sources(root, ".py"):
        text = file.read_text(encoding="utf-8").splitlines()
        for node in ast.walk(ground.parsed(file)):
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            end = node.end_lineno or node.lineno
            first = node.body[0]
            told = ast.get_docstring(node) is not None
            lines = end - node.lineno + 1 - ((first.end_lineno or 0) - first.lineno + 1 if told else 0)
            if lines > FUNCTION_LINES_MAX and not REASON.search("\n".join(text[node.lineno - 1 : end])):
                yield f"{file.relative_to(root).as_posix()}:{node.lineno}: {node.name}, {lines} lines"


def drawers(paths: Iterator[PurePosixPath] | tuple[PurePosixPath, ...]) -> Iterator[str]:
    """Code files and folders whose name is a drawer's."""
    for path in paths:
        names = [*path.parts[:-1]]
        if path.suffix in {".py", ".ts", ".vue", ".js", ".mjs", ".sh", ""}:
            names.append(path.name.split(".")[0] if not path.name.startswith(".") else path.name)
        if any(name.lower() in DRAWERS or _DRAWER_ENDINGS.search(name.lower()) for name in names):
            yield path.as_posix()
