"""Refusal texts: bids on their way to the coordinator (SPEC 23)."""

from protocol.words import Term

TEXTS: dict[str, Term] = {}
