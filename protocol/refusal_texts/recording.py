"""Refusal texts: recordings (SPEC 31)."""

from protocol.words import Term

TEXTS: dict[str, Term] = {}
