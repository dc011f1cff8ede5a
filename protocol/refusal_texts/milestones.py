"""Refusal texts: milestones and heads (SPEC 27)."""

from protocol.words import Term

TEXTS: dict[str, Term] = {}
