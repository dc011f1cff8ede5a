"""Refusal texts: live media (SPEC 30)."""

from protocol.words import Term

TEXTS: dict[str, Term] = {}
