"""Refusal texts: signing in and delegated keys (SPEC 19)."""

from protocol.words import Term

TEXTS: dict[str, Term] = {}
