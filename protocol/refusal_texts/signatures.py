"""Refusal texts: the report's signatures (SPEC 29)."""

from protocol.words import Term

TEXTS: dict[str, Term] = {}
