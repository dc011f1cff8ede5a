"""Refusal texts: the opening ceremony and the escrow of scores (SPEC 28)."""

from protocol.words import Term

TEXTS: dict[str, Term] = {}
