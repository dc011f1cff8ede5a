"""The walls that import-linter and ruff cannot see, read from the syntax tree.

Each wall is a function from one file to what breaks it there. `breaches` walks a whole tree; the tests
plant a fault of every kind in a copy and see it found. Source: DESIGN 1 and 4.
"""

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.house import ground

PURE = frozenset(
    {"__future__", "abc", "base64", "binascii", "bisect", "collections", "copy", "dataclasses", "decimal"}
    | {"difflib", "enum", "fractions", "functools", "hashlib", "heapq", "hmac", "itertools", "json", "math"}
    | {"numbers", "operator", "re", "string", "struct", "textwrap", "types", "typing", "unicodedata"}
)
"""The standard modules that read nothing but their arguments; what `protocol/` may import beside msgspec."""

NATIVE_ROOM = "protocol/seal/native/"
"""Where the law reaches a system library: libcrypto for SM2, libgcrypt for SM4-GCM, nothing else."""

ARCHIVE_FILE = "protocol/archive.py"
"""The one file of the law whose form is a ZIP: it packs into what it is handed and reads from bytes."""

SQL = frozenset({"sqlalchemy", "sqlite3", "asyncpg", "alembic", "aiosqlite", "psycopg", "psycopg2"})
SQL_ROOMS = ("server/store/", "sub_venue/journal.py", "sub_venue/journal/")

EMIT_ROOMS = ("server/fanout/rooms.py", "sub_venue/seats/sockets.py", "server/gateway/sockets.py")
ASK_ROOMS = (*EMIT_ROOMS, "sub_venue/uplink/")
"""Where an event leaves for a page or a node; the uplink asks the coordinator, of which it is a client."""

IMPURE_NAMES = frozenset(
    {"open", "print", "input", "eval", "exec", "compile", "breakpoint", "__import__", "hash"}
)
"""Builtins that reach outside, or differ from one process to the next as `hash` of a text does."""

IMPURE_ATTRIBUTES = frozenset(
    {"generate", "generate_key", "generate_private_key", "generate_parameters", "random_serial_number"}
    | {"now", "utcnow", "today"}
)
"""Methods of pure-looking classes that read a clock or draw entropy."""


@dataclass(frozen=True)
class Breach:
    """One fault: which wall, where, and what stands there."""

    wall: str
    path: str
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.wall}: {self.what}"


def imported(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Line and dotted name of everything a file imports, wherever it does; `from a import b` gives `a.b`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            for alias in node.names:
                yield node.lineno, f"{node.module}.{alias.name}"


def pure_imports(path: str, tree: ast.AST) -> Iterator[Breach]:
    """`protocol/` imports pure standard modules and msgspec; cryptography only in seal/ and ledger/.

    ctypes stands in one room of seal/ alone, zipfile in the file whose form is a ZIP.
    """
    if not path.startswith("protocol/"):
        return
    allowed = PURE | {"msgspec", "protocol"}
    if path.startswith(("protocol/seal/", "protocol/ledger/")):
        allowed |= {"cryptography"}
    if path.startswith(NATIVE_ROOM):
        allowed |= {"ctypes"}
    if path == ARCHIVE_FILE:
        allowed |= {"io", "zipfile"}
    for line, name in imported(tree):
        if name.split(".")[0] not in allowed:
            yield Breach("protocol is pure", path, line, f"imports {name}")


def pure_code(path: str, tree: ast.AST) -> Iterator[Breach]:
    """`protocol/` has no I/O, loop, clock or dice behind a builtin or a method, and no binary fractions."""
    if not path.startswith("protocol/"):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.AsyncFunctionDef | ast.Await | ast.AsyncFor | ast.AsyncWith):
            yield Breach("protocol is pure", path, node.lineno, "waits on a loop")
        elif isinstance(node, ast.Call):
            called = node.func
            if isinstance(called, ast.Name) and called.id in IMPURE_NAMES:
                yield Breach("protocol is pure", path, node.lineno, f"calls {called.id}()")
            elif isinstance(called, ast.Attribute) and called.attr in IMPURE_ATTRIBUTES:
                yield Breach("protocol is pure", path, node.lineno, f"calls .{called.attr}()")
            elif isinstance(called, ast.Name) and called.id == "float":
                yield Breach("protocol is exact", path, node.lineno, "makes a float")
        elif isinstance(node, ast.Constant) and isinstance(node.value, float):
            yield Breach("protocol is exact", path, node.lineno, f"holds the float {node.value}")


def sql(path: str, tree: ast.AST) -> Iterator[Breach]:
    """SQL is spoken in `server/store` and `sub_venue/journal` only."""
    if path.startswith(("tests/", *SQL_ROOMS)):
        return
    for line, name in imported(tree):
        if name.split(".")[0] in SQL:
            yield Breach("SQL in its rooms", path, line, f"imports {name}")


def emits(path: str, tree: ast.AST) -> Iterator[Breach]:
    """Nothing reaches a socket but through a projection: an emit stands in three places only."""
    if not path.startswith(("server/", "sub_venue/", "main_venue/")):
        return
    for node in ast.walk(tree):
        if not isinstance(node, ast.Attribute):
            continue
        if (node.attr in {"emit", "send_packet", "_send_packet"} and not path.startswith(EMIT_ROOMS)) or (
            node.attr == "call" and not path.startswith(ASK_ROOMS)
        ):
            yield Breach("emit in its rooms", path, node.lineno, f"uses .{node.attr}")


