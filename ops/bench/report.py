"""What a benchmark ends with: ratios and goals, every figure, the machine; one line of JSON, one section.

Owns the form of the last line and of `RESULTS.md`: a section for each benchmark, replaced by a later run.
"""

import json
import re
from pathlib import Path
from typing import Any, Final

from msgspec import Struct

from ops import files
from ops.bench.rounds import Spread, plain

RESULTS: Final = Path(__file__).resolve().parent / "RESULTS.md"
AT_LEAST: Final = frozenset(
    {"decrypt_ratio_vs_aead", "ratio_vs_fdatasync", "sessions_held", "delivery"}
    | {"verify_ratio_vs_signatures", "two_cores_gain_vs_signatures"}
)
"""Ratios that are good when they are large; all others when they are small."""


class Report(Struct, frozen=True):
    """What was measured: `goals` is ratio → goal; spreads in `figures` are [median, least, most]."""

    name: str
    ratios: dict[str, Spread]
    goals: dict[str, float]
    figures: dict[str, Any]
    faults: tuple[str, ...] = ()


def met(name: str, value: float, goal: float) -> bool:
    """Whether a ratio has come to its goal."""
    return value >= goal if name in AT_LEAST else value <= goal


def as_json(report: Report, facts: dict[str, Any]) -> str:
    """The last line: `{bench, ratios: {name: median}, spread: {name: [least, most]}, goals, met, …}`."""
    ratios = {name: plain(one) for name, one in report.ratios.items()}
    value = {
        "bench": report.name,
        "ratios": {name: one[0] for name, one in ratios.items()},
        "spread": {name: one[1:] for name, one in ratios.items()},
        "goals": report.goals,
        "met": {name: met(name, ratios[name][0], goal) for name, goal in report.goals.items()},
        "faults": report.faults,
        "figures": report.figures,
        "machine": facts,
    }
    return json.dumps(value, ensure_ascii=False)


def section(report: Report, facts: dict[str, Any], command: str) -> str:
    """A benchmark's section of `RESULTS.md`."""
    lines = [
        f"## {report.name}",
        "",
        f"`{command}` · {facts['date']} · load {facts['load']} before, {facts['load_after']} after",
        "",
        _machine(facts),
        "",
        "| ratio | median | least – most | goal |",
        "|---|---|---|---|",
    ]
    for name, one in report.ratios.items():
        median, least, most = plain(one)
        goal = ""
        if name in report.goals:
            sign = "≥" if name in AT_LEAST else "≤"
            goal = (
                f"{sign} {report.goals[name]} {'met' if met(name, median, report.goals[name]) else 'not met'}"
            )
        lines.append(f"| `{name}` | {median} | {least} – {most} | {goal} |")
    lines += ["", "```json", _indented(report.figures), "```", ""]
    return "\n".join(lines)


def _machine(facts: dict[str, Any]) -> str:
    return (
        f"{facts['cores']} cores ({facts['processor']}), {facts['memory_gb']} GB, Linux {facts['kernel']}, "
        f"Python {facts['python']}, Node {facts['node'] or '—'}"
    )


def keep(path: Path, report: Report, facts: dict[str, Any], command: str) -> None:
    """Put the section in place of the one before, or at the end."""
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    new = section(report, facts, command)
    found = re.search(rf"^## {re.escape(report.name)}\n.*?(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    text = text[: found.start()] + new + "\n" + text[found.end() :] if found else f"{text.rstrip()}\n\n{new}"
    files.write(path, (text.rstrip() + "\n").encode(), mode=0o644)


def _indented(value: Any) -> str:
    """JSON with one line for each list of figures."""
    text = json.dumps(value, ensure_ascii=False, indent=1)
    return re.sub(
        r"\[\s+([^\[\]{}]*?)\s+\]", lambda m: "[" + re.sub(r"\s*\n\s*", " ", m.group(1)) + "]", text
    )
