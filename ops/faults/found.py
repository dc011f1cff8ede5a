"""What a fault did: what was put in, what was seen, figures, and whatever was not as it must be.

Owns the report of one fault and its one line of JSON.
"""

from typing import Any

import msgspec
from msgspec import Struct


class Report(Struct, frozen=True, kw_only=True):
    """One fault on one stack; without findings nothing was lost.

    `figures`: name with its unit last → number.
    """

    name: str
    injected: str
    seen: tuple[str, ...]
    figures: dict[str, int | float]
    findings: tuple[str, ...]
    took_ms: int
    headings: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    """A table for people, where a fault has one; its numbers stand in `figures` as well."""

    @property
    def ok(self) -> bool:
        """Whether everything was as it must be."""
        return not self.findings


class Found:
    """Takes down what a fault shows while it goes on."""

    def __init__(self, injected: str) -> None:
        """Begin with what is put in, in a sentence."""
        self.injected = injected
        self.seen: list[str] = []
        self.figures: dict[str, int | float] = {}
        self.findings: list[str] = []
        self.headings: tuple[str, ...] = ()
        self.rows: list[tuple[str, ...]] = []

    def expect(self, ok: object, what: str) -> None:
        """Something that must be so: it is seen, or it is a finding."""
        (self.seen if ok else self.findings).append(what if ok else f"not so: {what}")

    def report(self, name: str, took_ms: int) -> Report:
        """What came of it."""
        return Report(
            name=name, injected=self.injected, seen=tuple(self.seen), figures=dict(self.figures),
            findings=tuple(self.findings), took_ms=took_ms, headings=self.headings, rows=tuple(self.rows),
        )  # fmt: skip


def as_json(reports: tuple[Report, ...]) -> str:
    """The object as one line: `{ok, faults: [{name, injected, seen, figures, findings, took_ms, …}]}`."""
    told: dict[str, Any] = {"ok": all(one.ok for one in reports), "faults": msgspec.to_builtins(reports)}
    return msgspec.json.encode(told).decode()