def senses(path: str, tree: ast.AST) -> Iterator[Breach]:
    """A loop's clock is a clock too, and ruff's wall has no door for a comment to open."""
    if path.startswith("tests/") or path.endswith("/senses.py"):
        return
    for node in ast.walk(tree):
        if not (
            isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "time"
        ):
            continue
        of = node.func.value
        name = of.func if isinstance(of, ast.Call) else of
        last = name.attr if isinstance(name, ast.Attribute) else name.id if isinstance(name, ast.Name) else ""
        if "loop" in last:
            yield Breach("clock in senses", path, node.lineno, "reads a loop's clock")


def aiortc_private(path: str, tree: ast.AST) -> Iterator[Breach]:
    """What aiortc keeps private stays in `server/media/passthrough.py` and `leg.py`, whatever a noqa says."""
    if path in {"server/media/passthrough.py", "server/media/leg.py"}:
        return
    names = [(line, name) for line, name in imported(tree) if name.split(".")[0] in {"aiortc", "aioice"}]
    for line, name in names:
        if any(part.startswith("_") for part in name.split(".")):
            yield Breach("aiortc's private names", path, line, f"imports {name}")
    if not names:
        return
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Attribute)
            and node.attr.startswith("_")
            and not node.attr.endswith("__")
            and not (isinstance(node.value, ast.Name) and node.value.id in {"self", "cls"})
        ):
            yield Breach("aiortc's private names", path, node.lineno, f"uses .{node.attr}")


def bare_packages(path: str, tree: ast.AST) -> Iterator[Breach]:
    """An `__init__.py` holds a docstring at most: what is imported is imported from where it lives."""
    if not path.endswith("__init__.py") or not isinstance(tree, ast.Module):
        return
    for node in tree.body:
        if not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
            yield Breach("packages re-export nothing", path, node.lineno, ast.unparse(node).splitlines()[0])


PYTHON_WALLS: tuple[Callable[[str, ast.AST], Iterator[Breach]], ...] = (
    pure_imports,
    pure_code,
    sql,
    emits,
    senses,
    aiortc_private,
    bare_packages,
)

_DOOR = re.compile(r"#\s*(?:ruff|flake8)?:?\s*noqa[^#]*\b(?:TID251|TID)\b|#\s*ruff:\s*noqa\s*$", re.MULTILINE)
_IMPORT = re.compile(
    r"""(?:\bfrom|\bimport|\bimport\s*\(|\brequire\s*\(|\bnew\s+URL\s*\(|@import(?:\s+url\()?)\s*["']([^"']+)["']"""
)


def doors(path: str, text: str) -> Iterator[Breach]:
    """A comment does not open the walls that ruff watches."""
    if path.startswith("tests/"):
        return
    for match in _DOOR.finditer(text):
        line = text.count("\n", 0, match.start()) + 1
        yield Breach("no door by comment", path, line, match.group(0).strip())


def page_of(path: str) -> str | None:
    """The page a web file belongs to, `sub_venue/web/expert`, or `protocol/web` that all share."""
    parts = path.split("/")
    if len(parts) > 2 and parts[1] == "web":
        return "protocol/web" if parts[0] == "protocol" else "/".join(parts[:3])
    return None


def pages_apart(root: Path, path: str, text: str, names: dict[str, str]) -> Iterator[Breach]:
    """A page imports its own files, npm packages, and `protocol/web`; never another page's folder.

    It may carry the sample case, which is data, and its tests read the golden vectors of `tests/`.

    Args:
      root: the tree the file stands in.
      path: the file, relative to it.
      text: its content.
      names: npm name → page, of every page that has one.
    """
    own = page_of(path)
    if own is None:
        return
    for match in _IMPORT.finditer(text):
        wanted = match.group(1).split("?")[0]
        line = text.count("\n", 0, match.start()) + 1
        if wanted.startswith("."):
            target = (root / path).parent.joinpath(wanted).resolve()
            inside = (
                target.relative_to(root.resolve()).as_posix() if target.is_relative_to(root.resolve()) else ""
            )
            read = inside.endswith(".json") and inside.startswith("ops/sample/")
            if read or "node_modules" in inside or (".test." in path and inside.startswith("tests/")):
                continue
            if page_of(f"{inside}/") not in {own, "protocol/web"}:
                yield Breach("pages apart", path, line, f"imports {match.group(1)}")
        else:
            named = next(
                (page for name, page in names.items() if wanted == name or wanted.startswith(f"{name}/")), own
            )
            if named not in {own, "protocol/web"}:
                yield Breach("pages apart", path, line, f"imports {match.group(1)}")


def page_names(root: Path) -> dict[str, str]:
    """The npm name of every page → the page, `sub_venue/web/expert`."""
    names: dict[str, str] = {}
    for manifest in sorted([*root.glob("*/web/package.json"), *root.glob("*/web/*/package.json")]):
        found = re.search(r'"name"\s*:\s*"([^"]+)"', manifest.read_text(encoding="utf-8"))
        page = page_of(manifest.relative_to(root).as_posix())
        if found and page:
            names[found.group(1)] = page
    return names


def breaches(root: Path) -> tuple[Breach, ...]:
    """Everything in the tree at `root` that breaks one of these walls."""
    found: list[Breach] = []
    for file in ground.sources(root, ".py"):
        path = file.relative_to(root).as_posix()
        tree = ground.parsed(file)
        for wall in PYTHON_WALLS:
            found.extend(wall(path, tree))
        found.extend(doors(path, file.read_text(encoding="utf-8")))
    names = page_names(root)
    for file in ground.sources(root, ".ts", ".vue", ".js", ".mjs", ".css"):
        path = file.relative_to(root).as_posix()
        found.extend(pages_apart(root, path, file.read_text(encoding="utf-8"), names))
    return tuple(found)
