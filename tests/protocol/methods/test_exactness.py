"""No float anywhere in plan, methods and ledger, and every example in their docstrings runs."""

import ast
import doctest
import importlib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
FILES = sorted(
    path for room in ("plan", "methods", "ledger") for path in (ROOT / "protocol" / room).glob("*.py")
)


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


@pytest.mark.parametrize("path", FILES, ids=module_name)
def test_no_float_is_written_or_made(path: Path) -> None:
    tree = ast.parse(path.read_text())
    floats = [node for node in ast.walk(tree) if isinstance(node, ast.Constant) and type(node.value) is float]
    names = [node for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id == "float"]
    modules = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    assert not floats
    assert not names
    assert not modules & {"math", "statistics", "random", "time", "datetime", "os", "logging"}


@pytest.mark.parametrize("path", FILES, ids=module_name)
def test_the_examples_in_the_docstrings_run(path: Path) -> None:
    module = importlib.import_module(module_name(path).removesuffix(".__init__"))
    failed, tried = doctest.testmod(module, optionflags=doctest.ELLIPSIS)
    assert failed == 0
    if path.stem in {"mean", "trimmed_mean", "base_price", "low_price_first", "weighted_points"}:
        assert tried > 0
